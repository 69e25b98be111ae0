/** A plain text to read before something is done, or after: our words, and those of others behind a bar. */
import type { Part } from "../review/words.ts";
import { spell, spelledLine } from "./spelled.ts";

/** A line that something can be done about: the memory whose story begins there. */
export interface PageItem {
  readonly line: number;
  readonly path: string;
}

/** Words that went or came, in 0-based lines and UTF-16 columns. */
export interface PageMark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly kind: "gone" | "new";
}

export interface Page {
  readonly text: string;
  readonly items: readonly PageItem[];
  readonly marks: readonly PageMark[];
}

/** Stands before every line that is not ours, so that no memory can write what is said of it. */
const BAR = "│ ";
/** As `git diff --word-diff` marks them, which a screen reader reads as well. */
const BRACKETS = { gone: ["[-", "-]"], new: ["{+", "+}"] } as const;

/** As wide as an editor beside a side bar on a small screen. */
const WIDTH = 84;

function wrapped(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const rows: string[] = [];
  let row = "";
  for (const word of line.trim().split(" ")) {
    if (row !== "" && indent.length + row.length + 1 + word.length > WIDTH) {
      rows.push(indent + row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  return [...rows, indent + row];
}

export class PageWriter {
  readonly #lines: string[] = [];
  readonly #items: PageItem[] = [];
  readonly #marks: PageMark[] = [];

  /** Our own words; a long line goes on below, with the same indent. */
  say(...lines: readonly string[]): this {
    for (const line of lines) this.#lines.push(...wrapped(line));
    return this;
  }

  /** Words of others, all of them. */
  quote(raw: string): this {
    for (const line of spell(raw).text.split(/\r?\n/)) this.#lines.push(`${BAR}${line}`.trimEnd());
    return this;
  }

  /** The title of a memory that something can be done about. */
  item(path: string, title: string): this {
    // One follows the other with a line between; the first stands under its heading.
    if (this.#lines.at(-1)?.startsWith(BAR) === true || this.#lines.at(-1)?.startsWith("  ") === true)
      this.#lines.push("");
    this.#items.push({ line: this.#lines.length, path });
    this.#lines.push(`${BAR}${spelledLine(title)}`);
    return this;
  }

  /** The lines of two texts in which they differ, word by word. */
  words(parts: readonly Part[]): this {
    const rows: { text: string; marks: Omit<PageMark, "line">[] }[] = [{ text: "", marks: [] }];
    for (const { kind, text } of parts) {
      spell(text)
        .text.split(/\r?\n/)
        .forEach((line, i) => {
          if (i > 0) rows.push({ text: "", marks: [] });
          const row = rows.at(-1);
          if (row === undefined || line === "") return;
          if (kind === "same") row.text += line;
          else {
            const [open, close] = BRACKETS[kind];
            const start = BAR.length + row.text.length;
            row.text += `${open}${line}${close}`;
            row.marks.push({ start, end: BAR.length + row.text.length, kind });
          }
        });
    }
    for (const row of rows.filter(({ marks }) => marks.length > 0)) {
      this.#marks.push(...row.marks.map((mark) => ({ ...mark, line: this.#lines.length })));
      this.#lines.push(`${BAR}${row.text}`);
    }
    return this;
  }

  finished(): Page {
    return { text: `${this.#lines.join("\n")}\n`, items: this.#items, marks: this.#marks };
  }
}
