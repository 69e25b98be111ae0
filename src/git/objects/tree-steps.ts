/** What differs between two trees, folder by folder, with the modes: what an index needs that is to follow from one to the other. */
import type { ObjectId } from "../../core/memory/model.ts";
import { sameEnds } from "../../core/same-ends.ts";
import { FOLDER_MODE, type TreeEntry } from "./encode.ts";
import type { EntryList } from "./entry-list.ts";

/** A file, a link or a submodule that is not in both trees just so. */
export interface LeafStep {
  readonly path: string;
  readonly before: TreeEntry | null;
  readonly after: TreeEntry | null;
}

/** A folder that is not in both trees just so; null: it is in one alone. */
export interface FolderStep {
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  /** Directly in it. */
  readonly leaves: readonly LeafStep[];
  readonly folders: ReadonlyMap<string, FolderStep>;
  /** How many leaves more there are after it, in it and below; less than zero: fewer. */
  readonly more: number;
}

export type ListOf = (tree: ObjectId) => Promise<EntryList>;

export async function folderStep(
  listOf: ListOf,
  before: ObjectId | null,
  after: ObjectId | null,
  path = "",
): Promise<FolderStep> {
  const [old, fresh] = await differing(listOf, before, after);
  const leaves: LeafStep[] = [];
  const folders = new Map<string, FolderStep>();
  for (const name of new Set([...old.keys(), ...fresh.keys()])) {
    const [was, is] = [old.get(name), fresh.get(name)];
    if (was?.id === is?.id && was?.mode === is?.mode) continue;
    const at = path === "" ? name : `${path}/${name}`;
    if (was?.mode === FOLDER_MODE || is?.mode === FOLDER_MODE)
      folders.set(name, await folderStep(listOf, folderIn(was), folderIn(is), at));
    const [gone, come] = [leafIn(was), leafIn(is)];
    if (gone !== null || come !== null) leaves.push({ path: at, before: gone, after: come });
  }
  const own = leaves.reduce((sum, leaf) => sum + Number(leaf.after !== null) - Number(leaf.before !== null), 0);
  const below = [...folders.values()].reduce((sum, folder) => sum + folder.more, 0);
  return { before, after, leaves, folders, more: own + below };
}

/** All leaves of a step, those below it too. */
export function leavesOf({ leaves, folders }: FolderStep): readonly LeafStep[] {
  return [...leaves, ...[...folders.values()].flatMap(leavesOf)];
}

type Entries = ReadonlyMap<string, TreeEntry>;

/** Of each tree at least the entries that the other has not just so. */
async function differing(
  listOf: ListOf,
  before: ObjectId | null,
  after: ObjectId | null,
): Promise<readonly [Entries, Entries]> {
  const [old, fresh] = await Promise.all(
    [before, after].map(async (tree) => (tree === null ? [] : (await listOf(tree)).entries)),
  );
  const { start, end } = sameEnds(old ?? [], fresh ?? []);
  const between = (entries: readonly TreeEntry[]): Entries =>
    new Map(entries.slice(start, entries.length - end).map((entry) => [entry.name, entry]));
  return [between(old ?? []), between(fresh ?? [])];
}

function folderIn(entry: TreeEntry | undefined): ObjectId | null {
  return entry?.mode === FOLDER_MODE ? entry.id : null;
}

function leafIn(entry: TreeEntry | undefined): TreeEntry | null {
  return entry === undefined || entry.mode === FOLDER_MODE ? null : entry;
}
