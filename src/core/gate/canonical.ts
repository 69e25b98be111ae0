/**
 * One spelling for all the ways to write the same words, so that a rule is written once: NFKC, invisible characters and
 * emphasis removed, accents and case folded, look-alikes, letters that stand apart and digits in place of letters read as
 * what they are meant to be. Every place in the result leads back to its place in the raw text.
 */
import { latinLookAlike } from "./confusables.ts";

export interface Canonical {
  readonly text: string;
  /** The raw text's span for a span of the canonical one, in UTF-16 units. */
  rawSpan(start: number, end: number): { readonly start: number; readonly end: number };
}

/** What draws as nothing, by Unicode's own properties. */
const INVISIBLE = /^[\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;
const CYRILLIC_OR_GREEK = /[\p{sc=Cyrillic}\p{sc=Greek}\p{sc=Armenian}\p{sc=Cherokee}]/u;
const LATIN = /\p{sc=Latin}/u;
/** Marks of Markdown's emphasis and code, which split words in the source and not on the page. */
const EMPHASIS = /^[*`]$/;

/** Words that attacks spell with digits. Only these are read so: `sha256` and `k8s` are what they are. */
const SPELT_WITH_DIGITS = new Set(
  "ignore disregard forget override bypass disable disabled previous prior instruction instructions system prompt admin administrator root password passwords secret secrets security check checks validation verify trusted approve approved delete execute reveal jailbreak unrestricted always never memory user users rules skip token tokens".split(
    " ",
  ),
);
const LETTER_FOR: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
  "|": "l",
};

/** A canonical text whose places are reckoned when somebody asks for one: of most texts nobody does. */
class Folded implements Canonical {
  readonly text: string;
  readonly #places: () => Places;
  #known: Places | undefined;

  constructor(text: string, places: () => Places) {
    this.text = text;
    this.#places = places;
  }

  rawSpan(start: number, end: number): { start: number; end: number } {
    this.#known ??= this.#places();
    const { starts, ends } = this.#known;
    const first = starts[start] ?? 0;
    return { start: first, end: Math.max(first + 1, ends[end - 1] ?? first + 1) };
  }
}

/** By unit of a canonical text, the span of the raw one that it stands for. */
interface Places {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The canonical form of a text. Line feeds stay, so that lines are the same lines. */
export function canonicalise(raw: string): Canonical {
  return withWordsJoined(plainAscii(raw) ?? foldCharacters(raw));
}

/** The canonical text alone, for words and phrases that are compared with one. */
export function canonicalText(raw: string): string {
  return canonicalise(raw).text;
}

/** Most texts need nothing but the case: their places are the same. */
function plainAscii(raw: string): Canonical | undefined {
  if (!/^[\t\n\x20-)+-_a-~]*$/.test(raw)) return undefined;
  return {
    text: raw.toLowerCase().replaceAll("\t", " "),
    rawSpan: (start, end) => ({ start, end: Math.max(start + 1, end) }),
  };
}

/** What is read alike wherever it stands. */
const ASCII = /^[\0-\x7F]*$/;

function foldCharacters(raw: string): Canonical {
  const parts: string[] = [];
  for (const [start, end] of runs(raw)) {
    const run = raw.slice(start, end);
    if (ASCII.test(run)) {
      parts.push(foldAscii(run));
      continue;
    }
    const asLatin = isDisguisedLatin(run, raw, start, end);
    for (const character of run) parts.push(foldCharacter(character, asLatin));
  }
  return new Folded(parts.join(""), () => placesOf(raw));
}

function foldAscii(run: string): string {
  return run.toLowerCase().replace(/[\t\v\f\r*`]/g, (character) => (EMPHASIS.test(character) ? "" : " "));
}

function placesOf(raw: string): Places {
  const starts: number[] = [];
  const ends: number[] = [];
  for (const [start, end] of runs(raw)) {
    const run = raw.slice(start, end);
    const isAscii = ASCII.test(run);
    const asLatin = isAscii || isDisguisedLatin(run, raw, start, end);
    let at = start;
    for (const character of run) {
      const next = at + character.length;
      const units = isAscii ? Number(!EMPHASIS.test(character)) : foldCharacter(character, asLatin).length;
      for (let unit = 0; unit < units; unit++) {
        starts.push(at);
        ends.push(next);
      }
      at = next;
    }
  }
  return { starts, ends };
}

/** Words, and what stands between them, in order. An invisible character inside a word is a part of it. */
function* runs(raw: string): Generator<readonly [number, number]> {
  let at = 0;
  for (const { index, 0: word } of raw.matchAll(/[\p{L}\p{M}\p{Cf}\u034F]+/gu)) {
    if (index > at) yield [at, index];
    yield [index, index + word.length];
    at = index + word.length;
  }
  if (at < raw.length) yield [at, raw.length];
}

/**
 * Whether a word's foreign letters stand for Latin ones: Latin letters stand among them, or each of them looks Latin and
 * nothing on its line is truly of that script.
 */
