/**
 * Stale reads: what became of the memories that a session was given or wrote, since it last heard of them. Each change is
 * told once.
 */
import { lifecycle } from "./memory/lifecycle.ts";
import type { Memory, MemoryId } from "./memory/model.ts";
import { effectiveTrust } from "./memory/trust.ts";
import type { JournalEntry } from "./provenance/journal-entry.ts";
import type { Session } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";
import type { MemoryStore } from "./store.ts";

/** One change that the session has not heard of. */
export interface News {
  readonly id: MemoryId;
  readonly store: MemoryStore;
  /** `changed`: it says something else now. `ended`: it is no longer believed. `back`: it had ended and is believed again. */
  readonly kind: "changed" | "ended" | "back";
  /** As it stands now; null where it ended. */
  readonly memory: Memory | null;
  /** The commit behind it; null where its time had come. */
  readonly entry: JournalEntry | null;
}

/** In the order in which the session met the memories. Marks nothing as heard. */
export async function newsFor(stores: readonly MemoryStore[], session: Session): Promise<News[]> {
  if (session.heard.size === 0) return [];
  const views = await Promise.all(
    stores.map(async (store) => {
      const snapshot = await store.snapshot();
      const evidence = await store.evidence(snapshot);
      return { store, snapshot, isReviewed: (memory: Memory) => evidence.isReviewed(memory) };
    }),
  );
  const news: News[] = [];
  for (const [id, heard] of session.heard) {
    const view = views.find(({ snapshot }) => snapshot.get(id) !== undefined);
    const memory = view?.snapshot.get(id);
    if (view === undefined || memory === undefined) {
      if (heard === null) continue;
      const ended = await lastEntryOf(stores, id);
      if (ended !== null) news.push({ id, ...ended, kind: "ended", memory: null });
    } else if (!isBelieved(memory, view, memory.blob === heard)) {
      if (heard === null) continue;
      const entry = memory.blob === heard ? null : ((await view.store.journal.of(id, memory.path))[0] ?? null);
      news.push({ id, store: view.store, kind: "ended", memory: null, entry });
    } else if (memory.blob !== heard) {
      const [entry] = await view.store.journal.of(id, memory.path);
      news.push({ id, store: view.store, kind: heard === null ? "back" : "changed", memory, entry: entry ?? null });
    }
  }
  return news;
}

interface View {
  readonly store: MemoryStore;
  readonly snapshot: Snapshot;
  readonly isReviewed: (memory: Memory) => boolean;
}

/** A version that the session knows is judged by its end alone: how far it is trusted was told when it was given. */
function isBelieved(memory: Memory, { store, snapshot, isReviewed }: View, isKnown: boolean): boolean {
  if (!lifecycle(memory, store.environment.now()).inForce) return false;
  return isKnown || effectiveTrust(memory, (id) => snapshot.get(id), isReviewed) !== "untrusted";
}

async function lastEntryOf(
  stores: readonly MemoryStore[],
  id: MemoryId,
): Promise<{ store: MemoryStore; entry: JournalEntry | null } | null> {
  for (const store of stores) {
    const [entry] = await store.journal.of(id);
    if (entry !== undefined) return { store, entry };
  }
  // History lacks it too (it was rewritten): all that can be said is that it is gone.
  const [store] = stores;
  return store === undefined ? null : { store, entry: null };
}
