/** Upkeep packs what is loose, and loses nothing that anybody wants. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { writeObject } from "../../src/git/objects/loose.ts";
import { findRepository } from "../../src/git/repository.ts";
import { tend, type Tended } from "../../src/git/upkeep.ts";
import { outsider } from "../support/held.ts";
import { act, claim, Scratch } from "../support/scratch.ts";

const REF = "refs/heads/agent-memory";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const tended = async (asked: boolean): Promise<Tended> => tend(await findRepository(scratch.folder), [REF], asked);

/** Enough loose objects to be worth it, as a hundred writes leave them. */
function fill(): void {
  const writer = { objectsDir: scratch.path(".git/objects"), hash: "sha1", flush: false } as const;
  for (let n = 0; n < 800; n++) writeObject(writer, "blob", Buffer.from(`object ${n}`));
}

/** Nobody has been at work for an hour. */
function rest(): void {
  const then = new Date(Date.now() - 3_600_000);
  for (const name of ["index", "HEAD", "logs/HEAD", `logs/${REF}`]) {
    const file = scratch.path(".git", name);
    if (fs.existsSync(file)) fs.utimesSync(file, then, then);
  }
}

test("what is held, pending, in a session, in a log or reachable from nothing is still there afterwards", async () => {
  await addMemory(store, claim(1), act);
  await expect(addMemory(store, claim("held"), { ...act, caller: outsider })).rejects.toThrow(HeldForReviewError);
  const commits = ["pending", "session", "lost", "loose"].map((name) =>
    scratch.git("commit-tree", "agent-memory^{tree}", "-p", "agent-memory", "-m", name),
  );
  const [pending = "", session = "", lost = ""] = commits;
  scratch.git("update-ref", "refs/memory/pending/topic", pending);
  scratch.git("update-ref", "refs/memory/sessions/s_9d2k4m7x", session);
  scratch.git("update-ref", "--create-reflog", "refs/heads/other", lost);
  scratch.git("update-ref", "refs/heads/other", "HEAD");
  const refs = scratch.git("for-each-ref");
  const objects = scratch.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)");
  const { skipped } = await tended(true);
  expect(skipped).toBeNull();
  expect(scratch.git("for-each-ref")).toBe(refs);
  expect(scratch.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")).toBe(objects);
  for (const commit of commits) scratch.git("cat-file", "-e", `${commit}^{tree}`);
  expect(await store.quarantine?.waiting(null)).toHaveLength(1);
  expect(scratch.git("count-objects")).toMatch(/^0 objects/);
  scratch.git("commit-graph", "verify");
  scratch.fsck();
  await addMemory(store, claim(2), act);
  expect([...(await (await scratch.open()).snapshot()).memories()]).toHaveLength(2);
});

test("where the store is in the code's branch, the code's history is not gone through", async () => {
  await tend(await findRepository(scratch.folder), [], true);
  expect(fs.existsSync(scratch.path(".git/objects/info/commit-graphs"))).toBe(false);
  expect(scratch.git("count-objects")).toMatch(/^0 objects/);
});

describe("by itself it does nothing", () => {
  test("while little is loose", async () => {
    rest();
    expect((await tended(false)).skipped).toMatch(/little/);
  });

  test("while somebody is at work, and does it when nobody is", async () => {
    fill();
    expect((await tended(false)).skipped).toMatch(/at work/);
    rest();
    const { before, after, skipped } = await tended(false);
    expect(skipped).toBeNull();
    expect(before).toBeGreaterThan(500);
    expect(after).toBe(0);
  });

  test.each([
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
  ])("where %s is %s, unless a person asks", async (key, value) => {
    scratch.git("config", key, value);
    fill();
    rest();
    expect((await tended(false)).skipped).toMatch(/switches automatic upkeep off/);
    expect((await tended(true)).after).toBe(0);
    expect(scratch.git("config", "--local", "--get-regexp", "^(maintenance|gc)")).toBe(`${key} ${value}`);
  });

  test("while another maintenance runs, which git's own lock tells", async () => {
    fill();
    rest();
    fs.writeFileSync(scratch.path(".git/objects/maintenance.lock"), "");
    expect((await tended(false)).after).toBeGreaterThan(500);
  });
});

const maintenance = (): string => scratch.path(".git/objects/maintenance.lock");
const chain = (): string => scratch.path(".git/objects/info/commit-graphs/commit-graph-chain.lock");

/** What a process leaves that was killed at its upkeep together with git. */
function killedUpkeep(age: number): void {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  fs.writeFileSync(scratch.path(".git/memory/upkeep"), `${pid} ${os.hostname()} ${Date.now() - age}\n`);
  fs.mkdirSync(path.dirname(chain()), { recursive: true });
  for (const lock of [maintenance(), chain()]) fs.writeFileSync(lock, "");
}

test.runIf(fs.existsSync("/proc/self"))(
  "goes on after it was killed with its git, whose locks it removes",
  async () => {
    fill();
    killedUpkeep(60_000);
    const { after } = await tended(true);
    expect(after).toBe(0);
    expect([maintenance(), chain(), scratch.path(".git/memory/upkeep")].filter((file) => fs.existsSync(file))).toEqual(
      [],
    );
    scratch.git("commit-graph", "verify");
  },
);

test("leaves a lock that was there before the killed one began", async () => {
  fill();
  killedUpkeep(0);
  const then = new Date(Date.now() - 60_000);
  fs.utimesSync(maintenance(), then, then);
  await tended(true);
  expect(fs.existsSync(maintenance())).toBe(true);
});
