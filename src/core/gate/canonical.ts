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

class Builder implements Canonical {
  readonly #units: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #text: string | undefined;

  get text(): string {
    this.#text ??= this.#units.join("");
    return this.#text;
  }

  push(units: string, start: number, end: number): void {
    for (const unit of units.split("")) {
      this.#units.push(unit);
      this.#starts.push(start);
      this.#ends.push(end);
    }
    this.#text = undefined;
  }

  rawSpan(start: number, end: number): { start: number; end: number } {
    const first = this.#starts[start] ?? 0;
    return { start: first, end: Math.max(first + 1, this.#ends[end - 1] ?? first + 1) };
  }

  /** Replaces a span by other units, each of which stands for the whole span. */
  replaced(edits: readonly { readonly start: number; readonly end: number; readonly units: string }[]): Builder {
    const result = new Builder();
    let at = 0;
    const copy = (until: number): void => {
      for (; at < until; at++) result.push(this.#units[at] ?? "", this.#starts[at] ?? 0, this.#ends[at] ?? 0);
    };
    for (const { start, end, units } of edits) {
      copy(start);
      const raw = this.rawSpan(start, end);
      result.push(units, raw.start, raw.end);
      at = end;
    }
    copy(this.#units.length);
    return result;
  }
}

/** The canonical form of a text. Line feeds stay, so that lines are the same lines. */
export function canonicalise(raw: string): Canonical {
  const simple = plainAscii(raw);
  const folded = simple ?? foldCharacters(raw);
  return withWordsJoined(folded);
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

function foldCharacters(raw: string): Builder {
  const built = new Builder();
  for (const [start, end] of runs(raw)) {
    const run = raw.slice(start, end);
    const asLatin = isDisguisedLatin(run, raw, start, end);
    let at = start;
    for (const character of run) {
      const next = at + character.length;
      built.push(foldCharacter(character, asLatin), at, next);
      at = next;
    }
  }
  return built;
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
  return builderOf(canonical).replaced(apart);
}

function builderOf(canonical: Canonical): Builder {
  if (canonical instanceof Builder) return canonical;
  const built = new Builder();
  for (let at = 0; at < canonical.text.length; at++) built.push(canonical.text[at] ?? "", at, at + 1);
  return built;
}
