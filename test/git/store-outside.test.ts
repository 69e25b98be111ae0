import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckoutDirtyError } from "../../src/core/errors.ts";
import type { ObjectId } from "../../src/core/memory/model.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, fileText, Scratch, until } from "../support/scratch.ts";

/** A change from outside is to be seen within this time, in milliseconds. */
const SECOND = 1_000;

let scratch: Scratch;
let store: MemoryStore;
let id: string;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
});
afterEach(async () => scratch.remove());

const tip = (): string => scratch.git("rev-parse", "agent-memory");
const subjects = async (): Promise<string[]> => (await store.journal.entries()).map(({ text }) => text.subject);

function checkout(name = "checkout"): string {
  const folder = path.join(scratch.root, name);
  scratch.git("worktree", "add", "--quiet", folder, "agent-memory");
  return folder;
}

function clone(): string {
  const folder = path.join(scratch.root, "clone");
  scratch.git("clone", "--quiet", "--branch=agent-memory", `file://${scratch.folder}`, folder);
  scratch.gitIn(folder, "config", "user.name", "Mate");
  scratch.gitIn(folder, "config", "user.email", "mate@example.com");
  return folder;
}

function commitIn(folder: string, title: string): void {
  fs.mkdirSync(path.join(folder, "semantic/fact"), { recursive: true });
  fs.writeFileSync(path.join(folder, "semantic/fact/by-hand-m_000000000001.md"), fileText("m_000000000001", title));
  scratch.gitIn(folder, "add", "--all");
  scratch.gitIn(folder, "commit", "--quiet", `--message=${title}`);
}

describe("what others do to the branch is seen within a second:", () => {
  const moves: Record<string, () => void> = {
    "update-ref": () =>
      void scratch.git(
        "update-ref",
        "refs/heads/agent-memory",
        scratch.git("commit-tree", "agent-memory^{tree}", "-p", "agent-memory", "-m", "x"),
      ),
    "a push from a clone": () => {
      const folder = clone();
      commitIn(folder, "Pushed");
      scratch.gitIn(folder, "push", "--quiet");
    },
    "a forced push of another history": () => {
      const folder = clone();
      scratch.gitIn(folder, "commit", "--quiet", "--amend", "--message=amended");
      scratch.gitIn(folder, "push", "--quiet", "--force");
    },
    "a fetch and a fast-forward": () => {
      const folder = clone();
      commitIn(folder, "Fetched");
      scratch.git("fetch", "--quiet", folder, "agent-memory:agent-memory");
    },
    "git revert in a worktree": () => void scratch.gitIn(checkout(), "revert", "--no-edit", "HEAD"),
    "git reset in a worktree": () => void scratch.gitIn(checkout(), "reset", "--quiet", "--hard", "HEAD~1"),
    "the end of the branch": () => void scratch.git("branch", "--quiet", "-D", "agent-memory"),
    "packed refs under a new commit": () => {
      scratch.commitOutside({ "semantic/fact/x-m_000000000001.md": fileText("m_000000000001", "X") });
      scratch.git("pack-refs", "--all");
    },
  };

  test.each(Object.entries(moves))("%s", async (_name, move) => {
    const told: (ObjectId | null)[] = [];
    await store.snapshot();
    const stop = store.onDidChange((snapshot) => told.push(snapshot.commit));
    move();
    const now = scratch.git("for-each-ref", "--format=%(objectname)", "refs/heads/agent-memory") || null;
    expect(await until(() => told.at(-1) === now)).toBeLessThan(SECOND);
    stop();
  });

  test("a branch that is deleted and made again", async () => {
    const told: Snapshot[] = [];
    const stop = store.onDidChange((snapshot) => told.push(snapshot));
    const before = tip();
    scratch.git("branch", "--quiet", "-D", "agent-memory");
    expect(await until(() => told.at(-1)?.commit === null)).toBeLessThan(SECOND);
    expect(await store.exists()).toBe(false);
    scratch.git("branch", "--quiet", "agent-memory", before);
    expect(await until(() => told.at(-1)?.commit === before)).toBeLessThan(SECOND);
    expect(told).toHaveLength(2);
    stop();
  });

  test("and a write of our own is told once, to every window", async () => {
    const other = await scratch.open();
    const told: Record<string, number> = { ours: 0, theirs: 0 };
    await Promise.all([store.snapshot(), other.snapshot()]);
    const stops = [
      store.onDidChange(() => (told["ours"] = (told["ours"] ?? 0) + 1)),
      other.onDidChange(() => (told["theirs"] = (told["theirs"] ?? 0) + 1)),
    ];
    await addMemory(store, claim(2), act);
    expect(told["ours"]).toBe(1);
    expect(await until(() => told["theirs"] === 1)).toBeLessThan(SECOND);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(told).toEqual({ ours: 1, theirs: 1 });
    for (const stop of stops) stop();
  });

  test("no answer is older than its question, even while another one is being read", async () => {
    const first = store.snapshot();
    const commit = scratch.commitOutside({ "semantic/fact/x-m_000000000001.md": fileText("m_000000000001", "X") });
    expect((await store.snapshot()).commit).toBe(commit);
    await first;
  });
});

