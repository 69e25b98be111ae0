/** The store's trees: read once each, kept by id, and written with only the folders that a change touches. */
import type { ObjectId } from "../../core/memory/model.ts";
import { GitError, InvalidInputError } from "../../core/errors.ts";
import { sameEnds } from "../../core/same-ends.ts";
import type {
  ChangedFolder,
  FileChange,
  FileDelta,
  KnownFolders,
  StoreFolder,
  StoreTree,
  TreeFile,
} from "../../core/ports.ts";
import { FILE_MODE, FOLDER_MODE, type HashName, type TreeEntry } from "./encode.ts";
import { EntryList } from "./entry-list.ts";
import { type LooseWriter, writeObject } from "./loose.ts";
import type { ObjectReader } from "./reader.ts";
import { differingEntries } from "./tree-difference.ts";

type Entries = ReadonlyMap<string, TreeEntry>;

/** Trees and commits that are kept in memory; a store of 10,000 memories has about a thousand folders. */
const KEPT_TREES = 8_192;
const KEPT_BLOBS = 64;
const KEPT_COMMITS = 64;

export class Trees {
  readonly #objects: ObjectReader;
  readonly #hash: HashName;
  readonly #lists = new Map<ObjectId, EntryList>();
  readonly #below = new Map<string, readonly StoreFolder[]>();
  readonly #files = new Map<string, readonly TreeFile[]>();
  readonly #roots = new Map<ObjectId, ObjectId>();
  readonly #blobs = new Map<ObjectId, Uint8Array>();
  readonly #commits = new Map<ObjectId, Buffer>();
  /** The trees of the comparisons that are under way, and how many those are. */
  readonly #compared = new Map<ObjectId, Promise<Buffer>>();
  #comparing = 0;

  constructor(objects: ObjectReader, hash: HashName) {
    this.#objects = objects;
    this.#hash = hash;
  }

  /** The tree of a commit. Throws GitError where the commit is missing. */
  async rootOf(commit: ObjectId): Promise<ObjectId> {
    const known = this.#roots.get(commit);
    if (known !== undefined) return known;
    const tree = await this.#objects.resolve(`${commit}^{tree}`);
    if (tree === null)
      throw new GitError(
        `The repository lacks the commit ${commit}. Run \`git fsck\`; in a shallow clone, fetch more.`,
      );
    this.noteRoot(commit, tree);
    return tree;
  }

  /** Whether the commit was read or written here before. */
  knows(commit: ObjectId): boolean {
    return this.#roots.has(commit);
  }

