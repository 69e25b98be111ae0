/** Pairs of beliefs that can't both be so, among many: only claims that share their rarest words are compared. */
import { type Claim, claimsOf, disagree, OPPOSITES, SAME_SUBJECT } from "../gate/contradiction.ts";
import type { Memory } from "../memory/model.ts";

/** In a store whose memories all use the same few words, no claim is held against more than so many others. */
const MOST_CANDIDATES = 64;

/** A memory is immutable, and a snapshot shares most of its memories with the one before. */
const known = new WeakMap<Memory, readonly Claim[]>();

interface Placed {
  readonly memory: number;
  readonly claim: Claim;
  /** Opposites as one word. */
  readonly words: readonly string[];
}

/** @returns each pair once, in the order of the memories. */
export function contradictions(memories: readonly Memory[]): (readonly [Memory, Memory])[] {
  const claims = memories.flatMap((memory, place) =>
    claimsIn(memory).map((claim): Placed => ({ memory: place, claim, words: [...claim.words].map(oneOfOpposites) })),
  );
  const postings = new Map<string, number[]>();
  for (const [place, { words }] of claims.entries()) {
    for (const word of new Set(words)) {
      const list = postings.get(word);
      if (list === undefined) postings.set(word, [place]);
      else list.push(place);
    }
  }
  const commonness = (word: string): number => postings.get(word)?.length ?? 0;
  const pairs = new Map<string, readonly [number, number]>();
  for (const [place, one] of claims.entries()) {
    const rarest = one.words.toSorted((a, b) => commonness(a) - commonness(b));
    // Two claims that have so large a share of their words in common have one of these in common.
    const enough = rarest.slice(0, rarest.length - Math.ceil(SAME_SUBJECT * rarest.length) + 1);
    for (const found of candidates(enough, postings, place)) {
      const other = claims[found];
      if (other === undefined || other.memory === one.memory || !couldDisagree(one.claim, other.claim)) continue;
      if (!areAlike(one.words, other.words) || !disagree(one.claim, other.claim)) continue;
      const pair = [Math.min(one.memory, other.memory), Math.max(one.memory, other.memory)] as const;
      pairs.set(pair.join(" "), pair);
    }
  }
  return [...pairs.values()]
    .sort(([a, b], [c, d]) => a - c || b - d)
    .flatMap(([a, b]) => {
      const [one, other] = [memories[a], memories[b]];
      return one === undefined || other === undefined ? [] : [[one, other] as const];
    });
}

/** Claims before this one that share one of the words, the rarest word first. */
function candidates(
  words: readonly string[],
  postings: ReadonlyMap<string, readonly number[]>,
  place: number,
): Set<number> {
  const found = new Set<number>();
  for (const word of words) {
    for (const other of postings.get(word) ?? []) {
      if (other >= place || found.size >= MOST_CANDIDATES) break;
      found.add(other);
    }
  }
  return found;
}

/** The three ways to disagree, from afar: denied or not, another value, an opposite. */
function couldDisagree(a: Claim, b: Claim): boolean {
  if (a.denied !== b.denied || (a.values.size > 0 && a.values.size === b.values.size)) return true;
  return hasOpposites(a) && hasOpposites(b);
}

function hasOpposites({ words }: Claim): boolean {
  for (const word of words) if (MATTERS.has(word)) return true;
  return false;
}

/** What the exact comparison asks for first, at a tenth of its price. */
function areAlike(a: readonly string[], b: readonly string[]): boolean {
  const longest = Math.max(a.length, b.length);
  return (
    Math.min(a.length, b.length) >= SAME_SUBJECT * longest &&
    a.filter((word) => b.includes(word)).length >= SAME_SUBJECT * longest
  );
}

function claimsIn(memory: Memory): readonly Claim[] {
  const claims = known.get(memory) ?? claimsOf(memory);
  known.set(memory, claims);
  return claims;
}

/** `allow`, `deny` and `forbid` are words for one matter. */
function oneOfOpposites(word: string): string {
  return MATTERS.get(word) ?? word;
}

const MATTERS = mattersOf([...OPPOSITES].map((pair) => pair.split(":")));

function mattersOf(pairs: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const matters = new Map<string, string>();
  for (const [a = "", b = ""] of pairs) {
    const [one, other] = [matters.get(a) ?? a, matters.get(b) ?? b];
    for (const [word, matter] of matters) if (matter === other) matters.set(word, one);
    matters.set(a, one).set(b, one);
  }
  return matters;
}
