import { MemoryNotFoundError } from "../errors.ts";
import type { Memory, MemoryId, ObjectId } from "../memory/model.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import type { MemoryStore } from "../store.ts";
import type { Stores } from "../stores.ts";

/** A memory whose file was removed: where it was, what it said last, and all that happened to it, newest first. */
export interface EndedMemory {
  readonly store: MemoryStore;
  readonly path: string;
  readonly blob: ObjectId;
  readonly entries: readonly JournalEntry[];
}

/** The memory that is to be changed. Throws MemoryNotFoundError, which says of one that has ended that it has. */
export async function findPresent(stores: Stores, name: string): Promise<{ store: MemoryStore; memory: Memory }> {
  try {
    return await stores.find(name);
  } catch (error) {
    if (!(error instanceof MemoryNotFoundError) || (await endedMemory(stores, name)) === undefined) throw error;
    throw new MemoryNotFoundError(
      `${name} has ended already; nothing was changed. Call memory_inspect with its id to see why.`,
    );
  }
}

/** The memory of an id that is in no tree any more, or undefined where history has none either. */
export async function endedMemory(stores: Stores, id: MemoryId): Promise<EndedMemory | undefined> {
  for (const store of await stores.existing()) {
    const entries = await store.journal.of(id);
    const last = entries[0]?.changes.find((change) => change.id === id);
    if (last?.kind === "removed" && last.before !== null) return { store, path: last.path, blob: last.before, entries };
  }
  return undefined;
}
