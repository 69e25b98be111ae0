/** What the gate saw, as a reviewer's concern: with its place in the file, and without what must not be told. */
import type { Finding } from "../gate/verdict.ts";
import { scanText } from "../gate/gate.ts";
import { lineAt } from "../memory/lines.ts";
import type { Concern, Region } from "./model.ts";

/** Longer quotes say no more. */
const LONGEST_QUOTE = 160;
const TELLING = /^(?:secret|personal)\//;

/** Whether a finding is about something that must not be repeated, so that what holds it isn't shown. */
export function isTelling({ rule }: Pick<Finding, "rule">): boolean {
  return TELLING.test(rule);
}

/** @param path as it may be shown; @param text the file's, in which the finding's span is. */
export function concernOf(finding: Finding, path: string | null, text: string): Concern {
  const { rule, verdict, line, span, forPerson } = finding;
  const region = span === undefined ? (line === undefined ? undefined : { line }) : regionOf(text, span);
  const quote =
    span === undefined || isTelling(finding) ? "" : text.slice(span.start, span.end).slice(0, LONGEST_QUOTE);
  return {
    rule,
    level: verdict,
    path,
    ...(region === undefined ? {} : { region }),
    sentence: forPerson,
    ...(quote.trim() === "" ? {} : { quote }),
  };
}

export function regionOf(text: string, span: { readonly start: number; readonly end: number }): Region {
  const [start, end] = [placeOf(text, span.start), placeOf(text, span.end)];
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const lineStart = text.slice(0, offset).lastIndexOf("\n") + 1;
  return { line: lineAt(text, offset), column: offset - lineStart + 1 };
}

/** A path that may be shown: a new file is named after its title, so where the text holds a secret its name may too. */
export function shownPath(path: string, title: string): string {
  const tells = [path, title].some((text) => scanText(text, { tier: "reviewed" }).findings.some(isTelling));
  if (!tells) return path;
  const id = /m_[0-9a-hjkmnp-tv-z]{12}\.md$/.exec(path)?.[0] ?? "";
  return `${path.slice(0, path.lastIndexOf("/") + 1)}…${id === "" ? "" : `-${id}`}`;
}
