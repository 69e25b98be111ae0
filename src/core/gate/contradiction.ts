/**
 * Whether two claims about the same thing can't both be so. Words only: the same statement denied, or its opposite, or
 * with another value. It misses what is said in other words, and says so rather than guess.
 */
import type { Memory } from "../memory/model.ts";
import { canonicalText } from "./canonical.ts";

const NEGATIONS = new Set(
  "not no never without nicht nie kein keine ne pas jamais nunca jamas non mai nao не никогда n't cannot dont doesnt isnt arent wont shouldnt".split(
    " ",
  ),
);
const EMPTY = new Set(
  "a an the is are be to of for in on at and or with by this that it its we our us you your they their as from always must should will do does der die das ist sind le la les est sont el los es son".split(
    " ",
  ),
);
/** Both ways round: `enable:disable` and `disable:enable`. */
export const OPPOSITES: ReadonlySet<string> = new Set(
  "enable:disable enabled:disabled on:off use:avoid allow:deny allowed:denied allow:forbid allowed:forbidden required:optional required:forbidden accept:reject public:private add:remove before:after tab:space tabs:spaces trusted:untrusted safe:unsafe sync:async mutable:immutable true:false yes:no secure:insecure keep:delete include:exclude open:closed"
    .split(" ")
    .flatMap((pair) => [pair, pair.split(":").reverse().join(":")]),
);
/**
 * Numbers, versions, times: what a statement may differ in while it stays the same statement. Paths and names in code are
 * what it speaks of.
 */
const VALUE = /^v?\d[\w.:-]*$/;
/** So much of the two statements' words must be common. */
export const SAME_SUBJECT = 0.6;

/** True where one claim denies the other, states its opposite, or gives another value for the same thing. */
export function contradicts(a: Memory, b: Memory): boolean {
  return claimsOf(a).some((one) => claimsOf(b).some((other) => disagree(one, other)));
}

export interface Claim {
  readonly words: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  readonly denied: boolean;
}

/** The title and the body's first sentence: what the memory claims. */
export function claimsOf({ title, body }: Pick<Memory, "title" | "body">): Claim[] {
  const first = body.split(/\n|(?<=[.!?])\s/).find((line) => line.trim() !== "") ?? "";
  return [title, first].map(claimOf).filter(({ words }) => words.size >= 2);
}

function claimOf(text: string): Claim {
  const words = new Set<string>();
  const values = new Set<string>();
  let denials = 0;
  for (const [raw] of canonicalText(text)
    .replaceAll("n't", " n't")
    .matchAll(/[\p{L}\p{N}_./:@'-]+/gu)) {
    const word = raw.replace(/^[./:'-]+(?=[\p{L}\p{N}])|[./:'-]+$/gu, "");
    if (NEGATIONS.has(word)) denials++;
    else if (VALUE.test(word)) values.add(word);
    else if (word !== "" && !EMPTY.has(word))
      words.add(word.length > 4 && word.endsWith("s") ? word.slice(0, -1) : word);
  }
  return { words, values, denied: denials % 2 === 1 };
}

export function disagree(a: Claim, b: Claim): boolean {
  const opposed = [...a.words].filter(
    (word) => !b.words.has(word) && [...b.words].some((other) => OPPOSITES.has(`${word}:${other}`)),
  );
  const alike = overlap(a.words, b.words, opposed);
  if (alike < SAME_SUBJECT || (saysMore(a.words, b.words) && saysMore(b.words, a.words))) return false;
  const sameValues = a.values.size === b.values.size && [...a.values].every((value) => b.values.has(value));
  if (opposed.length > 0) return a.denied === b.denied && sameValues;
  if (a.denied !== b.denied) return sameValues;
  return a.values.size > 0 && a.values.size === b.values.size && [...a.values].every((value) => !b.values.has(value));
}

/**
 * Whether one speaks of something that the other doesn't. Where both do, they are about two things that resemble each other:
 * the ports of two services, the steps for two tools.
 */
function saysMore(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((word) => !b.has(word) && ![...b].some((other) => OPPOSITES.has(`${word}:${other}`)));
}

/** The share of words that two claims have in common (Jaccard), where opposites count as the same word. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>, opposed: readonly string[]): number {
  const common = [...a].filter((word) => b.has(word)).length + opposed.length;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}
