/**
 * All that reaches a terminal goes through here, piece by piece, so that no command can forget to make a text harmless:
 * a memory may hold anything, and a terminal obeys what it reads.
 */
import { displayWidth, truncate } from "./width.ts";

export type Tone = "plain" | "strong" | "quiet" | "good" | "warning" | "bad" | "accent";
export type Piece = string | { readonly text: string; readonly tone: Tone };
/** One line, without its end. */
export type Line = string | readonly Piece[];

/** SGR parameters, ECMA-48 section 8.3.117. */
const CODES: Readonly<Record<Tone, string>> = {
  plain: "",
  strong: "1",
  quiet: "2",
  good: "32",
  warning: "33",
  bad: "31",
  accent: "36",
};

/**
 * What is spelled out: C0 and C1 controls but the tab, DEL, the bidirectional controls, invisible format characters that
 * no script needs, line separators, language tags, and lone surrogates. Joiners stay: Persian, Hindi and emoji need them.
 */
const UNSAFE =
  /(?!\t)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text with every character that could act or deceive spelled out, e.g. `<U+001B>`. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, (character) => `<U+${hex(character)}>`);
}

/** One line of JSON that stays harmless when printed, and means the same: the characters above become `\u` escapes. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** The lines as text, each with its end. */
export function render(lines: readonly Line[], colour: boolean): string {
  return lines
    .map(
      (line) =>
        `${piecesOf(line)
          .map((piece) => painted(piece, colour))
          .join("")}\n`,
    )
    .join("");
}

/** One line in one tone. */
export function toned(text: string, tone: Tone): Line {
  return [{ text, tone }];
}

/** A text of several lines, ready for `render`. */
export function linesOf(text: string, tone: Tone = "plain"): Line[] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return tone === "plain" ? lines : lines.map((line) => [{ text: line, tone }]);
}

/**
 * Columns side by side. The flexible column is cut so that lines fit into `width` (in cells); null means no limit.
 * Empty cells at a line's end leave no blanks.
 */
export function table(rows: readonly (readonly Piece[])[], flexible: number, width: number | null): Line[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => cellWidth(row[column]))),
  );
  if (width !== null && flexible < columns) {
    const others = widths.reduce((sum, own, column) => sum + (column === flexible ? 0 : own + GAP.length), 0);
    widths[flexible] = Math.min(widths[flexible] ?? 0, Math.max(width - others, NARROWEST));
  }
  return rows.map((row) => {
    const last = row.reduce((latest, cell, column) => (textOf(cell) === "" ? latest : column), -1);
    return row.slice(0, last + 1).flatMap((cell, column): Piece[] => {
      const text = truncate(inCell(textOf(cell)), widths[column] ?? 0);
      const padding = column === last ? "" : " ".repeat((widths[column] ?? 0) - displayWidth(text)) + GAP;
      return [{ text, tone: typeof cell === "string" ? "plain" : cell.tone }, padding];
    });
  });
}

/** Whether to colour: only on a terminal, unless the environment says otherwise (no-color.org, force-color.org). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

const GAP = "  ";
/** A column narrower than this says nothing; better a line that wraps. */
const NARROWEST = 16;

function inCell(text: string): string {
  return harmless(text.replaceAll("\t", " "));
}

function cellWidth(piece: Piece | undefined): number {
  return piece === undefined ? 0 : displayWidth(inCell(textOf(piece)));
}

function piecesOf(line: Line): readonly Piece[] {
  return typeof line === "string" ? [line] : line;
}

function textOf(piece: Piece): string {
  return typeof piece === "string" ? piece : piece.text;
}

function painted(piece: Piece, colour: boolean): string {
  const text = harmless(textOf(piece));
  const code = typeof piece === "string" ? "" : CODES[piece.tone];
  return colour && code !== "" && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