describe("the journal", () => {
  test("is extended by what is new", async () => {
    await store.journal.entries();
    await updateMemory(store, id, { body: "Later." }, act);
    expect(await subjects()).toEqual(["Claim number 1", "Claim number 1", "Start the memory store"]);
  });

  test("forgets what a rewind took away, even when git has dropped it", async () => {
    const before = tip();
    await updateMemory(store, id, { title: "Gone soon" }, act);
    expect(await subjects()).toContain("Gone soon");
    scratch.git("update-ref", "refs/heads/agent-memory", before);
    expect(await subjects()).toEqual(["Claim number 1", "Start the memory store"]);
    await updateMemory(store, id, { title: "Gone too" }, act);
    await store.journal.entries();
    scratch.git("update-ref", "refs/heads/agent-memory", before);
    scratch.commitOutside({ "semantic/fact/x-m_000000000001.md": fileText("m_000000000001", "X") }, "other");
    scratch.git("reflog", "expire", "--expire=now", "--all");
    scratch.git("gc", "--quiet", "--prune=now");
    expect(await subjects()).toEqual(["other", "Claim number 1", "Start the memory store"]);
  });

  test("holds both sides of a merge, and the merge itself changes nothing", async () => {
    await store.journal.entries();
    const folder = clone();
    commitIn(folder, "Theirs");
    await updateMemory(store, id, { title: "Ours" }, act);
    scratch.gitIn(folder, "pull", "--quiet", "--no-rebase", "--no-edit");
    scratch.gitIn(folder, "push", "--quiet");
    const [merge, ...rest] = await store.journal.entries();
    expect(merge?.parents).toHaveLength(2);
    expect(merge?.changes).toEqual([]);
    expect(rest.map(({ text }) => text.subject).sort()).toEqual([
      "Claim number 1",
      "Ours",
      "Start the memory store",
      "Theirs",
    ]);
    expect((await store.journal.of(id)).map(({ text }) => text.subject)).toEqual(["Ours", "Claim number 1"]);
  });

  test("doesn't believe trailers whose ids are not what the commit changed", async () => {
    scratch.commitOutside(
      { "semantic/fact/x-m_000000000001.md": fileText("m_000000000001", "X") },
      `Squashed\n\nMemory-Op: add\nMemory-Id: ${id}\nMemory-Actor: human:alice`,
    );
    const [entry] = await store.journal.entries();
    expect(entry).toMatchObject({ trusted: false, text: { subject: "Squashed", ids: [] } });
    expect(entry?.text.actor).toBeUndefined();
  });

  test("follows a file that was moved by hand", async () => {
    const { path: from } = (await store.snapshot()).get(id) ?? { path: "" };
    const to = `semantic/decision/moved-${id}.md`;
    const text = `${scratch.git("show", `agent-memory:${from}`)}\n`;
    const commit = scratch.commitOutside({ [from]: null, [to]: text }, "move");
    expect((await store.journal.entry(commit))?.changes).toMatchObject([
      { kind: "changed", id, path: to, movedFrom: from },
    ]);
  });

  test("reads on where another tool wrote a commit with an impossible date", async () => {
    const raw = scratch
      .git("cat-file", "commit", "agent-memory")
      .replace(/^author .*$/m, "author X <x@example.com> 99999999999999999999 +0000");
    fs.writeFileSync(`${scratch.root}/commit`, `${raw}\n`);
    scratch.git(
      "update-ref",
      "refs/heads/agent-memory",
      scratch.git("hash-object", "-t", "commit", "-w", "--literally", `${scratch.root}/commit`),
    );
    expect(await subjects()).toEqual(["Claim number 1", "Start the memory store"]);
  });
});

