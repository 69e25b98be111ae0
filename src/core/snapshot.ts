/**
 * All that is believed at one commit. Immutable: a write makes a new snapshot, which shares every folder that did not
 * change, so that its cost is that of one folder (at most about a thousand files) and not that of the store.
 */
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { isMemoryPath } from "./memory/parse.ts";
import type { ChangedFolder, StoreFolder, StoreTree, TreeFile } from "./ports.ts";
import { sameEnds } from "./same-ends.ts";

type File = Memory | BrokenMemory;

/** A folder's files that are read when somebody asks for them. */
export interface UnreadFiles {
  readonly count: number;
  readonly read: () => ReadonlyMap<string, File>;
}

/** One folder's memories. Kept as long as the folder's tree stays the same. */
export class FolderView {
  readonly path: string;
  readonly tree: ObjectId;
  /** Files that are no memories: `policy.yaml`, `README.md`, tombstones. */
  readonly others: ReadonlyMap<string, ObjectId>;
  /** The list that it was made from; null where it came from a cache. The same list again means the same files. */
  readonly listed: readonly TreeFile[] | null;
  #unread: UnreadFiles | null;
  #byPath: ReadonlyMap<string, File> | undefined;
  #blobs: ReadonlyMap<string, ObjectId> | undefined;
  #byId: ReadonlyMap<MemoryId, Memory> | undefined;

  constructor(
    path: string,
    tree: ObjectId,
    files: ReadonlyMap<string, File> | UnreadFiles,
    others: ReadonlyMap<string, ObjectId>,
    listed: readonly TreeFile[] | null = null,
  ) {
    this.path = path;
    this.tree = tree;
    this.others = others;
    this.listed = listed;
    this.#unread = "read" in files ? files : null;
    this.#byPath = "read" in files ? undefined : files;
  }

  get byPath(): ReadonlyMap<string, File> {
    this.#byPath ??= this.#unread?.read() ?? new Map();
    // What it was read from is needed no more.
    this.#unread = null;
    return this.#byPath;
  }

  /** The memories that another state of the folder doesn't have in the same version at the same path. */
  beyond(other: FolderView | undefined): Memory[] {
    const files = this.listed === null || !other?.listed ? null : notIn(other.listed, this.listed);
    const found = files === null ? [...this.byPath.values()] : files.flatMap(({ path }) => this.byPath.get(path) ?? []);
    return found.flatMap((file) => (isBroken(file) || other?.byPath.get(file.path)?.blob === file.blob ? [] : [file]));
  }

  /** How many memories there are, readable or not. */
  get size(): number {
    return this.#byPath?.size ?? this.#unread?.count ?? 0;
  }

  /** The blob at a path, a memory's or another file's. Reads no memory where the folder's list is known. */
  blobAt(path: string): ObjectId | null {
    if (this.#byPath === undefined && this.listed !== null) {
      this.#blobs ??= new Map(this.listed.map((file) => [file.path, file.blob]));
      return this.#blobs.get(path) ?? null;
    }
    return this.others.get(path) ?? this.byPath.get(path)?.blob ?? null;
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
    for (const folder of this.folders.values()) size += folder.size;
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
    return this.folders.get(folderOf(path))?.blobAt(path) ?? null;
  }

  /** How many memories a folder holds directly; decides where a new one goes. */
  filesIn(folder: string): number {
    return this.folders.get(folder)?.size ?? 0;
  }
}

/** Gets what `nextSnapshot` could not take over: by path, each to be parsed when somebody asks for it. */
export type ReadFiles = (files: readonly TreeFile[]) => Promise<Fresh>;

export type Fresh = ReadonlyMap<string, () => File>;

/** The snapshot of `tree`, taking over from `previous` all that is the same. `read` gets only files that are new. */
export async function nextSnapshot(
  previous: Snapshot,
  commit: ObjectId,
  tree: StoreTree<ChangedFolder>,
  read: ReadFiles,
): Promise<Snapshot> {
  if (previous.tree === tree.tree) return new Snapshot(commit, tree.tree, previous.folders);
  const changed = tree.folders.flatMap((folder) =>
    isListed(folder) && previous.folders.get(folder.path)?.tree !== folder.tree ? [folder] : [],
  );
  const missing = changed.flatMap((folder) => {
    const known = previous.folders.get(folder.path);
    const files = notIn(known?.listed ?? [], folder.files);
    return files.filter((file) => known?.blobAt(file.path) !== file.blob && isMemoryPath(file.path));
  });
  const fresh = await read(missing);
  const views = new Map(
    changed.map((folder) => [folder.path, viewOf(folder, previous.folders.get(folder.path), fresh)]),
  );
  const folders = new Map<string, FolderView>();
  const known = [...previous.folders.values()];
  const places = new Map(known.map(({ path }, place) => [path, place]));
  for (const folder of tree.folders) {
    if (isListed(folder)) {
      const view = views.get(folder.path) ?? previous.folders.get(folder.path);
      if (view !== undefined) folders.set(folder.path, view);
      continue;
    }
    // All below a folder stands behind it.
    const isWithin = ({ path }: FolderView): boolean => path === folder.path || path.startsWith(`${folder.path}/`);
    for (let place = places.get(folder.path) ?? known.length; place < known.length; place++) {
      const view = known[place];
      if (view === undefined || !isWithin(view)) break;
      folders.set(view.path, view);
    }
  }
  return new Snapshot(commit, tree.tree, folders);
}

function isListed(folder: ChangedFolder): folder is StoreFolder {
  return folder.files !== "as known";
}

function viewOf(folder: StoreFolder, known: FolderView | undefined, fresh: Fresh): FolderView {
  const { path, tree, files: listed } = folder;
  if (known?.listed === listed)
    return new FolderView(path, tree, { count: known.size, read: () => known.byPath }, known.others, listed);
  const others = othersOf(folder, known);
  const readAll = (): ReadonlyMap<string, File> => {
    const byPath = new Map<string, File>();
    for (const file of listed) {
      if (others.has(file.path)) continue;
      const found = fresh.get(file.path)?.() ?? known?.byPath.get(file.path);
      if (found !== undefined) byPath.set(file.path, found);
    }
    return byPath;
  };
  return new FolderView(path, tree, { count: listed.length - others.size, read: readAll }, others, listed);
}

/** Looks at the names of those files alone that the folder didn't have before. */
function othersOf({ files }: StoreFolder, known: FolderView | undefined): ReadonlyMap<string, ObjectId> {
  const before = known?.listed ?? null;
  const gone = before === null ? [] : notIn(files, before);
  const come = before === null ? files : notIn(before, files);
  if (known !== undefined && before !== null && [...gone, ...come].every(({ path }) => isMemoryPath(path)))
    return known.others;
  return new Map(files.flatMap(({ path, blob }) => (isMemoryPath(path) ? [] : [[path, blob] as const])));
}

/** The files of a list that are not, as the very same, in another one. What both have at their ends is passed over at once. */
function notIn(other: readonly TreeFile[], list: readonly TreeFile[]): readonly TreeFile[] {
  const { start, end } = sameEnds(other, list);
  const there = new Set(other.slice(start, other.length - end));
  return list.slice(start, list.length - end).filter((file) => !there.has(file));
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
