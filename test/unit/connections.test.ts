import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AGENTS } from "../../src/core/onboarding/agents.ts";
import { Connections } from "../../src/extension/onboarding/connections.ts";
import { applyEdits } from "../../src/extension/onboarding/file-edits.ts";
import { type Launcher, launcherEdit, launcherFor, refreshLauncher } from "../../src/extension/onboarding/launcher.ts";

let base: string;
let root: string;
let home: string;
let launcher: Launcher;
let connections: Connections;

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, "utf8") : null);

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "connections-"));
  [root, home] = [join(base, "project"), join(base, "home")];
  mkdirSync(root);
  launcher = launcherFor(join(base, "extension"), join(base, "data"));
  connections = new Connections({ root, home, launcher });
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

describe.each(AGENTS)("connecting %s", (agent) => {
  test("writes exactly what was shown, and undoing it brings every byte back", async () => {
    put(join(root, "CLAUDE.md"), "# Rules\r\n\r\nUse pnpm.");
    put(join(home, ".codex/config.toml"), 'model = "x"\n[mcp_servers.other]\ncommand = "y"\n');
    put(join(root, ".cursor/mcp.json"), '{\n  // mine\n  "mcpServers": { "other": { "command": "y" } },\n}\n');
    const change = await connections.planToConnect(agent);
    const before = new Map(change.edits.map(({ path }) => [path, textOf(path)]));
    expect(change.edits.map(({ path, before: shown }) => [path, shown])).toEqual([...before]);

    await connections.carryOut(change);
    expect(change.edits.map(({ path }) => [path, textOf(path)])).toEqual(
      change.edits.map(({ path, after }) => [path, after]),
    );
    expect(await connections.connected()).toContain(agent);

    await connections.carryOut(await connections.planToDisconnect(agent, change));
    const left = [...before].filter(([path]) => path !== launcher.path);
    expect(left.map(([path]) => [path, textOf(path)])).toEqual(left);
    expect(await connections.connected()).not.toContain(agent);
  });

  test("changes nothing where it is connected already", async () => {
    await connections.carryOut(await connections.planToConnect(agent));
    expect((await connections.planToConnect(agent)).edits).toEqual([]);
  });
});

test("planning writes nothing", async () => {
  for (const agent of AGENTS) await connections.planToConnect(agent);
  expect(existsSync(home) || existsSync(launcher.path)).toBe(false);
});

test("the launcher is written with the first agent that needs it, and can be run", async () => {
  await connections.carryOut(await connections.planToConnect("vscode"));
  expect(existsSync(launcher.path)).toBe(false);
  await connections.carryOut(await connections.planToConnect("claude-code"));
  expect(statSync(launcher.path).mode & 0o111).toBe(0o111);
  expect(JSON.parse(textOf(join(root, ".mcp.json")) ?? "").mcpServers.memory).toEqual(launcher.command);
});

test("a file that changed since it was shown is left alone, and so are all others", async () => {
  const change = await connections.planToConnect("claude-code");
  put(join(root, "CLAUDE.md"), "Written meanwhile.\n");
  await expect(connections.carryOut(change)).rejects.toMatchObject({ code: "file-changed" });
  expect(textOf(join(root, "CLAUDE.md"))).toBe("Written meanwhile.\n");
  expect(existsSync(join(root, ".mcp.json"))).toBe(false);
});

test("edits that were made after connecting survive undoing it", async () => {
  const change = await connections.planToConnect("claude-code");
  await connections.carryOut(change);
  const rules = join(root, "CLAUDE.md");
  put(rules, `${textOf(rules) ?? ""}\nMine.\n`);
  await connections.carryOut(await connections.planToDisconnect("claude-code", change));
  expect(textOf(rules)).toContain("Mine.");
  expect(textOf(rules)).not.toContain("memory_recall");
});

describe("changing files", () => {
  test("is all or nothing: what was written before a failure is put back", async () => {
    put(join(root, "a"), "old");
    // It reads as absent, and can't be written.
    symlinkSync("missing/folder", join(root, "b"));
    const edits = [
      { path: join(root, "a"), before: "old", after: "new" },
      { path: join(root, "b"), before: null, after: "new" },
    ];
    await expect(applyEdits(edits)).rejects.toThrow(/ENOENT/);
    expect(textOf(join(root, "a"))).toBe("old");
  });

  test("keeps a link a link and a file's mode", async () => {
    put(join(root, "real"), "old");
    chmodSync(join(root, "real"), 0o640);
    symlinkSync("real", join(root, "link"));
    await applyEdits([{ path: join(root, "link"), before: "old", after: "new" }]);
    expect(lstatSync(join(root, "link")).isSymbolicLink()).toBe(true);
    expect(textOf(join(root, "real"))).toBe("new");
    expect(statSync(join(root, "real")).mode & 0o777).toBe(0o640);
  });
});

describe("keeping the launcher up to date", () => {
  test("never writes one that nobody asked for", async () => {
    expect(await refreshLauncher(launcher)).toBe(false);
    expect(existsSync(launcher.path)).toBe(false);
  });

  test("points an existing one to where things are now", async () => {
    const older = launcherFor(join(base, "older"), join(base, "data"));
    const edit = await launcherEdit(older);
    await applyEdits(edit === null ? [] : [edit]);
    expect(await refreshLauncher(launcher)).toBe(true);
    expect(textOf(launcher.path)).toBe(launcher.text);
    expect(await refreshLauncher(launcher)).toBe(false);
  });
});
