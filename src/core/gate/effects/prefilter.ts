/**
 * Which expressions can find anything in a text at all. From an expression's source follows what every match of it contains:
 * sets of words of which one must be there. Looking those up costs a fraction of running the expression, and its first use,
 * which most texts never come to, a hundred times more. The method is that of RE2's prefilters and of trigram search.
 */

/** Of each set one word must be in the text. No sets: nothing is known, so that the expression has to be run. */
export type Required = readonly (readonly string[])[];

/** What is known of a part: all strings that it can match, where they are few; else what each match contains. */
interface Part {
  readonly exact: readonly string[] | null;
  readonly required: Required;
}

/** More strings than these are no filter, and cost more than they save. */
const MOST_WORDS = 600;
const MOST_PRODUCTS = 64;
/** Alternatives up to so many are combined set by set; of more, each gives its best set. */
const MOST_COMBINED = 3;

const START: readonly string[] = [""];
const EMPTY: Part = { exact: START, required: [] };
const ANYTHING: Part = { exact: null, required: [] };

/** @param source of an expression that heeds case. What this doesn't understand counts as anything. */
export function requiredWords(source: string): Required {
  return requirementsOf(new SourceReader(source).whole());
}

/** The grams of a text: its letters, pairs and triples, as a set that may hold more than there is and never less. */
export class Grams {
  readonly #seen = new Uint8Array(1 << 16);

  constructor(text: string) {
    let [before, last] = [0, 0];
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.#seen[gramOf(0, 0, code)] = 1;
      if (i > 0) this.#seen[gramOf(0, last, code)] = 1;
      if (i > 1) this.#seen[gramOf(before, last, code)] = 1;
      [before, last] = [last, code];
    }
  }

  /** False where the text certainly holds no match. */
  allow(sets: readonly Uint16Array[]): boolean {
    return sets.every((set) => this.#hasOne(set));
  }

  #hasOne(set: Uint16Array): boolean {
    const seen = this.#seen;
    for (let i = 0; i < set.length; i += 3)
      if (seen[set[i] ?? 0] === 1 && seen[set[i + 1] ?? 0] === 1 && seen[set[i + 2] ?? 0] === 1) return true;
    return false;
  }
}

/** Each word by its first, middle and last gram, in a row; the smallest set first, which most texts fail at. */
export function gramsOf(required: Required): readonly Uint16Array[] {
  return required
    .toSorted((a, b) => a.length - b.length)
    .map((words) => {
      const grams = new Uint16Array(words.length * 3);
      for (const [i, word] of words.entries()) {
        const last = Math.max(word.length - 3, 0);
        for (const [j, at] of [0, last >> 1, last].entries())
          grams[i * 3 + j] = gramOf(
            ...(word.length > 2
              ? ([word.charCodeAt(at), word.charCodeAt(at + 1), word.charCodeAt(at + 2)] as const)
              : ([0, word.length > 1 ? word.charCodeAt(0) : 0, word.charCodeAt(word.length - 1)] as const)),
          );
      }
      return grams;
    });
}

function gramOf(a: number, b: number, c: number): number {
  return (Math.imul(Math.imul(a, 0x9e3779b1) + b, 0x85ebca6b) + Math.imul(c, 0xc2b2ae35)) >>> 16;
}