  noteRoot(commit: ObjectId, tree: ObjectId): void {
    keep(this.#roots, commit, tree, KEPT_TREES);
  }

  /** Whether something has a name directly in a tree. Throws GitError where the tree is missing. */
  async has(tree: ObjectId, name: string): Promise<boolean> {
    return (await this.#read(tree)).has(name);
  }

  /** What is directly in a tree. Throws GitError where the tree is missing. */
  async list(tree: ObjectId): Promise<EntryList> {
    return this.#list(tree);
  }

  noteCommit(commit: ObjectId, content: Buffer): void {
    keep(this.#commits, commit, content, KEPT_COMMITS);
  }

  /** The content of a commit that was just written, which need not be read back. */
  recentCommit(commit: ObjectId): Buffer | undefined {
    return this.#commits.get(commit);
  }

  /** The bytes of a blob that was just written, which need not be read back. */
  recentBlob(id: ObjectId): Uint8Array | undefined {
    return this.#blobs.get(id);
  }

  /**
   * The files that differ between two trees; folders that are the same are not read. In the order of paths. With `everything`
   * also links, submodules and a change of mode alone, as git tells them.
   */
  async changes(
    before: ObjectId | null,
    after: ObjectId | null,
    { everything = false }: { readonly everything?: boolean } = {},
  ): Promise<FileDelta[]> {
    this.#comparing += 1;
    try {
      return await this.#changesIn("", before, after, everything);
    } finally {
      this.#comparing -= 1;
      if (this.#comparing === 0) this.#compared.clear();
    }
  }

  async #changesIn(
    folder: string,
    before: ObjectId | null,
    after: ObjectId | null,
    everything: boolean,
  ): Promise<FileDelta[]> {
    if (before === after) return [];
    const [old, fresh] = await this.#differing(before, after);
    const differing = [...new Set([...old.keys(), ...fresh.keys()])].filter(
      (name) => old.get(name)?.id !== fresh.get(name)?.id || old.get(name)?.mode !== fresh.get(name)?.mode,
    );
    const found = await Promise.all(
      differing.map(async (name): Promise<FileDelta[]> => {
        const path = join(folder, name);
        const [was, is] = [old.get(name), fresh.get(name)];
        const below = await this.#changesIn(path, idOf(was, FOLDER_MODE), idOf(is, FOLDER_MODE), everything);
        const [gone, come] = everything ? [leafOf(was), leafOf(is)] : [idOf(was, "100"), idOf(is, "100")];
        const isSame = gone === come && (gone === null || !everything);
        return isSame ? below : [...below, { path, before: gone, after: come }];
      }),
    );
    return found.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  async folders(root: ObjectId): Promise<StoreTree> {
    return { tree: root, folders: await this.#foldersBelow("", root) };
  }

  /** How many files lie in a tree and so many levels of folders below it. */
  async filesNear(tree: ObjectId, levels: number): Promise<number> {
    const entries = [...(await this.#read(tree)).values()];
    const folders = entries.filter((entry) => entry.mode === FOLDER_MODE);
    const below = levels === 0 ? [] : folders.map(async ({ id }) => this.filesNear(id, levels - 1));
    return (await Promise.all(below)).reduce((sum, count) => sum + count, entries.length - folders.length);
  }

  /** The same, where a folder that is known with its tree stands for itself and all below it, and is not read. */
  async foldersBeside(root: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder>> {
    const below = async (path: string, tree: ObjectId): Promise<readonly ChangedFolder[]> => {
      if (known.get(path)?.tree === tree) return [{ path, tree, files: "as known" }];
      const { entries } = await this.#list(tree);
      const folders = entries.filter((entry) => entry.mode === FOLDER_MODE);
      const inside = await Promise.all(folders.map((entry) => below(join(path, entry.name), entry.id)));
      return [{ path, tree, files: this.#filesOf(path, tree, entries) }, ...inside.flat()];
    };
    return { tree: root, folders: await below("", root) };
  }

  /** A folder and all below it, by path. Kept by tree, so that after a write only the changed folders are gone through. */
  async #foldersBelow(path: string, tree: ObjectId): Promise<readonly StoreFolder[]> {
    const key = `${tree} ${path}`;
    const known = this.#below.get(key);
    if (known !== undefined) return known;
    const { entries } = await this.#list(tree);
    const below = entries.filter((entry) => entry.mode === FOLDER_MODE);
    const inside = await Promise.all(below.map((entry) => this.#foldersBelow(join(path, entry.name), entry.id)));
    const folders = [{ path, tree, files: this.#filesOf(path, tree, entries) }, ...inside.flat()];
    keep(this.#below, key, folders, KEPT_TREES);
    return folders;
  }

  #filesOf(path: string, tree: ObjectId, entries: readonly TreeEntry[]): readonly TreeFile[] {
    const key = `${tree} ${path}`;
    let files = this.#files.get(key);
    if (files === undefined) keep(this.#files, key, (files = filesOf(path, entries)), KEPT_TREES);
    return files;
  }

  /** Writes the changed files and every folder above them. Empty folders vanish, as in git. */
  async write(
    root: ObjectId | null,
    changes: readonly FileChange[],
    writer: LooseWriter,
  ): Promise<{ tree: ObjectId; blobs: Map<string, ObjectId> }> {
    const blobs = new Map<string, ObjectId>();
    const leaves = new Map<string, TreeEntry | null>();
    for (const { path, content } of changes) {
      if (content === null) {
        leaves.set(path, null);
        continue;
      }
      const id = "blob" in content ? content.blob : writeObject(writer, "blob", content);
      if (!("blob" in content)) keep(this.#blobs, id, content, KEPT_BLOBS);
      blobs.set(path, id);
      leaves.set(path, { mode: FILE_MODE, name: path.slice(path.lastIndexOf("/") + 1), id });
    }
    const tree = await this.#writeFolder(root, "", leaves, writer);
    return { tree: tree ?? this.#store(EntryList.empty, writer), blobs };
  }

  async #writeFolder(
    tree: ObjectId | null,
    path: string,
    leaves: ReadonlyMap<string, TreeEntry | null>,
    writer: LooseWriter,
  ): Promise<ObjectId | null> {
    const list = tree === null ? EntryList.empty : (await this.#list(tree)).ordered();
    const changed = new Map<string, TreeEntry | null>();
    const below = new Map<string, Map<string, TreeEntry | null>>();
    let hasOwnLeaf = false;
    for (const [leaf, entry] of leaves) {
      const rest = path === "" ? leaf : leaf.slice(path.length + 1);
      const slash = rest.indexOf("/");
      if (slash >= 0) {
        const name = rest.slice(0, slash);
        below.set(name, (below.get(name) ?? new Map()).set(leaf, entry));
        continue;
      }
      hasOwnLeaf = true;
      changed.set(rest, entry === null ? null : { ...entry, mode: fileMode(leaf, list.find(rest)) });
    }
    for (const [name, inside] of below) {
      const there = changed.get(name) === null ? undefined : (changed.get(name) ?? list.find(name));
      if (there !== undefined && there.mode !== FOLDER_MODE) throw inTheWay(join(path, name));
      const folder = there?.id ?? null;
      const written = await this.#writeFolder(folder, join(path, name), inside, writer);
      changed.set(name, written === null ? null : { mode: FOLDER_MODE, name, id: written });
    }
    const next = list.with(changed);
    if (next.entries.length === 0) return null;
    const written = this.#store(next, writer);
    // Where only something below changed, the list of files is the very same, and nobody need look through it again.
    const files = tree === null || hasOwnLeaf ? undefined : this.#files.get(`${tree} ${path}`);
    if (files !== undefined) keep(this.#files, `${written} ${path}`, files, KEPT_TREES);
    return written;
  }

  #store(list: EntryList, writer: LooseWriter): ObjectId {
    const id = writeObject(writer, "tree", list.bytes);
    keep(this.#lists, id, list, KEPT_TREES);
    return id;
  }

  /** Of each tree at least the entries that the other has not just so. */
  async #differing(before: ObjectId | null, after: ObjectId | null): Promise<readonly [Entries, Entries]> {
    const isKnown = [before, after].every((tree) => tree === null || this.#lists.has(tree));
    if (isKnown || before === null || after === null) {
      const [old, fresh] = [
        before === null ? [] : (await this.#list(before)).entries,
        after === null ? [] : (await this.#list(after)).entries,
      ];
      const { start, end } = sameEnds(old, fresh);
      return [byName(old.slice(start, old.length - end)), byName(fresh.slice(start, fresh.length - end))];
    }
    const [old, fresh] = await Promise.all([this.#bytesToCompare(before), this.#bytesToCompare(after)]);
    const differing = differingEntries(old, fresh, this.#hash);
    return [byName(differing.before), byName(differing.after)];
  }

  /** Read once, however many of the comparisons that are under way need it. */
  async #bytesToCompare(tree: ObjectId): Promise<Buffer> {
    let bytes = this.#compared.get(tree);
    if (bytes === undefined) this.#compared.set(tree, (bytes = this.#bytesOf(tree)));
    return bytes;
  }

  async #read(tree: ObjectId): Promise<Entries> {
    return (await this.#list(tree)).byName;
  }

  async #list(tree: ObjectId): Promise<EntryList> {
    const known = this.#lists.get(tree);
    if (known !== undefined) return known;
    const list = EntryList.decode(await this.#bytesOf(tree), this.#hash);
    keep(this.#lists, tree, list, KEPT_TREES);
    return list;
  }

  async #bytesOf(tree: ObjectId): Promise<Buffer> {
    const found = await this.#objects.read(tree);
    if (found?.kind !== "tree") throw new GitError(`The repository lacks the tree ${tree}. Run \`git fsck\`.`);
    return found.content;
  }
}

function byName(entries: readonly TreeEntry[]): Entries {
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** The object of an entry whose mode begins so; links and submodules are neither folders nor files here. */
function idOf(entry: TreeEntry | undefined, mode: string): ObjectId | null {
  return entry?.mode.startsWith(mode) === true ? entry.id : null;
}

function leafOf(entry: TreeEntry | undefined): ObjectId | null {
  return entry === undefined || entry.mode === FOLDER_MODE ? null : entry.id;
}

/** The same file of a folder is the same object, so that two states of it are compared at a glance. */
const treeFiles = new WeakMap<TreeEntry, { readonly folder: string; readonly file: TreeFile }>();

function fileOf(folder: string, entry: TreeEntry): TreeFile {
  const known = treeFiles.get(entry);
  if (known?.folder === folder) return known.file;
  const file = { path: join(folder, entry.name), blob: entry.id };
  treeFiles.set(entry, { folder, file });
  return file;
}

function filesOf(path: string, entries: readonly TreeEntry[]): readonly TreeFile[] {
  return (
    entries
      // Links and submodules are no memories: following one would leave the store.
      .filter((entry) => entry.mode.startsWith("100"))
      .map((entry) => fileOf(path, entry))
  );
}

function fileMode(path: string, there: TreeEntry | undefined): string {
  if (there === undefined) return FILE_MODE;
  if (!there.mode.startsWith("100")) throw inTheWay(path);
  return there.mode;
}

/** Writing over a folder, a link or a file where a folder should be would drop what is there without a word. */
function inTheWay(path: string): InvalidInputError {
  return new InvalidInputError(
    `The store has something else at ${path}, so the memory can't be stored below that name. Check the branch out and rename it there.`,
  );
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Keeps the newest entries; a Map remembers the order in which keys came. */
function keep<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
