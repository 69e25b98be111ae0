/** The folder of a branch in which a store is kept, as trees. */
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { POLICY_FILE } from "../../core/memory/policy.ts";
import type { ChangedFolder, FileDelta, KnownFolders, StoreTree } from "../../core/ports.ts";
import type { ObjectReader } from "../objects/reader.ts";
import { type FolderStep, folderStep } from "../objects/tree-steps.ts";
import type { Trees } from "../objects/trees.ts";
import type { StorelessCommits } from "./storeless.ts";

/** The folder, and what stands before each path of the store. */
export const FOLDER = ".memory";
const PREFIX = `${FOLDER}/`;

const KEPT = 4_096;

export function inFolder(path: string): string {
  return PREFIX + path;
}

/** The store's path of a file of the branch; null where it lies elsewhere. */
export function outOfFolder(path: string): string | null {
  return path.startsWith(PREFIX) ? path.slice(PREFIX.length) : null;
}

export class FolderTrees {
  readonly #objects: ObjectReader;
  readonly #trees: Trees;
  readonly #storeless: StorelessCommits;
  /** Per commit: its folder, where that is a store. */
  readonly #stores = new Map<ObjectId, ObjectId | null>();

  constructor(objects: ObjectReader, trees: Trees, storeless: StorelessCommits) {
    this.#objects = objects;
    this.#trees = trees;
    this.#storeless = storeless;
  }

  /** Where a file of the store is in the tree of a commit. */
  pathOf(path: string): string {
    return inFolder(path);
  }

  /** The tree of the folder at a commit; null where the commit has no store there. */
  async storeAt(commit: ObjectId): Promise<ObjectId | null> {
    const known = this.#stores.get(commit);
    if (known !== undefined) return known;
    if (await this.#storeless.has(commit)) return this.#keep(commit, null);
    // One that was read or written here already, as each write's own, is not asked for.
    if (this.#trees.knows(commit) && !(await this.#trees.has(await this.#trees.rootOf(commit), FOLDER)))
      return this.#keep(commit, null);
    const policy = await this.#objects.resolve(`${commit}:${PREFIX}${POLICY_FILE}`);
    const tree = policy === null ? null : await this.#objects.resolve(`${commit}:${FOLDER}`);
    // A commit that git lacks today may have been fetched by tomorrow.
    if (tree === null && (await this.#objects.resolve(commit)) === null) return null;
    return this.#keep(commit, tree);
  }

  /** As `storeAt`, of the commit that is checked out, which every process asks for. */
  async storeAtHead(commit: ObjectId): Promise<ObjectId | null> {
    const isNew = !this.#stores.has(commit);
    const tree = await this.storeAt(commit);
    if (isNew && tree === null && !(await this.#storeless.has(commit)) && (await this.#isFree(commit)))
      await this.#storeless.note(commit);
    return tree;
  }

  /** Whether nothing has the folder's name for certain: a tree that can't be read now tells nothing. */
  async #isFree(commit: ObjectId): Promise<boolean> {
    try {
      return !(await this.#trees.has(await this.#trees.rootOf(commit), FOLDER));
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }

  #keep(commit: ObjectId, tree: ObjectId | null): ObjectId | null {
    this.#stores.set(commit, tree);
    if (this.#stores.size > KEPT)
      for (const oldest of [...this.#stores.keys()].slice(0, KEPT / 2)) this.#stores.delete(oldest);
    return tree;
  }

  /** All below the folder at a commit, a store or not. */
  async folders(commit: ObjectId): Promise<StoreTree | null> {
    const tree = await this.#folderAt(commit);
    return tree === null ? null : this.#trees.folders(tree);
  }

  /** The same beside folders that are known. */
  async foldersBeside(commit: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder> | null> {
    const tree = await this.#folderAt(commit);
    return tree === null ? null : this.#trees.foldersBeside(tree, known);
  }

  /** Whether something has the folder's name at a commit, whatever it is. */
  async isTaken(commit: ObjectId): Promise<boolean> {
    return (await this.#objects.resolve(`${commit}:${FOLDER}`)) !== null;
  }

  /** What differs in the folder between two commits. Paths are the store's. */
  async steps(before: ObjectId, after: ObjectId): Promise<FileDelta[]> {
    return this.#trees.changes(await this.#folderAt(before), await this.#folderAt(after));
  }

  /** What differs anywhere between the trees of two commits, with modes, links and submodules. */
  async wholeStep(before: ObjectId, after: ObjectId): Promise<FolderStep> {
    const [old, fresh] = [await this.#trees.rootOf(before), await this.#trees.rootOf(after)];
    return folderStep(async (tree) => this.#trees.list(tree), old, fresh);
  }

  /** The bytes of a file; null where the repository lacks them. */
  async contentOf(blob: ObjectId): Promise<Uint8Array | null> {
    return this.#trees.recentBlob(blob) ?? (await this.#objects.read(blob))?.content ?? null;
  }

  async #folderAt(commit: ObjectId): Promise<ObjectId | null> {
    const known = this.#stores.get(commit);
    if (known !== undefined && known !== null) return known;
    const found = await this.#objects.read(`${commit}:${FOLDER}`);
    return found?.kind === "tree" ? found.id : null;
  }
}
