import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { GitError, StoreBusyError } from "../../src/core/errors.ts";
import { nameSnapshot } from "../../src/core/provenance/snapshots.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { act, claim, Scratch } from "../support/scratch.ts";
import { bundleWriter } from "./support/writer-bundle.ts";

const WRITERS = 4;
const WRITES = 25;
const KILLS = 30;

let scratch: Scratch;
let store: MemoryStore;

const bundle = fs.mkdtempSync(path.join(os.tmpdir(), "memory-writer-"));

beforeAll(() => bundleWriter(bundle));
afterAll(() => fs.rmSync(bundle, { recursive: true, force: true }));
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

interface Writer {
  readonly child: ChildProcessWithoutNullStreams;
  /** The lines after `ready`. */
  readonly lines: string[];
  readonly ready: Promise<void>;
  readonly ended: Promise<number | null>;
}

function writer(name: string, count: number, ...rest: string[]): Writer {
  // In a group of its own, so that a kill takes its git processes with it, as a crash of the machine would.
  const child = spawn(
    path.join(ROOT, "node_modules/.bin/node"),
    [path.join(bundle, "writer.mjs"), scratch.folder, scratch.data, name, String(count), ...rest],
    { detached: true },
  );
  const lines: string[] = [];
  let partial = "";
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const parts = (partial + chunk.toString()).split("\n");
      partial = parts.pop() ?? "";
      for (const line of parts) {
        if (line === "ready") resolve();
        else lines.push(line);
      }
    });
    child.once("close", () => reject(new Error(said)));
  });
  // Whoever never waits for it learns of the failure by the exit code.
  ready.catch(() => undefined);
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, lines, ready, ended };
}

describe("many writers", () => {
  test(`of ${WRITERS} processes with ${WRITES} writes each, none loses one`, async () => {
    const writers = Array.from({ length: WRITERS }, (_, i) => writer(`writer-${i}`, WRITES));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual(Array.from({ length: WRITERS }, () => 0));
    const acknowledged = writers.flatMap(({ lines }) => lines.map((line) => line.split(" ")));
    expect(acknowledged).toHaveLength(WRITERS * WRITES);
    const inHistory = new Set(scratch.git("rev-list", "agent-memory").split("\n"));
    expect(acknowledged.filter(([commit]) => !inHistory.has(commit ?? ""))).toEqual([]);
    expect(inHistory.size).toBe(1 + WRITERS * WRITES);
    const snapshot = await store.snapshot();
    expect(acknowledged.filter(([, id]) => snapshot.get(id ?? "") === undefined)).toEqual([]);
    scratch.fsck();
  });

  test("that update one memory from the same version: one is stored, the other gets a conflict", async () => {
    const written = await addMemory(store, claim(1), act);
    const { id = "", blob = "" } = written.memories[0] ?? {};
    const writers = ["a", "b"].map((name) => writer(name, 0, id, blob ?? ""));
    await Promise.all(writers.map(({ ready }) => ready));
    for (const { child } of writers) child.stdin.write("go\n");
    await Promise.all(writers.map(({ ended }) => ended));
    const outcomes = writers.flatMap(({ lines }) => lines);
    expect(outcomes.filter((outcome) => outcome === "conflict")).toHaveLength(1);
    expect(outcomes).toContain(scratch.git("rev-parse", "agent-memory"));
  });

  test("in one process, and a push between their reads and writes, lose nothing", async () => {
    const windows = [store, await scratch.open(), await scratch.open()];
    const pushed: string[] = [];
    const writes = windows.flatMap((window, w) =>
      Array.from({ length: 8 }, (_, n) => addMemory(window, claim(`${w}-${n}`), act)),
    );
    const progress = { done: false };
    const all = Promise.allSettled(writes).finally(() => (progress.done = true));
    for (let n = 0; !progress.done; n++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
      // As `git push` does: no lock of ours, only the ref's own compare-and-swap.
      try {
        pushed.push(
          scratch.commitOutside({ [`semantic/fact/pushed-${n}.md`]: `---\ntype: Fact\n---\n\nPushed ${n}.\n` }),
        );
      } catch (error) {
        if (!/cannot lock ref|Not updating/.test(String(error))) throw error;
      }
    }
    const outcomes = await all;
    const written = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    // Whoever pushes without a pause can keep us out, and then we say so.
    expect(refused.filter((reason) => !(reason instanceof StoreBusyError))).toEqual([]);
    expect(written.length).toBeGreaterThan(refused.length);
    const inHistory = new Set(scratch.git("rev-list", "agent-memory").split("\n"));
    expect(written.filter(({ commit }) => !inHistory.has(commit))).toEqual([]);
    expect(pushed.filter((commit) => !inHistory.has(commit))).toEqual([]);
    expect((await store.snapshot()).size).toBe(written.length + pushed.length);
    scratch.fsck();
  });
});

