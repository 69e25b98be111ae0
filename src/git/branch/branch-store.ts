/**
 * A store in the folder `.memory/` of the branch that is checked out. Each write is a commit on top of that branch, kept on a
 * ref of its own until a quiet moment; then the branch moves to it. When the branch moves by itself, what waits follows.
 */
import path from "node:path";
import { GitError, InvalidInputError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { POLICY_FILE } from "../../core/memory/policy.ts";
import type {
  BlameLine,
  ChangedFolder,
  CommitInfo,
  CommitRequest,
  CommitResult,
  KnownFolders,
  LogQuery,
  Person,
  StoreTree,
} from "../../core/ports.ts";
import { readBlame } from "../blame.ts";
import { makeCommit } from "../commits/make.ts";
import { noteInLock, takeOverLeft, withLock } from "../lock.ts";
import { readLog } from "../log.ts";
import type { Opened } from "../opened.ts";
import { headOf } from "../refs/head.ts";
import { type Move, movesIn, removeLeftLocks, wordsOf } from "../refs/left-locks.ts";
import { namedCommits, setNamedCommit } from "../refs/named-commits.ts";
import { Retry } from "../retry.ts";
import { RefUpdater } from "../refs/update-ref.ts";
import { DefaultBranches } from "./default-branch.ts";
import { FOLDER, FolderTrees, inFolder, outOfFolder } from "./folder.ts";
import { type Landed, Lander } from "./lander.ts";
import { Landing } from "./landing.ts";
import { bringIntoBranch, MEMORY_REF, type Moved, type Mover, takeOutOfBranch, takenFolder } from "./moves.ts";
import { branchOfPending, contentOf, PENDING, pendingTip, readPending } from "./pending.ts";
import { decodeCommit } from "./raw-commit.ts";
import { StorelessCommits } from "./storeless.ts";
import { WaitingWrites } from "./waiting.ts";
import { currentBranch, shortName, type WorkTree } from "./work-tree.ts";

/** What is open as long as the store is. */
interface Means {
  readonly opened: Opened;
  readonly folder: FolderTrees;
  readonly updater: RefUpdater;
  readonly waiting: WaitingWrites;
  readonly lander: Lander;
  readonly note: (moves: readonly Move[]) => void;
}

export class BranchStore {
  readonly #place: WorkTree;
  readonly #opened: () => Promise<Opened>;
  readonly #committer: () => Promise<Person>;
  #means: Promise<Means> | undefined;
  /** At every quiet moment, until nothing waits. What is wrong is told by whoever asks why it waits. */
  readonly #landing = new Retry(async () => (await this.land(false)).waiting.length === 0);

  constructor(place: WorkTree, opened: () => Promise<Opened>, committer: () => Promise<Person>) {
    this.#place = place;
    this.#opened = opened;
    this.#committer = committer;
  }

  /** The branch that is checked out; null where HEAD is detached. */
  get branch(): string | null {
    return currentBranch(this.#place.repository);
  }

  /** The newest commit of the store: the last write that waits, else what is checked out; null where there is no store. */
  async tip(): Promise<ObjectId | null> {
    const { waiting, folder, opened } = await this.#open();
    const here = await waiting.here();
    // With HEAD detached, what is checked out can be read all the same.
    const commit = here === null ? await opened.objects.resolve(await this.#head()) : pendingTip(here.pending);
    if (here !== null && here.pending.writes.length > 0) this.#landing.start();
    return commit !== null && (await folder.storeAtHead(commit)) !== null ? commit : null;
  }

  /** Whether a commit has a store in the folder. */
  async has(commit: ObjectId): Promise<boolean> {
    return (await (await this.#open()).folder.storeAt(commit)) !== null;
  }

  async tree(commit: ObjectId): Promise<StoreTree> {
    const tree = await (await this.#open()).folder.folders(commit);
    if (tree === null) throw new GitError(`The commit ${commit} has no folder ${FOLDER}.`);
    return tree;
  }

  async treeBeside(commit: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder>> {
    const tree = await (await this.#open()).folder.foldersBeside(commit, known);
    if (tree === null) throw new GitError(`The commit ${commit} has no folder ${FOLDER}.`);
    return tree;
  }

  /** A name that git understands for the folder at a commit. */
  folderOf(commit: ObjectId): string {
    return `${commit}:${FOLDER}`;
  }

  async blobAt(commit: ObjectId, file: string): Promise<ObjectId | null> {
    return (await this.#open()).opened.objects.resolve(`${commit}:${inFolder(file)}`);
  }

  async blame(commit: ObjectId, file: string): Promise<BlameLine[]> {
    return readBlame((await this.#open()).opened.repository.git, commit, inFolder(file));
  }

  /**
   * The commits that changed the folder, each with the one before it as its parent, as if there were no others; and after
   * them those of a memory branch that was moved into it.
   */
  async log(from: ObjectId, query: LogQuery): Promise<CommitInfo[]> {
    const { opened } = await this.#open();
    const { git } = opened.repository;
    const paths = query.paths?.map(inFolder) ?? [FOLDER];
    const commits = await readLog(git, from, { ...query, paths }, ["--parents"]);
    const joined: CommitInfo[] = [];
    const own: CommitInfo[] = [];
    for (const info of commits) {
      // A store begins by its policy, whether it is new or moved in. Where only some files are asked for, by any of them.
      const begins = info.deltas.some(
        ({ path: file, before }) => before === null && (query.paths !== undefined || file === inFolder(POLICY_FILE)),
      );
      const apart = begins ? await this.#movedIn(info.commit) : null;
      if (apart !== null) joined.push(...(await readLog(git, apart, query)));
      own.push(apart === null ? outside(info) : { ...info, parents: [...info.parents, apart], deltas: [] });
    }
    return [...own, ...joined].slice(0, query.limit);
  }

  /** The tip of the memory branch that a merge brought into the folder; null where it brought none. */
  async #movedIn(merge: ObjectId): Promise<ObjectId | null> {
    const { opened, folder } = await this.#open();
    const { parents } = decodeCommit(await contentOf(opened.objects, merge));
    for (const parent of parents.slice(1)) {
      const isApart = (await folder.storeAt(parent)) === null;
      if (isApart && (await opened.objects.resolve(`${parent}:${POLICY_FILE}`)) !== null) return parent;
    }
    return null;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    return withLock(this.#lockFile(), work, { takeOver: (note) => this.#tidy(note) });
  }

  /** A write: kept at once, and landed where the moment is quiet. Throws InvalidInputError where no branch could take it. */
  async commit(request: CommitRequest): Promise<CommitResult> {
    const { opened, folder, waiting, lander } = await this.#open();
    const here = await waiting.here();
    if (here === null) throw noBranch(this.branch);
    const onto = pendingTip(here.pending);
    const tip = (await folder.storeAt(onto)) === null ? null : onto;
    if (tip !== request.parent) return { moved: false, tip };
    if (tip === null && (await folder.isTaken(onto))) throw takenFolder();
    const changes = request.changes.map((change) => ({ ...change, path: inFolder(change.path) }));
    const writer = await opened.writer();
    const { tree, blobs } = await opened.trees.write(await opened.trees.rootOf(onto), changes, writer);
    const { author, at, message, joins, manner } = request;
    const parents = [onto, ...(joins ?? [])];
    const content = { tree, parents, author, committer: await this.#committer(), at, message };
    const { commit } = await makeCommit(opened, content, manner, true);
    opened.trees.noteRoot(commit, tree);
    const kept = await waiting.replace(here, { ...here.pending, writes: [...here.pending.writes, commit] });
    if (kept === null) return { moved: false, tip: await this.tip() };
    const { why, now } = await this.#tryToLand(lander);
    return {
      moved: true,
      commit: now.get(commit) ?? commit,
      blobs: new Map(Array.from(blobs, ([file, blob]) => [outOfFolder(file) ?? file, blob])),
      ...(why === null
        ? {}
        : { waits: `It is recalled already, and waits to land on ${shortName(here.branch)}: ${why}.` }),
    };
  }

  /** Moves the branch to what waits, as far as it can be now. `asked`: a person wants it, on whatever branch this is. */
  async land(asked: boolean): Promise<Landed> {
    const { lander } = await this.#open();
    return this.exclusively(() => lander.land(asked));
  }

  /** What waits for the branch here, and why it does not land by itself now. Changes nothing. */
  async waiting(): Promise<Landed> {
    const { waiting, lander } = await this.#open();
    return lander.look(await waiting.here());
  }

  /** Other branches that writes wait for, with how many. */
  async waitingElsewhere(): Promise<readonly { readonly branch: string; readonly count: number }[]> {
    const { opened } = await this.#open();
    const here = this.branch;
    const found: { branch: string; count: number }[] = [];
    for (const { ref, commit } of await namedCommits(opened.repository.git, PENDING)) {
      const branch = branchOfPending(ref);
      const { writes, aside } = await readPending(opened.objects, commit);
      // On a branch of its own, a store has other reasons to wait, and lands wherever one is.
      if (branch !== here && branch !== MEMORY_REF) found.push({ branch, count: writes.length + aside.length });
    }
    return found;
  }

  /** What waits for another branch comes to this one. How many writes did. */
  async takeOver(branch: string): Promise<number> {
    const { waiting } = await this.#open();
    return this.exclusively(async () => {
      const [here, there] = [await waiting.here(), await waiting.of(branch)];
      if (here === null) throw noBranch(this.branch);
      if (there === null || there.names === null || there.branch === here.branch) return 0;
      return waiting.join(here, there);
    });
  }

  /** Forgets one of the writes that wait, by the beginning of its commit. Throws MemoryNotFoundError. */
  async drop(name: string): Promise<ObjectId> {
    const { waiting } = await this.#open();
    return this.exclusively(async () => waiting.dropNamed(await waiting.here(), name));
  }

  /** Makes a ref beside the branch, or with null removes it. False where it stands for another commit already. */
  async setRef(ref: string, commit: ObjectId | null): Promise<boolean> {
    const { note } = await this.#open();
    note([{ ref, after: commit }]);
    return setNamedCommit(this.#place.repository, ref, commit);
  }

  /** Brings the store of the memory branch, at `from`, into the folder of this one. */
  async bringIn(from: ObjectId, by: Mover): Promise<Moved> {
    const means = await this.#open();
    return this.exclusively(async () => {
      const here = await means.waiting.here();
      if (here === null) throw noBranch(this.branch);
      return bringIntoBranch(means, here, from, by);
    });
  }

  /** Makes the memory branch of this folder's history, and takes the folder off the branch. */
  async takeOut(by: Mover): Promise<Moved> {
    const means = await this.#open();
    return this.exclusively(async () => {
      const here = await means.waiting.here();
      if (here === null) throw noBranch(this.branch);
      return takeOutOfBranch(means, here, await this.log(pendingTip(here.pending), {}), by);
    });
  }

  async dispose(): Promise<void> {
    await this.#landing.stop();
    const means = await this.#means?.catch(() => null);
    this.#means = undefined;
    await means?.updater.dispose();
  }

  /** The write is stored, whatever keeps the branch from taking it. */
  async #tryToLand(lander: Lander): Promise<Pick<Landed, "why" | "now">> {
    try {
      const landed = await lander.land(false);
      if (landed.why !== null) this.#landing.start();
      return landed;
    } catch (error) {
      this.#landing.start();
      return { why: error instanceof Error ? error.message.replace(/\.$/, "") : String(error), now: new Map() };
    }
  }

  async #tidy(note: string): Promise<void> {
    const { commonDir, gitDir } = this.#place.repository;
    await removeLeftLocks(commonDir, movesIn(note), gitDir);
  }

  #lockFile(): string {
    return path.join(this.#place.repository.commonDir, "memory", "pending.lock");
  }

  async #head(): Promise<string> {
    return headOf(this.#place.repository, this.#place.repository.gitDir) ?? "";
  }

  async #open(): Promise<Means> {
    this.#means ??= this.#opening().catch((error: unknown) => {
      // What was wrong may be right by the next time.
      this.#means = undefined;
      throw error;
    });
    return this.#means;
  }

  async #opening(): Promise<Means> {
    const { repository } = this.#place;
    const opened = await this.#opened();
    // Whoever was killed while the store moved may have left a lock on a branch that is written under another lock of ours.
    await takeOverLeft(this.#lockFile(), (note) => this.#tidy(note));
    const note = (moves: readonly Move[]): void => noteInLock(this.#lockFile(), wordsOf(moves));
    const folder = new FolderTrees(opened.objects, opened.trees, new StorelessCommits(opened.state));
    // In the work tree's own git folder, so that its HEAD's reflog tells of each landing too.
    const updater = new RefUpdater(repository, this.#committer, repository.gitDir);
    const waiting = new WaitingWrites(() => this.branch, opened, folder, updater, note);
    const landing = new Landing(this.#place, folder, opened.refs, updater);
    await landing.repair();
    landing.sweep();
    const lander = new Lander(this.#place, waiting, landing, new DefaultBranches(repository));
    return { opened, folder, updater, waiting, lander, note };
  }
}

/** With the store's own paths. */
function outside(info: CommitInfo): CommitInfo {
  const deltas = info.deltas.flatMap((delta) => {
    const file = outOfFolder(delta.path);
    return file === null ? [] : [{ ...delta, path: file }];
  });
  return { ...info, deltas };
}

function noBranch(branch: string | null): InvalidInputError {
  return new InvalidInputError(
    branch === null
      ? "No branch is checked out here (HEAD is detached), so a memory has no branch to land on. Switch to a branch, then try again; reading works."
      : `The branch ${shortName(branch)} has no commit yet, so a memory has nothing to stand on. Make the first commit, then try again.`,
  );
}
