/** How many cells a text takes in a terminal, and cutting it by cells. */

/** Wide and fullwidth blocks of Unicode Standard Annex 11, coarse at the edges: a cell too many only cuts earlier. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /^\p{Emoji_Presentation}|\ufe0f|^\p{Regional_Indicator}/u;
const MARKS_ONLY = /^[\p{Mark}\u200c\u200d]+$/u;
/** One cell a character: Latin, Greek, Cyrillic and punctuation. Loading the segmenter takes longer than all the rest. */
const NARROW = /^[\p{ASCII}\u00a0-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e]*$/u;

let segmenter: Intl.Segmenter | undefined;

/** In cells. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** The text in at most `width` cells; what was cut is shown by `…`. Never cuts a character that the eye sees as one. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let cells = 0;
  for (const grapheme of graphemes(text)) {
    const next = cells + graphemeWidth(grapheme);
    if (next > width - 1) break;
    kept += grapheme;
    cells = next;
  }
  return width < 1 ? "" : `${kept.trimEnd()}…`;
}

function graphemes(text: string): string[] {
  if (NARROW.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (MARKS_ONLY.test(grapheme)) return 0;
  return WIDE.test(grapheme) || EMOJI.test(grapheme) ? 2 : 1;
}
