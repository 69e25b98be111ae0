/** Whatever git is told to do with the branch, a window that was open all the while understands it, as a new process does. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NoStoreError, NotAStoreError } from "../../src/core/errors.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, fileText, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
let ids: string[];
/** A clone of the team's, and a checkout of the branch in the repository itself. */
let clone: string;
let checkout: string;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  ids = [];
  for (let n = 0; n < 4; n++) ids.push((await addMemory(store, claim(n), act)).memories[0]?.id ?? "");
  await store.journal.entries();
  clone = path.join(scratch.root, "clone");
  scratch.git("clone", "--quiet", "--branch=agent-memory", `file://${scratch.folder}`, clone);
  checkout = path.join(scratch.root, "checkout");
  scratch.git("worktree", "add", "--quiet", checkout, "agent-memory");
  for (const folder of [clone, checkout]) {
    scratch.gitIn(folder, "config", "user.name", "Mate");
    scratch.gitIn(folder, "config", "user.email", "mate@example.com");
  }
});
afterEach(async () => scratch.remove());

const inClone = (...args: string[]): string => scratch.gitIn(clone, ...args);
const here = (...args: string[]): string => scratch.gitIn(checkout, ...args);
const pathOf = async (n: number): Promise<string> => (await store.snapshot()).get(ids[n] ?? "")?.path ?? "";

function commitIn(folder: string, file: string, text: string, message = "by hand"): void {
  fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  fs.writeFileSync(path.join(folder, file), text);
  scratch.gitIn(folder, "add", "--all");
  scratch.gitIn(folder, "commit", "--quiet", `--message=${message}`);
}

/** The open window and a new process answer the same, which is what the branch has; and the next write is stored on top. */
async function expectUnderstood(): Promise<void> {
  const tip = scratch.git("rev-parse", "agent-memory");
  const files = scratch.git("ls-tree", "-r", "--name-only", "agent-memory").split("\n");
  const fresh = await scratch.open();
  for (const window of [store, fresh]) {
    const snapshot = await window.snapshot();
    expect(snapshot.commit).toBe(tip);
    const seen = [
      ...[...snapshot.memories()].map((memory) => memory.path),
      ...[...snapshot.broken()].map((file) => file.path),
    ];
    expect(seen.toSorted()).toEqual(files.filter((file) => file.startsWith("semantic/")).toSorted());
    const entries = (await window.journal.entries()).map(({ commit }) => commit);
    expect(entries.toSorted()).toEqual(scratch.git("rev-list", "agent-memory").split("\n").toSorted());
  }
  const { commit } = await addMemory(store, claim("next"), act);
  expect(scratch.git("rev-parse", "agent-memory", "agent-memory^")).toBe(`${commit}\n${tip}`);
  expect((await fresh.snapshot()).commit).toBe(commit);
  expect(here("status", "--porcelain")).toBe("");
  scratch.fsck();
}

