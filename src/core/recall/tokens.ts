/**
 * How many tokens a text can cost at most. The exact tables of the common tokenizers are larger than everything that we
 * ship, so this is an upper bound, checked in development against cl100k and o200k on prose, code, many scripts, encoded
 * data and runs of white space: never below the real count there, 1.2 to 1.6 times it on English prose and code.
 */

/**
 * For each letter, the letters that often follow it: pairs that occur in at least 300 of the words that the cl100k and
 * o200k vocabularies hold. A word made of such pairs is usually one or two tokens; every other pair is a likely seam,
 * and so are the doubled vowels and semivowels that those vocabularies know from names and numerals alone.
 */
const COMMON_PAIRS = [
  "bcdfghijklmnprstuvwxyz",
  "aeilorsu",
  "acehiklorstuy",
  "adeilorsuy",
  "abcdefghiklmnopqrstuvwxyz",
  "aefilortu",
  "aeghilnorsu",
  "aeilortuy",
  "abcdefgjklmnoprstvxz",
  "aeou",
  "aeilostu",
  "adeilmostuvy",
  "abeimopsu",
  "acdefghiklnostuvy",
  "abcdefgiklmnoprstuvwxy",
  "aehiloprstu",
  "u",
  "abcdefgiklmnoprstuvy",
  "acehiklmopstuwy",
  "acehilmorstuwy",
  "abcdefgiklmnprst",
  "aeio",
  "aehinos",
  "ceipt",
  "aelmnops",
  "aeio",
];

/** Costs in hundredths of a token, whole numbers, so that sums are exact. */
const TOKEN = 100;
const SEAM = 100;
const SEAM_IN_CAPITALS = 105;
/** What each letter of a word after the fourth adds: in a word without seams, in one with, in capitals; and after the twelfth. */
const LONG = 12;
const LONG_WITH_SEAMS = 35;
const LONG_IN_CAPITALS = 30;
const VERY_LONG = 40;
const CAPITALS = 20;
/** A letter run that touches a digit, or follows another run without a space, is rarely a word of the vocabulary. */
const BESIDE_DIGIT = 100;
const INSIDE_IDENTIFIER = 15;
const SHORT_INSIDE_IDENTIFIER = 50;
/** A sign after another sign often shares its token; one repeated many times nearly always does. */
const NEXT_SIGN = 75;
const REPEATED_SIGN = 30;
const SPACE_BEFORE_SIGN = 30;

/** 1 where the pair of letters, by their places in the alphabet, is a common one. */
const common = new Uint8Array(26 * 26);
COMMON_PAIRS.forEach((followers, letter) => {
  for (const follower of followers) common[letter * 26 + follower.charCodeAt(0) - 97] = 1;
});

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

/**
 * A character outside ASCII. Both tokenizers work on UTF-8 bytes, so that its number of bytes is a bound that needs no
 * table; the basic Cyrillic small letters and those of Latin-1 are one token each in both.
 */
function costBeyondAscii(code: number): number {
  if ((code >= 0x430 && code <= 0x44f) || (code >= 0xe0 && code <= 0xff)) return TOKEN;
  return code < 0x800 ? 2 * TOKEN : code < 0x1_00_00 ? 3 * TOKEN : 4 * TOKEN;
}

/** Where the part of an identifier that starts here ends: `get|User|ID|s`. */
function endOfPiece(text: string, from: number): number {
  let at = from;
  while (isUpper(text.charCodeAt(at))) at++;
  if (!isLower(text.charCodeAt(at))) return at;
  if (at - from > 1) return at - 1;
  while (isLower(text.charCodeAt(at))) at++;
  return at;
}

function costOfPiece(text: string, from: number, to: number): number {
  const length = to - from;
  const capitals = length > 1 && isUpper(text.charCodeAt(from + 1));
  let seams = 0;
  for (let at = from + 1; at < to; at++) {
    const before = (text.charCodeAt(at - 1) | 32) - 97;
    const letter = (text.charCodeAt(at) | 32) - 97;
    // No word has a letter three times in a row.
    const thrice = letter === before && at - 2 >= from && (text.charCodeAt(at - 2) | 32) - 97 === letter;
    if (thrice || common[before * 26 + letter] === 0) seams++;
  }
  const long = capitals ? LONG_IN_CAPITALS : seams > 0 ? LONG_WITH_SEAMS : LONG;
  let cost = TOKEN + (capitals ? CAPITALS + seams * SEAM_IN_CAPITALS : seams * SEAM);
  cost += Math.max(0, length - 4) * long + Math.max(0, length - 12) * VERY_LONG;
  const before = from === 0 ? 32 : text.charCodeAt(from - 1);
  if (isDigit(before) || isDigit(text.charCodeAt(to))) cost += BESIDE_DIGIT;
  else if (isUpper(before) || isLower(before)) cost += length < 3 ? SHORT_INSIDE_IDENTIFIER : INSIDE_IDENTIFIER;
  return Math.min(cost, length * TOKEN);
}

/** White space: one token for each kind of it in a row, a little more where it is long; one space belongs to its word. */
function costOfSpace(text: string, from: number, to: number): number {
  if (to - from === 1 && text.charCodeAt(from) === 32) {
    const next = text.charCodeAt(to);
    return isDigit(next) ? TOKEN : isLower(next) || isUpper(next) ? 0 : SPACE_BEFORE_SIGN;
  }
  let cost = TOKEN;
  for (let at = from + 1; at < to; at++) cost += text.charCodeAt(at) === text.charCodeAt(at - 1) ? 7 : TOKEN;
  // The last space is a token of its own before a digit, as no token begins with both.
  if (text.charCodeAt(to - 1) === 32 && isDigit(text.charCodeAt(to))) cost += TOKEN;
  return Math.min(cost, (to - from) * TOKEN);
}

/** An upper bound of the tokens that the text costs, in one pass. */
export function tokenBound(text: string): number {
  let cost = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    let next = at + 1;
    if (isLower(code) || isUpper(code)) {
      next = endOfPiece(text, at);
      cost += costOfPiece(text, at, next);
    } else if (isDigit(code)) {
      while (isDigit(text.charCodeAt(next))) next++;
      cost += Math.ceil((next - at) / 3) * TOKEN;
    } else if (isSpace(code)) {
      while (isSpace(text.charCodeAt(next))) next++;
      cost += costOfSpace(text, at, next);
    } else if (code < 0x80) {
      const before = at === 0 ? 32 : text.charCodeAt(at - 1);
      const repeated = code === before && code === text.charCodeAt(at - 2) && code === text.charCodeAt(at - 3);
      const follows = before > 32 && before < 0x80 && !isDigit(before) && !isLower(before | 32);
      cost += repeated ? REPEATED_SIGN : follows ? NEXT_SIGN : TOKEN;
    } else {
      cost += costBeyondAscii(code);
      if (code > 0xff_ff) next = at + 2;
    }
    at = next;
  }
  return Math.ceil(cost / TOKEN);
}
