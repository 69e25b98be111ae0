/** A branch of a git repository as a store: read and written without any work tree, index or hook. */
import path from "node:path";
import { GitError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import type {
  BlameLine,
  CommitInfo,
  CommitRequest,
  CommitResult,
  LogQuery,
  Person,
  Placement,
  StoreRepository,
  StoreTree,
} from "../core/ports.ts";
import { archiveOf } from "./archive.ts";
import { readBlame } from "./blame.ts";
import { Checkouts } from "./checkouts.ts";
import { readLog } from "./log.ts";
import { withLock } from "./lock.ts";
import { mergeText } from "./merge-text.ts";
import { encodeCommit, objectId, withHeader } from "./objects/encode.ts";
import { type LooseWriter, writeObject } from "./objects/loose.ts";
import { ObjectReader } from "./objects/reader.ts";
import { Trees } from "./objects/trees.ts";
import { RefReader } from "./refs/read-ref.ts";
import { RefUpdater } from "./refs/update-ref.ts";
import type { Repository } from "./repository.ts";

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
}

/** A teammate's clone has the store only here; it stands in until the first write makes the local branch on top of it. */
const REMOTE_REF = `refs/remotes/origin/${MEMORY_BRANCH}`;

/** How often the ref is looked at, in milliseconds; a change is to be seen within a second. */
const WATCH_MS = 250;

/** What is open once the repository is known. */
interface Opened {
  readonly repository: Repository;
  readonly objects: ObjectReader;
  readonly trees: Trees;
  readonly refs: RefReader;
  readonly updater: RefUpdater;
  readonly checkouts: Checkouts;
}

export class GitStore implements StoreRepository {
  readonly placement: Placement;
  readonly label: string;
  readonly location: string;
  readonly ref = `refs/heads/${MEMORY_BRANCH}`;
  readonly #place: GitStorePlace;
  #opened: Promise<Opened | null> | undefined;
  #person: Promise<Person> | undefined;
  #flush: Promise<boolean> | undefined;

  constructor(place: GitStorePlace) {
    this.#place = place;
    this.placement = place.placement;
    this.label = place.label;
    this.location = place.location;
  }

  async tip(): Promise<ObjectId | null> {
    const opened = await this.#open();
    if (opened === null) return null;
    const local = await opened.refs.read(this.ref);
    return local ?? (this.placement === "personal" ? null : opened.refs.read(REMOTE_REF));
  }

  async resolve(name: string): Promise<ObjectId | null> {
    const opened = await this.#open();
    return opened === null || name.startsWith("-") ? null : opened.objects.resolve(`${name}^{commit}`);
  }

  async tree(commit: ObjectId): Promise<StoreTree> {
    const { trees } = await this.#there();
    return trees.folders(await trees.rootOf(commit));
  }

  async blobs(ids: readonly ObjectId[]): Promise<Uint8Array[]> {
    const { objects, trees } = await this.#there();
    return Promise.all(
      ids.map(async (id) => {
        const found = trees.recentBlob(id) ?? (await objects.read(id))?.content;
        if (found === undefined) throw new GitError(`The repository lacks the object ${id}. Run \`git fsck\`; in a partial clone, fetch again.`);
        return found;
      }),
    );
  }

