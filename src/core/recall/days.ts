/** Ages in whole days, so that a prompt built twice on one day is the same and a host's prompt cache still fits. */
import type { Instant } from "../memory/model.ts";

const DAY = 86_400_000;

/** The UTC calendar days from an instant to now; 0 for today and for what lies ahead; null where the instant is none. */
export function daysSince(at: Instant | undefined, now: Date): number | null {
  const then = at === undefined ? Number.NaN : Date.parse(at);
  if (Number.isNaN(then)) return null;
  return Math.max(0, Math.floor(now.getTime() / DAY) - Math.floor(then / DAY));
}
