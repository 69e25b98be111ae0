/** What a review needs of a repository: two commits and what lies between them. `src/git` implements it on real git. */
import type { ObjectId } from "../memory/model.ts";
import type { CommitInfo, TreeFile } from "../ports.ts";

/** One path that differs between two trees. */
export interface RawChange {
  readonly path: string;
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  /** The mode of the new version as git writes it, e.g. `100644`; of the old one where it goes. */
  readonly mode: string;
}

/** Paths are relative to the store's folder, which `prefix` names (`""` or with a slash at the end). */
export interface ReviewRepository {
  /** The commit that a name stands for, or null. */
  resolve(name: string): Promise<ObjectId | null>;
  /** Whether history was cut off when this repository was cloned. */
  isShallow(): Promise<boolean>;
  /** The newest commit that both have behind them, or null. */
  mergeBase(a: ObjectId, b: ObjectId): Promise<ObjectId | null>;
  /** The blob at a path of a commit, or null. */
  blobAt(commit: ObjectId, path: string): Promise<ObjectId | null>;
  /** From null: all that is there. */
  changes(from: ObjectId | null, to: ObjectId, prefix: string): Promise<readonly RawChange[]>;
  /** Every file of the store. */
  files(commit: ObjectId, prefix: string): Promise<readonly TreeFile[]>;
  /** The line with the title of each memory, by path, without reading every file here. */
  titles(commit: ObjectId, prefix: string): Promise<ReadonlyMap<string, string>>;
  /** The bytes of some blobs. One that is larger than a memory can be is not in the answer. Throws GitError where one is missing. */
  blobs(ids: Iterable<ObjectId>): Promise<ReadonlyMap<ObjectId, Uint8Array>>;
  /** The commits that `to` has and `from` hasn't, newest first, with what they did to the store. */
  commits(from: ObjectId | null, to: ObjectId, prefix: string): Promise<readonly CommitInfo[]>;
  dispose(): Promise<void>;
}
