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
  const text = canonical.slice(0, LONGEST);
  let before = "^";
  let end = 0;
  let denied = false;
  for (const { 0: match, index } of text.matchAll(WORD)) {
    if (CLAUSE_END.test(text.slice(end, index))) denied = false;
    end = index + match.length;
    const address = addressIn(match);
    const word = address ?? (match.replace(/\d/g, "0").replace(/^[./:'-]+|[./:'-]+$/g, "") || match);
    into.add(hash(`${denied ? "n" : ""}w${word}`));
    into.add(hash(`b${before} ${word}`));
    if (!denied && address === null) addParts(word, into);
    before = word;
    if (/[.:]$/.test(match)) denied = false;
    if (DENIAL.test(word)) denied = true;
  }
  for (const rule of rules) into.add(hash(`r${rule}`));
  return into;
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

function addParts(word: string, into: Set<number>): void {
  const bounded = `<${word.slice(0, 24)}>`;
  for (let at = 0; at + 4 <= bounded.length; at++) into.add(hash(`c${bounded.slice(at, at + 4)}`));
}

/** FNV-1a over UTF-16 units, folded to the number of weights. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 16)) & (DIMENSIONS - 1);
}

/** The parts of a text that are scored each by itself: the whole, n lines and their n - 1 pairs. */
export function partsOf(canonical: string): string[] {
  const lines = canonical
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE)
    .slice(0, MOST_LINES);
  const pairs = lines.slice(1).map((line, place) => `${lines[place] ?? ""} ${line}`);
  return lines.length === 1 && lines[0] === canonical.trim() ? [canonical] : [canonical, ...lines, ...pairs];
}

/** A line of fewer characters says too little to be judged by itself. */
const SHORTEST_LINE = 12;
const MOST_LINES = 60;
