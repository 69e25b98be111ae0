/** From what a person types to a memory: an id, the beginning of one, or a path; present or past. */
import { MemoryNotFoundError } from "../core/errors.ts";
import type { Memory, MemoryId, ObjectId } from "../core/memory/model.ts";
import { isBroken } from "../core/memory/model.ts";
import type { MemoryStore } from "../core/store.ts";
import { findMemory } from "../core/verbs.ts";

export interface Named {
  readonly store: MemoryStore;
  readonly memory: Memory;
}

/** A memory that may be gone from the tree. `blob` is its last version. */
export interface NamedAnytime {
  readonly store: MemoryStore;
  readonly id: MemoryId;
  readonly path: string;
  readonly blob: ObjectId;
  /** In the tree now. */
  readonly present: boolean;
}

/** The memory of that name that is in the tree. Throws MemoryNotFoundError, and InvalidInputError where the file is broken. */
export async function findPresent(stores: readonly MemoryStore[], name: string): Promise<Named> {
  const fits = await presentOf(stores, name);
  const [only] = fits;
  if (only === undefined) {
    const [ended, second] = (await Promise.all(stores.map((store) => findPast(store, name)))).flat();
    if (ended !== undefined && second === undefined) throw hasEnded(ended);
    throw new MemoryNotFoundError(
      `No memory answers to "${name}". \`git memory list\` shows what is believed now, \`git memory list --past\` what was.`,
    );
  }
  if (fits.length > 1) throw tooShort(name, fits.length);
  return only;
}

/** The same, and if nobody is there, the one that history knows. A broken file can be named by its path. */
export async function findAnytime(stores: readonly MemoryStore[], name: string): Promise<NamedAnytime> {
  for (const store of stores) {
    const file = (await store.snapshot()).at(name);
    if (file !== undefined)
      return { store, id: isBroken(file) ? `path:${name}` : file.id, path: name, blob: file.blob, present: true };
  }
  const past =
    (await presentOf(stores, name)).length > 0
      ? []
      : (await Promise.all(stores.map((store) => findPast(store, name)))).flat();
  if (past.length > 1) throw tooShort(name, past.length);
  const [only] = past;
  if (only !== undefined) return only;
  const { store, memory } = await findPresent(stores, name);
  return { store, id: memory.id, path: memory.path, blob: memory.blob, present: true };
}

/** An exact name fits one memory, of the first store that has it; the beginning of an id may fit several. */
async function presentOf(stores: readonly MemoryStore[], name: string): Promise<Named[]> {
  for (const store of stores) {
    const snapshot = await store.snapshot();
    if (snapshot.get(name) !== undefined || snapshot.at(name) !== undefined)
      return [{ store, memory: findMemory(snapshot, name) }];
  }
  const prefix = name.startsWith("m_") ? name : `m_${name}`;
  const fits: Named[] = [];
  for (const store of stores) {
    for (const memory of (await store.snapshot()).memories())
      if (memory.id.startsWith(prefix)) fits.push({ store, memory });
  }
  return fits;
}

/** What every command says of a memory that would have to be in force. */
export function hasEnded({ id }: Pick<NamedAnytime, "id">): MemoryNotFoundError {
  return new MemoryNotFoundError(
    `${id} has ended already. \`git memory history ${id}\` shows when and why, \`git memory renew ${id}\` brings it back.`,
  );
}

function tooShort(name: string, count: number): MemoryNotFoundError {
  return new MemoryNotFoundError(`"${name}" fits ${count} memories. Write more characters of the id.`);
}

async function findPast(store: MemoryStore, name: string): Promise<NamedAnytime[]> {
  const prefix = name.startsWith("m_") ? name : `m_${name}`;
  const found = new Map<MemoryId, NamedAnytime>();
  for (const { changes } of await store.journal.entries()) {
    for (const { id, path, before, after } of changes) {
      const blob = after ?? before;
      if (found.has(id) || blob === null) continue;
      if (id.startsWith(prefix) || id === name || path === name)
        found.set(id, { store, id, path, blob, present: false });
    }
  }
  const exact = found.get(name);
  return exact === undefined ? [...found.values()] : [exact];
}
