/** An erasure whose git is killed at one of its steps, with its locks in place: the next open erases the rest. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GitError } from "../../src/core/errors.ts";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import { nameSnapshot } from "../../src/core/provenance/snapshots.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { act, believed, claim, human, Scratch } from "../support/scratch.ts";

const WORD = "wombat-42-lives-here";
const REMOTE = "refs/remotes/origin/agent-memory";

let scratch: Scratch;
let id: string;
beforeEach(async () => {
  scratch = new Scratch();
  const store = await scratch.start();
  const secret = { type: "Fact", title: "Quokka vault code", body: `The number ${WORD} opens it.` } as const;
  id = (await addMemory(store, secret, act)).memories[0]?.id ?? "";
  await nameSnapshot(store, "with-it");
  scratch.git("update-ref", REMOTE, "agent-memory");
  scratch.git("pack-refs", "--all");
  await addMemory(store, claim(1), act);
});
afterEach(async () => scratch.remove());

/** A git that is killed the first time that it is to do something, and leaves those locks. */
function gitKilledAt(what: string, locks: readonly string[]): string {
  const file = path.join(scratch.root, "killed-git");
  const made = locks.map((lock) => `: > '${path.join(scratch.folder, ".git", lock)}'`).join("; ");
  const mark = path.join(scratch.root, "was-killed");
  const script = `case "$*" in *'${what}'*) [ -e '${mark}' ] || { : > '${mark}'; ${made}; kill -9 $$; };; esac\nexec git "$@"\n`;
  fs.writeFileSync(file, `#!/bin/sh\n${script}`, { mode: 0o755 });
  return file;
}

async function opened(git?: string): Promise<MemoryStore> {
  const binary = git === undefined ? {} : { git };
  const { project } = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, ...binary });
  if (project === null) throw new Error("There is no repository.");
  return project;
}

const everyWord = (): string => scratch.git("cat-file", "--batch-all-objects", "--batch", "--unordered");

const STEPS: readonly (readonly [string, string, readonly string[]])[] = [
  ["moves a snapshot", "update-ref refs/tags/memory/with-it", ["refs/tags/memory/with-it.lock"]],
  ["forgets a remote's branch", `update-ref -d ${REMOTE}`, [`${REMOTE}.lock`, "packed-refs.lock", "packed-refs.new"]],
  ["forgets the branch's log", "reflog expire", ["refs/heads/agent-memory.lock", "logs/refs/heads/agent-memory.lock"]],
];

test.skipIf(process.platform === "win32").each(STEPS)("while it %s", async (_name, what, locks) => {
  const store = await opened(gitKilledAt(what, locks));
  const plan = await planErase(store, { id, path: (await store.snapshot()).get(id)?.path ?? "" });
  const erasing = eraseMemory(store, plan, { caller: human, reason: "It had to go.", pushedToo: true });
  await expect(erasing).rejects.toThrow(GitError);
  expect(everyWord()).toContain(WORD);
  const next = await opened();
  await addMemory(next, claim(2), act);
  expect(everyWord()).not.toContain(WORD);
  expect(await believed(next)).toEqual(["Claim number 1", "Claim number 2"]);
  const left = fs.readdirSync(path.join(scratch.folder, ".git"), { recursive: true, encoding: "utf8" });
  expect(left.filter((name) => /\.lock$|packed-refs\.new$/.test(name))).toEqual([]);
  scratch.fsck();
  await store.dispose();
  await next.dispose();
});
