/**
 * Moments and durations as the format writes them. Everything is checked as text first: a lenient date parser turns
 * `2026-13-45` into a day of the next year without a word.
 */
import type { Instant } from "./model.ts";

const SECOND = 1000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: DAY, w: 7 * DAY };

/** A year has 366 days at most, and nothing that is meant to end is meant to end after a century. */
const LONGEST = 100 * 366 * DAY;

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d)))?$/;

/**
 * Whether a text names a real moment: an RFC 3339 date and time with its offset, or a date alone, which stands for the
 * first moment of that day in UTC. Leap seconds are not accepted.
 */
export function isInstant(text: string): boolean {
  const match = INSTANT.exec(text);
  if (match === null) return false;
  const field = (index: number): number => Number(match[index] ?? 0);
  const date = new Date(Date.UTC(field(1), field(2) - 1, field(3)));
  // Date.UTC reads the years 0 to 99 as 1900 to 1999, so those fail here, which is as well.
  const real =
    date.getUTCFullYear() === field(1) && date.getUTCMonth() === field(2) - 1 && date.getUTCDate() === field(3);
  return real && field(4) < 24 && field(5) < 60 && field(6) < 60 && field(7) < 24 && field(8) < 60;
}

/** A moment as the writer puts it into a file: whole seconds, `Z`. */
export function instantOf(date: Date): Instant {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The milliseconds of a duration such as `12h`, `30d` or `6w`; null where the text is none. */
export function durationOf(text: string): number | null {
  const match = /^([1-9]\d{0,5})([hdw])$/.exec(text.trim());
  if (match === null) return null;
  const length = Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
  return length <= LONGEST ? length : null;
}
