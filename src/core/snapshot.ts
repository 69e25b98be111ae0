/**
 * All that is believed at one commit. Immutable: a write makes a new snapshot, which shares every folder that did not
 * change, so that its cost is that of one folder (at most about a thousand files) and not that of the store.
 */
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { isMemoryPath } from "./memory/parse.ts";
import type { StoreFolder, StoreTree, TreeFile } from "./ports.ts";

/** One folder's memories, parsed. Kept as long as the folder's tree stays the same. */
export class FolderView {
  readonly path: string;
  readonly tree: ObjectId;
  readonly byPath: ReadonlyMap<string, Memory | BrokenMemory>;
  /** Files that are no memories: `policy.yaml`, `README.md`, tombstones. */
  readonly others: ReadonlyMap<string, ObjectId>;
  /** The list that it was made from; null where it came from a cache. The same list again means the same files. */
  readonly listed: readonly TreeFile[] | null;
  #byId: ReadonlyMap<MemoryId, Memory> | undefined;

  constructor(
    path: string,
    tree: ObjectId,
    byPath: ReadonlyMap<string, Memory | BrokenMemory>,
    others: ReadonlyMap<string, ObjectId>,
    listed: readonly TreeFile[] | null = null,
  ) {
    this.path = path;
    this.tree = tree;
    this.byPath = byPath;
    this.others = others;
    this.listed = listed;
  }

  /** Of two files with one id (a copy), the first in path order answers to it. */
  get(id: MemoryId): Memory | undefined {
    this.#byId ??= new Map(
      [...this.byPath.values()].flatMap((file) => (isBroken(file) ? [] : [[file.id, file] as const])).toReversed(),
    );
    return this.#byId.get(id);
  }
}

export class Snapshot {
  readonly commit: ObjectId | null;
  readonly tree: ObjectId | null;
  readonly folders: ReadonlyMap<string, FolderView>;

  constructor(commit: ObjectId | null, tree: ObjectId | null, folders: ReadonlyMap<string, FolderView>) {
    this.commit = commit;
    this.tree = tree;
    this.folders = folders;
  }

  static readonly empty = new Snapshot(null, null, new Map());

  /** Every readable memory, in the order of its path. */
  *memories(): Generator<Memory> {
    for (const folder of this.folders.values()) {
      for (const file of folder.byPath.values()) if (!isBroken(file)) yield file;
    }
  }

  *broken(): Generator<BrokenMemory> {
    for (const folder of this.folders.values()) {
      for (const file of folder.byPath.values()) if (isBroken(file)) yield file;
    }
  }

  /** How many files there are, readable or not. */
  get size(): number {
    let size = 0;
    for (const folder of this.folders.values()) size += folder.byPath.size;
    return size;
  }

  get(id: MemoryId): Memory | undefined {
    if (id.startsWith("path:")) {
      const file = this.at(id.slice("path:".length));
      return file !== undefined && !isBroken(file) ? file : undefined;
    }
    for (const folder of this.folders.values()) {
      const memory = folder.get(id);
      if (memory !== undefined) return memory;
    }
    return undefined;
  }

  at(path: string): Memory | BrokenMemory | undefined {
    return this.folders.get(folderOf(path))?.byPath.get(path);
  }

  /** The blob at a path, whether it is a memory or not. */
  blobAt(path: string): ObjectId | null {
    const folder = this.folders.get(folderOf(path));
    return folder?.byPath.get(path)?.blob ?? folder?.others.get(path) ?? null;
  }

  /** How many memories a folder holds directly; decides where a new one goes. */
  filesIn(folder: string): number {
    return this.folders.get(folder)?.byPath.size ?? 0;
  }
}

/** What `nextSnapshot` could not take over: files to be read. */
export type ReadFiles = (
  files: readonly { path: string; blob: ObjectId }[],
) => Promise<readonly (Memory | BrokenMemory)[]>;

/** The snapshot of `tree`, taking over from `previous` all that is the same. `read` gets only files that are new. */
export async function nextSnapshot(
  previous: Snapshot,
  commit: ObjectId,
  tree: StoreTree,
  read: ReadFiles,
): Promise<Snapshot> {
  if (previous.tree === tree.tree) return new Snapshot(commit, tree.tree, previous.folders);
  const changed = tree.folders.filter((folder) => previous.folders.get(folder.path)?.tree !== folder.tree);
  const missing = changed.flatMap((folder) => {
    const known = previous.folders.get(folder.path);
    if (known?.listed === folder.files) return [];
    return folder.files.filter((file) => known?.byPath.get(file.path)?.blob !== file.blob && isMemoryPath(file.path));
  });
  const fresh = new Map((await read(missing)).map((file) => [file.path, file]));
  const views = new Map(
    changed.map((folder) => [folder.path, viewOf(folder, previous.folders.get(folder.path), fresh)]),
  );
  const folders = new Map<string, FolderView>();
  for (const folder of tree.folders) {
    const view = views.get(folder.path) ?? previous.folders.get(folder.path);
    if (view !== undefined) folders.set(folder.path, view);
  }
  return new Snapshot(commit, tree.tree, folders);
}

function viewOf(
  folder: StoreFolder,
  known: FolderView | undefined,
  fresh: ReadonlyMap<string, Memory | BrokenMemory>,
): FolderView {
  if (known?.listed === folder.files)
    return new FolderView(folder.path, folder.tree, known.byPath, known.others, folder.files);
  const byPath = new Map<string, Memory | BrokenMemory>();
  const others = new Map<string, ObjectId>();
  for (const { path, blob } of folder.files) {
    const file = fresh.get(path) ?? known?.byPath.get(path);
    if (file === undefined) others.set(path, blob);
    else byPath.set(path, file);
  }
  return new FolderView(folder.path, folder.tree, byPath, others, folder.files);
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
