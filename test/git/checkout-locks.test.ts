/** The lock on the index of a checkout that follows: ours goes with its process, git's own stands, and no step is lost. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CheckoutDirtyError } from "../../src/core/errors.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { act, claim, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
let checkout: string;
let admin: string;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  checkout = path.join(scratch.root, "checkout");
  scratch.git("worktree", "add", "--quiet", checkout, "agent-memory");
  admin = scratch.path(".git/worktrees/checkout");
});
afterEach(async () => scratch.remove());

const LONG_AGO = 120_000;
const dead = (): number => spawnSync(process.execPath, ["--version"]).pid;
const lockOf = (pid: number, age = 0, host = os.hostname()): string =>
  `git-memory ${pid} ${host} ${Date.now() - age} step-x\n`;
const lockFile = (): string => path.join(admin, "index.lock");

/** What is locked, what lies beside, and whether the checkout is as the branch is. */
function state(): object {
  const beside = path.join(admin, "memory");
  return {
    locks: fs.readdirSync(admin).filter((name) => name.includes("lock")),
    beside: fs.existsSync(beside) ? fs.readdirSync(beside) : [],
    status: scratch.gitIn(checkout, "status", "--porcelain"),
    files: fs.readdirSync(path.join(checkout, "semantic/fact")).length,
  };
}

const FOLLOWED = { locks: [], beside: [], status: "", files: 1 };

test.each([
  ["of a process that died", () => lockOf(dead())],
  ["that is older than any step, its process number in use again", () => lockOf(process.ppid, LONG_AGO)],
  ["of this very process, which is at no step", () => lockOf(process.pid)],
])("a lock %s goes with the next write", async (_name, text) => {
  fs.writeFileSync(lockFile(), text());
  const unfinished = path.join(admin, "memory", `step-${dead()}-000000000000`);
  fs.mkdirSync(unfinished, { recursive: true });
  fs.writeFileSync(path.join(unfinished, "index"), "");
  await addMemory(store, claim(1), act);
  expect(state()).toEqual(FOLLOWED);
});

test.each([
  ["of a git that has written nothing yet", () => ""],
  ["of a git that has written its index", () => fs.readFileSync(path.join(admin, "index"))],
  ["of a step that another process is at", () => lockOf(process.ppid)],
  ["of another machine", () => lockOf(dead(), LONG_AGO, "another-host")],
])("a lock %s stands, and the write is refused", async (_name, text) => {
  fs.writeFileSync(lockFile(), text());
  const before = [scratch.git("rev-parse", "agent-memory"), fs.readFileSync(lockFile())];
  await expect(addMemory(store, claim(1), act)).rejects.toThrow(CheckoutDirtyError);
  expect([scratch.git("rev-parse", "agent-memory"), fs.readFileSync(lockFile())]).toEqual(before);
});

test.skipIf(process.platform === "win32")(
  "a git that is killed while the checkout follows leaves neither lock nor half a step",
  async () => {
    const mark = path.join(scratch.root, "was-killed");
    const git = path.join(scratch.root, "killed-git");
    const leave = `: > "$GIT_INDEX_FILE.lock"`;
    fs.writeFileSync(
      git,
      `#!/bin/sh\ncase "$*" in *--dry-run*) ;; *'read-tree -m -u'*) [ -e '${mark}' ] || { : > '${mark}'; ${leave}; kill -9 $$; };; esac\nexec git "$@"\n`,
      { mode: 0o755 },
    );
    const { project } = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, git });
    if (project === null) throw new Error("There is no repository.");
    await addMemory(project, claim(1), act);
    expect(fs.existsSync(mark)).toBe(true);
    expect(state()).toEqual(FOLLOWED);
    await project.dispose();
  },
);
