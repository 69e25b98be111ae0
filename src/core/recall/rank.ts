/** What else than its words speaks for a memory, and when two say the same. */
import type { Memory, Trust } from "../memory/model.ts";
import { daysSince } from "./days.ts";
import { inScope } from "./glob.ts";

/**
 * The factors on the score by words. Small on purpose: among memories that fit about equally well they decide, and they
 * can't lift one that hardly fits over one that does. A `verified` line of a file earns nothing, being no evidence;
 * evidence makes a memory `reviewed`, and that counts.
 */
const IN_SCOPE = 0.2;
const TRUST: Readonly<Record<Trust, number>> = { untrusted: 0, agent: 0, user: 0.05, reviewed: 0.1 };
const STALE = -0.2;
/** A memory of today gains this much, one of a month ago half of it, and so on. */
const RECENT = 0.05;
const RECENT_HALVES_AFTER_DAYS = 30;

export interface Standing {
  readonly trust: Trust;
  readonly stale: boolean;
  readonly files: readonly string[];
  readonly now: Date;
}

export interface Boost {
  /** What the score is multiplied by. */
  readonly factor: number;
  /** Each part, as a person reads it: `in scope +20%`. */
  readonly why: readonly string[];
}

export function boostOf(memory: Memory, standing: Standing): Boost {
  const parts: (readonly [string, number])[] = [];
  const scoped = (memory.front.scope ?? []).length > 0;
  if (scoped && standing.files.length > 0 && inScope(memory.front.scope, standing.files))
    parts.push(["in scope", IN_SCOPE]);
  parts.push([standing.trust, TRUST[standing.trust]]);
  if (standing.stale) parts.push(["stale", STALE]);
  const days = daysSince(memory.front.generated?.at, standing.now);
  if (days !== null) parts.push(["recent", RECENT * 2 ** (-days / RECENT_HALVES_AFTER_DAYS)]);
  const total = parts.reduce((sum, [, part]) => sum + part, 0);
  const why = parts
    .map(([name, part]) => [name, Math.round(part * 100)] as const)
    .filter(([, percent]) => percent !== 0)
    .map(([name, percent]) => `${name} ${percent > 0 ? "+" : ""}${percent}%`);
  return { factor: 1 + total, why };
}

/** The share of word pairs that two memories must have in common to be one claim said twice. */
const SAME_CLAIM = 0.8;
/** Words that turn a claim round: two texts that differ in one of these are never taken for the same. */
const TURNS =
  /^(?:\p{N}.*|no|not|never|none|nor|without|only|except|unless|instead|avoid|stop|disable|disabled|enable|enabled|true|false|on|off|before|after|more|less|least|most|must|cannot|.*n['’]?t)$/u;

/** The words of a claim in order, and its neighbouring pairs, in which the order of words still shows. */
export interface Shingles {
  readonly words: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  readonly scope: string;
}

export function shinglesOf(memory: Memory): Shingles {
  const words =
    `${memory.title}\n${memory.body}`
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}'’]+/gu) ?? [];
  const pairs = new Set<string>();
  for (let at = 0; at < words.length; at++) pairs.add(`${words[at]} ${words[at + 1] ?? ""}`);
  return { words: new Set(words), pairs, scope: JSON.stringify(memory.front.scope ?? []) };
}

/**
 * Whether two memories say the same in nearly the same words, for the same code. Texts that differ in a number or in a
 * word that negates are not the same, however alike they look: of two that contradict each other, both must be seen.
 */
export function saysTheSame(a: Shingles, b: Shingles): boolean {
  if (a.scope !== b.scope || a.pairs.size === 0) return false;
  let shared = 0;
  for (const pair of a.pairs) if (b.pairs.has(pair)) shared++;
  if (shared / (a.pairs.size + b.pairs.size - shared) < SAME_CLAIM) return false;
  const differing = [...a.words]
    .filter((word) => !b.words.has(word))
    .concat([...b.words].filter((word) => !a.words.has(word)));
  return differing.every((word) => !TURNS.test(word) && /^[\p{Script=Latin}'’]+$/u.test(word));
}
