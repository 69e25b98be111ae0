/** A store's files at one state, as a merge sees them: by folder, so that what is the same on all sides is not looked at. */
import { createHash } from "node:crypto";
import type { ObjectId } from "../memory/model.ts";
import type { FileChange, StoreRepository } from "../ports.ts";

/** A file's content: a blob of the repository, or bytes that a merge made. Equal names are equal bytes. */
export interface Content {
  readonly name: string;
  readonly made: Uint8Array | null;
}

export type Files = ReadonlyMap<string, Content>;

export interface Side {
  readonly folders: ReadonlyMap<string, { readonly tree: ObjectId | null; readonly files: Files }>;
}

/** A file that is not as it was; null is absence. */
export interface Delta {
  readonly before: Content | null;
  readonly after: Content | null;
}

export const emptySide: Side = { folders: new Map() };

export async function sideAt(repository: Pick<StoreRepository, "tree">, commit: ObjectId): Promise<Side> {
  const { folders } = await repository.tree(commit);
  return {
    folders: new Map(
      folders.map(({ path, tree, files }) => {
        const read = (): Files => new Map(files.map((file) => [file.path, { name: file.blob, made: null }]));
        let known: Files | undefined;
        return [
          path,
          {
            tree,
            // Most folders are equal on all sides and never asked.
            get files() {
              return (known ??= read());
            },
          },
        ];
      }),
    ),
  };
}

/** What `side` changed against `base`, by path. Folders that are the same tree cost nothing. */
export function deltasOf(base: Side, side: Side): Map<string, Delta> {
  const deltas = new Map<string, Delta>();
  for (const folder of new Set([...base.folders.keys(), ...side.folders.keys()])) {
    const [old, fresh] = [base.folders.get(folder), side.folders.get(folder)];
    if (old !== undefined && fresh !== undefined && old.tree !== null && old.tree === fresh.tree) continue;
    for (const path of new Set([...(old?.files.keys() ?? []), ...(fresh?.files.keys() ?? [])])) {
      const [before, after] = [old?.files.get(path) ?? null, fresh?.files.get(path) ?? null];
      if (before?.name !== after?.name) deltas.set(path, { before, after });
    }
  }
  return deltas;
}

export function fileOn(side: Side, path: string): Content | null {
  return side.folders.get(folderOf(path))?.files.get(path) ?? null;
}

/** The side with other files at some paths. */
export function withFiles(side: Side, changed: ReadonlyMap<string, Content | null>): Side {
  const folders = new Map(side.folders);
  for (const [path, content] of changed) {
    const folder = folderOf(path);
    const files = new Map(folders.get(folder)?.files);
    if (content === null) files.delete(path);
    else files.set(path, content);
    folders.set(folder, { tree: null, files });
  }
  return { folders };
}

export function contentOf(bytes: Uint8Array): Content {
  return { name: `bytes:${createHash("sha256").update(bytes).digest("hex")}`, made: bytes };
}

export function changeOf(path: string, content: Content | null): FileChange {
  return { path, content: content === null ? null : (content.made ?? { blob: content.name }) };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
