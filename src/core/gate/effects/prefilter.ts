/**
 * Which expressions can find anything in a text at all. From an expression's source follows what every match of it contains:
 * words of which one, or each, must be there, on one line unless a match may run over several. Looking those up costs a
 * fraction of running the expression, and its first use, which most texts never come to, a hundred times more. The method is
 * that of RE2's prefilters.
 */

/** What every match contains: one of some words, one of some needs, or all of them. Null: nothing is known. */
export type Need =
  | { readonly words: readonly string[] }
  | { readonly any: readonly Need[] }
  | { readonly all: readonly Need[] }
  | null;

export interface Needed {
  readonly need: Need;
  /** Whether a match can hold a line break. If none can, all that it needs stands on one line. */
  readonly crossesLines: boolean;
}

/** In a word, where no character of a word may stand on both sides or on none: `\b`. */
export const EDGE = "\u0000";

/** What is known of a part: all strings that it can match, where they are few; else what each match contains. */
interface Part {
  readonly exact: readonly string[] | null;
  readonly need: Need;
}

/** More strings than these are not told apart. */
const MOST_WORDS = 600;
const MOST_PRODUCTS = 64;

const START: readonly string[] = [""];
const EMPTY: Part = { exact: START, need: null };
const ANYTHING: Part = { exact: null, need: null };

/** @param source of an expression that heeds case. What this doesn't understand counts as anything. */
export function neededBy(source: string): Needed {
  const reader = new SourceReader(source);
  const need = needOf(reader.whole());
  return { need, crossesLines: need === null || reader.crossesLines };
}

/** A run of characters that stand for themselves, without the last where a quantifier follows. */
const PLAIN = /[^\\()[\]{}|^$.*+?]+(?![*+?{])/uy;
const QUANTIFIERS = "*+?{";
/** Escapes that match no line break; of all others it isn't known here. */
const ON_A_LINE = /^\\(?:[wdS]|p\{(?:L|Ll|Lu|N|M|sc=\w+|Script=\w+)\})$/;

/** Reads an expression's source from the left; written for what the gate's own expressions use. */
class SourceReader {
  readonly #source: string;
  #at = 0;
  /** Whether anything read so far can match a line break. */
  crossesLines = false;
  /** Whether a letter at this place stands at an edge, because of what is in front of it. */
  #edge = false;
  /** Whether that is so whatever stands before the part that is being read. */
  #own = false;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Part {
    const part = this.#alternatives();
    // A bracket too many is the constructor's to report.
    return this.#at === this.#source.length ? part : ANYTHING;
  }

  #alternatives(): Part {
    const start = this.#edge;
    const parts: Part[] = [];
    const ends: boolean[] = [];
    const owned: boolean[] = [];
    do {
      this.#edge = start;
      this.#own = false;
      parts.push(this.#sequence());
      ends.push(this.#edge);
      owned.push(this.#own);
    } while (this.#take("|"));
    this.#edge = ends.every(Boolean);
    this.#own = owned.every(Boolean);
    return either(parts);
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !this.#isNext("|") && !this.#isNext(")")) parts.push(this.#repeated());
    return inARow(parts);
  }

  #repeated(): Part {
    const before = { edge: this.#edge, own: this.#own };
    this.#own = false;
    const run = this.#match(PLAIN)[0];
    if (run !== undefined) return this.#literal(run);
    const part = this.#single();
    const ownEnd = this.#own;
    this.#own ||= before.own;
    if (!QUANTIFIERS.includes(this.#source[this.#at] ?? "-")) return part;
    const [whole = "", least] = this.#match(/(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/y);
    if (whole === "") return part;
    const isOptional = whole.startsWith("?") || whole.startsWith("*") || Number(least ?? 1) === 0;
    if (isOptional || !ownEnd) {
      // It may be left out, or leave the place as it was: then what stood before is in front of what follows.
      this.#edge &&= before.edge;
      this.#own = before.own;
    }
    if (whole.startsWith("?")) return part.exact === null ? ANYTHING : { exact: [...part.exact, ""], need: null };
    if (isOptional) return ANYTHING;
    return { exact: null, need: needOf(part) };
  }

  #single(): Part {
    if (this.#isNext("(")) return this.#group();
    if (this.#isNext("[")) return this.#charactersOf(this.#match(/\[(?:\\.|[^\]\\])*\]/y)[0] ?? "");
    if (this.#isNext("\\")) return this.#escape();
    const [character = ""] = this.#match(/[^*+?{}\]]/uy);
    if (character === "") return this.#giveUp();
    if (character === "^") return this.#leaving(EMPTY, true);
    if (character === "$") return EMPTY;
    return character === "." ? this.#leaving(ANYTHING, false) : this.#literal(character);
  }

  #group(): Part {
    const [opening = ""] = this.#match(/\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y);
    const before = { crossesLines: this.crossesLines, edge: this.#edge, own: this.#own };
    const part = this.#alternatives();
    if (!this.#take(")")) return this.#giveUp();
    if (!/^\(\?<?[=!]/.test(opening)) return part;
    // What is only looked at is no part of the match, and may stand outside of it.
    this.crossesLines = before.crossesLines;
    this.#edge = before.edge;
    this.#own = before.own;
    return EMPTY;
  }

  #escape(): Part {
    const [escape = ""] = this.#match(
      /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<\w+>|\d+|[^])/uy,
    );
    if (escape === "") return this.#giveUp();
    if (escape === "\\b") return this.#leaving({ exact: [EDGE], need: null }, true);
    if (escape === "\\B") return this.#leaving(EMPTY, false);
    if (escape === "\\n") return this.#literal("\n");
    if (/^\\[^\p{L}\p{N}]$/u.test(escape)) return this.#literal(escape.slice(1));
    if (!ON_A_LINE.test(escape)) this.crossesLines = true;
    return this.#leaving(ANYTHING, escape === "\\s" || escape === "\\W");
  }

  #charactersOf(written: string): Part {
    const inside = written.slice(1, -1);
    if (inside === "") return this.#giveUp();
    const escapes = inside.match(/\\(?:[pP]\{[^}]*\}|[^])/gu) ?? [];
    const isPlain = escapes.every((escape) => ON_A_LINE.test(escape) || /^\\[^\p{L}\p{N}]$/u.test(escape));
    // A complement holds a line break unless it names it, and may name more.
    const mayBreak = inside.startsWith("^")
      ? !/\n|(?<!\\)(?:\\\\)*\\[ns]/.test(inside)
      : inside.includes("\n") || !isPlain;
    if (mayBreak) this.crossesLines = true;
    // Ranges, complements and classes in a class are too many characters to tell apart.
    if (inside.startsWith("^") || /\\[^.\-\]/[(){}*+?|^$]|[^\\]-[^]/u.test(inside))
      return this.#leaving(ANYTHING, false);
    const start = this.#edge;
    const letters = [...inside.replaceAll("\\", "")].map((character) => {
      this.#edge = start;
      return { part: this.#literal(character), edge: this.#edge };
    });
    return this.#leaving(
      either(letters.map(({ part }) => part)),
      letters.every(({ edge }) => edge),
    );
  }

  /** Switches inside an expression, e.g. `(?i:`, are none that the gate uses; what they change isn't known here. */
  #giveUp(): Part {
    this.crossesLines = true;
    this.#at = Number.POSITIVE_INFINITY;
    return ANYTHING;
  }

  #literal(text: string): Part {
    if (text.includes("\n")) this.crossesLines = true;
    const word = this.#edge && /^\w/.test(text) ? EDGE + text : text;
    return this.#leaving({ exact: [word], need: null }, !/\w$/.test(text));
  }

  /** @param edge whether a letter behind the part stands at an edge, whatever is before the part */
  #leaving(part: Part, edge: boolean): Part {
    this.#edge = edge;
    this.#own = true;
    return part;
  }

  #isNext(character: string): boolean {
    return this.#source[this.#at] === character;
  }

  #take(character: string): boolean {
    if (!this.#isNext(character)) return false;
    this.#at++;
    return true;
  }

  #match(sticky: RegExp): readonly (string | undefined)[] {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#source);
    this.#at += match?.[0].length ?? 0;
    return match ?? [];
  }
}

