/** What was believed once: memories whose file has left the tree, with the commit that ended them. */
import { isBroken, type MemoryId, type ObjectId } from "../core/memory/model.ts";
import { readMemory } from "../core/memory/parse.ts";
import type { JournalEntry } from "../core/provenance/journal-entry.ts";
import type { MemoryStore } from "../core/store.ts";
import { removals } from "../core/view/past.ts";

export interface PastMemory {
  readonly store: MemoryStore;
  readonly id: MemoryId;
  /** Empty where the file was broken when it ended. */
  readonly type: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly path: string;
  /** Its last version. */
  readonly blob: ObjectId;
  /** The commit that removed it. */
  readonly ended: JournalEntry;
}

/** Newest end first. */
export async function pastOf(store: MemoryStore): Promise<PastMemory[]> {
  const snapshot = await store.snapshot();
  const gone = removals(
    await store.journal.entries(),
    (id, path) => snapshot.get(id) !== undefined || snapshot.at(path) !== undefined,
  );
  const ends = gone.flatMap(({ entry, change: { id, path, before } }) =>
    before === null ? [] : [{ id, path, blob: before, ended: entry }],
  );
  const bytes = ends.length === 0 ? [] : await store.repository.blobs(ends.map((end) => end.blob));
  return ends.map((end, i) => {
    const file = readMemory(end.path, end.blob, bytes[i] ?? new Uint8Array());
    if (isBroken(file)) return { ...end, store, type: "", title: end.path, tags: [] };
    return { ...end, store, type: file.front.type, title: file.title, tags: file.front.tags ?? [] };
  });
}
