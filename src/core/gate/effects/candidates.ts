/**
 * Which of many expressions may find something in a text: all the words that they need are looked for in one pass, whose
 * length is the text's, however many expressions there are.
 */
import { EDGE, type Need, neededBy } from "./prefilter.ts";

/** A word is looked up by so many of its first letters. */
const LOOKED_UP = 6;
const SLOTS = 1 << 14;
/** In a slot: no word is looked up by these letters alone, and some by these and more. */
const GOES_ON = 1;
/** A bit for each line; those from here on share one. */
const LAST_LINE = 1 << 30;

const NEWLINE = 10;
/** By code, 1 for what `\w` matches, which knows ASCII alone. */
const OF_WORD = new Uint8Array(1 << 16);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
  OF_WORD[letter.charCodeAt(0)] = 1;

/** A need whose words are named by the number of their set. */
type Formula = number | { readonly every: boolean; readonly of: readonly Formula[] };

/** By line, as bits: where what an expression needs may stand. */
export type Lines = Int32Array;

export class Candidates {
  readonly #index: WordIndex;
  readonly #formulas: readonly (Formula | null)[];
  readonly #crossing: readonly boolean[];
  /** The expressions that are asked further where a set of words is there, set by set, and where each set's begin. */
  readonly #keyed: Uint16Array;
  readonly #firstKeyed: Uint32Array;
  readonly #asked: Uint8Array;

