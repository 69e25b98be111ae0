/** How long ago and how soon, short for a line and in words for a screen reader. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Days stay days for two months, because "45d" says more than "1mo"; a month is counted as 30 days, a year as 365. */
const UNITS = [
  { from: 730 * DAY, length: 365 * DAY, short: "y", word: "year" },
  { from: 60 * DAY, length: 30 * DAY, short: "mo", word: "month" },
  { from: DAY, length: DAY, short: "d", word: "day" },
  { from: HOUR, length: HOUR, short: "h", word: "hour" },
  { from: MINUTE, length: MINUTE, short: "m", word: "minute" },
] as const;

/** `3d`, `5h`, `2mo`; `now` below a minute. */
export function shortSpan(milliseconds: number): string {
  const unit = UNITS.find(({ from }) => milliseconds >= from);
  return unit === undefined ? "now" : `${Math.floor(milliseconds / unit.length)}${unit.short}`;
}

/** `3 days`, `1 hour`; `less than a minute`. */
export function spokenSpan(milliseconds: number): string {
  const unit = UNITS.find(({ from }) => milliseconds >= from);
  if (unit === undefined) return "less than a minute";
  const count = Math.floor(milliseconds / unit.length);
  return `${count} ${unit.word}${count === 1 ? "" : "s"}`;
}

/** The time since a moment, never negative; null where the text is no moment. */
export function since(instant: string | undefined, now: Date): number | null {
  const time = instant === undefined ? Number.NaN : Date.parse(instant);
  return Number.isNaN(time) ? null : Math.max(0, now.getTime() - time);
}
