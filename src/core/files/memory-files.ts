/** What stands in the virtual folder: the beliefs that this session may be shown, by their paths. */
import { InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory } from "../memory/model.ts";
import type { MemoryStore } from "../store.ts";
import type { Stores } from "../stores.ts";
import { filePathOf, insideRoot, ROOT } from "./paths.ts";

export interface MemoryFile {
  readonly store: MemoryStore;
  readonly memory: Memory;
}

/** By path below the root. Nothing that a recall would withhold for its trust is among them. */
export async function memoryFiles(stores: Stores): Promise<ReadonlyMap<string, MemoryFile>> {
  const files = new Map<string, MemoryFile>();
  for (const store of await stores.existing()) {
    const snapshot = await store.snapshot();
    const admits = await store.admission();
    const now = store.environment.now();
    for (const memory of snapshot.memories()) {
      const path = filePathOf(memory);
      if (files.has(path) || !lifecycle(memory, now).inForce) continue;
      const trust = await store.trustOf(snapshot, memory);
      if (trust !== "untrusted" && admits(memory, trust)) files.set(path, { store, memory });
    }
    await store.admissions.save();
  }
  return files;
}

/** Throws InvalidInputError for a path outside, MemoryNotFoundError where nothing is. */
export function fileAt(files: ReadonlyMap<string, MemoryFile>, path: string): MemoryFile {
  const inside = insideRoot(path);
  const file = files.get(inside);
  if (file !== undefined) return file;
  if (inside === "" || [...files.keys()].some((one) => one.startsWith(`${inside}/`)))
    throw new InvalidInputError(`${path} is a folder. Name a file in it.`);
  throw new MemoryNotFoundError(`There is no file ${path}. View ${ROOT} to see what there is.`);
}

/** The lines of a file: a memory's claim. */
export function linesOf({ body }: Memory): string[] {
  return body.replace(/^\n+|\n+$/g, "").split("\n");
}
