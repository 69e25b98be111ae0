/** The git that people type in a checkout of the store, without anything of ours installed: it works, and the store follows. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Memory } from "../../src/core/memory/model.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, findMemory, updateMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
let checkout: string;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  checkout = path.join(scratch.root, "memory");
  scratch.git("worktree", "add", "--quiet", checkout, "agent-memory");
});
afterEach(async () => scratch.remove());

const byPerson = { caller: human, reason: "The team agreed on it." };
const git = (...args: readonly string[]): string => scratch.gitIn(checkout, ...args);
const tried = (...args: readonly string[]): { status: number | null; out: string } => {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: checkout, encoding: "utf8" });
  return { status, out: stdout + stderr };
};

async function add(n: number | string, more = {}): Promise<Memory> {
  const { memories } = await addMemory(store, claim(n, more), act);
  return findMemory(await store.snapshot(), memories[0]?.id ?? "");
}
const edit = (file: string, from: string, to: string): void => {
  const at = path.join(checkout, file);
  const text = fs.readFileSync(at, "utf8");
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  fs.writeFileSync(at, text.replace(from, to));
};
const broken = async (): Promise<(string | undefined)[]> =>
  [...(await store.snapshot()).broken()].map(({ problems }) => problems[0]?.code);

describe("in a checkout of the memory branch", () => {
  test("git log says what was done and why, and who believed it", async () => {
    const memory = await add(1);
    await expireMemories(store, [memory.id], { ...byPerson, cause: "outdated" });
    expect(
      git("log", "--format=%s | %an | %b", "-2")
        .split("\n")
        .filter((line) => / \| /.test(line)),
    ).toEqual([
      "memory(expire): Claim number 1 | Test Person | Outdated. The team agreed on it.",
      "memory(add): Claim number 1 | copilot/gpt-5.2 | It came up in a test.",
    ]);
    expect(git("log", "--format=%(trailers:key=Memory-Id,valueonly,separator=%x2C)", "-1")).toBe(memory.id);
  });

  test("git blame tells who put each line there, a title that was edited apart from the rest", async () => {
    const memory = await add(1);
    await updateMemory(store, memory.id, { title: "Claim one" }, byPerson);
    const lines = git("blame", "--line-porcelain", memory.path).split("\n");
    const authors = lines.filter((line) => line.startsWith("author ")).map((line) => line.slice("author ".length));
    const texts = lines.filter((line) => line.startsWith("\t")).map((line) => line.slice(1));
    expect(authors[texts.findIndex((text) => text.startsWith("title:"))]).toBe("Test Person");
    expect(authors[texts.findIndex((text) => text.startsWith("The value of setting"))]).toBe("copilot/gpt-5.2");
  });

  test("git diff of an edit is the line that was edited", async () => {
    const memory = await add(1);
    await updateMemory(store, memory.id, { title: "Claim one" }, byPerson);
    expect(git("diff", "--unified=0", "HEAD~1").split("\n").slice(5)).toEqual([
      '-title: "Claim number 1"',
      '+title: "Claim one"',
    ]);
  });

  test("git revert takes a write back, and git revert of that brings it again", async () => {
    await add(1);
    await add(2);
    git("revert", "--no-edit", "HEAD~1");
    expect(await believed(store)).toEqual(["Claim number 2"]);
    git("revert", "--no-edit", "HEAD");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });

  test("git revert of what was edited since is an ordinary conflict, and nothing else is lost to it", async () => {
    const memory = await add(1);
    await updateMemory(store, memory.id, { title: "First" }, byPerson);
    await updateMemory(store, memory.id, { title: "Second" }, byPerson);
    await add("other", { title: "Unconcerned", body: "Builds run on four cores." });
    expect(tried("revert", "--no-edit", "HEAD~2").status).toBe(1);
    expect(git("diff", "--name-only", "--diff-filter=U")).toBe(memory.path);
    expect(await believed(store)).toEqual(["Second", "Unconcerned"]);
    git("revert", "--abort");
    expect(git("status", "--porcelain")).toBe("");
  });

  test("markers that somebody committed are a broken file, and every other memory still counts", async () => {
    const memory = await add(1);
    await add("other", { title: "Unconcerned", body: "Builds run on four cores." });
    await updateMemory(store, memory.id, { title: "First" }, byPerson);
    await updateMemory(store, memory.id, { title: "Second" }, byPerson);
    tried("revert", "--no-edit", "HEAD~1");
    git("commit", "--quiet", "--all", "--no-verify", "--message=As it stands");
    expect(await broken()).toEqual(["conflict-markers"]);
    expect(await believed(store)).toEqual(["Unconcerned"]);
  });

  test("git cherry-pick brings one belief from another branch", async () => {
    await add(1);
    git("checkout", "--quiet", "-b", "agent-memory-review/ports");
    fs.mkdirSync(path.join(checkout, "semantic/fact"), { recursive: true });
    const file = "semantic/fact/ports-m_7k3q9f2d4cxw.md";
    fs.writeFileSync(
      path.join(checkout, file),
      '---\ntype: Fact\nid: m_7k3q9f2d4cxw\ntitle: "Port 4100"\n---\n\nIt is.\n',
    );
    git("add", file);
    git("commit", "--quiet", "--message=Propose a port");
    git("checkout", "--quiet", "agent-memory");
    git("cherry-pick", "agent-memory-review/ports");
    expect(await believed(store)).toEqual(["Claim number 1", "Port 4100"]);
  });

  test("git bisect finds the commit that brought a belief", async () => {
    await add(1);
    const start = git("rev-parse", "HEAD");
    for (const n of [2, 3, 4]) await add(n);
    await add("bad", { title: "Builds want four cores", body: "Fewer cores make them slow." });
    const bad = git("rev-parse", "HEAD");
    for (const n of [5, 6]) await add(n);
    git("bisect", "start", "HEAD", start);
    const out = git("bisect", "run", "sh", "-c", "! grep -rq 'Builds want four cores' semantic");
    expect(out).toContain(`${bad} is the first bad commit`);
    git("bisect", "reset");
    expect(git("rev-parse", "--abbrev-ref", "HEAD")).toBe("agent-memory");
    expect(await believed(store)).toHaveLength(7);
  });

  test("git merge and git rebase join beliefs that were written apart", async () => {
    const memory = await add(1);
    git("checkout", "--quiet", "-b", "topic");
    edit(memory.path, "Claim number 1", "Claim one");
    git("commit", "--quiet", "--all", "--message=Reword");
    git("checkout", "--quiet", "agent-memory");
    await add(2);
    git("merge", "--quiet", "--no-edit", "topic");
    expect(await believed(store)).toEqual(["Claim number 2", "Claim one"]);
    git("checkout", "--quiet", "-b", "later", "HEAD~1");
    edit(memory.path, "The value", "A value");
    git("commit", "--quiet", "--all", "--message=Reword again");
    git("rebase", "--quiet", "agent-memory");
    git("checkout", "--quiet", "agent-memory");
    git("merge", "--quiet", "--ff-only", "later");
    const merged = findMemory(await store.snapshot(), memory.id);
    expect([merged.title, merged.body.startsWith("A value")]).toEqual(["Claim one", true]);
    await add(3);
    expect(git("status", "--porcelain")).toBe("");
  });

  test("git stash puts an edit aside and back, while writes of others arrive", async () => {
    const memory = await add(1);
    edit(memory.path, "Claim number 1", "Not yet a belief");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    git("stash");
    await add(2);
    git("stash", "pop");
    expect(git("status", "--porcelain")).toBe(` M ${memory.path}`);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });
});
