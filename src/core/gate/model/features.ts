/**
 * What the model sees of a text: hashed words, pairs of words and parts of words of its canonical form, and which effects
 * the rules found. Training and scoring share this file, so that they can't drift apart.
 */

/** Number of weights; a power of two, so that a hash is cut by a mask. */
export const DIMENSIONS = 1 << 16;

/** Longest part of a text that is scored as one, in characters: later ones add time and hardly any evidence. */
const LONGEST = 4000;
const WORD = /[\p{L}\p{N}_$@./:-]+|[<>[\]{}|!#]/gu;

/**
 * Adds a text's features to `into`, as places of weights. A place that is met again counts once: presence says more than
 * frequency in short texts.
 *
 * @param rules names of the effects found, e.g. `danger/concealment`.
 */
export function featuresOf(canonical: string, rules: readonly string[], into: Set<number> = new Set()): Set<number> {
  let before = "^";
  for (const [match] of canonical.slice(0, LONGEST).matchAll(WORD)) {
    const word = match.replace(/\d/g, "0").replace(/^[./:-]+|[./:-]+$/g, "") || match;
    into.add(hash(`w${word}`));
    into.add(hash(`b${before} ${word}`));
    const bounded = `<${word.slice(0, 24)}>`;
    for (let at = 0; at + 4 <= bounded.length; at++) into.add(hash(`c${bounded.slice(at, at + 4)}`));
    before = word;
  }
  for (const rule of rules) into.add(hash(`r${rule}`));
  return into;
}

/** FNV-1a over UTF-16 units, folded to the number of weights. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 16)) & (DIMENSIONS - 1);
}

/** The parts of a text that are scored each by itself: the whole, each line and each pair of lines. */
export function partsOf(canonical: string): string[] {
  const lines = canonical
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE)
    .slice(0, MOST_LINES);
  const pairs = lines.slice(1).map((line, place) => `${lines[place] ?? ""} ${line}`);
  return lines.length < 2 ? [canonical] : [canonical, ...lines, ...pairs];
}

/** A line of fewer characters says too little to be judged by itself. */
const SHORTEST_LINE = 12;
const MOST_LINES = 60;
