/** A store in `.memory/` of the checked-out branch: the user moves the branch, as git users do, and the store follows. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InvalidInputError, NoStoreError } from "../../src/core/errors.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, Scratch } from "../support/scratch.ts";
import { land, letRest, onBranch, startOnBranch, whyItWaits } from "./support/branch.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await startOnBranch(scratch);
});
afterEach(async () => scratch.remove());

const commitCode = (text: string): void => {
  scratch.write("code.txt", `${text}\n`);
  scratch.git("commit", "--quiet", "--all", `--message=${text}`);
};
const subjects = (count: number): string[] => scratch.git("log", "--format=%s", `-${count}`).split("\n");
/** A write that nothing lets land yet. */
const addWaiting = async (n: number): Promise<string> => {
  scratch.write(".git/index.lock", "");
  const { memories, status } = await addMemory(store, claim(n), act);
  fs.rmSync(scratch.path(".git/index.lock"));
  expect(status).toBe("waiting");
  return memories[0]?.id ?? "";
};

describe("what has landed", () => {
  beforeEach(async () => {
    await addMemory(store, claim(1), act);
    await land(store);
  });

  test("can be amended as any commit", async () => {
    scratch.write("code.txt", "amended\n");
    scratch.git("commit", "--quiet", "--all", "--amend", "--message=memory and code");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    expect(await whyItWaits(store)).toBeNull();
    expect(subjects(1)).toEqual(["memory and code"]);
  });

  test("is staged again by reset --soft, is gone from the store, and comes back with the user's commit", async () => {
    scratch.git("reset", "--quiet", "--soft", "HEAD~1");
    expect(scratch.git("status", "--porcelain")).toMatch(/^A {2}\.memory\/semantic\/fact\/claim-number-1/);
    expect(await believed(store)).toEqual([]);
    await addMemory(store, claim(2), act);
    await land(store);
    expect(scratch.git("status", "--porcelain")).toMatch(/^A {2}\.memory\/semantic\/fact\/claim-number-1\S+$/);
    scratch.git("commit", "--quiet", "--message=mine");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });

  test("is dropped by reset --hard for good", async () => {
    scratch.git("reset", "--quiet", "--hard", "HEAD~1");
    expect(await believed(store)).toEqual([]);
    await addMemory(store, claim(2), act);
    await land(store);
    expect(await believed(store)).toEqual(["Claim number 2"]);
  });

  test("can be reordered and dropped by rebase -i", async () => {
    commitCode("two");
    await addMemory(store, claim(2), act);
    await land(store);
    scratch.git("-c", "sequence.editor=sed -i -e '/Claim number 1/d'", "rebase", "--quiet", "-i", "HEAD~3");
    expect(subjects(2)).toEqual(["memory(add): Claim number 2", "two"]);
    expect(await believed(store)).toEqual(["Claim number 2"]);
  });

  test("is told by blame and history, whatever else happened on the branch", async () => {
    commitCode("two");
    const [memory] = (await store.snapshot()).memories();
    await updateMemory(store, memory?.id ?? "", { body: "Changed." }, act);
    await land(store);
    commitCode("three");
    const entries = await store.journal.of(memory?.id ?? "");
    expect(entries.map(({ text }) => text.operation)).toEqual(["update", "add"]);
    const lines = await store.repository.blame((await store.repository.tip()) ?? "", memory?.path ?? "");
    expect(lines.find(({ text }) => text === "Changed.")?.commit).toBe(entries[0]?.commit);
    expect(lines[0]?.commit).toBe(entries[1]?.commit);
    expect((await store.journal.entries()).map(({ text }) => text.subject)).toHaveLength(3);
  });

  test("stays through git stash and git clean -fdx", async () => {
    scratch.write("code.txt", "edited\n");
    scratch.write("untracked.txt", "new\n");
    scratch.git("stash", "push", "--quiet", "--include-untracked");
    await addWaiting(2);
    scratch.git("clean", "--quiet", "-fdx");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
    await land(store);
    scratch.git("stash", "pop", "--quiet");
    expect(scratch.git("status", "--porcelain").split("\n")).toEqual([" M code.txt", "?? untracked.txt"]);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });

  test("belongs to its branch: another one has what it has", async () => {
    scratch.git("checkout", "--quiet", "-b", "side", "HEAD~1");
    expect(await believed(store)).toEqual([]);
    await addMemory(store, claim(2), act);
    await land(store);
    scratch.git("checkout", "--quiet", "main");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    scratch.git("merge", "--quiet", "side");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
    expect((await store.journal.entries()).filter(({ text }) => text.operation === "add")).toHaveLength(2);
  });
});

