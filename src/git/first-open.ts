/**
 * All of a commit at once, for who has nothing of it yet: where there is much, the archive is made while the folders are still
 * listed, since either takes its time.
 */
import type { StoreTree, TreeFile } from "../core/ports.ts";
import type { ObjectId } from "../core/memory/model.ts";
import { readArchive } from "./archive.ts";
import { objectId, withHeader } from "./objects/encode.ts";
import type { Opened } from "./opened.ts";

/** From so many files on, one archive is faster than asking for blobs. */
const MANY = 512;
/** So far down lie the folders of one type, whose lists tell how large a store is. */
const DEPTH = 3;

export type TakeFile = (file: TreeFile, bytes: Uint8Array) => void;

/** @param root the tree; @param blobs how files are read that no archive has just so */
export async function openWhole(
  { repository, trees }: Pick<Opened, "repository" | "trees">,
  root: ObjectId,
  blobs: (ids: readonly ObjectId[]) => Promise<Uint8Array[]>,
): Promise<{ tree: StoreTree; load: (files: readonly TreeFile[], take: TakeFile) => Promise<void> }> {
  const read = new Map<string, { readonly id: ObjectId; readonly bytes: Uint8Array }>();
  const archive =
    (await trees.filesNear(root, DEPTH)) < MANY
      ? null
      : readArchive(repository.git, root, (path, bytes) => {
          read.set(path, { id: objectId(withHeader("blob", bytes), repository.hash), bytes });
        });
  // It is awaited by who loads; until then, nobody listens.
  archive?.catch(() => undefined);
  const tree = await trees.folders(root);
  const load = async (files: readonly TreeFile[], take: TakeFile): Promise<void> => {
    await archive;
    const rest = files.filter((file) => {
      const found = read.get(file.path);
      // Attributes in the tree may hide a file from an archive, or change its bytes.
      if (found?.id !== file.blob) return true;
      take(file, found.bytes);
      return false;
    });
    const bytes = await blobs(rest.map((file) => file.blob));
    for (const [i, file] of rest.entries()) take(file, bytes[i] ?? new Uint8Array());
  };
  return { tree, load };
}
