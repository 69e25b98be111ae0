/** The hooks as git calls them: on a real server repository, and before a real push. */
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { bundleCli } from "../support/bundled-cli.ts";
import { memoryText, pathOf, PORT, PullRequests, REJECTED } from "../support/pull-requests.ts";

// Each push starts git, the hook and the review.
vi.setConfig({ testTimeout: 120_000 });

const built = fs.mkdtempSync(path.join(os.tmpdir(), "memory-built-"));
let program: string;
beforeAll(async () => {
  program = await bundleCli(built);
});
afterAll(() => fs.rmSync(built, { recursive: true, force: true }));

let world: PullRequests;
let server: string;
let bin: string;

beforeEach(() => {
  world = new PullRequests();
  server = path.join(world.scratch.root, "server.git");
  bin = path.join(world.scratch.root, "bin");
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, "git-memory"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {
    mode: 0o755,
  });
  execFileSync("git", ["init", "--quiet", "--bare", "--template=", server]);
  world.scratch.git("remote", "add", "origin", server);
  world.scratch.git("push", "-q", "origin", "agent-memory", "main");
});
afterEach(async () => world.remove());

function install(hook: string, folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(ROOT, "ci/hooks", hook), path.join(folder, hook));
  fs.chmodSync(path.join(folder, hook), 0o755);
}

function push(...args: readonly string[]): { ok: boolean; said: string } {
  return pushTo("origin", ...args);
}

function pushTo(remote: string, ...args: readonly string[]): { ok: boolean; said: string } {
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
  const { status, stderr, stdout } = spawnSync("git", ["push", remote, ...args], {
    cwd: world.scratch.folder,
    env,
    encoding: "utf8",
  });
  return { ok: status === 0, said: `${stdout}${stderr}` };
}

const NODE = { id: "m_2b2b2b2b2b2b", title: "The build needs Node 24" };
const honest = { files: { [pathOf(NODE)]: memoryText(NODE) } };
const revived = {
  files: { [pathOf({ ...REJECTED, id: "m_8g8g8g8g8g8g" })]: memoryText({ ...REJECTED, id: "m_8g8g8g8g8g8g" }) },
};

describe.each([
  ["pre-receive", () => path.join(server, "hooks")],
  ["pre-push", () => path.join(world.scratch.folder, ".git/hooks")],
])("%s", (hook, folder) => {
  beforeEach(() => install(hook, folder()));

  test("lets an honest change pass and says what it brings", () => {
    world.commit("agent-memory", world.base, [honest]);
    const { ok, said } = push("agent-memory");
    expect(said).toMatch(/agent-memory: It adds 1 belief\. No rule speaks against it/);
    expect(ok).toBe(true);
  });

  test("refuses what the gate refuses, and says why", () => {
    world.commit("agent-memory", world.base, [revived]);
    const { ok, said } = push("agent-memory");
    expect(said).toMatch(/This claim was rejected/);
    expect(said).toMatch(/Refused/);
    expect(ok).toBe(false);
    expect(execFileSync("git", ["rev-parse", "agent-memory"], { cwd: server, encoding: "utf8" }).trim()).toBe(
      world.base,
    );
  });

  test("refuses it on a new branch too, by the rules of the memory branch", () => {
    world.commit("agent-memory-review/again", world.base, [revived]);
    expect(push("agent-memory-review/again")).toMatchObject({ ok: false });
    world.commit("agent-memory-review/node", world.base, [honest]);
    expect(push("agent-memory-review/node")).toMatchObject({ ok: true });
  });

  test("sees what a forced push would take away", () => {
    world.commit("agent-memory", world.base, [honest]);
    push("agent-memory");
    world.commit("agent-memory", world.base, [{ files: { [pathOf(PORT)]: null } }]);
    const { said } = push("--force", "agent-memory");
    expect(said).toMatch(/It ends 2 beliefs/);
  });

  test("judges the first memory that a server gets by the built-in rules", () => {
    const first = path.join(world.scratch.root, "first.git");
    execFileSync("git", ["init", "--quiet", "--bare", "--template=", first]);
    world.scratch.git("remote", "set-url", "origin", first);
    world.scratch.git("update-ref", "-d", "refs/remotes/origin/agent-memory");
    if (hook === "pre-receive") install(hook, path.join(first, "hooks"));
    const hidden = { ...NODE, body: "The build needs \u202eNode 24." };
    world.commit("agent-memory", world.base, [{ files: { [pathOf(hidden)]: memoryText(hidden) } }]);
    const refused = push("agent-memory");
    expect(refused.said).toMatch(/hidden\//);
    expect(refused.ok).toBe(false);
    world.commit("agent-memory", world.base, [honest]);
    const { ok, said } = push("agent-memory");
    expect(said).toMatch(
      /agent-memory: It adds \d+ beliefs\.[\s\S]*first memory there, so the built-in rules were used/,
    );
    expect(ok).toBe(true);
  });

  test("keeps the memory branch from being removed", () => {
    expect(push("--delete", "agent-memory")).toMatchObject({
      ok: false,
      said: expect.stringMatching(/remove all memory/),
    });
  });

  test("has nothing to say of code", () => {
    world.scratch.write("code.ts", "1\n");
    world.scratch.git("add", "-A");
    world.scratch.git("commit", "-qm", "code");
    const { ok, said } = push("HEAD:refs/heads/main", "HEAD:refs/tags/one");
    expect(said).not.toMatch(/belief|first memory|Refused/);
    expect(ok).toBe(true);
  });
});

test("what goes to an address without a name is compared with what the team's server has", () => {
  install("pre-push", path.join(world.scratch.folder, ".git/hooks"));
  world.commit("agent-memory-review/node", world.base, [honest]);
  const address = path.join(world.scratch.root, "server.git");
  const { ok, said } = pushTo(`file://${address}`, "agent-memory-review/node");
  expect(said).toMatch(/agent-memory-review\/node: It adds 1 belief\./);
  expect(ok).toBe(true);
});

test("who has no git-memory pushes as ever", () => {
  install("pre-push", path.join(world.scratch.folder, ".git/hooks"));
  world.commit("agent-memory", world.base, [revived]);
  fs.rmSync(path.join(bin, "git-memory"));
  expect(push("agent-memory")).toMatchObject({ ok: true });
});

test("called with something else than a push, it says where it belongs", () => {
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const { status, stderr } = spawnSync("git-memory", ["hook", "pre-receive"], {
    cwd: server,
    env,
    input: "hello\n",
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(/docs\/pull-requests\.md/);
});
