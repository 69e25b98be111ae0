/**
 * Findings in the forms that forges and test reporters read: GitHub's workflow commands, GitLab's Code Quality report (a
 * subset of Code Climate's issues), and JUnit XML.
 */
import { spelledLine } from "../../view/spelled.ts";
import type { Review } from "../model.ts";
import { type FailLevel, failsAt, KIND_WORDS, summary } from "../wording.ts";
import { listedIn, type Listed } from "./places.ts";

const GITHUB = { block: "error", quarantine: "warning", confirm: "warning", allow: "notice" } as const;

/** One command a line, the gravest first, as GitHub shows ten of a kind a step. */
export function githubReport(review: Review): string {
  return listedIn(review).map(githubCommand).join("");
}

function githubCommand({ rule, level, path, region, message }: Listed): string {
  const { line, column, endLine, endColumn } = region;
  // A column counts only within one line.
  const columns = column === undefined || endColumn === undefined || endLine !== line ? {} : { col: column, endColumn };
  const properties = { file: path, line, ...(endLine === undefined ? {} : { endLine }), ...columns, title: rule };
  const listed = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${GITHUB[level]} ${listed.join(",")}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

const GITLAB = { block: "blocker", quarantine: "critical", confirm: "major", allow: "info" } as const;

export function gitlabReport(review: Review): object[] {
  return listedIn(review).map(({ rule, level, path, region, message, fingerprint }) => ({
    description: message,
    check_name: rule,
    fingerprint,
    severity: GITLAB[level],
    location: { path, lines: { begin: region.line } },
  }));
}

/** One case a belief, one for the store's other files. What fails is what would fail the review. */
export function junitReport(review: Review, level: FailLevel): string {
  const cases = [
    caseOf("The store's rules, files and history", `${review.prefix}policy.yaml`, { ...review, beliefs: [] }, level),
    ...review.beliefs.map((belief) =>
      caseOf(
        `${KIND_WORDS[belief.kind]}: ${belief.withheld ? "not repeated" : belief.title}`,
        belief.path,
        { ...review, beliefs: [belief], concerns: [] },
        level,
      ),
    ),
  ];
  const failures = cases.filter(({ failed }) => failed).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="Memory review" ${counts}>`,
    `  <testsuite name="Memory review" ${counts}>`,
    ...cases.map(({ xml }) => xml),
    `    <system-out>${xml(summary(review))}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function caseOf(name: string, path: string, part: Review, level: FailLevel): { failed: boolean; xml: string } {
  const failed = failsAt(part, level);
  const listed = listedIn(part);
  const lines = listed.map(({ rule, region, message }) => `${path}:${region.line}: ${message} (${rule})`).join("\n");
  const inside = failed
    ? `<failure message="${xml(listed[0]?.message ?? "")}" type="${xml(listed[0]?.rule ?? "")}">${xml(lines)}</failure>`
    : lines === ""
      ? ""
      : `<system-out>${xml(lines)}</system-out>`;
  return {
    failed,
    xml: `    <testcase classname="memory" name="${xml(name)}" file="${xml(path)}">${inside}</testcase>`,
  };
}

function xml(text: string): string {
  // What XML 1.0 can't hold at all is spelled out first.
  return text
    .split("\n")
    .map(spelledLine)
    .join("\n")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
