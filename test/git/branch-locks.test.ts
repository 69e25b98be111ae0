/** A writer of a store in `.memory/` is killed together with its git: the locks that they leave hold up nobody. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, Scratch } from "../support/scratch.ts";
import { land, startOnBranch } from "./support/branch.ts";

let scratch: Scratch;
beforeEach(async () => {
  scratch = new Scratch();
  await (await startOnBranch(scratch)).dispose();
});
afterEach(async () => scratch.remove());

/** Writes once in a process of its own, whose git leaves locks when it is told to change a ref in some way, and then both end. */
function writeAndDie(how: "update" | "delete", locks: readonly string[]): void {
  const folder = path.join(scratch.root, "bin");
  fs.mkdirSync(folder);
  const found = process.env["PATH"] ?? "";
  const leave = locks.map((lock) => `mkdir -p "${path.dirname(lock)}"; : > "${lock}"`).join("; ");
  const script = [
    `PATH='${found}'`,
    'case "$*" in *update-ref*--stdin*) ;; *) exec git "$@";; esac',
    `while IFS= read -r line; do case "$line" in ${how}*) ${leave}; kill -9 $PPID $$;; esac; echo "$line"; done | git "$@"`,
  ];
  fs.writeFileSync(path.join(folder, "git"), `#!/bin/sh\n${script.join("\n")}\n`, { mode: 0o755 });
  const program = path.join(import.meta.dirname, "support/writer.ts");
  const env = { ...process.env, PATH: `${folder}${path.delimiter}${found}` };
  const words = [program, scratch.folder, scratch.data, "killed", "1"];
  expect(spawnSync(process.execPath, words, { env, stdio: ["pipe", "ignore", "inherit"] }).signal).toBe("SIGKILL");
}

const PENDING = "refs/memory/pending/main.lock";

test.skipIf(process.platform === "win32").each([
  ["its first write is kept", "update", [PENDING], 1],
  ["a write lands", "delete", ["refs/heads/main.lock", PENDING, "HEAD.lock", "packed-refs.lock"], 2],
] as const)("while %s", async (_name, how, locks, count) => {
  const git = scratch.path(".git");
  writeAndDie(
    how,
    locks.map((lock) => path.join(git, lock)),
  );
  const store = await scratch.open();
  await addMemory(store, claim(1), act);
  await land(store);
  expect(await believed(store)).toHaveLength(count);
  const left = fs.readdirSync(git, { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /^(?:refs\/.+|HEAD|index|packed-refs)\.lock$/.test(name))).toEqual([]);
  expect(scratch.git("status", "--porcelain")).toBe("");
  scratch.fsck();
});

test("a process's very first act takes the lock of the place where the store is", async () => {
  const store = await scratch.open();
  const held = await store.repository.exclusively(async () => fs.readdirSync(scratch.path(".git/memory")));
  expect(held.filter((name) => name.endsWith(".lock"))).toEqual(["pending.lock"]);
});
