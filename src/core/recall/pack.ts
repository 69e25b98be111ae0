/** Fits memories into a budget of tokens and a number: both are upper bounds that hold always. */
import { FRAME_TOKENS } from "./envelope.ts";
import { saysTheSame, type Shingles } from "./rank.ts";
import { tokenBound } from "./tokens.ts";

export interface Packable {
  /** What would stand in the envelope. */
  readonly text: string;
  readonly shingles: Shingles;
}

export type LeftOutReason = "budget" | "limit" | "duplicate";

export interface Packed<T> {
  readonly chosen: readonly { readonly item: T; readonly text: string; readonly tokens: number }[];
  readonly leftOut: readonly { readonly item: T; readonly reason: LeftOutReason }[];
}

/**
 * Takes the items in their order, each that still fits. One that does not fit leaves room for smaller ones after it;
 * near duplicates of what is in are passed over. `read` is called only for items that are looked at closely.
 */
export function pack<T>(
  items: readonly T[],
  read: (item: T) => Packable,
  bounds: { readonly budget: number; readonly limit: number },
): Packed<T> {
  const chosen: { item: T; text: string; tokens: number; shingles: Shingles }[] = [];
  const leftOut: { item: T; reason: LeftOutReason }[] = [];
  let room = bounds.budget - FRAME_TOKENS;
  for (const item of items) {
    if (chosen.length >= bounds.limit) {
      leftOut.push({ item, reason: "limit" });
      continue;
    }
    if (room <= 0) {
      leftOut.push({ item, reason: "budget" });
      continue;
    }
    const { text, shingles } = read(item);
    const tokens = tokenBound(text);
    if (chosen.some((other) => saysTheSame(other.shingles, shingles))) leftOut.push({ item, reason: "duplicate" });
    else if (tokens > room) leftOut.push({ item, reason: "budget" });
    else {
      chosen.push({ item, text, tokens, shingles });
      room -= tokens;
    }
  }
  return { chosen, leftOut };
}
