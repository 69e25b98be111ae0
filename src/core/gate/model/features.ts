/**
 * What the model sees of a text: hashed words, pairs of words and parts of words of its canonical form, and which effects
 * the rules found. Training and scoring share this file, so that they can't drift apart.
 */

/** Number of weights; a power of two, so that a hash is cut by a mask. */
export const DIMENSIONS = 1 << 17;

/** Longest part of a text that is scored as one, in characters: later ones add time and hardly any evidence. */
const LONGEST = 4000;
const WORD = /[\p{L}\p{N}_$@./:'-]+|[<>[\]{}|!#]/gu;
/** Words after which a clause forbids, so that what follows in it says little of what its writer wants. */
const DENIAL =
  /^(?:never|not|no|don't|dont|cannot|can't|mustn't|shouldn't|avoid|without|nie|niemals|nicht|jamais|nunca|nooit|niet|nao)$/;
const ADDRESS =
  /^(?:[a-z][a-z+.-]*:\/\/|[\w.+-]+@[\w-]+\.[\w.-]|(?:[\w-]+\.)+(?:com|net|org|io|dev|app|co|info|biz|xyz|site|example|internal|test|ai|de|uk|eu)(?![\w-])|\d{1,3}(?:\.\d{1,3}){3}(?!\d))/;
const LOCAL = /^(?:[a-z]+:\/\/)?(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|[\w.-]+\.(?:local|internal)(?![\w-]))/;
const CLAUSE_END = /[,;!?\n()\u2014]/;

/**
 * Adds a text's features to `into`, as places of weights. A place that is met again counts once: presence says more than
 * frequency in short texts. A word in a clause that forbids is another feature than the same word elsewhere, and its parts
 * are none, for "never send credentials" would otherwise look like an order to send them.
 *
 * @param rules names of the effects found, e.g. `danger/concealment`.
 */
export function featuresOf(canonical: string, rules: readonly string[], into: Set<number> = new Set()): Set<number> {
  eachFeature([wordsOf(canonical)], rules, (feature) => into.add(feature));
  return into;
}

/** A stretch of text as words. */
export interface Words {
  readonly words: readonly Word[];
  /** By word: whether a clause ends between the word before and this one. */
  readonly afterClause: readonly boolean[];
  /** Whether one ends behind the last word. */
  readonly clauseEnds: boolean;
}

function wordsOf(part: string): Words {
  const text = part.slice(0, LONGEST);
  const words: Word[] = [];
  const afterClause: boolean[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(WORD)) {
    afterClause.push(endsClause(text, end, index));
    end = index + match.length;
    words.push(wordOf(match));
  }
  return { words, afterClause, clauseEnds: endsClause(text, end, text.length) };
}

function endsClause(text: string, from: number, to: number): boolean {
  // A single space is what stands between most words.
  return (to - from !== 1 || text[from] !== " ") && CLAUSE_END.test(text.slice(from, to));
}

/** Gives `add` the features of stretches of text in a row, a space between them; one may come several times. */
export function eachFeature(text: readonly Words[], rules: readonly string[], add: (feature: number) => void): void {
  let before = FIRST_OF_ALL;
  let denied = false;
  for (const { words, afterClause, clauseEnds } of text) {
    for (const [i, word] of words.entries()) {
      if (afterClause[i] === true) denied = false;
      add(denied ? word.denied : word.own);
      add(folded(hashed(word.text, before)));
      if (!denied) for (const part of word.parts) add(part);
      before = word.firstOfPair;
      if (word.endsClause) denied = false;
      if (word.denies) denied = true;
    }
    if (clauseEnds) denied = false;
  }
  for (const rule of rules) add(hash(`r${rule}`));
}

/** A word with all that follows from it alone, because most words are met again. */
interface Word {
  readonly text: string;
  /** The feature of the word by itself, and where a clause forbids it. */
  readonly own: number;
  readonly denied: number;
  readonly parts: readonly number[];
  /** The hash of a pair of words as far as its first, if that is this one. */
  readonly firstOfPair: number;
  readonly denies: boolean;
  readonly endsClause: boolean;
}

/** Words that are kept, and how long one may be; all are let go at once, so that no text can make this grow. */
const MOST_KEPT = 20_000;
const LONGEST_KEPT = 40;
const kept = new Map<string, Word>();

function wordOf(match: string): Word {
  const met = kept.get(match);
  if (met !== undefined) return met;
  const address = addressIn(match);
  const text = address ?? (match.replace(/\d/g, "0").replace(/^[./:'-]+|[./:'-]+$/g, "") || match);
  const word: Word = {
    text,
    own: hash(`w${text}`),
    denied: hash(`nw${text}`),
    parts: address === null ? partsOfWord(text) : [],
    firstOfPair: hashed(`b${text} `),
    denies: DENIAL.test(text),
    endsClause: /[.:]$/.test(match),
  };
  if (match.length > LONGEST_KEPT) return word;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(match, word);
  return word;
}

/**
 * An address is one word whatever its name: the names in training texts are made up, and those that reserve themselves for
 * examples would tell attacks from honest texts that name a real one.
 */
function addressIn(word: string): string | null {
  if (!ADDRESS.test(word)) return null;
  if (/@/.test(word)) return "<mail>";
  return LOCAL.test(word) ? "<local>" : "<address>";
}

function partsOfWord(word: string): number[] {
  const bounded = `<${word.slice(0, 24)}>`;
  return Array.from({ length: Math.max(0, bounded.length - 3) }, (_, at) => hash(`c${bounded.slice(at, at + 4)}`));
}

function hash(text: string): number {
  return folded(hashed(text));
}

/** FNV-1a over UTF-16 units, going on from the hash of what stands before. */
function hashed(text: string, before = 0x811c9dc5): number {
  let value = before;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}

/** A hash as the place of a weight. */
function folded(value: number): number {
  return (value ^ (value >>> 16)) & (DIMENSIONS - 1);
}

const FIRST_OF_ALL = hashed("b^ ");

/** The parts of a text that are scored each by itself: the whole, n lines and their n - 1 pairs. */
export function partsOf(canonical: string): string[] {
  const lines = linesOf(canonical);
  const pairs = lines.slice(1).map((line, place) => `${lines[place] ?? ""} ${line}`);
  return isOnePart(canonical, lines) ? [canonical] : [canonical, ...lines, ...pairs];
}

/** The same parts as words: a pair's are those of its two lines, unless it is cut. */
export function partsAsWords(canonical: string): Words[][] {
  const whole = [wordsOf(canonical)];
  const lines = linesOf(canonical);
  if (isOnePart(canonical, lines)) return [whole];
  const read = lines.map(wordsOf);
  const pairs = lines.slice(1).map((line, place) => {
    const first = lines[place] ?? "";
    return first.length + line.length < LONGEST ? read.slice(place, place + 2) : [wordsOf(`${first} ${line}`)];
  });
  return [whole, ...read.map((words) => [words]), ...pairs];
}

function linesOf(canonical: string): string[] {
  return canonical
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE)
    .slice(0, MOST_LINES);
}

function isOnePart(canonical: string, lines: readonly string[]): boolean {
  return lines.length === 1 && lines[0] === canonical.trim();
}

/** A line of fewer characters says too little to be judged by itself. */
const SHORTEST_LINE = 12;
const MOST_LINES = 60;
