/** Text that a reader would have to decode: an honest memory has no reason to hide its words from its reviewer. */
import type { Place } from "../rule.ts";

export interface Disguise {
  readonly rule: string;
  readonly says: string;
  readonly place: Place;
}

const BASE64 = /(?<![\w+/=-])(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\w+/=-])/g;
const HEX = /(?<![\w])(?:[2-7][0-9a-fA-F]){16,}(?![\w])/g;
/** Eight escapes in a row, of one of the kinds that programs know. */
const ESCAPES = /(?:\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|&#x?[0-9a-fA-F]{2,5};|%[2-7][0-9a-fA-F]){8,}/g;
/** Ten letters or more, each apart from the next. */
const SPACED = /(?<![A-Za-z0-9])[A-Za-z](?:[ .\-_][A-Za-z]){9,}(?![A-Za-z0-9])/g;
/** A comment that a page doesn't show, with a sentence in it that speaks to an agent. */
const COMMENT =
  /<!--(?!\s*(?:prettier|eslint|oxlint|markdownlint|cspell|vale|textlint|biome|stylelint)\b)(?=[^>]{0,2000}\b(?:you|your|assistant|agent|ai|llm|model|claude|copilot|instructions?|ignore|always|never|must|user|secret|tokens?|send|run|execute)\b)[\s\S]{12,2000}?-->/gi;
const LONGEST = 4096;

/** The first place of each kind of disguise in a raw text. */
export function disguises(text: string): Disguise[] {
  const found: Disguise[] = [];
  const add = (rule: string, says: string, pattern: RegExp, isWords: (match: string) => boolean): void => {
    for (const { index, 0: match } of text.matchAll(pattern)) {
      if (!isWords(match.slice(0, LONGEST))) continue;
      found.push({ rule, says, place: { start: index, end: index + match.length, others: 0 } });
      return;
    }
  };
  add("disguise/encoded", "holds a sentence in base64, which nobody can review.", BASE64, (match) =>
    readsAsWords(fromBase64(match)),
  );
  add("disguise/encoded", "holds a sentence in hexadecimal, which nobody can review.", HEX, (match) =>
    readsAsWords(fromHex(match)),
  );
  add("disguise/escaped", "spells words in escapes, which nobody can review.", ESCAPES, () => true);
  add(
    "disguise/spaced",
    "spells words with the letters apart, as text is written that shall not be found.",
    SPACED,
    (match) => new Set(match.toLowerCase().match(/[a-z]/g)).size >= 6,
  );
  add("disguise/comment", "speaks to an agent in a comment that a page does not show.", COMMENT, () => true);
  return found;
}

function fromBase64(text: string): string {
  return atob(text.length % 4 === 0 ? text : text.slice(0, text.length - (text.length % 4)));
}

function fromHex(text: string): string {
  return (text.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join("");
}

/** Printable, and words apart by spaces, as sentences have and keys and digests don't. */
function readsAsWords(text: string): boolean {
  if (!/^[\t\n\r\x20-\x7e]{16,}$/.test(text)) return false;
  const words = text.split(/\s+/).filter((word) => /^[A-Za-z][A-Za-z'-]*[.,:;!?]?$/.test(word));
  return words.length >= 3 && words.join("").length > text.length * 0.55;
}