  /**
   * @param sources of expressions, without flags or with `u`
   * @param folded whether words are compared without regard to the case of ASCII letters, for expressions of which some have
   * the flag `i` and none has it together with `u`
   */
  constructor(sources: readonly string[], { folded = false }: { readonly folded?: boolean } = {}) {
    this.#index = new WordIndex(folded);
    const needed = sources.map(neededBy);
    this.#formulas = needed.map(({ need }) => this.#formulaOf(need));
    this.#crossing = needed.map(({ crossesLines }) => crossesLines);
    const keyOf: number[][] = Array.from({ length: this.#index.size }, () => []);
    for (const [i, formula] of this.#formulas.entries())
      for (const set of formula === null ? [] : this.#keysOf(formula)) keyOf[set]?.push(i);
    this.#keyed = Uint16Array.from(keyOf.flat());
    this.#firstKeyed = new Uint32Array(keyOf.length + 1);
    for (const [set, expressions] of keyOf.entries())
      this.#firstKeyed[set + 1] = (this.#firstKeyed[set] ?? 0) + expressions.length;
    this.#index.finish();
    this.#asked = new Uint8Array(sources.length);
  }

  /** The numbers of the expressions that may match somewhere in a text, in ascending order: all others certainly don't. */
  in(text: string): number[] {
    const lines = this.#index.linesIn(text);
    const asked = this.#asked.fill(0);
    for (let set = 0; set < lines.length; set++) {
      if (lines[set] === 0) continue;
      const end = this.#firstKeyed[set + 1] ?? 0;
      for (let at = this.#firstKeyed[set] ?? 0; at < end; at++) asked[this.#keyed[at] ?? 0] = 1;
    }
    const possible: number[] = [];
    for (let i = 0; i < asked.length; i++) {
      const formula = this.#formulas[i] ?? null;
      if (formula === null || (asked[i] === 1 && linesOf(formula, lines, this.#crossing[i] ?? true) !== 0))
        possible.push(i);
    }
    return possible;
  }

  #formulaOf(need: Need): Formula | null {
    if (need === null) return null;
    if ("words" in need) return this.#index.add(need.words);
    const every = "all" in need;
    const of = (every ? need.all : need.any).map((one) => this.#formulaOf(one)).filter((one) => one !== null);
    return { every, of };
  }

  /** Sets of which one at least is there where a need is met: of what must all be there, the rarest. */
  #keysOf(formula: Formula): number[] {
    if (typeof formula === "number") return [formula];
    const each = formula.of.map((one) => this.#keysOf(one));
    if (!formula.every) return [...new Set(each.flat())];
    const frequency = (sets: readonly number[]): number =>
      sets.reduce((sum, set) => sum + this.#index.frequency(set), 0);
    return each.reduce((rarest, sets) => (frequency(sets) < frequency(rarest) ? sets : rarest));
  }
}

/** Where a need may be met: bits of lines, and all of them where lines don't matter. */
function linesOf(formula: Formula, lines: Lines, crosses: boolean): number {
  if (typeof formula === "number") {
    const there = lines[formula] ?? 0;
    return crosses && there !== 0 ? -1 : there;
  }
  const { every, of } = formula;
  let met = every ? -1 : 0;
  for (let i = 0; i < of.length; i++) {
    const there = linesOf(of[i] ?? 0, lines, crosses);
    if (!every) met |= there;
    else if ((met &= there) === 0) return 0;
  }
  return met;
}

/** Sets of words, and in which lines of a text one of each set stands. */
class WordIndex {
  readonly #folded: boolean;
  readonly #sets = new Map<string, number>();
  readonly #frequencies: number[] = [];
  /** Of each word the sets that it is in. */
  readonly #setsOf = new Map<string, number[]>();
  /** By the slot of its first letters: a word's length, whether an edge ends it, its letters and its sets; 0 ends a slot. */
  #table = new Uint16Array(0);
  /** Slots of words that begin anywhere, and then of those that begin at an edge: most do, and most places are none. */
  #slots = new Int32Array(0);
  #found = new Int32Array(0);

  constructor(folded: boolean) {
    this.#folded = folded;
  }

  /** The number of a set. */
  add(words: readonly string[]): number {
    const key = words.join("\n");
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = this.#sets.size;
    this.#sets.set(key, set);
    this.#frequencies.push(words.reduce((sum, word) => sum + 3 ** -Math.min(word.length, 12), 0));
    for (const word of new Set(this.#folded ? words.map(foldedText) : words)) {
      const sets = this.#setsOf.get(word);
      if (sets === undefined) this.#setsOf.set(word, [set]);
      else sets.push(set);
    }
    return set;
  }

  /** How many sets there are, until `finish`. */
  get size(): number {
    return this.#sets.size;
  }

  /** A guess at how often a text has one of a set: the longer its words, the rarer. */
  frequency(set: number): number {
    return this.#frequencies[set] ?? 0;
  }

  finish(): void {
    const bySlot = new Map<number, (readonly [letters: string, ends: boolean, sets: readonly number[]])[]>();
    this.#slots = new Int32Array(2 * SLOTS);
    let size = 2;
    for (const [word, sets] of this.#setsOf) {
      const begins = word.startsWith(EDGE);
      const ends = word.endsWith(EDGE);
      const letters = word.slice(begins ? 1 : 0, ends ? -1 : word.length);
      const first = begins ? SLOTS : 0;
      let slot = 0;
      let hash = 0;
      for (let length = 1; length <= Math.min(LOOKED_UP, letters.length); length++) {
        hash = mixed(hash, letters.charCodeAt(length - 1));
        slot = first + (hash & (SLOTS - 1));
        this.#slots[slot] = GOES_ON;
      }
      const there = bySlot.get(slot);
      const one = [letters, ends, sets] as const;
      if (there === undefined) bySlot.set(slot, [one]);
      else there.push(one);
      size += 3 + letters.length + sets.length;
    }
    const table = new Uint16Array(size + bySlot.size);
    let at = 2;
    for (const [slot, words] of bySlot) {
      this.#slots[slot] = at;
      for (const [letters, ends, sets] of words) {
        table[at++] = letters.length;
        table[at++] = ends ? 1 : 0;
        table[at++] = sets.length;
        for (let i = 0; i < letters.length; i++) table[at++] = letters.charCodeAt(i);
        for (const set of sets) table[at++] = set;
      }
      at++;
    }
    this.#table = table;
    this.#found = new Int32Array(this.#sets.size);
    this.#setsOf.clear();
    this.#sets.clear();
  }

  /** By set; the same array for every text. */
  linesIn(text: string): Lines {
    const found = this.#found.fill(0);
    // With nothing before and after, as where the text begins and ends.
    const codes = new Uint16Array(text.length + 2);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      codes[i + 1] = this.#folded ? foldedCode(code) : code;
    }
    let bit = 1;
    for (let at = 1; at <= text.length; at++) {
      this.#look(codes, at, 0, bit);
      if (isEdge(codes, at)) this.#look(codes, at, SLOTS, bit);
      if (codes[at] === NEWLINE && bit !== LAST_LINE) bit <<= 1;
    }
    return found;
  }

  /** Follows the letters from one place as long as some word goes on so. */
  #look(codes: Uint16Array, at: number, first: number, bit: number): void {
    const slots = this.#slots;
    const end = Math.min(at + LOOKED_UP, codes.length - 1);
    let hash = 0;
    for (let place = at; place < end; place++) {
      hash = mixed(hash, codes[place] ?? 0);
      const from = slots[first + (hash & (SLOTS - 1))] ?? 0;
      if (from === 0) return;
      if (from !== GOES_ON) this.#note(codes, at, from, bit);
    }
  }

  #note(codes: Uint16Array, at: number, from: number, bit: number): void {
    const table = this.#table;
    const found = this.#found;
    for (let place = from; ;) {
      const length = table[place] ?? 0;
      if (length === 0) return;
      const letters = place + 3;
      const sets = letters + length;
      const next = sets + (table[place + 2] ?? 0);
      if (at + length < codes.length) {
        let same = 0;
        while (same < length && codes[at + same] === table[letters + same]) same++;
        if (same === length && (table[place + 1] === 0 || isEdge(codes, at + length)))
          for (let i = sets; i < next; i++) {
            const set = table[i] ?? 0;
            found[set] = (found[set] ?? 0) | bit;
          }
      }
      place = next;
    }
  }
}

/** Of ASCII alone: an expression with the flag `i` and without `u` takes no other letter for one of ASCII. */
function foldedCode(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function foldedText(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function mixed(hash: number, code: number): number {
  const value = Math.imul(hash ^ code, 0x9e3779b1);
  return value ^ (value >>> 15);
}

function isEdge(codes: Uint16Array, at: number): boolean {
  return OF_WORD[codes[at - 1] ?? 0] !== OF_WORD[codes[at] ?? 0];
}
