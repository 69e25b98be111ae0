/**
 * The import laws hold because three tools guard them. Each test plants a violation in a small copy of the house (its
 * configuration and nothing else) and expects that tool to refuse it; the lawful house comes first, so that a tool which
 * refuses everything is noticed too.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";

const ROOMS = ["core", "git", "extension", "mcp", "cli"] as const;

const LAWFUL: Readonly<Record<string, string>> = {
  "src/core/claim.ts": `import { createHash } from "node:crypto";\nexport const digest = (text: string): string => createHash("sha256").update(text).digest("hex");\n`,
  "src/git/repository.ts": `import { digest } from "../core/claim.ts";\nexport const head = (): string => digest("HEAD");\n`,
  "src/extension/extension.ts": `import { window } from "vscode";\nimport { head } from "../git/repository.ts";\nexport function activate(): void {\n  window.setStatusBarMessage(head());\n}\n`,
  "src/mcp/main.ts": `import { head } from "../git/repository.ts";\nprocess.stdout.write(head());\n`,
  "src/cli/main.ts": `import { head } from "../git/repository.ts";\nprocess.stdout.write(head());\n`,
};

let house: string;

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
}

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), "house-"));
  const configuration = [".oxlintrc.json", "esbuild.mjs", "tsconfig.base.json", "package.json"];
  for (const path of [...configuration, ...ROOMS.map((room) => `src/${room}/tsconfig.json`)]) {
    cpSync(join(ROOT, path), join(house, path));
  }
  symlinkSync(join(ROOT, "node_modules"), join(house, "node_modules"), "dir");
  put(LAWFUL);
});
afterEach(() => {
  rmSync(house, { recursive: true, force: true });
});

function tool(command: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
  const done = spawnSync(join(ROOT, "node_modules/.bin", command), args, { cwd: house, encoding: "utf8" });
  return { status: done.status, output: done.stdout + done.stderr };
}

describe("the linter", () => {
  const lint = (): ReturnType<typeof tool> => tool("oxlint", "src");

  test("passes the lawful house", () => {
    expect(lint()).toMatchObject({ status: 0 });
  });

  test.each([
    ["core", "../git/repository.ts", "imports nothing of ours above it"],
    ["core/gate", "../../extension/extension.ts", "imports nothing of ours above it"],
    ["core", "../mcp/main.ts", "imports nothing of ours above it"],
    ["core", "vscode", "Only src/extension speaks to the editor"],
    ["core", "simple-git", "git itself belongs to src/git"],
    ["core", "node:fs", "touches no file, process or network"],
    ["core", "node:fs/promises", "touches no file, process or network"],
    ["core", "node:child_process", "touches no file, process or network"],
    ["core", "node:process", "touches no file, process or network"],
    ["git", "vscode", "Only src/extension speaks to the editor"],
    ["git", "../cli/main.ts", "below the doors"],
    ["extension", "../mcp/main.ts", "Doors never import each other"],
    ["extension/tree", "../../cli/main.ts", "Doors never import each other"],
    ["mcp", "vscode", "Only src/extension speaks to the editor"],
    ["mcp", "../cli/main.ts", "Doors never import each other"],
    ["cli", "vscode", "Only src/extension speaks to the editor"],
    ["cli", "../extension/extension.ts", "Doors never import each other"],
  ])("refuses src/%s importing %s and says why", (folder, specifier, why) => {
    put({ [`src/${folder}/planted.ts`]: `import * as planted from "${specifier}";\nexport const used = planted;\n` });
    const { status, output } = lint();
    expect(status).not.toBe(0);
    expect(output).toContain(why);
  });

  test("lets a folder of the extension share a name with a door", () => {
    put({
      "src/extension/mcp/server.ts": `export const label = "memory";\n`,
      "src/extension/tree/planted.ts": `import { label } from "../mcp/server.ts";\nexport const used = label;\n`,
    });
    expect(lint()).toMatchObject({ status: 0 });
  });

  test("refuses two files that import each other, be it types alone", () => {
    put({
      "src/core/whole.ts": `import type { Part } from "./part.ts";\nexport interface Whole {\n  readonly parts: readonly Part[];\n}\n`,
      "src/core/part.ts": `import type { Whole } from "./whole.ts";\nexport interface Part {\n  readonly of: Whole;\n}\n`,
    });
    const { status, output } = lint();
    expect(status).not.toBe(0);
    expect(output).toContain("Dependency cycle");
  });

  test("refuses a type taken from a higher room", () => {
    put({
      "src/core/planted.ts": `import type { head } from "../git/repository.ts";\nexport type Head = typeof head;\n`,
    });
    const { status, output } = lint();
    expect(status).not.toBe(0);
    expect(output).toContain("imports nothing of ours above it");
  });

  test("refuses the core the process and the console", () => {
    put({ "src/core/planted.ts": `export const user = process.env["USER"];\nconsole.log(user);\n` });
    const { status, output } = lint();
    expect(status).not.toBe(0);
    expect(output).toContain("take what you need from ports.ts");
    expect(output).toContain("a door prints it");
  });
});

describe("the type checker", () => {
  const check = (room: string): ReturnType<typeof tool> => tool("tsc", "-b", `src/${room}`);

  test("passes the lawful house", () => {
    for (const room of ROOMS) expect(check(room)).toEqual({ status: 0, output: "" });
  });

  test.each([
    ["core", "../git/repository.ts"],
    ["git", "../cli/main.ts"],
    ["extension", "../mcp/main.ts"],
    ["mcp", "../cli/main.ts"],
    ["cli", "../extension/extension.ts"],
  ])("refuses src/%s importing %s", (room, specifier) => {
    put({
      [`src/${room}/planted.ts`]: `import * as planted from "${specifier}";\nexport const used: unknown = planted;\n`,
    });
    const { status, output } = check(room);
    expect(status).not.toBe(0);
    expect(output).toMatch(/TS6059|TS6307/);
  });
});

describe("the bundler", () => {
  const bundle = (): ReturnType<typeof tool> => tool("node", "esbuild.mjs");

  test("builds the lawful house", () => {
    expect(bundle()).toMatchObject({ status: 0 });
  });

  test.each(["mcp", "cli"])("does not build src/%s when it reaches the editor", (room) => {
    put({ [`src/${room}/main.ts`]: `import { window } from "vscode";\nwindow.setStatusBarMessage("planted");\n` });
    const { status, output } = bundle();
    expect(status).not.toBe(0);
    expect(output).toContain('Could not resolve "vscode"');
  });

  test("does not build src/mcp when the core reaches the editor for it", () => {
    put({
      "src/core/claim.ts": `import { env } from "vscode";\nexport const digest = (text: string): string => text + env.appName;\n`,
    });
    const { status, output } = bundle();
    expect(status).not.toBe(0);
    expect(output).toContain('Could not resolve "vscode"');
  });
});
