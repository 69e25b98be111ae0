/** `git memory sync` and `git memory propose` as a person types them. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld } from "../support/cli-world.ts";

let world: CliWorld;
let server: string;
beforeEach(async () => {
  world = new CliWorld();
  server = path.join(world.root, "server.git");
  execFileSync("git", ["init", "--quiet", "--bare", server]);
  world.git("remote", "add", "origin", server);
});
afterEach(() => world.remove());

const syncAnswer = async (...args: readonly string[]): Promise<{ exit: number; answer: Record<string, unknown> }> => {
  const { exit, answer } = await world.json(["sync", ...args]);
  return { exit, answer: { ...answer } };
};

describe("git memory sync", () => {
  test("says in one sentence what came and went", async () => {
    await world.init();
    await world.add("The port is 4100");
    expect(await world.call(["sync"])).toEqual({
      exit: 0,
      out: "Synced with origin: nothing came, 1 change went.\n",
      err: "",
    });
    expect(await syncAnswer()).toMatchObject({ exit: 0, answer: { status: "unchanged", came: 0, went: 0 } });
  });

  test("ends with 0 offline, and says what waits", async () => {
    await world.init();
    world.git("remote", "set-url", "origin", "ssh://127.0.0.1:1/x.git");
    expect(await syncAnswer()).toMatchObject({ exit: 0, answer: { status: "offline", went: 0 } });
  });

  test("needs a remote", async () => {
    await world.init();
    world.git("remote", "remove", "origin");
    expect(await syncAnswer()).toMatchObject({ exit: 1, answer: { error: { code: "team-remote" } } });
    expect((await world.call(["sync", "--remote", "--upload-pack=touch x"])).exit).not.toBe(0);
    expect((await world.call(["sync", "--remote=-x"])).err).toMatch(/There is no remote named/);
    expect((await world.call(["sync", "--remote", "ext::sh -c true"])).err).toMatch(/There is no remote named/);
  });

  test("does nothing where memory is read-only", async () => {
    await world.init();
    fs.writeFileSync(path.join(world.code, ".git/memory/mode"), "read-only\n");
    expect(await syncAnswer()).toMatchObject({ exit: 1, answer: { error: { code: "mode" } } });
  });

  test("takes a personal store only to where a person said", async () => {
    await world.call(["init", "--placement", "personal"]);
    const refused = await syncAnswer("--store", "personal");
    expect(refused).toMatchObject({ exit: 1, answer: { error: { code: "team-remote" } } });
    const own = path.join(world.root, "own.git");
    execFileSync("git", ["init", "--quiet", "--bare", own]);
    const named = ["--store", "personal", "--remote", own, "--remember"];
    expect(await syncAnswer(...named)).toMatchObject({ exit: 0, answer: { status: "synced", store: "personal" } });
    expect(await syncAnswer("--store", "personal")).toMatchObject({ exit: 0, answer: { status: "unchanged" } });
  });

  test("leaves a store in the code's branch to the person who pushes the code", async () => {
    await world.call(["init", "--placement", "branch", "--yes"]);
    const { exit, answer } = await syncAnswer();
    expect({ exit, answer }).toMatchObject({
      exit: 0,
      answer: { status: "fetched", code: { branch: "main", behind: null } },
    });
    expect(execFileSync("git", ["for-each-ref"], { cwd: server, encoding: "utf8" })).toBe("");
    world.git("push", "--quiet", "origin", "main");
    expect((await syncAnswer()).answer).toMatchObject({ code: { branch: "main", behind: 0 } });
  });
});

describe("git memory propose", () => {
  /** A program of a forge that answers as it does, and keeps what it was asked. */
  function forgeTool(name: string, answer: string): string {
    const folder = path.join(world.root, "bin");
    fs.mkdirSync(folder, { recursive: true });
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> "${path.join(world.root, name)}"\n[ "$1" = auth ] || echo "${answer}"\n`;
    fs.writeFileSync(path.join(folder, name), script, { mode: 0o755 });
    return folder;
  }

  async function diverged(): Promise<void> {
    await world.init();
    await world.call(["sync"]);
    await world.add("The port is 4100");
    // Recognised by its address, reached by its folder.
    world.git("config", `url.${server}.insteadOf`, "https://github.com/o/r.git");
    world.git("remote", "set-url", "origin", "https://github.com/o/r.git");
  }

  test("pushes a branch for review and prints where the pull request is opened", async () => {
    await diverged();
    const { out, exit } = await world.call(["propose", "--topic", "port"]);
    expect(exit).toBe(0);
    expect(out).toBe(
      "1 change is on agent-memory-review/port at origin.\nOpen the pull request: https://github.com/o/r/compare/agent-memory...agent-memory-review/port?expand=1\n",
    );
    const main = world.git("ls-remote", server, "refs/heads/agent-memory");
    expect(main).not.toContain(world.git("rev-parse", "agent-memory"));
    const { answer } = await world.json(["propose", "--topic", "port"]);
    expect(answer).toMatchObject({ status: "proposed", changes: 1, opened: null });
  });

  test("lets gh open it where that is logged in", async () => {
    await diverged();
    const bin = forgeTool("gh", "https://github.com/o/r/pull/7");
    const path_ = process.env["PATH"];
    process.env["PATH"] = `${bin}${path.delimiter}${path_ ?? ""}`;
    try {
      const { answer } = await world.json(["propose", "--open"]);
      expect(answer).toMatchObject({
        status: "opened",
        opened: "gh",
        proposed: { url: "https://github.com/o/r/pull/7" },
      });
    } finally {
      process.env["PATH"] = path_;
    }
    const asked = fs.readFileSync(path.join(world.root, "gh"), "utf8");
    expect(asked).toContain("pr create --base agent-memory --head agent-memory-review/test-person");
    expect(asked).toContain("--repo github.com/o/r");
  });

  test("has nothing to propose where the server has all", async () => {
    await world.init();
    await world.call(["sync"]);
    expect((await world.json(["propose"])).answer).toMatchObject({ status: "unchanged", changes: 0, proposed: null });
  });

  test("refuses a topic that is no branch's name", async () => {
    await diverged();
    expect((await world.call(["propose", "--topic", "a..b"])).exit).toBe(2);
  });
});
