/** What it would cost to put all that is believed into a request, which is what recall is measured against. */
import { lifecycle } from "../memory/lifecycle.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import { effectiveTrust } from "../memory/trust.ts";
import type { View } from "./ask.ts";
import { entryText, envelopeText, FRAME_TOKENS } from "./envelope.ts";
import { tokenBound } from "./tokens.ts";

/** One memory that may be recalled, as it would stand in a prompt. */
export interface Entry {
  readonly id: MemoryId;
  readonly text: string;
  /** An upper bound. */
  readonly tokens: number;
  /** Milliseconds since 1970; infinite where it has no end. */
  readonly ends: number;
}

/** The tokens of an entry, by version: a memory is counted once, in however many commits it stands. */
export type EntryCounts = Map<ObjectId, number>;

/** All that may be recalled from some stores, the first one's first, by path. */
export function everyEntry(views: readonly View[], now: Date, counts: EntryCounts = new Map()): Entry[] {
  return views.flatMap(({ store, snapshot, isReviewed, admits }) =>
    [...snapshot.memories()].flatMap((memory): Entry[] => {
      const trust = effectiveTrust(memory, (id) => snapshot.get(id), isReviewed);
      if (trust === "untrusted" || !admits(memory, trust)) return [];
      const known = counts.get(memory.blob);
      const label = store.label === "project" ? {} : { store: store.label };
      const text = known === undefined ? entryText({ memory, trust, staleBecause: [], ...label }, now) : "";
      const tokens = known ?? tokenBound(text);
      counts.set(memory.blob, tokens);
      const { endsIn, expired } = lifecycle(memory, new Date(0));
      return [{ id: memory.id, text, tokens, ends: expired ? 0 : (endsIn ?? Infinity) }];
    }),
  );
}

/** What those in force at a moment cost in one envelope; 0 where there is none. */
export function tokensOfAll(entries: readonly Entry[], at: Date): number {
  const inForce = entries.filter(({ ends }) => ends > at.getTime());
  return inForce.length === 0 ? 0 : FRAME_TOKENS + inForce.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** The envelope of all that is in force at a moment. */
export function textOfAll(entries: readonly Entry[], views: readonly View[], at: Date): string {
  const texts = entries.filter(({ ends }) => ends > at.getTime()).map(({ text }) => text);
  return texts.length === 0
    ? ""
    : envelopeText(
        texts,
        0,
        views.map(({ snapshot }) => snapshot.commit ?? ""),
      );
}
