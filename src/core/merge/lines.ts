/** Three-way merge of a text, line by line. Which side is called ours decides nothing but the order inside the markers. */
import { diff3Merge } from "node-diff3";

/** How a conflict is marked. */
export interface Marks {
  readonly ours: string;
  readonly theirs: string;
  /** How many characters a marker has; git asks for more of them inside a base that it had to merge itself. */
  readonly size?: number;
}

export interface MergedText {
  readonly clean: boolean;
  readonly text: string;
}

/** Git's own width of a marker, which a reader of memories looks for. */
const MARKER = 7;
/** Longer texts, which are no memories, are one conflict where both sides changed them: comparing lines is quadratic. */
const MOST_LINES = 20_000;

/** Two changes of the same or of neighbouring lines are a conflict, as for git; the same change on both sides is none. */
export function mergeLines(base: string, ours: string, theirs: string, marks: Marks): MergedText {
  if (ours === theirs || theirs === base) return { clean: true, text: ours };
  if (ours === base) return { clean: true, text: theirs };
  const [b, o, t] = [linesOf(base), linesOf(ours), linesOf(theirs)];
  if (b.length + o.length + t.length > MOST_LINES) return { clean: false, text: conflictBlock(ours, theirs, marks) };
  let clean = true;
  let text = "";
  for (const region of diff3Merge<string>(o, b, t, { excludeFalseConflicts: true })) {
    if (region.ok !== undefined) text += region.ok.join("");
    if (region.conflict === undefined) continue;
    clean = false;
    text += conflictBlock(region.conflict.a.join(""), region.conflict.b.join(""), marks);
  }
  return { clean, text };
}

/** Both texts between git's markers. */
export function conflictBlock(ours: string, theirs: string, marks: Marks): string {
  const marker = (character: string): string => character.repeat(marks.size ?? MARKER);
  return [
    `${marker("<")} ${marks.ours}\n`,
    ended(ours),
    `${marker("=")}\n`,
    ended(theirs),
    `${marker(">")} ${marks.theirs}\n`,
  ].join("");
}

/** Lines with their ends, so that a missing last one is a difference like any other. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
