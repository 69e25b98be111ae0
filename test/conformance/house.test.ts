/** The rules of the house that a reader of one file can check, over all of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";

const MAX_LINES = 500;
const ROOMS = new Set(["core", "git", "extension", "mcp", "cli"]);

const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !path.includes("/generated/"));
const text = (path: string): string => readFileSync(join(ROOT, "src", path), "utf8");
/** The files that break a rule, so that a failure names them. */
const breaking = (rule: (source: string, path: string) => boolean): string[] =>
  files.filter((path) => rule(text(path), path));

/** Without comments and the insides of quoted text, in which a word of English is no type. */
const codeOf = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|(["'`])(?:\\[\s\S]|(?!\1)[^\\])*\1/g, (_found, quote?: string) =>
    quote === undefined ? "" : quote + quote,
  );

describe("every source file", () => {
  test("is looked at", () => {
    expect(files).toContain("core/errors.ts");
    expect(files).toContain("extension/extension.ts");
  });

  test("stands in a room", () => {
    expect(breaking((_source, path) => !ROOMS.has(path.split("/")[0] ?? ""))).toEqual([]);
  });

  test("is TypeScript", () => {
    expect(breaking((_source, path) => !path.endsWith(".ts"))).toEqual([]);
  });

  test(`has at most ${MAX_LINES} lines`, () => {
    expect(breaking((source) => source.split("\n").length - 1 > MAX_LINES)).toEqual([]);
  });

  test("exports by name", () => {
    expect(breaking((source) => /^export default\b|^export \{[^}]*\bas default\b/m.test(source))).toEqual([]);
  });

  test("exports what it defines, and nothing of another file", () => {
    expect(breaking((source) => /^export (type )?(\*|\{[^}]*\})[^;]*\bfrom "/m.test(source))).toEqual([]);
  });

  test("names the files that it imports by their ending", () => {
    const relative = /(?:from|import)\s*\(?\s*"(\.[^"]*)"/g;
    expect(
      breaking((source) => [...source.matchAll(relative)].some(([, path]) => !/\.(ts|js|json)$/.test(path ?? ""))),
    ).toEqual([]);
  });

  test("leaves nothing open, silenced or swallowed", () => {
    expect(
      breaking((source) =>
        /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable/.test(source),
      ),
    ).toEqual([]);
    expect(breaking((source) => /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/.test(source))).toEqual([]);
    const typedAway = /:\s*any\b|\bas any\b|<any>/;
    expect(breaking((source) => typedAway.test(codeOf(source)))).toEqual([]);
  });
});

test("only src/extension imports the editor", () => {
  expect(
    breaking((source, path) => !path.startsWith("extension/") && /from "vscode"|require\("vscode"\)/.test(source)),
  ).toEqual([]);
});