/** A run of characters that stand for themselves, without the last where a quantifier follows. */
const PLAIN = /[^\\()[\]{}|^$.*+?]+(?![*+?{])/uy;
const QUANTIFIERS = "*+?{";

/** Reads an expression's source from the left; written for what the gate's own expressions use. */
class SourceReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Part {
    const part = this.#alternatives();
    // A bracket too many is the constructor's to report.
    return this.#at === this.#source.length ? part : ANYTHING;
  }

  #alternatives(): Part {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return either(parts);
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !this.#isNext("|") && !this.#isNext(")")) parts.push(this.#repeated());
    return inARow(parts);
  }

  #repeated(): Part {
    const run = this.#match(PLAIN)[0];
    if (run !== undefined) return literal(run);
    const part = this.#single();
    if (!QUANTIFIERS.includes(this.#source[this.#at] ?? "-")) return part;
    const [whole = "", least] = this.#match(/(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/y);
    if (whole === "") return part;
    if (whole.startsWith("?")) return part.exact === null ? ANYTHING : { exact: [...part.exact, ""], required: [] };
    if (whole.startsWith("*") || Number(least ?? 1) === 0) return ANYTHING;
    return { exact: null, required: requirementsOf(part) };
  }

  #single(): Part {
    if (this.#isNext("(")) return this.#group();
    if (this.#isNext("[")) return this.#charactersOf(this.#match(/\[(?:\\.|[^\]\\])*\]/y)[0] ?? "");
    if (this.#isNext("\\")) return this.#escape();
    const [character = ""] = this.#match(/[^*+?{}\]]/uy);
    if (character === "") return this.#giveUp();
    if (character === "^" || character === "$") return EMPTY;
    return character === "." ? ANYTHING : literal(character);
  }

  #group(): Part {
    const [opening = ""] = this.#match(/\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y);
    const part = this.#alternatives();
    if (!this.#take(")")) return this.#giveUp();
    // What is only looked at is no part of the match, and may stand outside of it.
    return /^\(\?<?[=!]/.test(opening) ? EMPTY : part;
  }

  #escape(): Part {
    const [escape = ""] = this.#match(
      /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<\w+>|\d+|[^])/uy,
    );
    if (escape === "") return this.#giveUp();
    if (escape === "\\b" || escape === "\\B") return EMPTY;
    if (escape === "\\n") return literal("\n");
    return /^\\[^\p{L}\p{N}]$/u.test(escape) ? literal(escape.slice(1)) : ANYTHING;
  }

  #charactersOf(written: string): Part {
    const inside = written.slice(1, -1);
    if (inside === "") return this.#giveUp();
    // Ranges, complements and classes in a class are too many characters to tell apart.
    if (inside.startsWith("^") || /\\[^.\-\]/[(){}*+?|^$]|[^\\]-[^]/u.test(inside)) return ANYTHING;
    return either([...inside.replaceAll("\\", "")].map(literal));
  }

  /** Switches inside an expression, e.g. `(?i:`, are none that the gate uses; what they change isn't known here. */
  #giveUp(): Part {
    this.#at = Number.POSITIVE_INFINITY;
    return ANYTHING;
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

function literal(text: string): Part {
  return { exact: [text], required: [] };
}

function either(parts: readonly Part[]): Part {
  const [only] = parts;
  if (only === undefined) return EMPTY;
  if (parts.length === 1) return only;
  const exact = parts.flatMap((part) => part.exact ?? []);
  if (parts.every((part) => part.exact !== null) && exact.length <= MOST_WORDS)
    return { exact: [...new Set(exact)], required: [] };
  const each = parts.map(requirementsOf);
  if (each.some((required) => required.length === 0)) return ANYTHING;
  return { exact: null, required: each.length <= MOST_COMBINED ? combined(each) : [bestOfEach(each)].filter(isSmall) };
}

/** (a and b) or (c and d): a or c, a or d, b or c, b or d. */
function combined(each: readonly Required[]): Required {
  const sets = each.reduce<Required>(
    (known, required) =>
      known.length === 0
        ? required
        : known.flatMap((set) => required.map((more) => [...new Set([...set, ...more])])).slice(0, MOST_PRODUCTS),
    [],
  );
  return sets
    .filter(isSmall)
    .toSorted((a, b) => a.length - b.length)
    .slice(0, MOST_COMBINED);
}

function bestOfEach(each: readonly Required[]): readonly string[] {
  return [...new Set(each.flatMap((required) => required.toSorted((a, b) => worth(b) - worth(a))[0] ?? []))];
}

function worth(words: readonly string[]): number {
  return Math.min(...words.map((word) => word.length), 6) - words.length / 100;
}

function isSmall(words: readonly string[]): boolean {
  return words.length <= MOST_WORDS;
}

function inARow(parts: readonly Part[]): Part {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const required: (readonly string[])[] = [];
  let row: readonly string[] = START;
  let isExact = true;
  for (const part of parts) {
    if (part === EMPTY) continue;
    if (part.exact !== null && part.exact.length * row.length <= Math.max(MOST_PRODUCTS, part.exact.length)) {
      row = row === START ? part.exact : joined(row, part.exact);
      continue;
    }
    isExact = false;
    required.push(...requirementsOf({ exact: row, required: [] }), ...part.required);
    row = part.exact ?? START;
  }
  if (isExact) return { exact: row, required: [] };
  return { exact: null, required: [...required, ...requirementsOf({ exact: row, required: [] })] };
}

function joined(starts: readonly string[], ends: readonly string[]): readonly string[] {
  const [start = "", ...others] = starts;
  if (others.length === 0) return ends.map((end) => start + end);
  return starts.flatMap((each) => ends.map((end) => each + end));
}

function requirementsOf({ exact, required }: Part): Required {
  if (exact === null) return required;
  return exact.includes("") || !isSmall(exact) ? [] : [exact];
}
