/** An old recall made again, byte for byte, from its receipt and git alone. */
import { MemoryError } from "../errors.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { ask, type View } from "./ask.ts";
import { isTextOf, momentOf, type Receipt, sha256 } from "./receipt.ts";
import { type Chosen, ENGINE_VERSION, type RecallResult } from "./recall.ts";

/** What a receipt names is in git no more, so its bytes can't be made again. */
export class NotReplayableError extends MemoryError {
  readonly code = "not-replayable";
}

export interface Rebuilt {
  readonly result: RecallResult;
  readonly sha256: string;
  /** Whether it is, byte for byte, what the receipt was made for. */
  readonly same: boolean;
  /** Where it isn't: what is known to differ, one sentence each. */
  readonly because: readonly string[];
}

/** One at a time, like `ask`. Throws NotReplayableError. */
export async function rebuild(receipt: Receipt, stores: readonly MemoryStore[]): Promise<Rebuilt> {
  const reviewed = new Set(receipt.reviewed);
  const refused = new Set(receipt.refused);
  const because: string[] = [];
  const views: View[] = [];
  for (const { store: label, commit } of receipt.commits) {
    const store = stores.find((one) => one.label === label);
    if (store === undefined)
      throw new NotReplayableError(
        `The receipt is about the ${label} store, which can't be seen from here. Go to the repository where the recall was made.`,
      );
    const code = store.code === undefined ? null : receipt.code;
    const there = code !== null && (await store.citations.has(code));
    if (code !== null && !there)
      because.push(`The code's commit ${code.slice(0, 9)} is gone, so what had changed in cited files can't be seen.`);
    views.push({
      store,
      snapshot: commit === null ? Snapshot.empty : await snapshotOf(store, commit),
      index: store.pastIndex,
      code: there ? code : null,
      isReviewed: (memory) => reviewed.has(memory.blob),
      admits: (memory) => !refused.has(memory.blob),
    });
  }
  const { budget, limit } = receipt;
  const { result } = await ask(views, { ...receipt.question, now: momentOf(receipt) }, { budget, limit });
  if (receipt.engine !== ENGINE_VERSION)
    because.push(`The recall was made by engine ${receipt.engine}, and this is engine ${ENGINE_VERSION}.`);
  const same = isTextOf(receipt, result.text);
  if (!same && because.length === 0)
    because.push(
      "Nothing that the receipt names has changed. The receipt or the engine is at fault; please report it.",
    );
  return { result, sha256: sha256(result.text), same, because: same ? [] : because };
}

async function snapshotOf(store: MemoryStore, commit: ObjectId): Promise<Snapshot> {
  if ((await store.repository.resolve(commit)) === null)
    throw new NotReplayableError(
      `The ${store.label} store's commit ${commit.slice(0, 9)} is gone: its history was rewritten, or git has collected it. What the receipt says of the recall is all that is left.`,
    );
  return store.snapshotAt(commit);
}

/** What another recall would choose in place of an older one. */
export interface Difference {
  readonly added: readonly Chosen[];
  readonly removed: readonly Chosen[];
  /** Chosen by both, in another version. */
  readonly changed: readonly Chosen[];
}

export function differenceOf(before: RecallResult, after: RecallResult): Difference {
  const key = ({ store, id }: { readonly store: string; readonly id: MemoryId }): string => `${store} ${id}`;
  const old = new Map(before.chosen.map((one) => [key(one), one]));
  const fresh = new Set(after.chosen.map(key));
  return {
    added: after.chosen.filter((one) => !old.has(key(one))),
    removed: before.chosen.filter((one) => !fresh.has(key(one))),
    changed: after.chosen.filter((one) => {
      const blob = old.get(key(one))?.blob;
      return blob !== undefined && blob !== one.blob;
    }),
  };
}