describe("after", () => {
  test("a pull that merged a teammate's work, its conflict solved and committed", async () => {
    const file = await pathOf(0);
    commitIn(clone, file, fileText(ids[0] ?? "", "Theirs"), "theirs");
    await updateMemory(store, ids[0] ?? "", { title: "Ours" }, act);
    expect(() => here("pull", "--quiet", "--no-rebase", "--no-edit", clone, "agent-memory")).toThrow(/git pull/);
    // While the conflict stands, the branch is as it was, and so is what is believed.
    expect((await store.snapshot()).get(ids[0] ?? "")?.title).toBe("Ours");
    fs.writeFileSync(path.join(checkout, file), fileText(ids[0] ?? "", "Both"));
    here("add", "--all");
    here("commit", "--quiet", "--no-edit");
    expect((await store.snapshot()).get(ids[0] ?? "")?.title).toBe("Both");
    await expectUnderstood();
  });

  test("markers of a conflict that somebody committed: the file is shown as broken, all others are read", async () => {
    const file = await pathOf(0);
    const text = scratch.git("show", `agent-memory:${file}`);
    commitIn(checkout, file, `<<<<<<< ours\n${text}\n=======\n${text}\n>>>>>>> theirs\n`);
    expect([...(await store.snapshot()).broken()].map((broken) => broken.path)).toEqual([file]);
    expect([...(await store.snapshot()).memories()]).toHaveLength(3);
    await expectUnderstood();
  });

  test("a rebase onto a teammate's work", async () => {
    commitIn(clone, "semantic/fact/theirs-m_000000000001.md", fileText("m_000000000001", "Theirs"));
    await addMemory(store, claim("ours"), act);
    here("pull", "--quiet", "--rebase", clone, "agent-memory");
    expect((await store.snapshot()).size).toBe(6);
    await expectUnderstood();
  });

  test("an interactive rebase that reworded and dropped commits", async () => {
    execFileSync("git", ["rebase", "--quiet", "--interactive", "HEAD~3"], {
      cwd: checkout,
      env: {
        ...process.env,
        GIT_SEQUENCE_EDITOR: "sed -i -e 1d -e 2s/^pick/reword/",
        GIT_EDITOR: "sed -i 1s/^/Reworded:/",
      },
      stdio: "pipe",
    });
    expect((await store.snapshot()).get(ids[1] ?? "")).toBeUndefined();
    await expectUnderstood();
  });

  test("a squash of everything since the start", async () => {
    here("reset", "--quiet", "--soft", "HEAD~4");
    here("commit", "--quiet", "--message=squashed");
    expect((await store.snapshot()).size).toBe(4);
    await expectUnderstood();
  });

  test("an amend of the last commit", async () => {
    here("commit", "--quiet", "--amend", "--message=amended");
    expect((await store.journal.entries())[0]?.text.subject).toBe("amended");
    await expectUnderstood();
  });

  test("a hard and a mixed reset", async () => {
    here("reset", "--quiet", "--hard", "HEAD~1");
    expect((await store.snapshot()).size).toBe(3);
    here("reset", "--quiet", "HEAD~1");
    here("checkout", "--quiet", "--", ".");
    here("clean", "--quiet", "-fd");
    expect((await store.snapshot()).size).toBe(2);
    await expectUnderstood();
  });

  test("a force-push by a teammate and the pull of it", async () => {
    inClone("reset", "--quiet", "--hard", "HEAD~2");
    commitIn(clone, "semantic/fact/theirs-m_000000000001.md", fileText("m_000000000001", "Theirs"));
    scratch.git("fetch", "--quiet", clone, "+agent-memory:refs/remotes/mate/agent-memory");
    here("reset", "--quiet", "--hard", "mate/agent-memory");
    expect([...(await store.snapshot()).memories()].map(({ title }) => title)).toContain("Theirs");
    await expectUnderstood();
  });

  test("gc and prune, with nothing left but what refs reach", async () => {
    here("reset", "--quiet", "--hard", "HEAD~1");
    await store.snapshot();
    scratch.git("reflog", "expire", "--expire=now", "--all");
    scratch.git("gc", "--quiet", "--prune=now", "--aggressive");
    scratch.git("prune", "--expire=now");
    expect((await store.snapshot()).size).toBe(3);
    await expectUnderstood();
  });

  test("a file that was deleted, one that was renamed, and one whose copy has the same id", async () => {
    const [gone, renamed, copied] = [await pathOf(0), await pathOf(1), await pathOf(2)];
    here("rm", "--quiet", gone);
    here("mv", renamed, "semantic/fact/renamed.md");
    fs.copyFileSync(path.join(checkout, copied), path.join(checkout, "semantic/fact/copy.md"));
    here("add", "--all");
    here("commit", "--quiet", "--message=by hand");
    const snapshot = await store.snapshot();
    expect(snapshot.get(ids[0] ?? "")).toBeUndefined();
    expect(snapshot.get(ids[1] ?? "")?.path).toBe("semantic/fact/renamed.md");
    expect(snapshot.at("semantic/fact/copy.md")).toMatchObject({ id: ids[2] });
    await expectUnderstood();
  });

  test("a revert of an update, of a merge, and of that revert", async () => {
    await updateMemory(store, ids[0] ?? "", { title: "Wrong" }, act);
    here("revert", "--no-edit", "HEAD");
    expect((await store.snapshot()).get(ids[0] ?? "")?.title).toBe("Claim number 0");
    commitIn(clone, "semantic/fact/theirs-m_000000000001.md", fileText("m_000000000001", "Theirs"));
    here("pull", "--quiet", "--no-rebase", "--no-edit", clone, "agent-memory");
    here("revert", "--no-edit", "--mainline=1", "HEAD");
    expect((await store.snapshot()).get("m_000000000001")).toBeUndefined();
    here("revert", "--no-edit", "HEAD");
    expect((await store.snapshot()).get("m_000000000001")?.title).toBe("Theirs");
    await expectUnderstood();
  });

  test("a revert of the store's beginning: it is no store any more, and is one again once that is taken back", async () => {
    const [first = ""] = scratch.git("rev-list", "--max-parents=0", "agent-memory").split("\n");
    here("revert", "--no-edit", first);
    await expect(store.snapshot()).rejects.toThrow(NotAStoreError);
    await expect(addMemory(store, claim("refused"), act)).rejects.toThrow(NotAStoreError);
    here("revert", "--no-edit", "HEAD");
    await expectUnderstood();
  });

  test("a rename of the branch and back", async () => {
    here("branch", "--move", "agent-memory", "elsewhere");
    await expect(store.snapshot()).rejects.toThrow(NoStoreError);
    here("branch", "--move", "elsewhere", "agent-memory");
    await expectUnderstood();
  });

  test("a replacement of a commit, which shows others another history and us the real one", async () => {
    const [real, other] = scratch.git("rev-parse", "agent-memory", "agent-memory~2").split("\n");
    scratch.git("replace", real ?? "", other ?? "");
    expect((await store.snapshot()).size).toBe(4);
    expect((await (await scratch.open()).snapshot()).size).toBe(4);
    scratch.git("replace", "--delete", real ?? "");
    await expectUnderstood();
  });

  test("all refs were packed, and moved on from there", async () => {
    scratch.git("pack-refs", "--all", "--prune");
    await expectUnderstood();
    scratch.git("pack-refs", "--all", "--prune");
    here("reset", "--quiet", "--hard", "HEAD~1");
    expect((await store.snapshot()).commit).toBe(scratch.git("rev-parse", "agent-memory"));
  });

  test("a deleted branch, made again from another place", async () => {
    const other = scratch.git("rev-parse", "agent-memory~1");
    scratch.git("worktree", "remove", "--force", checkout);
    scratch.git("branch", "--quiet", "-D", "agent-memory");
    await expect(store.snapshot()).rejects.toThrow(NoStoreError);
    scratch.git("branch", "--quiet", "agent-memory", other);
    scratch.git("worktree", "add", "--quiet", checkout, "agent-memory");
    await expectUnderstood();
  });
});
