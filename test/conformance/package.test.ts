/** What a user installs is listed here by name. A new file in the package is a decision, made in two places. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { expect, test } from "vitest";
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

/** What lies in the folders that git ignores, and must not be packaged. */
const IGNORED = [
  "node_modules/x/README.md",
  "dist/cli.cjs.map",
  "out/x.md",
  "shots/x.png",
  ".vscode-test/x/package.json",
];

/** A copy of the project's own files, because the packager looks at every file of an editor for tests as well. */
async function copyOfProject(): Promise<string> {
  const { bundles } = (await import(pathToFileURL(join(ROOT, "esbuild.mjs")).href)) as {
    bundles: () => BuildOptions[];
  };
  const copy = mkdtempSync(join(tmpdir(), "memory-package-"));
  const listed = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(copy, file));
  for (const file of [...bundles().map(({ outfile = "" }) => outfile), ...IGNORED]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), "");
  }
  return copy;
}

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

test("the package holds exactly the files of the allow-list", async () => {
  const copy = await copyOfProject();
  try {
    const listed = run(join(ROOT, "node_modules/.bin/vsce"), ["ls", "--no-dependencies"], { cwd: copy });
    expect(listed.trim().split("\n").toSorted()).toEqual(PACKAGED);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
