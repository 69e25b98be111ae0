/**
 * Where a memory stands at a moment. Nothing of this is stored: it is derived from the file, the clock and, for cited
 * code, from git. The axes stay apart: a stale memory is in force; an expired one may be as fresh as ever.
 */
import { InvalidInputError } from "../errors.ts";
import type { Instant, Memory, Source } from "./model.ts";
import { durationOf, instantOf, isInstant } from "./time.ts";

export interface Lifecycle {
  /** `expires_at` has come: the memory is believed no more, though its file may still be there. */
  readonly expired: boolean;
  /** The opposite of `expired`; being in the tree is what makes a memory believed at all. */
  readonly inForce: boolean;
  /** A mark, not an end: policy decides what recall does with it. */
  readonly stale: boolean;
  /** Why it is stale, one short sentence each; empty where it isn't. */
  readonly staleBecause: readonly string[];
  /** Milliseconds until it ends; null where it has no end or has ended. */
  readonly endsIn: number | null;
}

/**
 * @param changedSources the cited places whose lines have changed since; git knows them (`src/core/provenance`).
 */
export function lifecycle(memory: Memory, now: Date, changedSources: readonly Source[] = []): Lifecycle {
  const { expires_at, stale_after } = memory.front;
  const time = now.getTime();
  const end = expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at);
  const expired = time >= end;
  const staleBecause = changedSources.map((source) => `${nameOf(source)} changed.`);
  if (stale_after !== undefined && time >= Date.parse(stale_after)) {
    staleBecause.push(`It was to be checked by ${stale_after.slice(0, 10)}.`);
  }
  return {
    expired,
    inForce: !expired,
    stale: staleBecause.length > 0,
    staleBecause,
    endsIn: expired || end === Number.POSITIVE_INFINITY ? null : end - time,
  };
}

/** Whether the memory is in force but ends within a time, in milliseconds. */
export function endsWithin(memory: Memory, now: Date, within: number): boolean {
  const { endsIn } = lifecycle(memory, now);
  return endsIn !== null && endsIn <= within;
}

/**
 * The moment that a person or an agent means by `30d`, `12h`, `6w`, `2027-01-31` or `2027-01-31T18:00:00Z`.
 *
 * @throws InvalidInputError for another text, a date that no calendar has, or a moment that has passed.
 */
export function parseExpiry(text: string, now: Date): Instant {
  const wanted = text.trim();
  const duration = durationOf(wanted);
  if (duration !== null) return instantOf(new Date(now.getTime() + duration));
  if (!isInstant(wanted)) {
    throw new InvalidInputError(
      `"${wanted.slice(0, 40)}" is no time that a memory can end at; write a duration such as 30d, 12h or 6w, or a date such as 2027-01-31.`,
    );
  }
  const at = new Date(wanted);
  if (at.getTime() <= now.getTime()) {
    throw new InvalidInputError(`${wanted} has passed; name a later moment, or expire the memory now.`);
  }
  return instantOf(at);
}

function nameOf(source: Source): string {
  return source.resource.replace(/^repo:\//, "");
}
