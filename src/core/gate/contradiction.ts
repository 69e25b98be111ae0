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
const NUMBERS: ReadonlyMap<string, string> = new Map(
  "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 fifteen:15 twenty:20 thirty:30 sixty:60 ninety:90"
    .split(" ")
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)]),
);
/** Verbs that stand between a subject and what is said of it, where no ending tells them. */
const VERBS = new Set(
  "is are was were be has have had must should will shall can may might does do did need needs take use keep set run get give wait allow hold listen return require support serve answer start stop cost last fail expire equal ist sind hat muss soll est sont doit son tiene debe".split(
    " ",
  ),
);
/** What stands before a number without being the thing that it numbers. */
const PARTICLES = new Set(
  "a an the and or but if when while of for in on at to by with from as after before per within under over until since than that this about every each der die das und oder mit von zu le la les et de des el los en con y".split(
    " ",
  ),
);
const UNIT =
  /^(?:ms|s|times|(?:milli|micro)?seconds?|minutes|hours|days|weeks|months|years|bytes|items|rows|lines|retries|tries|attempts|percent|characters|words|files|users|requests|workers|threads|replicas)$/;
/** Marks, among the words, what tells two things of a kind apart. */
const NAME = "#";
/** So much of the two statements' words must be common. */
export const SAME_SUBJECT = 0.6;
/** Titles with so many words in common, of which each still has its own, name two things of a kind. */
const OF_A_KIND = 0.5;

/** True where one claim denies the other, states its opposite, or gives another value for the same thing. */
export function contradicts(a: Memory, b: Memory): boolean {
  return claimsOf(a).some((one) => claimsOf(b).some((other) => disagree(one, other)));
}

export interface Claim {
  /** What it speaks of; what numbers its subject among them, marked as such. */
  readonly words: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  readonly denied: boolean;
  /** The title that it stands under, which may be all that names what it speaks of; null for a title. */
  readonly under: Claim | null;
}

/** The title and the body's first sentence: what the memory claims. */
export function claimsOf({ title, body }: Pick<Memory, "title" | "body">): Claim[] {
  const first = body.split(/\n|(?<=[.!?])\s/).find((line) => line.trim() !== "") ?? "";
  const head = claimOf(title, null);
  return [head, claimOf(first, head)].filter(({ words }) => words.size >= 2);
}

function claimOf(text: string, under: Claim | null): Claim {
  const words = new Set<string>();
  const values = new Set<string>();
  let denials = 0;
  const all = Array.from(
    canonicalText(text)
      .replaceAll("n't", " n't")
      .matchAll(/[\p{L}\p{N}_./:@'-]+/gu),
    ([raw]) => raw.replace(/^[./:'-]+(?=[\p{L}\p{N}])|[./:'-]+$/gu, ""),
  );
  for (const [place, word] of all.entries()) {
    const value = VALUE.test(word) ? word : NUMBERS.get(word);
    if (isNameAt(all, place)) words.add(`${NAME}${value ?? word}`);
    else if (NEGATIONS.has(word)) denials++;
    else if (value !== undefined) values.add(value);
    else if (word !== "" && !EMPTY.has(word))
      words.add(word.length > 4 && word.endsWith("s") ? word.slice(0, -1) : word);
  }
  return { words, values, denied: denials % 2 === 1, under };
}

/**
 * Whether a number or letter belongs to the subject and tells it from others of its kind: after a noun, with no verb before
 * it and one soon after, as in "part 3 is" and "the v1 endpoint is".
 */
function isNameAt(all: readonly string[], place: number): boolean {
  const word = all[place] ?? "";
  const isNumber = VALUE.test(word) || NUMBERS.has(word);
  if (!isNumber && !/^[a-z]$/.test(word)) return false;
  const before = all.slice(0, place);
  const noun = before.at(-1) ?? "";
  const isNumbered = noun !== "" && !PARTICLES.has(noun) && !VALUE.test(noun) && !NUMBERS.has(noun);
  if (!isNumbered && !/^(?:v\d[\d.]*|\d+(?:st|nd|rd|th))$/.test(word)) return false;
  if (before.some((one, at) => VERBS.has(one) || isVerbByEnding(one, before[at - 1]))) return false;
  const [next = "", ...later] = all.slice(place + 1, place + 6).filter((one) => !NEGATIONS.has(one));
  if (VERBS.has(next) || isVerbByEnding(next, noun)) return true;
  if (!isNumber || UNIT.test(next) || (PARTICLES.has(next) && next !== "of")) return false;
  return later.slice(0, next === "of" ? 4 : 2).some((one) => VERBS.has(one));
}

/** "answers", "listened": after a noun in the singular, and not first. */
function isVerbByEnding(word: string, before: string | undefined): boolean {
  if (before === undefined || PARTICLES.has(before) || PARTICLES.has(word) || UNIT.test(word)) return false;
  return /^\w{3,}ed$/.test(word) || (/^\w{2,}[^s]s$/.test(word) && !before.endsWith("s"));
}

export function disagree(a: Claim, b: Claim): boolean {
  const opposed = [...a.words].filter(
    (word) => !b.words.has(word) && [...b.words].some((other) => OPPOSITES.has(`${word}:${other}`)),
  );
  if (!namesOf(a).every((name) => b.words.has(name)) || !namesOf(b).every((name) => a.words.has(name))) return false;
  const alike = overlap(a.words, b.words, opposed);
  if (alike < SAME_SUBJECT || eachSaysMore(a, b) || areOfTwo(a.under, b.under)) return false;
  const sameValues = a.values.size === b.values.size && [...a.values].every((value) => b.values.has(value));
  if (opposed.length > 0) return a.denied === b.denied && sameValues;
  if (a.denied !== b.denied) return sameValues;
  return a.values.size > 0 && a.values.size === b.values.size && [...a.values].every((value) => !b.values.has(value));
}

function namesOf({ words }: Claim): string[] {
  return [...words].filter((word) => word.startsWith(NAME));
}

/** "It was down for 3 minutes" under "Checkout failed on Monday" and under "Search failed on Monday". */
function areOfTwo(a: Claim | null, b: Claim | null): boolean {
  return a !== null && b !== null && overlap(a.words, b.words, []) >= OF_A_KIND && eachSaysMore(a, b);
}

/** Then they are about two things that resemble each other: the ports of two services, the steps for two tools. */
function eachSaysMore(a: Claim, b: Claim): boolean {
  return saysMore(a.words, b.words) && saysMore(b.words, a.words);
}

/** Whether one speaks of something that the other doesn't. */
function saysMore(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((word) => !b.has(word) && ![...b].some((other) => OPPOSITES.has(`${word}:${other}`)));
}

/** The share of words that two claims have in common (Jaccard), where opposites count as the same word. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>, opposed: readonly string[]): number {
  const common = [...a].filter((word) => b.has(word)).length + opposed.length;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}