describe("what waits", () => {
  test("follows a commit, an amend and a reset of the branch, and lands after them", async () => {
    await addWaiting(1);
    const before = scratch.git(
      "show",
      "--no-patch",
      "--format=%an %ae %ad %cd%n%B",
      (await store.repository.tip()) ?? "",
    );
    commitCode("two");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    scratch.git("commit", "--quiet", "--amend", "--message=two, amended");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    scratch.git("reset", "--quiet", "--hard", "HEAD~1");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    commitCode("three");
    const after = (await store.repository.tip()) ?? "";
    expect(scratch.git("show", "--no-patch", "--format=%an %ae %ad %cd%n%B", after)).toBe(before);
    expect(scratch.git("diff", "--name-only", "HEAD", after)).toMatch(/^\.memory\/\S+$/);
    letRest(scratch);
    expect(await whyItWaits(store)).toBeNull();
    expect(subjects(2)).toEqual(["memory(add): Claim number 1", "three"]);
    scratch.fsck();
  });

  test("follows pull --ff-only, with what a teammate wrote", async () => {
    const remote = `${scratch.root}/remote.git`;
    scratch.git("clone", "--quiet", "--bare", ".", remote);
    scratch.git("remote", "add", "origin", remote);
    scratch.git("fetch", "--quiet", "origin");
    scratch.git("branch", "--quiet", "--set-upstream-to=origin/main");
    const clone = `${scratch.root}/clone`;
    scratch.git("clone", "--quiet", remote, clone);
    scratch.gitIn(clone, "config", "user.name", "Teammate");
    scratch.gitIn(clone, "config", "user.email", "mate@example.com");
    const mate = await scratch.open(clone);
    await addMemory(mate, claim(9), act);
    await land(mate);
    scratch.gitIn(clone, "push", "--quiet");
    await addWaiting(1);
    scratch.git("pull", "--quiet", "--ff-only");
    expect(scratch.git("rev-parse", "HEAD")).toBe(scratch.git("rev-parse", "origin/main"));
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 9"]);
    letRest(scratch);
    expect(await whyItWaits(store)).toBe(
      "main is the default branch of origin, where nothing lands by itself. Switch to another branch, or run git memory land",
    );
    expect(scratch.git("status", "--porcelain", "--branch")).toBe("## main...origin/main");
  });

  test("is merged into a memory that the user changed elsewhere in the same file", async () => {
    const { memories } = await addMemory(store, claim(1, { body: "First line.\n\nMiddle.\n\nLast line." }), act);
    await land(store);
    const [{ id, path } = { id: "", path: "" }] = memories;
    scratch.write(".git/index.lock", "");
    await updateMemory(store, id, { title: "Another title" }, act);
    fs.rmSync(scratch.path(".git/index.lock"));
    const file = scratch.path(".memory", path);
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("Last line.", "Last line, by hand."));
    scratch.git("commit", "--quiet", "--all", "--message=by hand");
    expect(await believed(store)).toEqual(["Another title"]);
    await land(store);
    expect(fs.readFileSync(file, "utf8")).toMatch(/Another title[\s\S]*Last line, by hand\./);
  });

  test("is set aside where the user changed the same words; other writes land, and it comes back when it fits", async () => {
    const { memories } = await addMemory(store, claim(1), act);
    await land(store);
    const [{ id, path } = { id: "", path: "" }] = memories;
    scratch.write(".git/index.lock", "");
    await updateMemory(store, id, { body: "By the agent." }, act);
    await addMemory(store, claim(2), act);
    fs.rmSync(scratch.path(".git/index.lock"));
    const file = scratch.path(".memory", path);
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("The value of", "By hand: the value of"));
    scratch.git("commit", "--quiet", "--all", "--message=by hand");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
    const { aside, waiting } = await onBranch(store).branch.land(true);
    expect([aside.length, waiting.length]).toEqual([1, 0]);
    expect(scratch.git("log", "--format=%s", "-1", aside[0] ?? "")).toBe("memory(update): Claim number 1");
    expect(subjects(1)).toEqual(["memory(add): Claim number 2"]);
    scratch.git("gc", "--quiet", "--prune=now");
    scratch.git("revert", "--no-edit", "HEAD~1");
    await land(store);
    expect(fs.readFileSync(file, "utf8")).toContain("By the agent.");
    expect(scratch.git("for-each-ref", "refs/memory/")).toBe("");
    scratch.fsck();
  });

  test("waits for a retired memory too: an end meets an edit as a conflict, and neither is lost", async () => {
    const { memories } = await addMemory(store, claim(1), act);
    await land(store);
    const [{ id, path } = { id: "", path: "" }] = memories;
    scratch.write(".git/index.lock", "");
    await expireMemories(store, [id], { ...act, cause: "outdated" });
    fs.rmSync(scratch.path(".git/index.lock"));
    fs.appendFileSync(scratch.path(".memory", path), "\nBy hand.\n");
    scratch.git("commit", "--quiet", "--all", "--message=by hand");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    expect((await onBranch(store).branch.land(true)).aside).toHaveLength(1);
  });

  test("is not written twice where the user took the commit over", async () => {
    await addWaiting(1);
    await addWaiting(2);
    scratch.git("cherry-pick", `${(await store.repository.tip()) ?? ""}~1`);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
    await land(store);
    expect(subjects(3)).toEqual([
      "memory(add): Claim number 2",
      "memory(add): Claim number 1",
      "memory(init): Start the memory store",
    ]);
  });

  test("survives gc and a packed ref", async () => {
    await addWaiting(1);
    scratch.git("pack-refs", "--all");
    scratch.git("-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now");
    const again = await scratch.open();
    expect(await believed(again)).toEqual(["Claim number 1"]);
    await land(again);
    expect(scratch.git("for-each-ref", "refs/memory/")).toBe("");
  });

  test("lands in the next process that opens the store", async () => {
    await addWaiting(1);
    await store.dispose();
    letRest(scratch);
    const again = await scratch.open();
    expect(await whyItWaits(again)).toBeNull();
    expect(subjects(1)).toEqual(["memory(add): Claim number 1"]);
  });
});

describe("where there is no branch to land on", () => {
  test("a detached HEAD is read, and a write says what to do", async () => {
    await addMemory(store, claim(1), act);
    await land(store);
    scratch.git("checkout", "--quiet", "--detach");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    await expect(addMemory(store, claim(2), act)).rejects.toThrow(InvalidInputError);
    await expect(addMemory(store, claim(2), act)).rejects.toThrow(/HEAD is detached.*Switch to a branch/);
    scratch.git("checkout", "--quiet", "main");
    await addMemory(store, claim(2), act);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });

  test("an orphan branch has no store until it has a commit with one", async () => {
    scratch.git("checkout", "--quiet", "--orphan", "empty");
    await expect(store.snapshot()).rejects.toThrow(NoStoreError);
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(NoStoreError);
    scratch.git("commit", "--quiet", "--message=all of it");
    expect(await believed(store)).toEqual([]);
    await addMemory(store, claim(1), act);
    await land(store);
    expect(subjects(2)).toEqual(["memory(add): Claim number 1", "all of it"]);
  });
});
