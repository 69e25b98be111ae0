/**
 * Characters that a reviewer can't see, or that change what a reviewer sees. Unicode's own properties say which characters
 * are invisible; the text around one says whether it does its honest work there (joining an emoji family, shaping Persian
 * or Hindi, breaking Thai lines). An honest one stands alone beside the letters that it serves, so a run of them, which is
 * how text is smuggled, never passes.
 */
import { sighting, type Rule, type ScannedText, type Sighting } from "../rule.ts";

/** Controls, formats, private use, lone surrogates, noncharacters and whatever Unicode says to draw as nothing. */
const SUSPECT = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

/** Nothing but what is always honest; most texts. */
const ORDINARY = /^[\t\n\x20-\x7E]*$/;

/** Format characters that are drawn: Arabic and Syriac number and verse signs, Kaithi numbers, hieroglyph joiners. */
const DRAWN = /[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}\u{13430}-\u{1343F}]/u;
/** Scripts whose spelling needs joiners: the Arabic family, Mongolian, and the Brahmic scripts of India and around it. */
const JOINING =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mand}\p{scx=Nkoo}\p{scx=Mong}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;
/** Scripts that are written without spaces and mark where a line may break. */
const SPACELESS = /[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}]/u;
/** A letter, because the Arabic letter mark is of the script itself. */
const RIGHT_TO_LEFT = /(?=\p{L})[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}]/u;
const LETTER_OR_MARK = /[\p{L}\p{M}]/u;
const PICTURE = /\p{Extended_Pictographic}/u;
/** What may stand before the joiner of an emoji sequence: a picture, its skin tone or its presentation selector. */
const PICTURE_END = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u;
/** The flags of England, Scotland and Wales are the black flag, the region's letters as tags, and a closing tag (UTS 51). */
const TAGGED_FLAG = /\u{1F3F4}[\u{E0061}-\u{E007A}]{2}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,3}\u{E007F}/gu;

interface Class {
  readonly rule: string;
  readonly name: string;
  readonly matches: RegExp;
}

/** The first that matches names the finding. */
const CLASSES: readonly Class[] = [
  { rule: "hidden/terminal-escape", name: "a terminal escape", matches: /[\u001B\u009B]/u },
  { rule: "hidden/control", name: "a control character", matches: /\p{Cc}/u },
  {
    rule: "hidden/bidi",
    name: "a character that reverses the order of text",
    matches: /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u,
  },
  { rule: "hidden/tag", name: "an invisible tag character", matches: /[\u{E0000}-\u{E007F}]/u },
  {
    rule: "hidden/variation-selector",
    name: "an invisible variation selector",
    matches: /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u180B-\u180F]/u,
  },
  { rule: "hidden/interlinear", name: "an invisible annotation mark", matches: /[\uFFF9-\uFFFB]/u },
  { rule: "hidden/private-use", name: "a private-use character that each font draws differently", matches: /\p{Co}/u },
  { rule: "hidden/broken-character", name: "half of a character", matches: /[\p{Cs}\p{Noncharacter_Code_Point}]/u },
  { rule: "hidden/zero-width", name: "an invisible character", matches: /./su },
];

/** Finds hidden characters in every text; one sighting for each class in each text, at its first place. */
export const hiddenCharacters: Rule = ({ texts }) => texts.flatMap(inText);

function inText(scanned: ScannedText): Sighting[] {
  const { text } = scanned;
  if (ORDINARY.test(text)) return [];
  const inFlags = new Set(
    [...text.matchAll(TAGGED_FLAG)].flatMap(({ index, 0: flag }) => Array.from(flag, (_, place) => index + 2 * place)),
  );
  const found = new Map<Class, { start: number; end: number; places: number }>();
  for (const { index, 0: character } of text.matchAll(SUSPECT)) {
    if (inFlags.has(index) || isHonest(character, scanned, index)) continue;
    const kind = CLASSES.find(({ matches }) => matches.test(character));
    if (kind === undefined) continue;
    const before = found.get(kind);
    if (before === undefined) found.set(kind, { start: index, end: index + character.length, places: 1 });
    else if (before.places === 1 && before.end === index) before.end = index + character.length;
    else before.places++;
  }
  return [...found].map(([{ rule, name }, { start, end, places }]) => {
    const code = codePointName(text, start);
    return sighting(
      rule,
      scanned,
      { start, end, others: places - 1 },
      (where) => ({
        forPerson: `${where} holds ${name} (${code}), which hides or disguises text; remove it.`,
        forModel: `${where} contains ${code}, ${name}. Write the text again in plain visible characters.`,
      }),
      { span: true },
    );
  });
}

/** Whether the character does there what Unicode made it for. */
function isHonest(character: string, { text, kind }: ScannedText, index: number): boolean {
  if (character === "\t" || character === "\n") return true;
  const before = characterBefore(text, index);
  const after = characterAt(text, index + character.length);
  switch (character) {
    case "\r":
      return /^\r*\n/.test(text.slice(index, index + 4));
    case "\uFEFF":
      return index === 0 && kind === "file";
    case "\u200C":
      return besides(JOINING, before, after);
    case "\u200D":
      return besides(JOINING, before, after) || (PICTURE_END.test(before) && PICTURE.test(after));
    case "\u200B":
      return besides(SPACELESS, before, after);
    case "\u061C":
    case "\u200E":
    case "\u200F":
      return character !== after && RIGHT_TO_LEFT.test(lineAround(text, index));
    case "\uFE0E":
    case "\uFE0F":
      return /[#*0-9]/.test(before) ? after === "\u20E3" : /\p{Emoji}/u.test(before);
  }
  if (/[\uFE00-\uFE02]/u.test(character)) return /[\p{sc=Han}\p{Sm}\p{sc=Myanmar}]/u.test(before);
  if (/[\u{E0100}-\u{E01EF}]/u.test(character)) return /\p{sc=Han}/u.test(before);
  if (/[\u180B-\u180F]/u.test(character)) return /\p{sc=Mongolian}/u.test(before) && LETTER_OR_MARK.test(before);
  return DRAWN.test(character);
}

/** True where a letter of the script is on either side: `API` and a Persian ending are joined by a lone non-joiner as well. */
function besides(script: RegExp, before: string, after: string): boolean {
  const visible = !isSuspect(before) && !isSuspect(after);
  return visible && [before, after].some((side) => LETTER_OR_MARK.test(side) && script.test(side));
}

function isSuspect(character: string): boolean {
  return character !== "" && !/\s/u.test(character) && character.search(SUSPECT) !== -1;
}

function characterAt(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? "" : String.fromCodePoint(code);
}

function characterBefore(text: string, index: number): string {
  const pair = text.slice(Math.max(0, index - 2), index);
  const whole = [...pair].at(-1);
  return whole ?? "";
}

/** The line that a place stands on. Long ones are cut, because only the direction of the text near by matters. */
function lineAround(text: string, index: number): string {
  const reach = 500;
  const head = text.slice(Math.max(0, index - reach), index);
  const tail = text.slice(index, index + reach);
  return (head.split("\n").at(-1) ?? "") + (tail.split("\n")[0] ?? "");
}

function codePointName(text: string, index: number): string {
  return `U+${(text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
