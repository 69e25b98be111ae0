/**
 * From text to the terms that an index holds. The same function reads memories and questions, so that both speak alike.
 * Unicode: NFKC, case folded, Latin accents dropped; scripts that write no spaces become pairs of characters.
 * Identifiers give their parts and their whole: `readFile`, `read_file` and `read-file` all give read, file, readfile.
 */
import { stem } from "./stem.ts";

/** Changes whenever the same text could give other terms: a cached index of another version is rebuilt. */
export const TOKENIZER_VERSION = 1;

/** Longer runs are data rather than words; their beginning is enough to find them by. */
const MAX_TERM = 64;

/** What cutting in the middle of a surrogate pair leaves; it could not be written as UTF-8. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** English words that say how a sentence is built, not what it is about. Contractions stand without their apostrophe. */
const STOP_WORDS = new Set(
  (
    "a about above after again against all also am an and any are arent as at be because been before being below between both but by " +
    "can cannot cant could couldnt did didnt do does doesnt doing dont down during each few for from further had hadnt has hasnt have " +
    "havent having he hed hell her here heres hers herself hes him himself his how hows i id if ill im in into is isnt it its itself " +
    "ive just lets me might more most must my myself no nor not of off on once only or other our ours ourselves out over own same shall " +
    "she shes should shouldnt so some such than that thats the their theirs them themselves then there theres these they theyre theyve " +
    "this those through to too under until up us very was wasnt we were werent weve what whats when whens where wheres which while who " +
    "whom whos why will with wont would wouldnt you youd youll your youre yours yourself yourselves youve"
  ).split(" "),
);

const ASCII_WORD = /[A-Za-z0-9]+(?:[_'-][A-Za-z0-9]+)*(?:\.\d+)*/g;
const WORD = /[\p{L}\p{N}\p{M}]+(?:[_'-][\p{L}\p{N}\p{M}]+)*(?:\.\p{Nd}+)*/gu;
const VERSION = /^\d+(?:\.\d+)+$/;
/** Where a word of an identifier ends: aB, ABc, a1, 1a, and _ or -. */
const PARTS = /\p{Lu}+s?(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}\p{M}]+|\p{N}+|\p{Lu}+/gu;
const ASCII_PARTS = /[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** Words seen before and their terms ("" for a stop word). Bounded: a store's words repeat, a flood of new ones doesn't. */
const terms = new Map<string, string>();
const MAX_REMEMBERED = 200_000;

function termOf(word: string): string {
  const known = terms.get(word);
  if (known !== undefined) return known;
  const folded = word.toLowerCase().replaceAll("ς", "σ");
  const term = STOP_WORDS.has(folded) ? "" : stem(folded).slice(0, MAX_TERM).replace(HALF_CHARACTER, "");
  if (terms.size >= MAX_REMEMBERED) terms.clear();
  terms.set(word, term);
  return term;
}

/** NFKC with accents of Latin, Greek and Cyrillic dropped; marks of other scripts carry vowels and stay. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFKC")
    .replace(/[’‘ʼ]/g, "'")
    .replace(/ß/g, "ss");
}

function emitWord(word: string, partsOf: RegExp, emit: (term: string) => void): void {
  const one = (part: string): void => {
    const term = termOf(part);
    if (term !== "") emit(term);
  };
  if (/^(?:[a-z]+|[A-Z]?[a-z]+)$/.test(word)) {
    one(word);
    return;
  }
  const plain = word.includes("'") ? word.replace(/'s$/i, "").replaceAll("'", "") : word;
  if (VERSION.test(plain)) {
    emit(plain.slice(0, MAX_TERM));
  }
  const parts = plain.match(partsOf) ?? [];
  if (parts.length < 2) {
    one(parts[0] ?? plain);
    return;
  }
  for (const part of parts) one(part);
  if (!plain.includes(".")) one(parts.join("").toLowerCase());
}

function emitMixed(run: string, emit: (term: string) => void): void {
  let from = 0;
  for (const match of run.matchAll(UNSPACED)) {
    if (match.index > from) emitMixed(run.slice(from, match.index), emit);
    const characters = [...match[0].toLowerCase()];
    if (characters.length === 1) emit(match[0].toLowerCase());
    for (let at = 0; at + 1 < characters.length; at++) emit(`${characters[at]}${characters[at + 1]}`);
    from = match.index + match[0].length;
  }
  if (from === 0) emitWord(run, PARTS, emit);
  else if (from < run.length) emitMixed(run.slice(from), emit);
}

/** Calls back with each term of the text, in order, repeats included. */
export function eachTerm(text: string, emit: (term: string) => void): void {
  // Most of what is read is ASCII, which needs no normalisation.
  if (/^[\x00-\x7f]*$/.test(text)) {
    for (const word of text.match(ASCII_WORD) ?? []) emitWord(word, ASCII_PARTS, emit);
  } else {
    for (const run of fold(text).match(WORD) ?? []) emitMixed(run, emit);
  }
}

/** The terms of a text, in order, repeats included. */
export function tokenize(text: string): string[] {
  const found: string[] = [];
  eachTerm(text, (term) => found.push(term));
  return found;
}
