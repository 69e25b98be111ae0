/** Static Analysis Results Interchange Format 2.1.0 (OASIS), for code scanning. */
import type { Review } from "../model.ts";
import { listedIn, type Listed } from "./places.ts";
import { ruleSentence } from "./rules.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const LEVELS = { block: "error", quarantine: "warning", confirm: "warning", allow: "note" } as const;
/** What code scanning sorts by: 0 to 10. */
const SEVERITY = { block: "9.0", quarantine: "7.0", confirm: "5.0", allow: "1.0" } as const;

export function sarifReport(review: Review, version: string): object {
  const listed = listedIn(review);
  const names = [...new Set(listed.map(({ rule }) => rule))].toSorted();
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "git-memory",
            version,
            rules: names.map((id) => ruleOf(id, listed)),
          },
        },
        columnKind: "utf16CodeUnits",
        automationDetails: { id: "memory-review/" },
        invocations: [{ executionSuccessful: true }],
        results: listed.map((one) => resultOf(one, names.indexOf(one.rule))),
      },
    ],
  };
}

function ruleOf(id: string, listed: readonly Listed[]): object {
  const level = listed.find(({ rule }) => rule === id)?.level ?? "allow";
  return {
    id,
    name: id
      .split(/[/-]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(""),
    shortDescription: { text: ruleSentence(id) },
    defaultConfiguration: { level: LEVELS[level] },
    properties: { "security-severity": SEVERITY[level], tags: ["agent-memory"] },
  };
}

function resultOf({ rule, level, path, region, message, fingerprint }: Listed, ruleIndex: number): object {
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[level],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: path.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" },
          region: regionOf(region),
        },
      },
    ],
    partialFingerprints: { "memoryConcern/v1": fingerprint },
  };
}

function regionOf({ line, column, endLine, endColumn }: Listed["region"]): object {
  return {
    startLine: line,
    ...(column === undefined ? {} : { startColumn: column }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(endColumn === undefined ? {} : { endColumn }),
  };
}
