/** Text of others for a reviewer's eyes: what draws as nothing, or reorders what is drawn, is spelled as `⟨U+202E⟩`. */

/** Controls, formats, private use, lone surrogates, line and paragraph separators, and what Unicode says to draw as nothing. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Format characters that are drawn: number and verse signs of Arabic and Syriac, and those of Kaithi. */
const DRAWN = /[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]/u;
const LETTER_OR_PICTURE = /[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u;
const BEYOND_ASCII = /[^\p{ASCII}]/u;
const PICTURE = /\p{Extended_Pictographic}/u;

export interface Spelled {
  readonly text: string;
  /** Where a UTF-16 offset of the raw text is in the spelled one. */
  at(offset: number): number;
}

export function spell(raw: string): Spelled {
  const places: { readonly from: number; readonly grows: number }[] = [];
  const text = raw.replace(UNSEEN, (character, index: number) => {
    if (isHonest(raw, index, character)) return character;
    const spelled = `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
    places.push({ from: index + character.length, grows: spelled.length - character.length });
    return spelled;
  });
  return {
    text,
    at: (offset) => places.reduce((sum, { from, grows }) => (from <= offset ? sum + grows : sum), offset),
  };
}

/** The same on one line. */
export function spelledLine(raw: string): string {
  return spell(raw.replaceAll(/\s+/g, " ").trim()).text;
}

/** What does there what it was made for, and is read by its effect: line breaks, tabs, and what joins letters or pictures. */
function isHonest(raw: string, index: number, character: string): boolean {
  if (character === "\n" || character === "\t") return true;
  if (character === "\r") return raw[index + 1] === "\n";
  const before = Array.from(raw.slice(Math.max(0, index - 2), index)).at(-1) ?? "";
  if (character === "\u200C" || character === "\u200D") {
    const after = Array.from(raw.slice(index + 1, index + 3))[0] ?? "";
    return [before, after].every((side) => LETTER_OR_PICTURE.test(side)) && BEYOND_ASCII.test(before + after);
  }
  if (character === "\uFE0F") return PICTURE.test(before);
  return DRAWN.test(character);
}
