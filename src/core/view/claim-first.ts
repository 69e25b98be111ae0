/** A memory as a reviewer reads it: the claim first, then its text, and below a rule everything that the front matter says. */
import { findSections, readFrontMatter } from "../memory/frontmatter.ts";
import { lineAt } from "../memory/lines.ts";
import { spell } from "./spelled.ts";

export interface ClaimFirst {
  readonly text: string;
  /** Where a line of the file stands here. Lines of the file are counted from 1, these from 0. */
  lineOf(line: number): number;
}

/** Nothing is left out but the fences; what draws as nothing is spelled. A file without front matter stays as it is. */
export function claimFirst(raw: string): ClaimFirst {
  const lines = raw.split(/\r?\n/);
  const found = findSections(raw);
  if (!found.ok) return inOrder(lines, [...lines.keys()]);
  const { yamlStart, yamlEnd, bodyStart } = found.sections;
  const [first, fence, body] = [yamlStart, yamlEnd, bodyStart].map((offset) => lineAt(raw, offset) - 1) as [
    number,
    number,
    number,
  ];
  const keys = range(first, fence);
  const from = keys.findIndex((line) => lines[line]?.startsWith("title:"));
  const after = keys.findIndex((line, i) => i > from && /^\S/.test(lines[line] ?? ""));
  const title = from === -1 ? [] : keys.slice(from, after === -1 ? keys.length : after);
  const rest = keys.filter((line) => !title.includes(line));
  const heading = headingOf(raw);
  const claim = heading === null ? title.map((line) => lines[line] ?? "") : [`# ${heading}`];
  const text = range(body, lines.length);
  while (text.length > 0 && (lines[text.at(-1) ?? 0] ?? "").trim() === "") text.pop();
  const rows: { readonly text: string; readonly from: readonly number[] }[] = [
    ...claim.map((one, i) => ({ text: one, from: i === 0 ? title : [] })),
    ...(claim.length === 0 ? [] : [{ text: "", from: [] }]),
    ...text.map((line) => ({ text: lines[line] ?? "", from: [line] })),
    { text: "", from: [] },
    { text: "---", from: [] },
    ...rest.map((line) => ({ text: lines[line] ?? "", from: [line] })),
  ];
  const places = new Map(rows.flatMap((row, i) => row.from.map((line) => [line, i] as const)));
  return {
    text: `${rows.map((row) => spell(row.text).text).join("\n")}\n`,
    lineOf: (line) => places.get(line - 1) ?? 0,
  };
}

function inOrder(lines: readonly string[], order: readonly number[]): ClaimFirst {
  return {
    text: order.map((line) => spell(lines[line] ?? "").text).join("\n"),
    lineOf: (line) => Math.min(Math.max(line - 1, 0), lines.length - 1),
  };
}

/** A title over several lines, or none that can be read, stays as it is written. */
function headingOf(raw: string): string | null {
  const read = readFrontMatter(raw);
  const title = read.ok ? read.values["title"] : undefined;
  return typeof title !== "string" || title.trim() === "" || /[\r\n]/.test(title) ? null : title;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
