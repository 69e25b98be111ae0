import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prefixInRepository, versionsAtHead } from "../../src/extension/onboarding/code-at-head.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let folder: string;
const git = (...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: folder,
    encoding: "utf8",
  }).trim();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "code-at-head-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(["sha1", "sha256"])("the version of a file at HEAD, in a %s repository", (format) => {
  beforeEach(() => {
    git("init", "--quiet", `--object-format=${format}`);
  });

  test("is its commit and blob where the file stands as committed", async () => {
    writeFileSync(join(folder, "CLAUDE.md"), "Use pnpm.\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "rules");
    const versions = await versionsAtHead(folder, new Map([["CLAUDE.md", bytes("Use pnpm.\n")]]));
    expect(versions.get("CLAUDE.md")).toEqual({
      commit: git("rev-parse", "HEAD"),
      blob: git("rev-parse", "HEAD:CLAUDE.md"),
    });
  });

  test("is found for a file that was checked out with the line endings of Windows", async () => {
    writeFileSync(join(folder, "CLAUDE.md"), "Use pnpm.\nNever npm.\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "rules");
    const versions = await versionsAtHead(folder, new Map([["CLAUDE.md", bytes("Use pnpm.\r\nNever npm.\r\n")]]));
    expect(versions.get("CLAUDE.md")?.blob).toBe(git("rev-parse", "HEAD:CLAUDE.md"));
  });

  test("is none for a changed file, an untracked one, and where there is no commit", async () => {
    const files = new Map([
      ["CLAUDE.md", bytes("Use npm.\n")],
      ["AGENTS.md", bytes("New.\n")],
    ]);
    expect(await versionsAtHead(folder, files)).toEqual(new Map());
    writeFileSync(join(folder, "CLAUDE.md"), "Use pnpm.\n");
    git("add", "CLAUDE.md");
    git("commit", "--quiet", "-m", "rules");
    expect(await versionsAtHead(folder, files)).toEqual(new Map());
  });
});

test("a folder below the repository's root is asked by its own paths, and a name with a wildcard is only itself", async () => {
  git("init", "--quiet");
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "AGENTS.md"), "Here.\n");
  writeFileSync(join(folder, "app", "A*.md"), "Star.\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "rules");
  const versions = await versionsAtHead(
    join(folder, "app"),
    new Map([
      ["AGENTS.md", bytes("Here.\n")],
      ["A*.md", bytes("Here.\n")],
    ]),
  );
  expect([...versions.keys()]).toEqual(["AGENTS.md"]);
  expect(await prefixInRepository(join(folder, "app"))).toBe("app/");
  expect(await prefixInRepository(folder)).toBe("");
});