  async load(commit: ObjectId): Promise<ReadonlyMap<string, Uint8Array>> {
    const { repository, trees, objects } = await this.#there();
    const [files, tree] = await Promise.all([archiveOf(repository.git, commit), this.tree(commit)]);
    const whole = new Map<string, Uint8Array>();
    for (const { path: file, blob } of tree.folders.flatMap((folder) => folder.files)) {
      const bytes = files.get(file);
      const same = bytes !== undefined && objectId(withHeader("blob", bytes), repository.hash) === blob;
      const content = same ? bytes : (trees.recentBlob(blob) ?? (await objects.read(blob))?.content);
      if (content !== undefined) whole.set(file, content);
    }
    return whole;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const opened = await this.#open();
    if (opened === null) return work();
    return withLock(path.join(opened.repository.commonDir, "memory", `${MEMORY_BRANCH}.lock`), work);
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    const { repository, trees, updater, refs, checkouts } = (await this.#open()) ?? (await this.#create());
    const writer: LooseWriter = { objectsDir: repository.objectsDir, hash: repository.hash, flush: await (this.#flush ??= flushesObjects(repository)) };
    const tip = await this.tip();
    if (tip !== request.parent) return { moved: false, tip };
    const root = request.parent === null ? null : await trees.rootOf(request.parent);
    const { tree, blobs } = await trees.write(root, request.changes, writer);
    const content = {
      tree,
      parents: request.parent === null ? [] : [request.parent],
      author: request.author,
      committer: await this.committer(),
      at: request.at,
      message: request.message,
    };
    const commit = writeObject(writer, "commit", encodeCommit(content));
    trees.noteRoot(commit, tree);
    const local = await refs.read(this.ref);
    const moved = await checkouts.follow(this.ref, request.parent, commit, () => updater.swap(this.ref, commit, local));
    return moved ? { moved, commit, blobs } : { moved, tip: await this.tip() };
  }

  async log(query: LogQuery = {}): Promise<CommitInfo[]> {
    const opened = await this.#open();
    const from = query.from ?? (await this.tip());
    return opened === null || from === null ? [] : readLog(opened.repository.git, from, query);
  }

  async blame(commit: ObjectId, file: string): Promise<BlameLine[]> {
    return readBlame((await this.#there()).repository.git, commit, file);
  }

  async mergeText(base: Uint8Array, ours: Uint8Array, theirs: Uint8Array): Promise<{ clean: boolean; bytes: Uint8Array }> {
    return mergeText((await this.#there()).repository.git, base, ours, theirs);
  }

  async committer(): Promise<Person> {
    this.#person ??= this.#readCommitter();
    return this.#person;
  }

  watch(listener: () => void): () => void {
    let known: ObjectId | null | undefined;
    const look = async (): Promise<void> => {
      const tip = await this.tip();
      if (known !== undefined && tip !== known) listener();
      known = tip;
    };
    // An unreadable ref is the next reader's error to report; the watch goes on.
    const timer = setInterval(() => void look().catch(() => listener()), WATCH_MS);
    timer.unref();
    void look().catch(() => undefined);
    return () => clearInterval(timer);
  }

  async dispose(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    this.#opened = undefined;
    await Promise.all([opened?.objects.dispose(), opened?.updater.dispose()]);
  }

  async #open(): Promise<Opened | null> {
    this.#opened ??= this.#place.find().then((repository) => (repository === null ? null : open(repository)));
    const opened = await this.#opened;
    if (opened === null) this.#opened = undefined;
    return opened;
  }

  async #create(): Promise<Opened> {
    this.#opened = this.#place.create().then(open);
    const opened = await this.#opened;
    if (opened === null) throw new GitError("The repository for the memory store could not be made.");
    return opened;
  }

  async #there(): Promise<Opened> {
    const opened = await this.#open();
    if (opened === null) throw new GitError(`There is no memory store at ${this.location} yet.`);
    return opened;
  }

  async #readCommitter(): Promise<Person> {
    const opened = await this.#open();
    const answer = await opened?.repository.git.run(["var", "GIT_COMMITTER_IDENT"]);
    const match = answer?.ok === true ? /^(.*) <(.*)> \d+ [+-]\d+$/.exec(answer.stdout.toString("utf8").trim()) : null;
    // Without user.name and user.email git can't say; a write must not fail for that.
    return match === null ? { name: "unknown", email: "unknown@user.invalid" } : { name: match[1] ?? "", email: match[2] ?? "" };
  }
}

function open(repository: Repository): Opened {
  const objects = new ObjectReader(repository.git);
  const refs = new RefReader(repository, objects);
  return {
    repository,
    objects,
    refs,
    trees: new Trees(objects, repository.hash),
    updater: new RefUpdater(repository.git),
    checkouts: new Checkouts(repository),
  };
}

/** git flushes loose objects only where `core.fsync` says so (its default leaves them to the file system). */
async function flushesObjects(repository: Repository): Promise<boolean> {
  const answer = await repository.git.run(["config", "--get", "core.fsync"]);
  if (!answer.ok) return false;
  return answer.stdout
    .toString("utf8")
    .split(",")
    .map((part) => part.trim())
    .some((part) => ["loose-object", "objects", "committed", "added", "all"].includes(part));
}
