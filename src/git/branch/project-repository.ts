/**
 * The project's store, wherever it is kept: in `.memory/` of the branch that is checked out where that branch has one, else on
 * a branch of its own. Which of the two is asked anew each time, because a checkout or a pull may change it.
 */
import type { ObjectId } from "../../core/memory/model.ts";
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
} from "../../core/ports.ts";
import { InvalidInputError, NoStoreError } from "../../core/errors.ts";
import { type GitStore, stillWaits } from "../git-store.ts";
import { watchTip } from "../watch-tip.ts";
import { BranchStore } from "./branch-store.ts";
import { FOLDER } from "./folder.ts";
import type { Landed } from "./lander.ts";
import type { Moved } from "./moves.ts";
import type { WorkTree } from "./work-tree.ts";

export class ProjectRepository implements StoreRepository {
  readonly label: string;
  readonly location: string;
  readonly identity: string;
  readonly dedicated: GitStore;
  readonly branch: BranchStore;
  /** Where a store that is not there yet will be kept. */
  #chosen: "dedicated" | "branch" = "dedicated";
  #isInBranch = false;
  /** Whether it was looked where the store is. */
  #isPlaced = false;

  constructor(place: WorkTree, dedicated: GitStore) {
    this.label = dedicated.label;
    this.location = dedicated.location;
    this.identity = dedicated.identity;
    this.dedicated = dedicated;
    this.branch = new BranchStore(
      place,
      async () => dedicated.opened(),
      async () => dedicated.committer(),
    );
  }

  get placement(): Placement {
    return this.#isInBranch ? "branch" : "dedicated";
  }

  get ref(): string {
    return (this.#isInBranch ? this.branch.branch : null) ?? this.dedicated.ref;
  }

  /** Says where the store is to begin; of no effect where there is one. */
  beginIn(placement: "dedicated" | "branch"): void {
    this.#chosen = placement;
  }

  async tip(): Promise<ObjectId | null> {
    const inBranch = await this.branch.tip();
    const tip = inBranch ?? (await this.dedicated.tip());
    this.#isInBranch = inBranch !== null || (tip === null && this.#chosen === "branch");
    this.#isPlaced = true;
    return tip;
  }

  /** Moves a store that is in the other place to this one, with its history. */
  async moveTo(placement: "dedicated" | "branch", at: Date): Promise<Moved> {
    await this.tip();
    const moved = await this.#moveTo(placement, at);
    // The next write takes the lock of the place where the store is now.
    await this.tip();
    return moved;
  }

  async #moveTo(placement: "dedicated" | "branch", at: Date): Promise<Moved> {
    const by = { who: await this.committer(), at };
    if (placement === "dedicated") return this.branch.takeOut(by);
    if ((await this.dedicated.land(true)).waiting.length > 0) throw stillWaits();
    const from = await this.dedicated.tip();
    if (from === null)
      throw new NoStoreError("There is no store on a branch of its own here, so there is nothing to move.");
    return this.dedicated.exclusively(async () => this.branch.bringIn(from, by));
  }

  /** Moves the branch to what waits, as far as it can be now. `asked`: a person wants it. */
  async land(asked: boolean): Promise<Landed> {
    await this.tip();
    return this.#isInBranch ? this.branch.land(asked) : this.dedicated.land(asked);
  }

  /** What waits, and why it does not land by itself now. Changes nothing. */
  async waiting(): Promise<Landed> {
    await this.tip();
    return this.#isInBranch ? this.branch.waiting() : this.dedicated.waiting();
  }

  /** Forgets one of the writes that wait, by the beginning of its commit. Throws MemoryNotFoundError. */
  async drop(name: string): Promise<ObjectId> {
    await this.tip();
    return this.#isInBranch ? this.branch.drop(name) : this.dedicated.drop(name);
  }

  async resolve(name: string): Promise<ObjectId | null> {
    return this.dedicated.resolve(name);
  }

  async tree(commit: ObjectId): Promise<StoreTree> {
    return (await this.branch.has(commit)) ? this.branch.tree(commit) : this.dedicated.tree(commit);
  }

  async treeBeside(commit: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder>> {
    return (await this.branch.has(commit))
      ? this.branch.treeBeside(commit, known)
      : this.dedicated.treeBeside(commit, known);
  }

  async blobAt(commit: ObjectId, path: string): Promise<ObjectId | null> {
    return (await this.branch.has(commit)) ? this.branch.blobAt(commit, path) : this.dedicated.blobAt(commit, path);
  }

  async blobs(ids: readonly ObjectId[]): Promise<Uint8Array[]> {
    return this.dedicated.blobs(ids);
  }

  async whole(commit: ObjectId): Promise<{ tree: StoreTree; load: LoadFiles }> {
    const folder = (await this.branch.has(commit)) ? await this.dedicated.blobAt(commit, FOLDER) : null;
    return this.dedicated.whole(folder ?? commit);
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    // Each place has a lock of its own, and what is about to be done is noted in that one alone.
    if (!this.#isPlaced) await this.tip();
    return this.#isInBranch ? this.branch.exclusively(work) : this.dedicated.exclusively(work);
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    return this.#isInBranch ? this.branch.commit(request) : this.dedicated.commit(request);
  }

  async changes(before: ObjectId, after: ObjectId): Promise<FileDelta[]> {
    // One side may be kept in the branch and the other not, so each is named by its tree.
    const rootOf = async (commit: ObjectId): Promise<ObjectId> =>
      (await this.branch.has(commit)) ? ((await this.dedicated.blobAt(commit, FOLDER)) ?? commit) : commit;
    return this.dedicated.changes(await rootOf(before), await rootOf(after));
  }

  async log(query: LogQuery = {}): Promise<CommitInfo[]> {
    const from = query.from ?? (await this.tip());
    if (from === null) return [];
    return (await this.branch.has(from)) ? this.branch.log(from, query) : this.dedicated.log({ ...query, from });
  }

  async blame(commit: ObjectId, path: string): Promise<BlameLine[]> {
    return (await this.branch.has(commit)) ? this.branch.blame(commit, path) : this.dedicated.blame(commit, path);
  }

  async mergeBases(a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]> {
    return this.dedicated.mergeBases(a, b);
  }

  async mergeText(
    base: Uint8Array,
    ours: Uint8Array,
    theirs: Uint8Array,
  ): Promise<{ clean: boolean; bytes: Uint8Array }> {
    return this.dedicated.mergeText(base, ours, theirs);
  }

  async refs(prefix: string): Promise<readonly { readonly ref: string; readonly commit: ObjectId }[]> {
    return this.dedicated.refs(prefix);
  }

  async setRef(ref: string, commit: ObjectId | null): Promise<boolean> {
    return this.#isInBranch ? this.branch.setRef(ref, commit) : this.dedicated.setRef(ref, commit);
  }

  async erase(request: ErasureRequest): Promise<Erasure> {
    if (!this.#isInBranch) return this.dedicated.erase(request);
    throw new InvalidInputError(
      "This memory is in the history of the code's own branch, which only you may rewrite. Expire it here; to take its text out of the history, use `git filter-repo` on that branch and tell everybody who has it.",
    );
  }

  async committer(): Promise<Person> {
    return this.dedicated.committer();
  }

  watch(listener: () => void): () => void {
    return watchTip(() => this.tip(), listener);
  }

  async dispose(): Promise<void> {
    await this.branch.dispose();
    await this.dedicated.dispose();
  }
}
