/** A store is moved between a branch of its own and `.memory/` of the code's branch, with its history. */
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreExistsError } from "../../src/core/errors.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, Scratch } from "../support/scratch.ts";
import { land, letRest, onBranch, startOnBranch } from "./support/branch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => scratch.remove());

/** Three claims, one of them changed and one ended. The id and path of the changed one. */
async function live(store: MemoryStore): Promise<{ id: string; path: string }> {
  const { memories } = await addMemory(store, claim(1), act);
  const ended = await addMemory(store, claim(2), act);
  await addMemory(store, claim(3), act);
  await updateMemory(store, memories[0]?.id ?? "", { body: "Changed." }, act);
  await expireMemories(store, [ended.memories[0]?.id ?? ""], { ...act, cause: "outdated" });
  return memories[0] ?? { id: "", path: "" };
}

const LIVED = ["expire", "update", "add", "add", "add", "init"];
const operations = async (store: MemoryStore): Promise<string[]> =>
  (await store.journal.entries()).flatMap(({ text }) => text.operation ?? []);
const move = async (
  store: MemoryStore,
  to: "branch" | "dedicated",
): ReturnType<ReturnType<typeof onBranch>["moveTo"]> => onBranch(store).moveTo(to, new Date("2026-11-20T12:00:00Z"));

