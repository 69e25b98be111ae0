/** The placement `branch` from the command line: told first, then chosen; what waits is said. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

const ADD = ["add", "--title", "Use pnpm", "--type", "Fact", "--body", "Run it.", "--reason", "Seen."];
const rest = (): void => {
  for (const name of ["COMMIT_EDITMSG", "index", "HEAD", "logs/HEAD"]) {
    const then = Date.now() / 1000 - 60;
    utimesSync(path.join(world.code, ".git", name), then, then);
  }
};
const initOnBranch = async (): Promise<void> => {
  rest();
  const { exit, answer } = await world.json(["init", "--placement", "branch", "--yes"]);
  expect([exit, answer.status]).toEqual([0, "stored"]);
};
const findings = async (): Promise<string[]> =>
  (await world.json(["doctor"])).answer.findings.map(({ check, level }) => `${check} ${level}`);

describe("git memory init --placement branch", () => {
  test("tells its price and creates nothing without a yes", async () => {
    const { exit, out } = await world.call(["init", "--placement", "branch"]);
    expect(exit).toBe(0);
    expect(out).toContain("Each write is a commit of this branch");
    expect(out).toContain("Would create .memory/ on the branch main of");
    expect(out).toContain("To go on: git memory init --placement branch --yes");
    expect(world.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    expect((await world.json(["init", "--placement", "branch", "--dry-run"])).answer).toMatchObject({
      status: "planned",
      placement: "branch",
      ref: "refs/heads/main",
    });
  });

  test("with it, the store is in the folder, and there is one store", async () => {
    await initOnBranch();
    expect(world.git("ls-files")).toBe(".memory/README.md\n.memory/policy.yaml");
    expect((await world.json(["init"])).answer.error.code).toBe("store-exists");
    expect(world.git("log", "--format=%s", "-1")).toBe("memory(init): Start the memory store");
  });

  test("refuses a folder that is somebody else's, a bare repository, and a branch without a commit", async () => {
    world.git("-c", "core.hooksPath=/dev/null", "init", "--quiet", "--bare", path.join(world.root, "bare.git"));
    const bare = await world.json(["init", "--placement", "branch", "--yes"], {
      cwd: path.join(world.root, "bare.git"),
    });
    expect(bare.answer.error.message).toMatch(/bare/);
    world.git("init", "--quiet", path.join(world.root, "new"));
    const unborn = await world.json(["init", "--placement", "branch", "--yes"], { cwd: path.join(world.root, "new") });
    expect(unborn.answer.error.message).toMatch(/has no commit yet.*Make the first commit/);
    writeFileSync(path.join(world.code, ".memory"), "mine\n");
    world.git("add", ".memory");
    world.git("commit", "--quiet", "--message=mine");
    const taken = await world.json(["init", "--placement", "branch", "--yes"]);
    expect(taken.answer.error.code).toBe("not-a-store");
  });
});

describe("a write", () => {
  test("says that it is stored, or that it waits and why, with exit code 5", async () => {
    await initOnBranch();
    rest();
    expect((await world.json(ADD)).answer.status).toBe("stored");
    writeFileSync(path.join(world.code, ".git/MERGE_HEAD"), `${world.git("rev-parse", "HEAD")}\n`);
    const again = ["add", "--title", "Use bun", "--type", "Fact", "--body", "Do.", "--reason", "Seen."];
    const { exit, out } = await world.call(again);
    expect(exit).toBe(5);
    expect(out).toMatch(/^Stored, waiting: Use bun/);
    expect(out).toContain("Note: It is recalled already, and waits to land on main: a merge is in progress.");
    expect((await world.json(["list"])).answer.memories.map(({ title }) => title)).toContain("Use bun");
    expect(await findings()).toContain("waiting notice");
    expect((await world.json(["land"])).answer).toMatchObject({ status: "waiting", why: "a merge is in progress" });
    rmSync(path.join(world.code, ".git/MERGE_HEAD"));
    expect(await world.call(["land"])).toMatchObject({ exit: 0, out: "Landed 1 write on main.\n" });
    expect(await world.call(["land"])).toMatchObject({ exit: 0, out: "Nothing waits to land here.\n" });
    expect(await findings()).toContain("waiting ok");
    expect(world.git("status", "--porcelain")).toBe("");
  });

  test("from a hook of git's waits until git is done", async () => {
    await initOnBranch();
    rest();
    const { answer } = await world.json(ADD);
    expect(answer.status).toBe("stored");
    const program = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
    const words = ["add", "--title", "From a hook", "--type", "Fact", "--body", "B", "--reason", "R"];
    const line = [process.execPath, program, ...words].map((word) => `'${word}'`).join(" ");
    const hook = path.join(world.code, ".git/hooks/pre-commit");
    writeFileSync(
      hook,
      `#!/bin/sh\nCOMMIT_TO_MEMORY_DATA='${world.env.COMMIT_TO_MEMORY_DATA}' ${line} > "$(dirname "$0")/said" || true\n`,
      { mode: 0o755 },
    );
    writeFileSync(path.join(world.code, "code.txt"), "x\n");
    world.git("add", "code.txt");
    world.git("commit", "--quiet", "--message=mine");
    expect(existsSync(path.join(world.code, ".git/hooks/said"))).toBe(true);
    expect(world.git("show", "--name-only", "--format=%s", "HEAD")).toBe("mine\n\ncode.txt");
    expect((await world.json(["land"])).answer).toMatchObject({ status: "landed", landed: 1 });
    expect(world.git("status", "--porcelain")).toBe("");
  });
});

describe("git memory land", () => {
  test("shows what does not fit, and forgets it when told to", async () => {
    await initOnBranch();
    rest();
    const { answer } = await world.json(ADD);
    const [{ id, path: file } = { id: "", path: "" }] = answer.memories;
    writeFileSync(path.join(world.code, ".git/index.lock"), "");
    await world.call(["update", id, "--body", "By an agent.", "--reason", "R"]);
    rmSync(path.join(world.code, ".git/index.lock"));
    writeFileSync(path.join(world.code, ".memory", file), "---\ntype: Fact\n---\n\nBy hand.\n");
    world.git("commit", "--quiet", "--all", "--message=by hand");
    const landed = await world.json(["land"]);
    expect(landed.exit).toBe(5);
    const { aside } = landed.answer as unknown as { aside: readonly { commit: string; subject: string }[] };
    expect(aside).toMatchObject([{ subject: "Use pnpm" }]);
    expect(await findings()).toContain("aside problem");
    expect((await world.json(["land", "--drop", aside[0]?.commit.slice(0, 9) ?? ""])).answer.status).toBe("dropped");
    expect((await world.json(["land"])).answer.status).toBe("unchanged");
    expect((await world.json(["land", "--drop", "0000"])).answer.error.code).toBe("not-found");
  });
});

describe("git memory move", () => {
  test("plans, moves there and back, and says where the store is", async () => {
    await world.init();
    await world.add("Use pnpm");
    const plan = await world.call(["move", "--to", "branch"]);
    expect(plan.out).toContain("Nothing was moved. To do it: git memory move --to branch --yes");
    expect((await world.json(["move", "--to", "branch"])).answer.status).toBe("planned");
    rest();
    expect((await world.json(["move", "--to", "branch", "--yes"])).answer).toMatchObject({
      status: "moved",
      kept: "refs/memory/moved/agent-memory",
      waiting: false,
    });
    expect(world.git("ls-files")).toMatch(/^\.memory\//);
    expect((await world.json(["history"])).answer.entries.map(({ operation }) => operation)).toContain("add");
    rest();
    expect((await world.json(["move", "--to", "dedicated", "--yes"])).exit).toBe(0);
    expect(world.git("ls-files")).toBe("");
    expect((await world.json(["list"])).answer.memories.map(({ title }) => title)).toEqual(["Use pnpm"]);
    expect((await world.json(["move", "--to", "dedicated", "--yes"])).answer.error.code).toBe("no-store");
  });
});

describe("git memory checkout", () => {
  const tree = (): string => path.join(world.code, ".git/memory/tree");

  test("gives plain files that follow each write, and survives git clean and a move of the repository", async () => {
    await world.init();
    expect((await world.json(["checkout"])).answer.status).toBe("checked-out");
    await world.add("Use pnpm");
    expect(existsSync(path.join(tree(), "semantic/fact"))).toBe(true);
    world.git("clean", "-ffdxq");
    world.git("worktree", "prune");
    expect((await world.json(["checkout"])).answer.status).toBe("unchanged");
    const moved = path.join(world.root, "moved");
    renameSync(world.code, moved);
    expect((await world.json(["checkout"], { cwd: moved })).answer.status).toBe("unchanged");
    const add = ["add", "--title", "Use bun", "--type", "Fact", "--body", "B.", "--reason", "R"];
    expect((await world.call(add, { cwd: moved })).exit).toBe(0);
    const inTree = path.join(moved, ".git/memory/tree");
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: inTree, encoding: "utf8" })).toBe("");
    expect(
      execFileSync("git", ["ls-files", "semantic"], { cwd: inTree, encoding: "utf8" }).trim().split("\n"),
    ).toHaveLength(2);
  });

  test("refuses a folder inside the code's work tree, one that is not empty, and another repository's", async () => {
    await world.init();
    const refusal = async (folder: string): Promise<string> =>
      (await world.json(["checkout", folder])).answer.error.message;
    expect(await refusal("memory")).toMatch(/inside the code's work tree/);
    mkdirSync(path.join(world.root, "full"));
    writeFileSync(path.join(world.root, "full/notes.txt"), "mine\n");
    expect(await refusal("../full")).toMatch(/not empty/);
    world.git("init", "--quiet", path.join(world.root, "other"));
    expect(await refusal("../other")).toMatch(/work tree of something else/);
    expect((await world.json(["checkout", "../beside"])).answer.status).toBe("checked-out");
  });
});
