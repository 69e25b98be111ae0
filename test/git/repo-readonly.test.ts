/** A repository that can't be written: all that reads works, and a write says why it can't be. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, Scratch } from "../support/scratch.ts";

const CALLS = path.join(import.meta.dirname, "support/calls.ts");

let scratch: Scratch;
let id: string;
beforeEach(async () => {
  scratch = new Scratch();
  const store = await scratch.start();
  id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
  await updateMemory(store, id, { title: "Claim number one" }, act);
  scratch.git("tag", "memory/then", "agent-memory");
  await store.repository.dispose();
  fs.chmodSync(scratch.root, 0o755);
  setModes("a-w,a+rX");
});
afterEach(async () => {
  setModes("u+w");
  await scratch.remove();
});

function setModes(modes: string): void {
  spawnSync("chmod", ["-R", modes, scratch.folder]);
}

interface Called {
  readonly args: readonly string[];
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Calls of `git-memory` by somebody who may not write; root may write anything, so root becomes somebody else. */
function callAll(calls: readonly (readonly string[])[]): Called[] {
  const isRoot = process.getuid?.() === 0;
  const { stdout, stderr } = spawnSync(process.execPath, [CALLS, JSON.stringify(calls)], {
    cwd: scratch.folder,
    encoding: "utf8",
    env: {
      ...process.env,
      HOME: "/nowhere",
      COMMIT_TO_MEMORY_DATA: `${scratch.root}/nobody`,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
    ...(isRoot ? { uid: 12_345, gid: 12_345 } : {}),
  });
  if (stdout === "") throw new Error(stderr);
  const called: Called[] = JSON.parse(stdout);
  return called;
}

describe("in a repository that can't be written", () => {
  test("everything that reads works", () => {
    const reading = [
      ["list"],
      ["show", id],
      ["history", id],
      ["blame", id],
      ["why", id],
      ["lineage", id],
      ["diff", "memory/then", "agent-memory~1"],
      ["snapshots"],
      ["receipts"],
      ["queue"],
      ["recall", "claim number one"],
      ["doctor"],
    ];
    const called = callAll([...reading, ["recall", "claim number one", "--json"]]);
    expect(called.filter(({ exit }) => exit !== 0)).toEqual([]);
    const [recalled, doctor, json] = called.slice(-3);
    expect(recalled).toMatchObject({
      out: expect.stringContaining("Claim number one"),
      err: expect.stringContaining("not recorded"),
    });
    expect(JSON.parse(json?.out ?? "")).toMatchObject({ receipt: null });
    expect(doctor?.out).toMatch(/can't be written/);
  });

  test("a write says why it can't be made, and what to do", () => {
    const words = ["--type", "Fact", "--body", "B", "--reason", "R"];
    const called = callAll([
      ["add", "--title", "T", ...words],
      ["update", id, "--title", "T", "--reason", "R"],
      ["expire", id, "--cause", "wrong"],
      ["revert", id],
      ["snapshot", "now"],
    ]);
    for (const { exit, err } of called.slice(0, -1))
      expect({ exit, err }).toEqual({ exit: 1, err: expect.stringMatching(/nothing was stored.*may not write/s) });
    expect(called.at(-1)).toMatchObject({ exit: 1, err: expect.stringMatching(/permission/i) });
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("3");
  });
});