function isDisguisedLatin(word: string, raw: string, start: number, end: number): boolean {
  if (!CYRILLIC_OR_GREEK.test(word)) return true;
  if (LATIN.test(word)) return true;
  const looks = (text: string): boolean =>
    [...text].every((character) => !CYRILLIC_OR_GREEK.test(character) || latinLookAlike(character) !== undefined);
  if (!looks(word)) return false;
  const lineStart = raw.lastIndexOf("\n", start) + 1;
  const lineEnd = raw.indexOf("\n", end);
  const line = raw.slice(lineStart, lineEnd === -1 ? raw.length : lineEnd).slice(0, 2000);
  return LATIN.test(line) && looks(line);
}

function foldCharacter(character: string, asLatin: boolean): string {
  if (character === "\n") return "\n";
  if (/^\s$/u.test(character)) return " ";
  if (EMPHASIS.test(character) || INVISIBLE.test(character)) return "";
  if (/^[\u2018\u2019\u02BC\u00B4\uFF07]$/.test(character)) return "'";
  if (/^[\u201C\u201D\u201E\u00AB\u00BB]$/.test(character)) return '"';
  if (/^[\u2010-\u2015\u2212]$/.test(character)) return "-";
  const looks = asLatin ? latinLookAlike(character) : undefined;
  if (looks !== undefined) return looks;
  const compatible = character.normalize("NFKC");
  // An accent is spelling in most scripts, but on a Latin letter it is also how a word is kept from being found.
  const bare = LATIN.test(compatible) ? compatible.normalize("NFD").replace(/\p{M}/gu, "") : compatible;
  if (/^[\u0300-\u036F]$/.test(bare)) return "";
  return bare.toLowerCase();
}

/** Four letters or more, each apart from the next by the same mark, and words in which digits stand for letters. */
const APART = /(?<![a-z0-9])[a-z](?:([ .\-_])[a-z](?:\1[a-z]){2,})(?![a-z0-9])/g;
const MAYBE_DIGITS = /(?<![\w@$])(?=[a-z0-9@$!|]*[a-z])(?=[a-z0-9@$!|]*[0134579@$!|])[a-z0-9@$!|]{2,16}(?![\w@$])/g;
/** Names with digits in them that mean themselves. */
const TECHNICAL =
  /^(?:\w2\w|[a-z]\d{1,2}[a-z]|[a-z]\d+|k\d+s|(?:utf|sha|md|base|oauth|http|ipv|win|arm|tls|aes|log|web|vue|python|node|java)\d+\w*|\d+(?:ms|kb|mb|gb|px|rem|em|s|m|h|d|w|st|nd|rd|th|x|k|g|b))$/;

function withWordsJoined(canonical: Canonical): Canonical {
  const { text } = canonical;
  const edits = [...text.matchAll(APART)].map(({ index, 0: whole }) => ({
    start: index,
    end: index + whole.length,
    units: whole.replace(/[^a-z]/g, ""),
  }));
  const unknown: typeof edits = [];
  let disguised = 0;
  for (const { index, 0: word } of text.matchAll(MAYBE_DIGITS)) {
    const read = word.replace(/[^a-z]/g, (mark) => LETTER_FOR[mark] ?? mark);
    const known = [read, read.replaceAll("i", "l")].find((spelling) => SPELT_WITH_DIGITS.has(spelling));
    const edit = { start: index, end: index + word.length, units: known ?? read };
    if (known !== undefined) edits.push(edit);
    else if (/^[a-z]+$/.test(read) && !TECHNICAL.test(word)) {
      unknown.push(edit);
      if (/[a-z][0-9]+[a-z]/.test(word)) disguised++;
    }
  }
  // One such word is a name or a version; several in one text are a way of writing.
  if (disguised + edits.length >= 2 && disguised > 0) edits.push(...unknown);
  if (edits.length === 0) return canonical;
  edits.sort((a, b) => a.start - b.start);
  const apart = edits.filter((edit, place) => place === 0 || edit.start >= (edits[place - 1]?.end ?? 0));
  return withEdits(canonical, apart);
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly units: string;
}

/** Replaces spans by other units, each of which stands for the whole span. */
function withEdits(canonical: Canonical, edits: readonly Edit[]): Canonical {
  const { text } = canonical;
  let edited = "";
  let at = 0;
  for (const { start, end, units } of edits) {
    edited += text.slice(at, start) + units;
    at = end;
  }
  return new Folded(edited + text.slice(at), () => {
    const starts: number[] = [];
    const ends: number[] = [];
    const add = (raw: { readonly start: number; readonly end: number }, units: number): void => {
      for (let unit = 0; unit < units; unit++) {
        starts.push(raw.start);
        ends.push(raw.end);
      }
    };
    let from = 0;
    const copy = (until: number): void => {
      for (; from < until; from++) add(canonical.rawSpan(from, from + 1), 1);
    };
    for (const { start, end, units } of edits) {
      copy(start);
      add(canonical.rawSpan(start, end), units.length);
      from = end;
    }
    copy(text.length);
    return { starts, ends };
  });
}
