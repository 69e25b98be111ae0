/** What a user installs is listed here by name. A new file in the package is a decision, made in two places. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { run } from "../../scripts/process.ts";

const PACKAGED = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "bin/git-memory",
  "bin/git-memory.cmd",
  "dist/cli.cjs",
  "dist/extension.cjs",
  "dist/mcp.cjs",
  "media/icon.png",
  "media/icon.svg",
  "media/memory-language.json",
  "media/memory.tmLanguage.json",
  "media/walkthrough/belief.svg",
  "media/walkthrough/blame.svg",
  "media/walkthrough/connect.svg",
  "media/walkthrough/rules.svg",
  "package.json",
];

beforeAll(() => {
  run(process.execPath, [join(ROOT, "esbuild.mjs")]);
});

test("the package holds exactly the files of the allow-list", () => {
  const listed = run(join(ROOT, "node_modules/.bin/vsce"), ["ls", "--no-dependencies"], { cwd: ROOT });
  expect(listed.trim().split("\n").toSorted()).toEqual(PACKAGED);
});
