/**
 * Which beliefs speak against each other, found without reading the store: titles say which claims are about the same
 * thing, and only those few are read and compared.
 */
import { contradicts } from "../gate/contradiction.ts";
import type { Memory } from "../memory/model.ts";

/** A claim is held against this many of the most alike. */
const MOST_ALIKE = 24;
/** The share of words that a claim and a title must have in common to be worth comparing. */
const ALIKE = 0.4;

interface Alike {
  readonly key: string;
  readonly score: number;
}

/**
 * For each memory the keys of the titles that are most alike to its own title or to its first sentence. The titles are gone
 * through once, however many they are: only the words of the claims are looked up.
 */
export function mostAlike(
  memories: readonly Pick<Memory, "title" | "body">[],
  titles: Iterable<readonly [key: string, title: string]>,
): string[][] {
  const claims = memories.flatMap(({ title, body }) => [new Claim(title), new Claim(firstSentence(body))]);
  const claimsWith = new Map<string, Claim[]>();
  for (const claim of claims)
    for (const word of claim.words) {
      const known = claimsWith.get(word);
      if (known === undefined) claimsWith.set(word, [claim]);
      else known.push(claim);
    }
  for (const [key, title] of titles) {
    const words = wordsOf(title);
    const met: Claim[] = [];
    for (const word of words) for (const claim of claimsWith.get(word) ?? []) if (++claim.common === 1) met.push(claim);
    for (const claim of met) claim.take(key, words.size);
  }
  return memories.map((_, place) => {
    const found = claims.slice(2 * place, 2 * place + 2).flatMap(({ best }) => best);
    const keys = found.toSorted((a, b) => b.score - a.score).map(({ key }) => key);
    return [...new Set(keys)].slice(0, MOST_ALIKE);
  });
}

/** A sentence that is held against one title after the other. */
class Claim {
  readonly words: ReadonlySet<string>;
  /** How many words it has in common with the title at hand. */
  common = 0;
  /** The most alike, the best first. */
  readonly best: Alike[] = [];

  constructor(text: string) {
    this.words = wordsOf(text);
  }

  take(key: string, size: number): void {
    const score = this.common / Math.min(size, this.words.size);
    this.common = 0;
    if (score < ALIKE || (this.best.length === MOST_ALIKE && score <= (this.best.at(-1)?.score ?? 0))) return;
    const place = this.best.findIndex((other) => other.score < score);
    this.best.splice(place < 0 ? this.best.length : place, 0, { key, score });
    this.best.length = Math.min(this.best.length, MOST_ALIKE);
  }
}

function firstSentence(body: string): string {
  return body.split(/\n|(?<=[.!?])\s/).find((line) => line.trim() !== "") ?? "";
}

/** Those of `others` that a memory can't be true together with. */
export function contradicted(memory: Memory, others: Iterable<Memory>): Memory[] {
  const replaced = new Set(memory.front.supersedes ?? []);
  return [...others].filter((other) => other.id !== memory.id && !replaced.has(other.id) && contradicts(memory, other));
}

/** The words of a file's name, for a memory whose title stands nowhere in it. */
export function titleFromPath(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/(?:^|-)m_[0-9a-hjkmnp-tv-z]{12}\.md$|\.md$/, "")
    .replaceAll("-", " ");
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []);
}
