/** What a user installs is listed here by name. A new file in the package is a decision, made in two places. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { run } from "../../scripts/process.ts";

const PACKAGED = [
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "bin/git-memory",
  "bin/git-memory.cmd",
  "dist/cli.cjs",
  "dist/extension.cjs",
  "dist/mcp.cjs",
  "docs/README.md",
  "docs/branch.md",
  "docs/doctor.md",
  "docs/editor.md",
  "docs/file-tool.md",
  "docs/gate.md",
  "docs/git.md",
  "docs/pull-requests.md",
  "docs/recall.md",
  "docs/speed.md",
  "docs/teams.md",
  "docs/time-travel.md",
  "docs/trust.md",
  "media/icon.png",
  "media/icon.svg",
  "media/memory-language.json",
  "media/memory.tmLanguage.json",
  "media/walkthrough/belief.svg",
  "media/walkthrough/blame.svg",
  "media/walkthrough/connect.svg",
  "media/walkthrough/rules.svg",
  "memory-schema/README.md",
  "memory-schema/cli.schema.json",
  "memory-schema/memory.schema.json",
  "memory-schema/policy.schema.json",
  "memory-schema/tombstone.schema.json",
  "package.json",
];

beforeAll(() => {
  run(process.execPath, [join(ROOT, "esbuild.mjs")]);
});

test("what the package's texts link to is in the package", () => {
  const texts = PACKAGED.filter((path) => path.endsWith(".md"));
  const leading = texts.flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:)([^)\s#]+)/g)].map(([, link = ""]) =>
      posix.join(posix.dirname(page), link),
    ),
  );
  expect(leading).toContain("docs/editor.md");
  expect(leading.filter((path) => !PACKAGED.includes(path))).toEqual([]);
});

test("the package holds exactly the files of the allow-list", () => {
  const listed = run(join(ROOT, "node_modules/.bin/vsce"), ["ls", "--no-dependencies"], { cwd: ROOT });
  expect(listed.trim().split("\n").toSorted()).toEqual(PACKAGED);
});
