import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchCommand, launcherFile } from "../../src/extension/onboarding/launcher-script.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launcher-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(target: { node: string; cli: string }): string {
  const path = join(folder, "git-memory");
  writeFileSync(path, launcherFile(target, "linux").text);
  chmodSync(path, 0o755);
  return path;
}

describe("the launcher on a POSIX system", () => {
  test("runs the command line as Node, from folders with any name, and hands every argument on", () => {
    const odd = join(folder, 'it\'s $(a) "folder" \\ ü');
    mkdirSync(odd);
    const cli = join(odd, "cli.cjs");
    writeFileSync(cli, "console.log(JSON.stringify([process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)]))");
    const answer = execFileSync(write({ node: process.execPath, cli }), ["mcp", "two words", "$HOME"], {
      encoding: "utf8",
    });
    expect(JSON.parse(answer)).toEqual(["1", "mcp", "two words", "$HOME"]);
  });

  test.each(["node", "cli"])("says what to do where the %s has gone", (gone) => {
    const cli = join(folder, "cli.cjs");
    writeFileSync(cli, "");
    const target = { node: process.execPath, cli, [gone]: join(folder, "gone") };
    const { status, stderr, stdout } = spawnSync(write(target), ["mcp"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/Open the editor once/);
  });
});

describe("the launcher on Windows", () => {
  const plain = { node: String.raw`C:\Program Files\Code\Code.exe`, cli: String.raw`C:\Users\ann\cli.cjs` };

  test("doubles percent signs, which the shell would replace, and ends its lines as the shell wants", () => {
    const { name, text } = launcherFile({ ...plain, cli: String.raw`C:\100%PATH%\cli.cjs` }, "win32");
    expect(name).toBe("git-memory.cmd");
    expect(text).toContain(String.raw`"C:\Program Files\Code\Code.exe" "C:\100%%PATH%%\cli.cjs" %*`);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test("switches to UTF-8 only where a path needs it", () => {
    expect(launcherFile(plain, "win32").text).not.toContain("chcp");
    expect(launcherFile({ ...plain, cli: String.raw`C:\Users\Zoë\cli.cjs` }, "win32").text).toContain("chcp 65001");
  });
});

test("agents start the script itself, and on Windows by its shell", () => {
  expect(launchCommand("/data/bin/git-memory", "darwin")).toEqual({ command: "/data/bin/git-memory", args: ["mcp"] });
  expect(launchCommand(String.raw`C:\d\git-memory.cmd`, "win32")).toEqual({
    command: "cmd",
    args: ["/d", "/c", String.raw`C:\d\git-memory.cmd`, "mcp"],
  });
});
