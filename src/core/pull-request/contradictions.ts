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

/** Titles by words, so that looking one claim up doesn't go through all. */
export class TitleIndex {
  readonly #titles: { readonly key: string; readonly size: number }[] = [];
  readonly #byWord = new Map<string, number[]>();

  add(key: string, title: string): void {
    const words = wordsOf(title);
    for (const word of words) {
      const known = this.#byWord.get(word);
      if (known === undefined) this.#byWord.set(word, [this.#titles.length]);
      else known.push(this.#titles.length);
    }
    this.#titles.push({ key, size: words.size });
  }

  /** The keys of the titles that are most alike to what a memory claims. */
  like(memory: Pick<Memory, "title" | "body">): string[] {
    const first = memory.body.split(/\n|(?<=[.!?])\s/).find((line) => line.trim() !== "") ?? "";
    const best = new Map<string, number>();
    for (const claim of [memory.title, first]) {
      for (const [key, score] of this.#alike(claim)) if (score > (best.get(key) ?? 0)) best.set(key, score);
    }
    return [...best]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, MOST_ALIKE)
      .map(([key]) => key);
  }

  #alike(claim: string): [key: string, score: number][] {
    const words = wordsOf(claim);
    const common = new Map<number, number>();
    for (const word of words)
      for (const place of this.#byWord.get(word) ?? []) common.set(place, (common.get(place) ?? 0) + 1);
    return [...common].flatMap(([place, count]): [string, number][] => {
      const title = this.#titles[place];
      const score = title === undefined ? 0 : count / Math.min(title.size, words.size);
      return title === undefined || score < ALIKE ? [] : [[title.key, score]];
    });
  }
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