describe("a lock that was left behind", () => {
  const lock = (): string => scratch.path(".git/memory/agent-memory.lock");
  const timed = async (): Promise<number> => {
    const start = performance.now();
    await addMemory(store, claim(1), act);
    return performance.now() - start;
  };

  test("by a dead process doesn't hold up the next write", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => gone.once("close", resolve));
    fs.writeFileSync(lock(), `${gone.pid ?? 0} ${os.hostname()} abc\n`);
    expect(await timed()).toBeLessThan(1_000);
    expect(fs.existsSync(lock())).toBe(false);
  });

  test("by another machine holds up no write for longer than its age allows", async () => {
    fs.writeFileSync(lock(), "1 another-machine abc\n");
    const old = new Date(Date.now() - 60_000);
    fs.utimesSync(lock(), old, old);
    expect(await timed()).toBeLessThan(1_000);
  });

  test("by git itself, killed while it moved the branch, is removed once it is old", async () => {
    const file = scratch.path(".git/refs/heads/agent-memory.lock");
    fs.writeFileSync(file, "");
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(StoreBusyError);
    const old = new Date(Date.now() - 60_000);
    fs.utimesSync(file, old, old);
    expect(await timed()).toBeLessThan(1_000);
  });

  test("by git itself is removed at once where our own lock says that its process was about to move the branch there", async () => {
    const { commit } = await addMemory(store, claim(0), act);
    const gone = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => gone.once("close", resolve));
    const left = scratch.git("commit-tree", "agent-memory^{tree}", "-p", "agent-memory", "-m", "left");
    const file = scratch.path(".git/refs/heads/agent-memory.lock");
    fs.writeFileSync(file, `${left}\n`);
    fs.writeFileSync(lock(), `${gone.pid ?? 0} ${os.hostname()} abc\nrefs/heads/agent-memory=${left}\n`);
    await addMemory(store, claim(1), act);
    expect(scratch.git("rev-parse", "agent-memory^")).toBe(commit);
    // One that names another commit is a live git's, for all that we know.
    fs.writeFileSync(file, `${commit}\n`);
    fs.writeFileSync(lock(), `${gone.pid ?? 0} ${os.hostname()} abc\nrefs/heads/agent-memory=${left}\n`);
    await expect(addMemory(store, claim(2), act)).rejects.toThrow(StoreBusyError);
    fs.rmSync(file);
  });

  test("on a snapshot's name by a killed git is removed by the next write, and once it is old by who takes that name", async () => {
    const { commit } = await addMemory(store, claim(0), act);
    const gone = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => gone.once("close", resolve));
    const file = scratch.path(".git/refs/tags/memory/before-release.lock");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `${commit}\n`);
    fs.writeFileSync(lock(), `${gone.pid ?? 0} ${os.hostname()} abc\nrefs/tags/memory/before-release=${commit}\n`);
    await addMemory(store, claim(1), act);
    expect(fs.existsSync(file)).toBe(false);

    fs.writeFileSync(file, "");
    await expect(nameSnapshot(store, "before-release")).rejects.toThrow(GitError);
    const old = new Date(Date.now() - 60_000);
    fs.utimesSync(file, old, old);
    const named = await nameSnapshot(store, "before-release");
    expect(scratch.git("rev-parse", "refs/tags/memory/before-release")).toBe(named.commit);
  });

  test.skipIf(process.platform === "win32")(
    "on a snapshot's name by a git that was killed alone is removed at once",
    async () => {
      await addMemory(store, claim(0), act);
      const [git, mark] = [path.join(scratch.root, "killed-git"), path.join(scratch.root, "was-killed")];
      const file = scratch.path(".git/refs/tags/memory/before-release.lock");
      const leave = `[ -e '${mark}' ] || { : > '${mark}'; mkdir -p '${path.dirname(file)}'; : > '${file}'; kill -9 $$; }`;
      const script = `case "$*" in *'update-ref -m memory refs/tags/'*) ${leave};; esac\nexec git "$@"\n`;
      fs.writeFileSync(git, `#!/bin/sh\n${script}`, { mode: 0o755 });
      const { project } = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, git });
      if (project === null) throw new Error("There is no repository.");
      await expect(nameSnapshot(project, "before-release")).rejects.toThrow(GitError);
      expect(fs.existsSync(file)).toBe(false);
      const { commit } = await nameSnapshot(project, "before-release");
      expect(scratch.git("rev-parse", "refs/tags/memory/before-release")).toBe(commit);
      await project.dispose();
    },
  );

  test("tells the next writer which name a snapshot was about to get", async () => {
    await addMemory(store, claim(0), act);
    const { commit } = await nameSnapshot(store, "before-release");
    // What stands in the lock is this process's own file under a second name, and stays when the lock is let go.
    const mark = fs.readdirSync(path.dirname(lock())).find((name) => name.startsWith("agent-memory.lock.")) ?? "";
    const note = fs.readFileSync(path.join(path.dirname(lock()), mark), "utf8");
    expect(note).toContain(`refs/tags/memory/before-release=${commit}\n`);
  });

  test("and a folder of ours that was cleared away meanwhile are no obstacle", async () => {
    await addMemory(store, claim(0), act);
    fs.rmSync(scratch.path(".git/memory"), { recursive: true });
    expect(await timed()).toBeLessThan(1_000);
  });
});

test(`a kill at any of ${KILLS} moments loses no acknowledged write and leaves a store that opens`, async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round++) {
    const { child, lines, ready, ended } = writer(`round-${round}`, 1_000);
    await ready;
    // In the middle of the first write, the second or the third, however slow the machine is.
    while (lines.length < round % 3) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
    acknowledged.push(...lines);
    const opened = await scratch.open();
    const { commit } = await addMemory(opened, claim(round), act);
    acknowledged.push(commit);
    await opened.dispose();
  }
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  const inHistory = new Set(scratch.git("rev-list", "agent-memory").split("\n"));
  expect(acknowledged.filter((line) => !inHistory.has(line.split(" ")[0] ?? ""))).toEqual([]);
  const snapshot = await store.snapshot();
  expect([...snapshot.broken()]).toEqual([]);
  expect(
    acknowledged.filter((line) => line.includes(" ") && snapshot.get(line.split(" ")[1] ?? "") === undefined),
  ).toEqual([]);
  scratch.fsck();
  const left = fs.readdirSync(scratch.path(".git/memory")).filter((name) => name.startsWith("agent-memory.lock."));
  expect(left.length).toBeLessThan(4);
}, 180_000);
