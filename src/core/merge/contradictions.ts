/**
 * Pairs of beliefs that can't both be so, among many. Two claims disagree only where one says nothing that the other doesn't
 * speak of, so that the longer one has the rarest word of the shorter; and only where one denies, both give a value, or both
 * hold a word that has an opposite. So few are compared at all, and a store costs little more than reading its words.
 */
import { type Claim, claimsOf, disagree, OPPOSITES, SAME_SUBJECT } from "../gate/contradiction.ts";
import type { Memory } from "../memory/model.ts";

/** In a store whose memories all use the same few words, no claim is held against more than so many others. */
const MOST_CANDIDATES = 32;

/** A memory is immutable, and a snapshot shares most of its memories with the one before. */
const known = new WeakMap<Memory, readonly Worded[]>();

interface Worded {
  readonly claim: Claim;
  /** Opposites as one word. */
  readonly words: ReadonlySet<string>;
  readonly hasOpposites: boolean;
}

interface Placed extends Worded {
  readonly memory: number;
}

/** @returns each pair once, in the order of the memories. */
export function contradictions(memories: readonly Memory[]): (readonly [Memory, Memory])[] {
  const claims = memories.flatMap((memory, place) =>
    wordedIn(memory).map((one): Placed => ({ ...one, memory: place })),
  );
  const postings = new Postings(claims);
  const pairs = new Map<string, readonly [number, number]>();
  for (const one of claims) {
    for (const other of postings.against(one)) {
      if (!saysNoMore(one, other) || !disagree(one.claim, other.claim)) continue;
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

/** Claims by their words, and apart those of each way to disagree, which most claims have no part in. */
class Postings {
  readonly #all = new Map<string, Placed[]>();
  readonly #denied = new Map<string, Placed[]>();
  readonly #opposable = new Map<string, Placed[]>();
  readonly #valued = new Map<string, Placed[]>();

  constructor(claims: readonly Placed[]) {
    for (const one of claims) {
      const { denied, values } = one.claim;
      for (const word of one.words) {
        put(this.#all, word, one);
        if (denied) put(this.#denied, word, one);
        if (one.hasOpposites) put(this.#opposable, word, one);
        if (values.size > 0) put(this.#valued, `${word} ${values.size}`, one);
      }
    }
  }

  /** Those that may say the same and more, and could disagree. */
  against(one: Placed): Set<Placed> {
    const { denied, values } = one.claim;
    const word = this.#rarest(one);
    const found = new Set<Placed>();
    const take = (list: readonly Placed[] | undefined, isWanted: (other: Placed) => boolean): void => {
      for (const other of list ?? []) {
        if (found.size >= MOST_CANDIDATES) return;
        if (other.memory !== one.memory && isWanted(other)) found.add(other);
      }
    };
    if (denied) take(this.#all.get(word), (other) => !other.claim.denied);
    else take(this.#denied.get(word), () => true);
    if (one.hasOpposites) take(this.#opposable.get(word), () => true);
    if (values.size > 0) take(this.#valued.get(`${word} ${values.size}`), () => true);
    return found;
  }

  #rarest({ words }: Placed): string {
    let [rarest, fewest] = ["", Number.POSITIVE_INFINITY];
    for (const word of words) {
      const count = this.#all.get(word)?.length ?? 0;
      if (count < fewest) [rarest, fewest] = [word, count];
    }
    return rarest;
  }
}

function put(lists: Map<string, Placed[]>, word: string, one: Placed): void {
  const list = lists.get(word);
  if (list === undefined) lists.set(word, [one]);
  else list.push(one);
}

/** What the exact comparison asks for first, at a tenth of its price. */
function saysNoMore(one: Placed, other: Placed): boolean {
  if (one.claim.words.size < SAME_SUBJECT * other.claim.words.size) return false;
  for (const word of one.words) if (!other.words.has(word)) return false;
  return true;
}

function wordedIn(memory: Memory): readonly Worded[] {
  let found = known.get(memory);
  if (found === undefined) {
    found = claimsOf(memory).map((claim) => ({
      claim,
      words: new Set(Array.from(claim.words, oneOfOpposites)),
      hasOpposites: hasOpposites(claim),
    }));
    known.set(memory, found);
  }
  return found;
}

function hasOpposites({ words }: Claim): boolean {
  for (const word of words) if (MATTERS.has(word)) return true;
  return false;
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
