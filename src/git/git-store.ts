/** A branch of a git repository as a store: read and written without any work tree, index or hook. */
import fs from "node:fs";
import path from "node:path";
import { GitError, type SigningError, StoreBusyError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import type {
  BlameLine,
  ChangedFolder,
  CommitInfo,
  CommitRequest,
  CommitResult,
  Erasure,
  ErasureRequest,
  FileDelta,
  KnownFolders,
  LoadFiles,
  LogQuery,
  Person,
  Placement,
  StoreRepository,
  StoreTree,
} from "../core/ports.ts";
import { readBlame } from "./blame.ts";
import { type Landed, left } from "./branch/lander.ts";
import { pendingTip } from "./branch/pending.ts";
import { whyUnsigned } from "./branch/signing.ts";
import type { Here } from "./branch/waiting.ts";
import { type Made, makeCommit } from "./commits/make.ts";
import { eraseFromHistory } from "./erase/erase.ts";
import type { GitCommand } from "./git-command.ts";
import { readLog } from "./log.ts";
import { noteInLock, takeOverLeft, withLock } from "./lock.ts";
import { mergeText } from "./merge-text.ts";
import type { LooseWriter } from "./objects/loose.ts";
import { fetchFilesOf, fetchTreesOf } from "./objects/missing.ts";
import { openWhole } from "./first-open.ts";
import { openRepository, type Opened, readCommitter } from "./opened.ts";
import { readRecent } from "./recent-log.ts";
import { mergeBases } from "./refs/merge-bases.ts";
import { type Move, movesIn, removeLeftLocks, wordsOf } from "./refs/left-locks.ts";
import { namedCommits, setNamedCommit } from "./refs/named-commits.ts";
import type { Repository } from "./repository.ts";
import { UnsignedWrites } from "./unsigned-writes.ts";
import { watchTip } from "./watch-tip.ts";

/** The branch of the `dedicated` and `personal` placements. */
export const MEMORY_BRANCH = "agent-memory";

export interface GitStorePlace {
  readonly placement: Placement;
  readonly label: string;
  /** The repository, or null where it is not there yet. */
  readonly find: () => Promise<Repository | null>;
  /** Makes the repository for the first write. */
  readonly create: () => Promise<Repository>;
  /** For a person: the folder that the store is in. */
  readonly location: string;
  /** The full ref; default: the memory branch. */
  readonly ref?: string;
  /** The folder that all worktrees of the repository share. */
  readonly identity: string;
  /** git, wherever it may run before there is a repository. */
  readonly git: GitCommand;
}

const MEMORY_REF = `refs/heads/${MEMORY_BRANCH}`;
/** A teammate's clone has the store only here; it stands in until the first write makes the local branch on top of it. */
const REMOTE_REF = `refs/remotes/origin/${MEMORY_BRANCH}`;

export class GitStore implements StoreRepository {
  readonly placement: Placement;
  readonly label: string;
  readonly location: string;
  readonly identity: string;
  readonly ref: string;
  readonly #place: GitStorePlace;
  #opened: Promise<Opened | null> | undefined;
  #unsigned: { readonly of: Opened; readonly writes: UnsignedWrites } | undefined;

  constructor(place: GitStorePlace) {
    this.#place = place;
    this.placement = place.placement;
    this.label = place.label;
    this.location = place.location;
    this.ref = place.ref ?? MEMORY_REF;
    this.identity = place.identity;
  }

  async tip(): Promise<ObjectId | null> {
    const opened = await this.#open();
    if (opened === null) return null;
    return (await this.#stand(opened, "look")).tip;
  }

  async resolve(name: string): Promise<ObjectId | null> {
    const opened = await this.#open();
    if (opened === null || name.startsWith("-")) return null;
    return opened.trees.recentCommit(name) === undefined ? opened.objects.resolve(`${name}^{commit}`) : name;
  }

  async tree(commit: ObjectId): Promise<StoreTree> {
    const { repository, trees } = await this.#there();
    if (!trees.knows(commit)) await fetchFilesOf(repository, commit);
    return trees.folders(await trees.rootOf(commit));
  }

  async treeBeside(commit: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder>> {
    const { repository, trees } = await this.#there();
    if (!trees.knows(commit)) await fetchFilesOf(repository, commit);
    return trees.foldersBeside(await trees.rootOf(commit), known);
  }

  async blobs(ids: readonly ObjectId[]): Promise<Uint8Array[]> {
    // Nobody needs a repository to be given nothing from it: a store that is about to be made has none.
    if (ids.length === 0) return [];
    const { objects, trees } = await this.#there();
    return Promise.all(
      ids.map(async (id) => {
        const found = trees.recentBlob(id) ?? (await objects.read(id))?.content;
        if (found === undefined)
          throw new GitError(
            `git lacks the object ${id}, or can't read it. Run \`git memory doctor\`, which names the file and what to do.`,
          );
        return found;
      }),
    );
  }

  async whole(commit: ObjectId): Promise<{ tree: StoreTree; load: LoadFiles }> {
    const opened = await this.#there();
    if (!opened.trees.knows(commit)) await fetchFilesOf(opened.repository, commit);
    return openWhole(opened, await opened.trees.rootOf(commit), async (ids) => this.blobs(ids));
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const opened = await this.#open();
    if (opened === null) return work();
    return withLock(this.#lockFile(opened), work, {
      makeFolder: () => opened.state.make(),
      takeOver: (note) => this.#tidy(opened, note),
    });
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    const opened = await this.#open();
    if (opened !== null) return this.#commitTo(opened, request);
    // Where there was no repository, there was no place for our lock, which says what a kill may leave half done.
    const created = await this.#create();
    return this.exclusively(() => this.#commitTo(created, request));
  }

  async #commitTo(opened: Opened, request: CommitRequest): Promise<CommitResult> {
    const { updater, checkouts } = opened;
    const writer = await opened.writer();
    // Read once: what the change was made against must be the very value that the ref still has when it is moved.
    const { local, here, tip } = await this.#stand(opened, "land");
    if (tip !== request.parent) return { moved: false, tip };
    // The first commit is made where a person starts a store, who can unlock the key.
    const { commit, blobs, unsigned } = await this.#make(opened, request, writer, tip !== null);
    if (unsigned !== undefined || (here !== null && here.pending.writes.length > 0))
      return this.#wait(opened, { commit, blobs, tip, why: unsigned });
    this.#note(opened, [{ ref: this.ref, after: commit }]);
    const moved = await checkouts.follow(this.ref, request.parent, commit, () => updater.swap(this.ref, commit, local));
    return moved ? { moved, commit, blobs } : { moved, tip: await this.tip() };
  }

  /**
   * The branch, and the newest commit of the store: the last write that waits, if any does.
   * @param how what waits is signed and taken first where that can be now, or only looked at
   */
  async #stand(
    opened: Opened,
    how: "look" | "land",
  ): Promise<{ readonly local: ObjectId | null; readonly here: Here | null; readonly tip: ObjectId | null }> {
    const unsigned = this.#unsignedOf(opened);
    if (unsigned === null) {
      const local = await opened.refs.read(this.ref);
      return { local, here: null, tip: local };
    }
    let here = await unsigned.here();
    const waits = here !== null && here.pending.writes.length > 0;
    // What keeps it from landing (a checkout with work in it) is no reason to refuse another write.
    if (waits && how === "land" && (await unsigned.land(false, true).catch(() => null))?.landed !== 0)
      here = await unsigned.here();
    if (here === null) return { local: null, here, tip: await this.#remoteTip(opened) };
    return { local: here.head, here, tip: pendingTip(here.pending) };
  }

  /** Keeps a write that the branch can't take yet. */
  async #wait(
    opened: Opened,
    write: {
      readonly commit: ObjectId;
      readonly blobs: ReadonlyMap<string, ObjectId>;
      readonly tip: ObjectId | null;
      readonly why: SigningError | undefined;
    },
  ): Promise<CommitResult> {
    const { commit, blobs, tip, why } = write;
    const unsigned = this.#unsignedOf(opened);
    // A teammate's clone has the branch on the remote only; here it begins where that one is.
    if (tip !== null && (await opened.refs.read(this.ref)) === null) await opened.updater.swap(this.ref, tip, null);
    const here = (await unsigned?.here()) ?? null;
    if (here === null || pendingTip(here.pending) !== tip || !(await unsigned?.add(here, commit)))
      return { moved: false, tip: await this.tip() };
    const said = why === undefined ? "a write before it waits for its key" : whyUnsigned(why);
    return {
      moved: true,
      commit,
      blobs,
      waits: `It is recalled already, and waits to be signed: ${said}. It lands by itself once the key can be used, or with git memory land.`,
    };
  }

  /** Null where this is no branch, which policies of signing are not about. */
  #unsignedOf(opened: Opened): UnsignedWrites | null {
    if (!this.ref.startsWith("refs/heads/")) return null;
    if (this.#unsigned?.of !== opened) this.#unsigned = { of: opened, writes: this.#unsignedWrites(opened) };
    return this.#unsigned.writes;
  }

  #unsignedWrites(opened: Opened): UnsignedWrites {
    return new UnsignedWrites(
      opened,
      this.ref,
      (moves) => this.#note(opened, moves),
      (work) => this.exclusively(work),
    );
  }

  /** Signs what waits for a key and moves the branch to it, as far as the key answers now. */
  async land(asked: boolean): Promise<Landed> {
    const opened = await this.#there();
    return this.#unsignedOf(opened)?.land(asked) ?? left(null, 0, null);
  }

  /** What waits for a key. Changes nothing. */
  async waiting(): Promise<Landed> {
    const opened = await this.#open();
    return (opened === null ? null : this.#unsignedOf(opened))?.look() ?? left(null, 0, null);
  }

  /** Forgets one of the writes that wait, by the beginning of its commit. Throws MemoryNotFoundError. */
  async drop(name: string): Promise<ObjectId> {
    const unsigned = this.#unsignedOf(await this.#there());
    if (unsigned === null) throw new GitError(`Nothing ever waits for ${this.ref}.`);
    return this.exclusively(() => unsigned.drop(name));
  }

  /** The commit as an object, on no ref yet. `canWait` as for `makeCommit`. */
  async #make(
    opened: Opened,
    request: CommitRequest,
    writer: LooseWriter,
    canWait = false,
  ): Promise<Made & { readonly blobs: Map<string, ObjectId> }> {
    const { trees } = opened;
    const root = request.parent === null ? null : await trees.rootOf(request.parent);
    const { tree, blobs } = await trees.write(root, request.changes, writer);
    const content = {
      tree,
      parents: [...(request.parent === null ? [] : [request.parent]), ...(request.joins ?? [])],
      author: request.author,
      committer: await this.committer(),
      at: request.at,
      message: request.message,
    };
    const made = await makeCommit(opened, content, request.manner, canWait);
    trees.noteRoot(made.commit, tree);
    if (made.content !== undefined) trees.noteCommit(made.commit, made.content);
    return { ...made, blobs };
  }

  async mergeBases(a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]> {
    return mergeBases((await this.#there()).repository.git, a, b);
  }

  async changes(before: ObjectId, after: ObjectId): Promise<FileDelta[]> {
    const { repository, trees } = await this.#there();
    for (const commit of [before, after]) if (!trees.knows(commit)) await fetchFilesOf(repository, commit);
    return trees.changes(await trees.rootOf(before), await trees.rootOf(after));
  }

  async log(query: LogQuery = {}): Promise<CommitInfo[]> {
    const opened = await this.#open();
    const from = query.from ?? (await this.tip());
    if (opened === null || from === null) return [];
    await fetchTreesOf(opened.repository, from, query.until);
    const cut = shallowCommits(opened.repository);
    const { until, paths, limit } = query;
    const isPlain = until !== undefined && paths === undefined && limit === undefined && cut.size === 0;
    const recent = isPlain ? await readRecent(opened, from, until) : null;
    const commits = recent ?? (await readLog(opened.repository.git, from, query));
    // Where a shallow clone ends, every file looks new; what that commit really changed can't be known here.
    return cut.size === 0 ? commits : commits.map((info) => (cut.has(info.commit) ? { ...info, deltas: [] } : info));
  }

  async blame(commit: ObjectId, file: string): Promise<BlameLine[]> {
    return readBlame((await this.#there()).repository.git, commit, file);
  }

  async mergeText(
    base: Uint8Array,
    ours: Uint8Array,
    theirs: Uint8Array,
  ): Promise<{ clean: boolean; bytes: Uint8Array }> {
    return mergeText((await this.#there()).repository.git, base, ours, theirs);
  }

  async blobAt(commit: ObjectId, file: string): Promise<ObjectId | null> {
    return (await this.#there()).objects.resolve(`${commit}:${file}`);
  }

  async refs(prefix: string): Promise<readonly { readonly ref: string; readonly commit: ObjectId }[]> {
    const opened = await this.#open();
    return opened === null ? [] : namedCommits(opened.repository.git, prefix);
  }

  async setRef(ref: string, commit: ObjectId | null): Promise<boolean> {
    const opened = await this.#there();
    this.#note(opened, [{ ref, after: commit }]);
    return setNamedCommit(opened.repository, ref, commit);
  }

  async erase(request: ErasureRequest): Promise<Erasure> {
    const opened = await this.#there();
    const { refs, objects, updater } = opened;
    const tip = await refs.read(this.ref);
    if ((await this.waiting()).waiting.length > 0) throw stillWaits();
    if (tip === null)
      throw new GitError(
        "The memory branch is only on the remote, so there is nothing here to erase. Erase it where it was written.",
      );
    try {
      const writer = await opened.writer();
      const close = async (parent: ObjectId): Promise<ObjectId> =>
        request.closing === undefined
          ? parent
          : (await this.#make(opened, { ...request.closing, parent }, writer)).commit;
      const noteMove = (commit: ObjectId): void => this.#note(opened, [{ ref: this.ref, after: commit }]);
      return await eraseFromHistory({ ...opened, ref: this.ref, tip, writer, close, noteMove }, request);
    } finally {
      // What this process still knows of the old objects goes with them.
      this.#opened = undefined;
      await this.#unsigned?.writes.dispose();
      await Promise.all([objects.dispose(), updater.dispose()]);
    }
  }

  async committer(): Promise<Person> {
    const opened = await this.#open();
    // Before the first write there is no repository whose configuration could say more than the user's own.
    return opened === null ? readCommitter(this.#place.git) : opened.committer();
  }

  watch(listener: () => void): () => void {
    return watchTip(() => this.tip(), listener);
  }

  async dispose(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    this.#opened = undefined;
    await this.#unsigned?.writes.dispose();
    await Promise.all([opened?.objects.dispose(), opened?.updater.dispose()]);
  }

  #note(opened: Opened, moves: readonly Move[]): void {
    noteInLock(this.#lockFile(opened), wordsOf(moves));
  }

  #lockFile({ state }: Opened): string {
    return path.join(state.folder, `${this.ref.replace(/^refs\/(heads\/)?/, "").replaceAll("/", "-")}.lock`);
  }

  async #open(): Promise<Opened | null> {
    this.#opened ??= this.#place
      .find()
      .then((repository) => (repository === null ? null : this.#openIn(repository)))
      .catch((error: unknown) => {
        // What was wrong may be right by the next time.
        this.#opened = undefined;
        throw error;
      });
    const opened = await this.#opened;
    if (opened === null) this.#opened = undefined;
    return opened;
  }

  async #openIn(repository: Repository): Promise<Opened> {
    const opened = await openRepository(repository, this.ref);
    // Who only reads may have to carry what waits to a branch that moved. What can't be removed hinders nobody else.
    await takeOverLeft(this.#lockFile(opened), (note) => this.#tidy(opened, note)).catch(() => undefined);
    return opened;
  }

  async #tidy({ repository }: Opened, note: string): Promise<void> {
    await removeLeftLocks(repository.commonDir, movesIn(note));
  }

  async #create(): Promise<Opened> {
    const opened = await openRepository(await this.#place.create(), this.ref);
    this.#opened = Promise.resolve(opened);
    return opened;
  }

  /** The branch in this repository itself; a remote's, which stands in for one that is not there, is none. */
  async localTip(): Promise<ObjectId | null> {
    const opened = await this.#open();
    return opened === null ? null : opened.refs.read(this.ref);
  }

  /** The repository, made where it is not there yet: for a store that is about to arrive. */
  async made(): Promise<Opened> {
    return (await this.#open()) ?? this.#create();
  }

  /** A commit as an object, on no ref: for histories that are joined before the branch moves to the result. */
  async draft(request: CommitRequest): Promise<ObjectId> {
    const opened = await this.made();
    return (await this.#make(opened, request, await opened.writer())).commit;
  }

  /**
   * Moves the branch to a commit that is there, compare-and-swap; checkouts follow. False where another writer was first:
   * nothing was changed. Throws CheckoutDirtyError.
   */
  async advance(from: ObjectId | null, to: ObjectId): Promise<boolean> {
    const opened = await this.made();
    this.#note(opened, [{ ref: this.ref, after: to }]);
    return opened.checkouts.follow(this.ref, from, to, () => opened.updater.swap(this.ref, to, from));
  }

  /** What is open of its repository, for a store that is kept another way in the same one. Throws GitError. */
  async opened(): Promise<Opened> {
    return this.#there();
  }

  async #there(): Promise<Opened> {
    const opened = await this.#open();
    if (opened === null) throw new GitError(`There is no memory store at ${this.location} yet.`);
    return opened;
  }

  async #remoteTip({ refs }: Opened): Promise<ObjectId | null> {
    return this.placement === "personal" || this.ref !== MEMORY_REF ? null : refs.read(REMOTE_REF);
  }
}

export function stillWaits(): StoreBusyError {
  return new StoreBusyError(
    "Writes to the memory branch wait for the key that signs them. Run `git memory land`, then try again.",
  );
}

/** The commits at which a shallow clone was cut off. */
function shallowCommits(repository: Repository): ReadonlySet<ObjectId> {
  const file = path.join(repository.commonDir, "shallow");
  const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  return new Set(text.split("\n").filter((line) => line !== ""));
}
