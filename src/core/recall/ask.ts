/** A question put to stores as they stand, or stood, at a commit each. */
import type { Memory, ObjectId, Trust } from "../memory/model.ts";
import { effectiveTrust } from "../memory/trust.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { recall, type RecallInput, type RecallResult } from "./recall.ts";
import type { Question, RecallStore } from "./question.ts";
import type { StoreIndex } from "./store-index.ts";

/** One store at one commit, and what its memories' trust and staleness are judged by. */
export interface View {
  readonly store: MemoryStore;
  readonly snapshot: Snapshot;
  readonly index: StoreIndex;
  /** The code's commit that citations are compared with; null: they are not compared. */
  readonly code: ObjectId | null;
  readonly isReviewed: (memory: Memory) => boolean;
  /** Whether the gate lets the words of a memory that was found in the tree reach a prompt. */
  readonly admits: (memory: Memory, trust: Trust) => boolean;
}

export interface Asked {
  readonly result: RecallResult;
  /** The versions that counted as reviewed, as far as anybody looked, in ascending order. */
  readonly reviewed: readonly ObjectId[];
  /** The versions that the gate kept out, likewise. */
  readonly refused: readonly ObjectId[];
}

/** Each store as it is now. */
export async function presentViews(stores: readonly MemoryStore[]): Promise<View[]> {
  return Promise.all(
    stores.map(async (store) => {
      const [snapshot, code] = await Promise.all([store.snapshot(), store.citations.head()]);
      const evidence = await store.evidence(snapshot);
      return {
        store,
        snapshot,
        index: store.index,
        code,
        isReviewed: (memory) => evidence.isReviewed(memory),
        admits: await store.admission(),
      };
    }),
  );
}

/**
 * One at a time for the same stores: an index stands at one snapshot at once.
 *
 * @throws InvalidInputError for a budget or limit that is no whole number.
 */
export async function ask(
  views: readonly View[],
  question: Question,
  ceilings: NonNullable<RecallInput["ceilings"]>,
): Promise<Asked> {
  const reviewed = new Set<ObjectId>();
  const refused = new Set<ObjectId>();
  const stores = await Promise.all(views.map((view) => recallStore(view, reviewed, refused)));
  const result = recall({ stores, question, ceilings });
  await Promise.all(views.map(({ store }) => store.admissions.save()));
  return { result, reviewed: [...reviewed].toSorted(), refused: [...refused].toSorted() };
}

async function recallStore(view: View, reviewed: Set<ObjectId>, refused: Set<ObjectId>): Promise<RecallStore> {
  const { store, snapshot, code } = view;
  const { memories, index } = await view.index.at(snapshot);
  const changed = await store.citations.changed(memories, code);
  const isReviewed = (memory: Memory): boolean => {
    const is = view.isReviewed(memory);
    if (is) reviewed.add(memory.blob);
    return is;
  };
  return {
    label: store.label,
    commit: snapshot.commit,
    memories,
    index,
    trustOf: (memory) => {
      const trust = effectiveTrust(memory, (id) => snapshot.get(id), isReviewed);
      if (trust === "untrusted" || view.admits(memory, trust)) return trust;
      refused.add(memory.blob);
      return "untrusted";
    },
    changedSources: (memory) => changed.get(memory.blob) ?? [],
  };
}