function either(parts: readonly Part[]): Part {
  const [only] = parts;
  if (only === undefined) return EMPTY;
  if (parts.length === 1) return only;
  const exact = parts.flatMap((part) => part.exact ?? []);
  if (parts.every((part) => part.exact !== null) && exact.length <= MOST_WORDS)
    return { exact: [...new Set(exact)], need: null };
  const needs = parts.map(needOf);
  if (needs.includes(null)) return ANYTHING;
  const words = needs.flatMap((need) => (need !== null && "words" in need ? need.words : []));
  const others = needs.filter((need) => need !== null && !("words" in need));
  const choices = words.length === 0 ? others : [{ words: [...new Set(words)] }, ...others];
  const [first = null] = choices;
  return { exact: null, need: choices.length === 1 ? first : { any: choices } };
}

function inARow(parts: readonly Part[]): Part {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all: Need[] = [];
  const add = (need: Need): void => {
    if (need !== null) all.push(...("all" in need ? need.all : [need]));
  };
  let row: readonly string[] = START;
  let isExact = true;
  for (const part of parts) {
    if (part === EMPTY) continue;
    if (part.exact !== null && part.exact.length * row.length <= Math.max(MOST_PRODUCTS, part.exact.length)) {
      row = row === START ? part.exact : joined(row, part.exact);
      continue;
    }
    isExact = false;
    add(needOf({ exact: row, need: null }));
    add(part.need);
    row = part.exact ?? START;
  }
  if (isExact) return { exact: row, need: null };
  add(needOf({ exact: row, need: null }));
  return { exact: null, need: all.length > 1 ? { all } : (all[0] ?? null) };
}

function joined(starts: readonly string[], ends: readonly string[]): readonly string[] {
  const [start = "", ...others] = starts;
  if (others.length === 0) return ends.map((end) => start + end);
  return starts.flatMap((each) => ends.map((end) => each + end));
}

function needOf({ exact, need }: Part): Need {
  if (exact === null) return need;
  const words = new Set(exact.map(withEdgesOutside));
  return words.has("") || words.size > MOST_WORDS ? null : { words: [...words] };
}

/** An edge inside of a word says nothing that its letters don't; one around nothing says too little. */
function withEdgesOutside(word: string): string {
  const letters = word.replaceAll(EDGE, "");
  if (letters === "" || letters === word) return letters;
  return `${word.startsWith(EDGE) ? EDGE : ""}${letters}${word.endsWith(EDGE) ? EDGE : ""}`;
}
