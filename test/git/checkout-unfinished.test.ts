/** A `git worktree add` of the memory branch that was killed: it holds up no write for long, and the next checkout finishes it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addMemory } from "../../src/core/verbs.ts";
import { checkOutStore } from "../../src/git/branch/checkout.ts";
import { findRepository } from "../../src/git/repository.ts";
import { act, claim, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let folder: string;
let admin: string;
beforeEach(async () => {
  scratch = new Scratch();
  folder = path.join(scratch.root, "memory");
  admin = scratch.path(".git/worktrees/memory");
  await addMemory(await scratch.start(), claim(1), act);
});
afterEach(async () => scratch.remove());

/** A filter that git runs for the first file ends git and itself. */
async function killedCheckout(): Promise<void> {
  const attributes = path.join(scratch.root, "attributes");
  fs.writeFileSync(attributes, "* filter=end\n");
  const options = ["-c", `core.attributesFile=${attributes}`, "-c", "filter.end.smudge=kill -9 0"];
  const git = spawn("git", [...options, "worktree", "add", "--quiet", folder, "agent-memory"], {
    cwd: scratch.folder,
    detached: true,
  });
  expect(await once(git, "exit")).toEqual([null, "SIGKILL"]);
  expect(fs.readdirSync(admin)).toEqual(expect.arrayContaining(["locked", "index.lock"]));
  expect(fs.existsSync(path.join(admin, "index"))).toBe(false);
}

function aMinuteLater(): void {
  const then = Date.now() / 1000 - 61;
  for (const name of ["locked", "index.lock"]) fs.utimesSync(path.join(admin, name), then, then);
}

async function checkOut(): ReturnType<typeof checkOutStore> {
  const repository = await findRepository(scratch.folder);
  if (repository === null) throw new Error("no repository");
  return checkOutStore(repository, folder);
}

const state = (): { status: string; files: string[] } => ({
  status: scratch.gitIn(folder, "status", "--porcelain"),
  files: scratch.gitIn(folder, "ls-files").split("\n"),
});

test("while git may still be at work on it, a write and a checkout say so; then the write goes on, and a checkout finishes it", async () => {
  await killedCheckout();
  const store = await scratch.open();
  await expect(addMemory(store, claim(2), act)).rejects.toThrow("Try again when that is done");
  await expect(checkOut()).rejects.toThrow("Try again when that is done");
  const lock = path.join(admin, "index.lock");
  fs.renameSync(lock, `${lock}-later`);
  await expect(addMemory(store, claim(2), act)).rejects.toThrow("Try again when that is done");
  fs.renameSync(`${lock}-later`, lock);
  aMinuteLater();
  await addMemory(store, claim(2), act);
  fs.writeFileSync(path.join(folder, "mine.txt"), "mine");
  expect(await checkOut()).toEqual({ folder, made: true });
  expect(state()).toEqual({ status: "?? mine.txt", files: expect.arrayContaining(["policy.yaml", "README.md"]) });
  await addMemory(store, claim(3), act);
  expect(state().files.filter((file) => file.startsWith("semantic/"))).toHaveLength(3);
  expect(state().status).toBe("?? mine.txt");
  scratch.git("worktree", "remove", "--force", folder);
});

test("where its folder is gone, or was never made, it is made anew", async () => {
  await killedCheckout();
  fs.rmSync(folder, { recursive: true });
  const store = await scratch.open();
  await addMemory(store, claim(2), act);
  expect(await checkOut()).toEqual({ folder, made: true });
  expect(state().status).toBe("");
});

test("where git was killed with all done but its own lock, that goes", async () => {
  scratch.git("worktree", "add", "--quiet", folder, "agent-memory");
  fs.writeFileSync(path.join(admin, "locked"), "initializing\n");
  expect(await checkOut()).toEqual({ folder, made: false });
  expect(fs.existsSync(path.join(admin, "locked"))).toBe(false);
  fs.writeFileSync(path.join(admin, "locked"), "initializing\n");
  fs.rmSync(folder, { recursive: true });
  expect(await checkOut()).toEqual({ folder, made: true });
  scratch.git("worktree", "lock", "--reason=on a stick", folder);
  expect(await checkOut()).toEqual({ folder, made: false });
  expect(fs.readFileSync(path.join(admin, "locked"), "utf8").trim()).toBe("on a stick");
});

test("where it has no branch yet, it is made anew", async () => {
  await killedCheckout();
  for (const name of fs.readdirSync(folder))
    if (name !== ".git") fs.rmSync(path.join(folder, name), { recursive: true });
  fs.rmSync(path.join(admin, "index.lock"));
  fs.writeFileSync(path.join(admin, "HEAD"), `${"0".repeat(40)}\n`);
  expect(await checkOut()).toEqual({ folder, made: true });
  expect(state().status).toBe("");
});

test("the record of another branch's work tree is left alone", async () => {
  scratch.git("branch", "topic");
  const other = path.join(scratch.root, "other");
  scratch.git("worktree", "add", "--quiet", "--no-checkout", "--lock", other, "topic");
  fs.rmSync(other, { recursive: true });
  await checkOut();
  expect(fs.existsSync(scratch.path(".git/worktrees/other/locked"))).toBe(true);
});
