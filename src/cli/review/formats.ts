/** One review in the form that was asked for. */
import { githubReport, gitlabReport, junitReport } from "../../core/pull-request/formats/annotations.ts";
import { jsonReport } from "../../core/pull-request/formats/json.ts";
import { markdownReport } from "../../core/pull-request/formats/markdown.ts";
import { sarifReport } from "../../core/pull-request/formats/sarif.ts";
import type { Review } from "../../core/pull-request/model.ts";
import type { FailLevel } from "../../core/pull-request/wording.ts";
import { harmlessJson, type Line, linesOf } from "../terminal.ts";
import { textReport } from "./text.ts";

export const FORMATS = ["text", "markdown", "json", "sarif", "github", "gitlab", "junit"] as const;
export type Format = (typeof FORMATS)[number];

export interface FormatOptions {
  readonly level: FailLevel;
  readonly version: string;
}

export function inFormat(review: Review, format: Format, { level, version }: FormatOptions): readonly Line[] {
  switch (format) {
    case "text":
      return textReport(review);
    case "markdown":
      return linesOf(markdownReport(review));
    case "json":
      return [harmlessJson(jsonReport(review, level))];
    case "sarif":
      return [harmlessJson(sarifReport(review, version))];
    case "github": {
      const commands = githubReport(review);
      return commands === "" ? [] : linesOf(commands);
    }
    case "gitlab":
      return [harmlessJson(gitlabReport(review))];
    case "junit":
      return linesOf(junitReport(review, level));
  }
}
