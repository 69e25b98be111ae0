/**
 * English stemming after M. F. Porter, "An algorithm for suffix stripping" (Program 14(3), 1980). Works on lower-case
 * ASCII words; anything else is returned unchanged, because the rules are rules of English spelling.
 */

type Rule = readonly [suffix: string, replacement: string];

const STEP_2: readonly Rule[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["abli", "able"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
];
const STEP_3: readonly Rule[] = [
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
];
const STEP_4: readonly Rule[] = [
  ["al", ""],
  ["ance", ""],
  ["ence", ""],
  ["er", ""],
  ["ic", ""],
  ["able", ""],
  ["ible", ""],
  ["ant", ""],
  ["ement", ""],
  ["ment", ""],
  ["ent", ""],
  ["sion", "s"],
  ["tion", "t"],
  ["ou", ""],
  ["ism", ""],
  ["ate", ""],
  ["iti", ""],
  ["ous", ""],
  ["ive", ""],
  ["ize", ""],
];

/** Rules by their last letter, the longest first, as the paper asks: most words meet only a few of them. */
function byLastLetter(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const longestFirst = rules.toSorted((a, b) => b[0].length - a[0].length);
  const last = (rule: Rule): string => rule[0].slice(-1);
  return new Map(rules.map((rule) => [last(rule), longestFirst.filter((other) => last(other) === last(rule))]));
}

const STEPS: readonly { readonly rules: ReadonlyMap<string, readonly Rule[]>; readonly measure: number }[] = [
  { rules: byLastLetter(STEP_2), measure: 1 },
  { rules: byLastLetter(STEP_3), measure: 1 },
  { rules: byLastLetter(STEP_4), measure: 2 },
];

function isVowel(word: string, at: number): boolean {
  switch (word.charCodeAt(at)) {
    case 97:
    case 101:
    case 105:
    case 111:
    case 117:
      return true;
    case 121:
      return at > 0 && !isVowel(word, at - 1);
    default:
      return false;
  }
}

/** The paper's m: how many vowel runs of the first `end` letters are followed by a consonant run. */
function measure(word: string, end: number): number {
  let count = 0;
  let afterVowel = false;
  for (let at = 0; at < end; at++) {
    const vowel = isVowel(word, at);
    if (afterVowel && !vowel) count++;
    afterVowel = vowel;
  }
  return count;
}

function hasVowel(word: string, end: number): boolean {
  for (let at = 0; at < end; at++) if (isVowel(word, at)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  const last = word.length - 1;
  return last > 0 && word[last] === word[last - 1] && !isVowel(word, last);
}

/** Consonant, vowel, consonant at the end, the last one not w, x or y: `hop`, not `snow`. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  if (last < 2 || isVowel(word, last) || !isVowel(word, last - 1) || isVowel(word, last - 2)) return false;
  return !"wxy".includes(word.charAt(last));
}

function plural(word: string): string {
  if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
  if (word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}

function pastOrGerund(word: string): string {
  if (word.endsWith("eed")) return measure(word, word.length - 3) > 0 ? word.slice(0, -1) : word;
  const cut = word.endsWith("ed") ? 2 : word.endsWith("ing") ? 3 : 0;
  if (cut === 0 || !hasVowel(word, word.length - cut)) return word;
  const stem = word.slice(0, -cut);
  if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) return `${stem}e`;
  if (endsDouble(stem)) return "lsz".includes(stem.charAt(stem.length - 1)) ? stem : stem.slice(0, -1);
  return endsShort(stem) && measure(stem, stem.length) === 1 ? `${stem}e` : stem;
}

function finalE(word: string): string {
  if (!word.endsWith("e")) return word;
  const m = measure(word, word.length - 1);
  return m > 1 || (m === 1 && !endsShort(word.slice(0, -1))) ? word.slice(0, -1) : word;
}

/** The stem of a lower-case word: `installing`, `installs` and `installed` all give `instal`. */
export function stem(input: string): string {
  if (input.length < 3 || !/^[a-z]+$/.test(input)) return input;
  let word = pastOrGerund(plural(input));
  if (word.endsWith("y") && hasVowel(word, word.length - 1)) word = `${word.slice(0, -1)}i`;
  for (const step of STEPS) {
    const rule = step.rules.get(word.slice(-1))?.find(([suffix]) => word.endsWith(suffix));
    if (rule === undefined) continue;
    const kept = word.length - rule[0].length + (rule[1] === "s" || rule[1] === "t" ? 1 : 0);
    if (measure(word, kept) >= step.measure) word = word.slice(0, word.length - rule[0].length) + rule[1];
  }
  word = finalE(word);
  return word.endsWith("ll") && measure(word, word.length - 1) > 1 ? word.slice(0, -1) : word;
}
