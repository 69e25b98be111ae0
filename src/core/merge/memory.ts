/**
 * Three-way merge of one memory. The front matter is merged by meaning and stays readable whatever happened; where only a
 * person can choose, git's markers stand in the body, and a file with markers is not believed until they are gone. The
 * rules are those of `memory-schema/README.md`, "Merging".
 */
import { findSections } from "../memory/frontmatter.ts";
import type { FrontMatter } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { readMemoryText } from "../memory/parse.ts";
import { renderLine, renderMemory } from "../memory/render.ts";
import { checkFrontMatter } from "../memory/validate.ts";
import { changedOf, type Head, mergeHeads, type MergedHead } from "./head.ts";
import { conflictBlock, type Marks, mergeLines } from "./lines.ts";
import { sameValue, valuesOf, type Values } from "./rules.ts";

export interface MergedMemory {
  readonly text: string;
  /** What a person has to choose: keys of the front matter, and `body`. Empty where the merge is clean. */
  readonly conflicts: readonly string[];
}

/**
 * Merges two versions of a memory's text. The same whichever side is called ours, but for the order inside the markers.
 *
 * @param base the version that both come from; null where there is none, or none that can be read.
 * @returns null where a side can't be read as a memory: its words can't be told apart then.
 */
export function mergeMemory(base: string | null, ours: string, theirs: string, marks: Marks): MergedMemory | null {
  const [o, t] = [versionOf(ours), versionOf(theirs)];
  if (o === null || t === null) return null;
  if (ours === theirs || theirs === base) return { text: ours, conflicts: [] };
  if (ours === base) return { text: theirs, conflicts: [] };
  const b = base === null ? null : versionOf(base);
  const head = mergeHeads(b, o, t);
  const body = mergeLines(b?.body ?? "", o.body, t.body, marks);
  const text = conflictsAbove(body.text, head.conflicts, o, t, marks);
  const conflicts = [...head.conflicts, ...(body.clean ? [] : ["body"])];
  const merged = written(head, text, [b, o, t], conflicts.length === 0);
  const windows = changedOf(b?.lineEnd ?? null, o.lineEnd, t.lineEnd) === "\r\n" && !merged.includes("\r\n");
  return { text: windows ? merged.replaceAll("\n", "\r\n") : merged, conflicts };
}

/** A version's parts, with the line ends of a text that has only CR LF made plain. */
interface Version extends Head {
  readonly open: string;
  readonly close: string;
  readonly body: string;
  readonly lineEnd: "\n" | "\r\n";
}

function versionOf(file: string): Version | null {
  const isWindows = file.includes("\r\n") && !/(?:^|[^\r])\n/.test(file);
  const text = isWindows ? file.replaceAll("\r\n", "\n") : file;
  const memory = readMemoryText("memory.md", "", text);
  const found = findSections(text);
  if (isBroken(memory) || !found.ok) return null;
  const { yamlStart, yamlEnd, bodyStart } = found.sections;
  return {
    open: text.slice(0, yamlStart),
    yaml: text.slice(yamlStart, yamlEnd),
    close: text.slice(yamlEnd, bodyStart),
    body: text.slice(bodyStart),
    lineEnd: isWindows ? "\r\n" : "\n",
    values: valuesOf(memory.front),
  };
}

/** Keys that a person has to choose are shown where markers may stand: above the body. */
function conflictsAbove(body: string, keys: readonly string[], ours: Head, theirs: Head, marks: Marks): string {
  if (keys.length === 0) return body;
  const lines = ({ values }: Head): string => keys.map((key) => `${renderLine(key, values.get(key))}\n`).join("");
  return `${conflictBlock(lines(ours), lines(theirs), marks)}${body === "" ? "" : `\n${body}`}`;
}

/** In the versions' own lines; where those don't read back as meant, as the writer would write it. */
function written(
  { yaml, values }: MergedHead,
  body: string,
  [base, ours, theirs]: readonly [Version | null, Version, Version],
  clean: boolean,
): string {
  const open = changedOf(base?.open ?? null, ours.open, theirs.open);
  const close = changedOf(base?.close ?? null, ours.close, theirs.close);
  const fence = body !== "" && !close.endsWith("\n") ? "---\n\n" : close;
  const text = yaml === null ? null : open + yaml + fence + body;
  if (text !== null && readsBack(text, values, body, clean)) return text;
  const front = frontOf(values);
  return renderMemory(front, body);
}

function readsBack(text: string, values: Values, body: string, clean: boolean): boolean {
  if (!clean) {
    // With its markers the file is no memory; without its body it must be one.
    const found = findSections(text);
    return (
      found.ok && saysAll(readMemoryText("memory.md", "", text.slice(0, found.sections.yamlEnd) + "---\n"), values)
    );
  }
  const memory = readMemoryText("memory.md", "", text);
  return saysAll(memory, values) && "body" in memory && memory.body === body;
}

function saysAll(memory: ReturnType<typeof readMemoryText>, values: Values): boolean {
  if (isBroken(memory)) return false;
  const read = valuesOf(memory.front);
  return [...new Set([...read.keys(), ...values.keys()])].every((key) => sameValue(read.get(key), values.get(key)));
}

function frontOf(values: Values): FrontMatter {
  const checked = checkFrontMatter(Object.fromEntries(values));
  if (!checked.ok) throw new TypeError("Merging two valid memories gave one that is not.");
  return checked.front;
}