describe("a checkout of the branch", () => {
  const status = (folder: string): string => scratch.gitIn(folder, "status", "--porcelain");
  const file = async (): Promise<string> => (await store.snapshot()).get(id)?.path ?? "";

  test("follows each write and stays clean", async () => {
    const folder = checkout();
    await updateMemory(store, id, { body: "Followed." }, act);
    const added = await addMemory(store, claim(2), act);
    expect(status(folder)).toBe("");
    expect(fs.readFileSync(path.join(folder, await file()), "utf8")).toContain("Followed.");
    expect(fs.existsSync(path.join(folder, added.memories[0]?.path ?? ""))).toBe(true);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    expect(status(folder)).toBe("");
  });

  test("keeps work on other files, staged or not", async () => {
    const folder = checkout();
    fs.appendFileSync(path.join(folder, "README.md"), "mine\n");
    fs.writeFileSync(path.join(folder, "new.md"), "mine\n");
    scratch.gitIn(folder, "add", "new.md");
    await updateMemory(store, id, { body: "Followed." }, act);
    expect(status(folder)).toBe(" M README.md\nA  new.md");
    expect(fs.readFileSync(path.join(folder, "README.md"), "utf8")).toContain("mine");
  });

  test.each(["staged", "unstaged"])(
    "with a %s edit of the same memory refuses, and nothing moves anywhere",
    async (kind) => {
      const [clean, dirty] = [checkout("clean"), path.join(scratch.root, "dirty")];
      scratch.git("worktree", "add", "--quiet", "--force", dirty, "agent-memory");
      fs.appendFileSync(path.join(dirty, await file()), "mine\n");
      if (kind === "staged") scratch.gitIn(dirty, "add", "--all");
      const before = { tip: tip(), clean: status(clean), dirty: status(dirty) };
      await expect(updateMemory(store, id, { body: "Refused." }, act)).rejects.toThrow(CheckoutDirtyError);
      expect({ tip: tip(), clean: status(clean), dirty: status(dirty) }).toEqual(before);
      await addMemory(store, claim(2), act);
      expect(status(clean)).toBe("");
    },
  );

  test("whose index is locked refuses too, and says why", async () => {
    checkout();
    const lock = scratch.path(".git/worktrees/checkout/index.lock");
    fs.writeFileSync(lock, "");
    const before = tip();
    await expect(updateMemory(store, id, { body: "Refused." }, act)).rejects.toThrow(`remove ${lock}`);
    expect(tip()).toBe(before);
    fs.rmSync(lock);
    await updateMemory(store, id, { body: "Followed." }, act);
  });

  test("follows in the main work tree of the repository and of a submodule", async () => {
    scratch.git("checkout", "--quiet", "agent-memory");
    await addMemory(store, claim(2), act);
    expect(status(scratch.folder)).toBe("");
    const outer = new Scratch();
    outer.git(
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      "-b",
      "agent-memory",
      scratch.folder,
      "part",
    );
    const part = await outer.open(outer.path("part"));
    expect(outer.gitIn(outer.path("part"), "symbolic-ref", "--short", "HEAD")).toBe("agent-memory");
    await addMemory(part, claim(3), act);
    expect(outer.gitIn(outer.path("part"), "status", "--porcelain")).toBe("");
    await outer.remove();
  });

  test("that was left halfway, its files new and its index old, follows too, and keeps what was edited since", async () => {
    const folder = checkout();
    const other = "semantic/fact/b-m_000000000002.md";
    scratch.commitOutside({ [other]: fileText("m_000000000002", "B") });
    scratch.gitIn(folder, "reset", "--quiet", "--hard");
    const before = tip();
    const [removed, added, kept] = [await file(), "semantic/fact/a-m_000000000001.md", "policy.yaml"];
    const text = {
      added: fileText("m_000000000001", "A"),
      kept: "format: 1\nauthor: user\n",
      changed: fileText("m_000000000002", "B", "Changed."),
    };
    const after = scratch.commitOutside({
      [removed]: null,
      [added]: text.added,
      [kept]: text.kept,
      [other]: text.changed,
    });
    fs.writeFileSync(path.join(folder, added), text.added);
    fs.writeFileSync(path.join(folder, kept), "format: 1\n# mine\n");
    fs.writeFileSync(scratch.path(".git/memory/checkouts-step"), `${before} ${after}\n`);
    await (await scratch.open()).snapshot();
    expect(status(folder)).toBe(" M policy.yaml");
    expect(fs.readFileSync(path.join(folder, kept), "utf8")).toContain("# mine");
    expect(fs.readFileSync(path.join(folder, other), "utf8")).toBe(text.changed);
    expect(fs.existsSync(path.join(folder, removed))).toBe(false);
  });

  test("that a killed writer left behind follows when the store is opened next", async () => {
    const folder = checkout();
    const before = tip();
    const after = scratch.commitOutside({ "semantic/fact/x-m_000000000001.md": fileText("m_000000000001", "X") });
    expect(status(folder)).not.toBe("");
    fs.writeFileSync(scratch.path(".git/memory/checkouts-step"), `${before} ${after}\n`);
    await (await scratch.open()).snapshot();
    expect(status(folder)).toBe("");
    expect(fs.existsSync(scratch.path(".git/memory/checkouts-step"))).toBe(false);
  });
});