describe("into the code's branch", () => {
  test("everything is believed as before, with its history and blame; the old branch is kept", async () => {
    const store = await scratch.start();
    const { id, path } = await live(store);
    const before = scratch.git("rev-parse", "agent-memory");
    scratch.write("code.txt", "staged\n");
    scratch.git("add", "code.txt");
    const { kept } = await move(store, "branch");
    expect(kept).toBe("refs/memory/moved/agent-memory");
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 3"]);
    expect(store.placement).toBe("branch");
    await land(store);
    expect(scratch.git("status", "--porcelain")).toBe("A  code.txt");
    expect(scratch.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\nrefs/memory/moved/agent-memory");
    expect(scratch.git("rev-parse", "HEAD^2")).toBe(before);

    const again = await scratch.open();
    expect(await operations(again)).toEqual(LIVED);
    expect((await again.journal.of(id)).map(({ text }) => text.operation)).toEqual(["update", "add"]);
    const lines = await again.repository.blame((await again.repository.tip()) ?? "", path);
    const [last, first] = await again.journal.of(id);
    expect(lines[0]?.commit).toBe(first?.commit);
    expect(lines.find(({ text }) => text === "Changed.")?.commit).toBe(last?.commit);
    expect((await again.snapshotAt(before)).size).toBe(2);
    await updateMemory(again, id, { body: "Changed again." }, act);
    expect((await again.journal.of(id)).map(({ text }) => text.operation)).toEqual(["update", "update", "add"]);
    scratch.fsck();
  });

  test("is refused where the folder is somebody else's", async () => {
    const store = await scratch.start();
    scratch.write(".memory/notes.txt", "mine\n");
    scratch.git("add", ".");
    scratch.git("commit", "--quiet", "--message=notes");
    await expect(move(store, "branch")).rejects.toThrow(/\.memory\/ without a policy\.yaml/);
    expect(scratch.git("for-each-ref", "--format=%(refname)", "refs/memory/moved", "refs/heads")).toBe(
      "refs/heads/agent-memory\nrefs/heads/main",
    );
  });

  test("goes on where it was cut off", async () => {
    const store = await scratch.start();
    await live(store);
    const tip = scratch.git("rev-parse", "agent-memory");
    await move(store, "branch");
    // As after a kill between the merge and the renaming.
    scratch.git("update-ref", "refs/heads/agent-memory", tip);
    scratch.git("update-ref", "-d", "refs/memory/moved/agent-memory");
    await land(store);
    const again = await scratch.open();
    expect((await move(again, "branch")).kept).toBe("refs/memory/moved/agent-memory");
    expect(scratch.git("branch", "--list", "agent-memory")).toBe("");
    expect(await operations(again)).toEqual(LIVED);
  });

  test("is refused where both places have a store of their own", async () => {
    await startOnBranch(scratch);
    scratch.git("fetch", "--quiet", ".", "main:refs/heads/agent-memory");
    scratch.git("update-ref", "refs/heads/agent-memory", scratch.git("commit-tree", "main:.memory", "-m", "another"));
    await expect(move(await scratch.open(), "branch")).rejects.toThrow(StoreExistsError);
  });

  test("a teammate who fetches the code has the whole history", async () => {
    const store = await scratch.start();
    const { id } = await live(store);
    await move(store, "branch");
    await land(store);
    const clone = `${scratch.root}/clone`;
    scratch.git("clone", "--quiet", "--single-branch", `file://${scratch.folder}`, clone);
    const theirs = await scratch.open(clone);
    expect(theirs.repository.placement).toBe("dedicated");
    expect(await believed(theirs)).toEqual(["Claim number 1", "Claim number 3"]);
    expect(theirs.repository.placement).toBe("branch");
    expect((await theirs.journal.of(id)).map(({ text }) => text.operation)).toEqual(["update", "add"]);
  });
});

describe("out of the code's branch", () => {
  test("the folder's history becomes the memory branch, commit by commit, and the folder goes", async () => {
    const store = await startOnBranch(scratch);
    const { id, path } = await live(store);
    await land(store);
    scratch.write("code.txt", "two\n");
    scratch.git("commit", "--quiet", "--all", "--message=code");
    const authors = scratch.git("log", "--format=%an %ad %cd %s", "--", ".memory");
    await move(store, "dedicated");
    await land(store);
    expect(scratch.git("log", "--format=%an %ad %cd %s", "agent-memory")).toBe(authors);
    expect(scratch.git("log", "--format=%s", "-1")).toBe("memory: Move the store out of .memory/");
    expect(scratch.git("status", "--porcelain")).toBe("");
    expect(fs.existsSync(scratch.path(".memory"))).toBe(false);
    expect(fs.readFileSync(scratch.path("code.txt"), "utf8")).toBe("two\n");
    const again = await scratch.open();
    expect(await believed(again)).toEqual(["Claim number 1", "Claim number 3"]);
    expect(again.placement).toBe("dedicated");
    expect(await operations(again)).toEqual(LIVED);
    expect((await again.repository.blame("agent-memory", path)).length).toBeGreaterThan(5);
    await updateMemory(again, id, { body: "Changed again." }, act);
    expect(scratch.git("status", "--porcelain")).toBe("");
    scratch.fsck();
  });

  test("goes on where it was cut off, with what was written meanwhile", async () => {
    const store = await startOnBranch(scratch);
    await live(store);
    await move(store, "dedicated");
    // As after a kill between the new branch and the folder's end.
    scratch.git("update-ref", "-d", "refs/memory/pending/main");
    const again = await scratch.open();
    await addMemory(again, claim(4), act);
    expect(again.placement).toBe("branch");
    await move(again, "dedicated");
    await land(again);
    expect(await believed(again)).toEqual(["Claim number 1", "Claim number 3", "Claim number 4"]);
    expect(again.placement).toBe("dedicated");
    expect(await operations(again)).toEqual(["add", ...LIVED]);
  });

  test("there and back again, the old commits are the same commits", async () => {
    const store = await scratch.start();
    await live(store);
    const before = scratch.git("rev-parse", "agent-memory");
    await move(store, "branch");
    await addMemory(store, claim(4), act);
    await move(store, "dedicated");
    await land(store);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 3", "Claim number 4"]);
    expect(scratch.git("merge-base", "agent-memory", before)).toBe(before);
    expect(await operations(await scratch.open())).toEqual(["add", ...LIVED]);
    expect(scratch.git("status", "--porcelain")).toBe("");
  });
});

test("what waits for one branch can be taken over to another", async () => {
  const store = await startOnBranch(scratch);
  scratch.write(".git/index.lock", "");
  await addMemory(store, claim(1), act);
  fs.rmSync(scratch.path(".git/index.lock"));
  scratch.git("checkout", "--quiet", "-b", "topic");
  expect(await believed(store)).toEqual([]);
  expect(await onBranch(store).branch.waitingElsewhere()).toEqual([{ branch: "refs/heads/main", count: 1 }]);
  await onBranch(store).branch.takeOver("refs/heads/main");
  expect(await believed(store)).toEqual(["Claim number 1"]);
  letRest(scratch);
  await land(store);
  expect(scratch.git("for-each-ref", "refs/memory/")).toBe("");
  expect(scratch.git("log", "--format=%s", "-1", "main")).toBe("memory(init): Start the memory store");
});
