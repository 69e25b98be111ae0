/** A ref that is moved without asking git must look to git as if git had moved it, and be left to git where that isn't sure. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../../src/core/ports.ts";
import { moveLooseRef, type RefFolder } from "../../src/git/refs/loose-ref.ts";
import { RefUpdater } from "../../src/git/refs/update-ref.ts";
import { findRepository } from "../../src/git/repository.ts";
import { Scratch } from "../support/scratch.ts";

const REF = "refs/heads/agent-memory";
const WHO = "Test Person <person@example.com> 1790000000 +0100";

let scratch: Scratch;
let commits: string[];
let folder: RefFolder;
beforeEach(() => {
  scratch = new Scratch();
  for (const n of [1, 2, 3]) scratch.git("commit", "--quiet", "--allow-empty", `--message=${n}`);
  commits = scratch.git("rev-list", "--reverse", "HEAD").split("\n");
  scratch.git("update-ref", "--create-reflog", REF, at(0));
  folder = { commonDir: scratch.path(".git"), headDir: scratch.path(".git"), flush: false, sharing: null };
});
afterEach(() => scratch.remove());

function at(n: number): string {
  return commits[n] ?? "";
}

function move(before: number, after: number, ref = REF): boolean {
  return moveLooseRef(folder, { ref, before: at(before), after: at(after), who: WHO });
}

function tip(ref = REF): string {
  return scratch.git("rev-parse", ref);
}

function locks(): string[] {
  return fs
    .readdirSync(scratch.path(".git"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".lock"));
}

async function updater(): Promise<RefUpdater> {
  const committer = async (): Promise<Person> => ({ name: "Test Person", email: "person@example.com" });
  return new RefUpdater(await findRepository(scratch.folder), committer);
}

describe("a ref that is a file of its own", () => {
  test("moves, and git finds the value, the line in the log and nothing to complain of", () => {
    expect(move(0, 1)).toBe(true);
    expect(tip()).toBe(at(1));
    expect(scratch.git("reflog", "--format=%H %gn <%ge> %gs", REF).split("\n")[0]).toBe(
      `${at(1)} Test Person <person@example.com> memory`,
    );
    expect(scratch.git("rev-parse", `${REF}@{1}`)).toBe(at(0));
    expect(locks()).toEqual([]);
    scratch.fsck();
  });

  test("has the same bytes afterwards as one that git moved, and so has its log", async () => {
    const other = "refs/heads/by-git";
    scratch.git("update-ref", "--create-reflog", other, at(0));
    expect(move(0, 1)).toBe(true);
    const env = { ...process.env, GIT_COMMITTER_DATE: "1790000000 +0100" };
    await promisify(execFile)("git", ["update-ref", "-m", "memory", other, at(1)], { cwd: scratch.folder, env });
    const read = (ref: string): string => fs.readFileSync(scratch.path(".git", ref), "utf8");
    const lastOf = (ref: string): string => read(`logs/${ref}`).split("\n").at(-2) ?? "";
    const modeOf = (ref: string): number => fs.statSync(scratch.path(".git", ref)).mode;
    expect(read(REF)).toBe(read(other));
    expect(lastOf(REF)).toBe(lastOf(other));
    expect(modeOf(REF)).toBe(modeOf(other));
  });

  test("stays where it is if it has another value than was read", () => {
    expect(move(1, 2)).toBe(false);
    expect(tip()).toBe(at(0));
    expect(locks()).toEqual([]);
    expect(scratch.git("reflog", REF).split("\n")).toHaveLength(1);
  });

  test("stays where it is while another git holds it, whose lock is left alone", () => {
    fs.writeFileSync(scratch.path(".git", `${REF}.lock`), "");
    expect(move(0, 1)).toBe(false);
    expect(tip()).toBe(at(0));
    expect(locks()).toEqual([`${REF}.lock`]);
  });

  test("gets the mode that a shared repository wants", () => {
    folder = { ...folder, sharing: { bits: 0o660, replaces: false } };
    expect(move(0, 1)).toBe(true);
    expect(fs.statSync(scratch.path(".git", REF)).mode & 0o060).toBe(0o060);
  });
});

describe("git is left to move a ref", () => {
  test("that is packed", async () => {
    scratch.git("pack-refs", "--all", "--prune");
    expect(move(0, 1)).toBe(false);
    const refs = await updater();
    expect(await refs.swap(REF, at(1), at(0))).toBe(true);
    expect(tip()).toBe(at(1));
    // Its file is back, so that the next move is the everyday case again.
    expect(move(1, 2)).toBe(true);
    await refs.dispose();
  });

  test("that has no log yet, and makes one", async () => {
    fs.rmSync(scratch.path(".git/logs", REF));
    expect(move(0, 1)).toBe(false);
    const refs = await updater();
    expect(await refs.swap(REF, at(1), at(0))).toBe(true);
    expect(scratch.git("reflog", "--format=%gs", REF)).toBe("memory");
    await refs.dispose();
  });

  test("that is checked out, and notes it for HEAD too", async () => {
    expect(move(3, 0, "refs/heads/main")).toBe(false);
    const refs = await updater();
    expect(await refs.swap("refs/heads/main", at(2), at(3))).toBe(true);
    expect(scratch.git("reflog", "--format=%H %gs", "HEAD").split("\n")[0]).toBe(`${at(2)} memory`);
    await refs.dispose();
  });

  test("that stands for another, which is the one that moves", async () => {
    scratch.git("update-ref", "--create-reflog", "refs/heads/real", at(0));
    scratch.git("symbolic-ref", REF, "refs/heads/real");
    expect(move(0, 1)).toBe(false);
    const refs = await updater();
    expect(await refs.swap(REF, at(1), at(0))).toBe(true);
    expect(scratch.git("symbolic-ref", REF)).toBe("refs/heads/real");
    expect(tip("refs/heads/real")).toBe(at(1));
    await refs.dispose();
  });

  test.skipIf(process.platform === "win32")("that is a link to another's file, which stays a link", () => {
    scratch.git("update-ref", "--create-reflog", "refs/heads/real", at(0));
    fs.rmSync(scratch.path(".git", REF));
    fs.symlinkSync("real", scratch.path(".git", REF));
    expect(move(0, 1)).toBe(false);
    expect(tip("refs/heads/real")).toBe(at(0));
    expect(fs.lstatSync(scratch.path(".git", REF)).isSymbolicLink()).toBe(true);
  });

  test("that is not there, and is refused where a folder has its name", async () => {
    scratch.git("update-ref", "-d", REF);
    scratch.git("update-ref", `${REF}/below`, at(0));
    scratch.git("pack-refs", "--all", "--prune");
    expect(move(0, 1)).toBe(false);
    const refs = await updater();
    await expect(refs.swap(REF, at(1), null)).rejects.toThrow(/below/);
    expect(locks()).toEqual([]);
    await refs.dispose();
  });
});

test("beside git processes that move and pack the same ref, each move that succeeds is on top of the one before", async () => {
  const { git } = scratch;
  const tree = git("rev-parse", "HEAD^{tree}");
  const make = (parent: string, by: string): string => git("commit-tree", tree, "-p", parent, "-m", by);
  const run = promisify(execFile);
  const refs = await updater();
  const moved: string[] = [];
  const race = { isOver: false };
  const pack = async (): Promise<void> => {
    while (!race.isOver)
      await run("git", ["pack-refs", "--all", "--prune"], { cwd: scratch.folder }).catch(() => undefined);
  };
  const other = async (): Promise<void> => {
    while (!race.isOver) {
      const before = git("rev-parse", REF);
      const after = make(before, "git");
      const done = await run("git", ["update-ref", REF, after, before], { cwd: scratch.folder }).then(
        () => true,
        () => false,
      );
      if (done) moved.push(after);
    }
  };
  const ours = async (): Promise<void> => {
    for (let n = 0; n < 40; n++) {
      const before = git("rev-parse", REF);
      const after = make(before, "ours");
      // Others come in between.
      await new Promise((resolve) => setImmediate(resolve));
      if (await refs.swap(REF, after, before)) moved.push(after);
    }
    race.isOver = true;
  };
  await Promise.all([ours(), other(), pack()]);
  const history = new Set(git("rev-list", REF).split("\n"));
  expect(moved.filter((commit) => !history.has(commit))).toEqual([]);
  expect(history.size).toBe(moved.length + 1);
  expect(moved.length).toBeGreaterThan(20);
  expect(locks()).toEqual([]);
  await refs.dispose();
});
