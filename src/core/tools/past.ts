import type { MemoryId, ObjectId } from "../memory/model.ts";
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

/** The memory of an id that is in no tree any more, or undefined where history has none either. */
export async function endedMemory(stores: Stores, id: MemoryId): Promise<EndedMemory | undefined> {
  for (const store of await stores.existing()) {
    const entries = await store.journal.of(id);
    const last = entries[0]?.changes.find((change) => change.id === id);
    if (last?.kind === "removed" && last.before !== null) return { store, path: last.path, blob: last.before, entries };
  }
  return undefined;
}
