/** What recall costs and saves, over the receipts: the figures for choosing between stateless and stateful. */
import type { Receipt } from "./receipt.ts";
import { momentOf } from "./receipt.ts";
import type { View } from "./ask.ts";
import { type Entry, type EntryCounts, everyEntry, tokensOfAll } from "./everything.ts";
import { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";

export interface Cost {
  readonly requests: number;
  readonly sessions: number;
  /** Requests in which nothing was recalled. */
  readonly empty: number;
  /** Upper bounds of tokens, summed over the requests. */
  readonly recalled: number;
  /** The same had all that was in force been sent each time; over the requests of which the store's commit is still there. */
  readonly everything: number;
  /** What was recalled in those requests. */
  readonly comparable: number;
  /** Requests whose store has lost the commit, so that nothing can be compared. */
  readonly lost: number;
  readonly from: string | null;
  readonly to: string | null;
}

export async function costOf(receipts: readonly Receipt[], stores: readonly MemoryStore[]): Promise<Cost> {
  const known = new Map<string, Entry[] | null>();
  const counts: EntryCounts = new Map();
  let [everything, comparable, lost] = [0, 0, 0];
  for (const receipt of receipts) {
    const key = JSON.stringify(receipt.commits);
    let entries = known.get(key);
    if (entries === undefined) {
      const views = await viewsOf(receipt, stores);
      known.set(key, (entries = views === null ? null : everyEntry(views, momentOf(receipt), counts)));
    }
    if (entries === null) lost++;
    else {
      everything += tokensOfAll(entries, momentOf(receipt));
      comparable += receipt.tokens;
    }
  }
  return {
    requests: receipts.length,
    sessions: new Set(receipts.map(({ session }) => session)).size,
    empty: receipts.filter(({ chosen }) => chosen.length === 0).length,
    recalled: receipts.reduce((sum, { tokens }) => sum + tokens, 0),
    everything,
    comparable,
    lost,
    from: receipts[0]?.at ?? null,
    to: receipts.at(-1)?.at ?? null,
  };
}

/** Null where a commit is not there any more. A recall while memory was off has no commits: nothing was read. */
async function viewsOf(receipt: Receipt, stores: readonly MemoryStore[]): Promise<View[] | null> {
  const views: View[] = [];
  for (const { store: label, commit } of receipt.commits) {
    const store = stores.find((one) => one.label === label);
    if (store === undefined || (commit !== null && (await store.repository.resolve(commit)) === null)) return null;
    const snapshot = commit === null ? Snapshot.empty : await store.snapshotAt(commit);
    const evidence = await store.evidence(snapshot);
    // Only counted here and shown to nobody, so the gate need not look at each.
    views.push({
      store,
      snapshot,
      index: store.pastIndex,
      code: null,
      isReviewed: (memory) => evidence.isReviewed(memory),
      admits: () => true,
    });
  }
  return views;
}
