import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ErasePushedError, InvalidInputError, MemoryNotFoundError, ModeError } from "../../src/core/errors.ts";
import { eraseMemory, type Erased, planErase } from "../../src/core/provenance/erase.ts";
import { matchTombstones, readTombstone } from "../../src/core/gate/tombstones.ts";
import { planRevertOfCommit, revert } from "../../src/core/provenance/revert.ts";
import { nameSnapshot } from "../../src/core/provenance/snapshots.ts";
import { Session } from "../../src/core/session.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, agent, believed, claim, human, Scratch } from "../support/scratch.ts";

const NEEDLES = ["Quokka vault", "wombat-42-lives-here", "quokka-vault", "because of the quokka"];

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(() => scratch.remove());

async function secret(): Promise<string> {
  const written = await addMemory(
    store,
    { type: "Fact", title: "Quokka vault code", body: "The number wombat-42-lives-here opens it.\n\nSecond line." },
    { ...act, reason: "Said because of the quokka." },
  );
  return written.memories[0]?.id ?? "";
}

async function erase(id: string, more: { pushedToo?: boolean; withoutTombstone?: boolean } = {}): Promise<Erased> {
  const path = (await store.snapshot()).get(id)?.path ?? (await store.journal.of(id))[0]?.changes[0]?.path ?? "";
  return eraseMemory(store, await planErase(store, { id, path }), {
    caller: human,
    reason: "It should never have been stored.",
    ...more,
  });
}

/** Every place in the git directory where one of the words is: files as they are, loose objects inflated, packs unpacked. */
function places(folder: string): string[] {
  const found: string[] = [];
  const look = (name: string, bytes: Buffer): void => {
    for (const needle of NEEDLES) if (bytes.includes(needle)) found.push(`${name}: ${needle}`);
  };
  const walk = (at: string): void => {
    for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) walk(file);
      else {
        const bytes = fs.readFileSync(file);
        look(file, /objects\/[0-9a-f]{2}\/[0-9a-f]+$/.test(file) ? zlib.inflateSync(bytes) : bytes);
      }
    }
  };
  walk(folder);
  look(
    "objects",
    execFileSync("git", ["cat-file", "--batch-all-objects", "--batch", "--unordered"], {
      cwd: folder,
      maxBuffer: 1 << 30,
    }),
  );
  return found;
}

describe("erasing", () => {
  test("leaves no byte of the memory in the git directory, and all else as it was", async () => {
    await addMemory(store, claim(1), act);
    const id = await secret();
    const { commit } = await updateMemory(
      store,
      id,
      { body: "Now wombat-42-lives-here and there.\n\nSecond line." },
      act,
    );
    const other = await addMemory(store, claim(2), act);
    await revert(store, await planRevertOfCommit(store, commit), act);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    await nameSnapshot(store, "then", "agent-memory~2");
    const [date, author] = [
      scratch.git("log", "-1", "--format=%ad", other.commit),
      scratch.git("log", "-1", "--format=%an <%ae>", other.commit),
    ];
    expect(places(scratch.path(".git"))).not.toEqual([]);

    const erased = await erase(id);
    expect(places(scratch.path(".git"))).toEqual([]);
    expect(erased).toMatchObject({ rewritten: 5, moved: ["then"], heldBy: [], pushedTo: [] });
    scratch.fsck();
    expect(scratch.git("log", "--format=%s", "--reverse", "agent-memory").split("\n")).toEqual([
      "memory(init): Start the memory store",
      "memory(add): Claim number 1",
      "memory(add): (erased)",
      "memory(update): (erased)",
      "memory(add): Claim number 2",
      "memory(revert): (erased)",
      "memory(expire): (erased)",
      "memory(erase): A memory was erased",
    ]);
    const now = scratch.git("log", "--format=%H", "--grep=Claim number 2", "agent-memory");
    expect([
      scratch.git("log", "-1", "--format=%ad", now),
      scratch.git("log", "-1", "--format=%an <%ae>", now),
    ]).toEqual([date, author]);
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
    expect((await store.journal.entries()).map((entry) => entry.text.actor)).toHaveLength(8);
    // What took back names the commit by the name that it has now.
    const updated = scratch.git("log", "--format=%H", "--grep=Memory-Op: update", "agent-memory");
    expect(scratch.git("log", "-1", "--format=%b", "--grep=Memory-Op: revert", "agent-memory")).toContain(
      `This reverts commit ${updated}.`,
    );
  });

  test("takes it out of packs too, and leaves the user's own unreachable objects in them", async () => {
    const id = await secret();
    await addMemory(store, claim(1), act);
    scratch.write("mine.txt", "My unreachable work.\n");
    scratch.git("add", "mine.txt");
    scratch.git("commit", "--quiet", "--message=mine");
    const mine = scratch.git("rev-parse", "HEAD");
    scratch.git("-c", "gc.auto=0", "repack", "-adq");
    scratch.git("commit-graph", "write", "--reachable");
    scratch.git("reset", "--quiet", "--hard", "HEAD~1");
    scratch.git("reflog", "expire", "--expire=all", "--all");
    await erase(id);
    expect(places(scratch.path(".git"))).toEqual([]);
    expect(scratch.git("cat-file", "-p", `${mine}:mine.txt`)).toBe("My unreachable work.");
    scratch.fsck();
  });

  test("finds it under another name and in a copy, where somebody moved files by hand", async () => {
    const id = await secret();
    const file = (await store.snapshot()).get(id)?.path ?? "";
    const text = scratch.git("show", `agent-memory:${file}`);
    scratch.commitOutside({ [file]: null, "semantic/fact/vault.md": `${text}\n` }, "Moved by hand");
    scratch.commitOutside({ "semantic/fact/copy.md": `${text}\nAnd wombat-42-lives-here again.\n` }, "A copy");
    await erase(id);
    expect(places(scratch.path(".git"))).toEqual([]);
    expect((await store.snapshot()).size).toBe(0);
  });

  test("drops the records of recalls that gave it out, and keeps the others", async () => {
    const stores = await scratch.stores();
    const id = await secret();
    await addMemory(store, claim(1), act);
    const session = new Session({ channel: "mcp", actor: "copilot", trust: "agent" }, store.environment);
    const given = await stores.recall({ text: "number that opens it" }, session);
    expect(given.chosen.map((one) => one.id)).toContain(id);
    await stores.recall(
      { text: "value of setting 1" },
      new Session({ channel: "mcp", actor: "copilot", trust: "agent" }, store.environment),
    );
    const { receipts } = await erase(id);
    expect(receipts).toBeGreaterThan(0);
    const left = fs
      .readdirSync(scratch.path(".git/memory"))
      .filter((name) => name.startsWith("receipts"))
      .map((name) => fs.readFileSync(scratch.path(".git/memory", name), "utf8"));
    expect(left.join("")).not.toContain(id);
    expect(left.join("")).toContain("value of setting 1");
  });

  test("takes the file out of a checkout of the branch, and its commits out of that checkout's log", async () => {
    const id = await secret();
    const tree = path.join(scratch.root, "checkout");
    scratch.git("worktree", "add", "--quiet", tree, "agent-memory");
    await erase(id);
    expect(places(scratch.path(".git"))).toEqual([]);
    expect(scratch.gitIn(tree, "status", "--porcelain")).toBe("");
    expect(fs.readdirSync(tree, { recursive: true }).filter((name) => String(name).includes("quokka"))).toEqual([]);
  });

  test("says which of the user's refs still hold it", async () => {
    const id = await secret();
    scratch.git("branch", "mine", "agent-memory");
    const { heldBy } = await erase(id);
    expect(heldBy).toEqual(["refs/heads/mine"]);
    expect(places(scratch.path(".git"))).not.toEqual([]);
    scratch.fsck();
  });

  test("says which work tree stands on an old commit, and which log names one, and how each is let go", async () => {
    const id = await secret();
    const detached = path.join(scratch.root, "detached");
    scratch.git("worktree", "add", "--quiet", "--detach", detached, "agent-memory");
    scratch.git("branch", "mine", "agent-memory");
    scratch.git("update-ref", "--create-reflog", "refs/heads/mine", "main");
    const { heldBy } = await erase(id);
    expect(heldBy).toEqual([
      "the log of refs/heads/mine (git reflog expire --expire=all refs/heads/mine)",
      `the old commit that is checked out in ${fs.realpathSync(detached)} (there: git checkout BRANCH, git reflog expire --expire=all HEAD)`,
    ]);
    scratch.git("reflog", "expire", "--expire=all", "refs/heads/mine");
    scratch.gitIn(detached, "checkout", "--quiet", "--detach", "main");
    scratch.gitIn(detached, "reflog", "expire", "--expire=all", "HEAD");
    scratch.git("gc", "--quiet", "--prune=now");
    expect(places(scratch.path(".git"))).toEqual([]);
  });

  test("of a copy elsewhere in the repository says where that is", async () => {
    const id = await secret();
    const file = (await store.snapshot()).get(id)?.path ?? "";
    scratch.write("notes.md", `${scratch.git("show", `agent-memory:${file}`)}\n`);
    scratch.git("add", "notes.md");
    scratch.git("commit", "--quiet", "--message=notes");
    expect((await erase(id)).heldBy).toEqual(["refs/heads/main"]);
    scratch.fsck();
  });

  test("leaves a digest that knows the claim again and no other", async () => {
    const id = await secret();
    const memory = (await store.snapshot()).get(id);
    if (memory === undefined) throw new Error("it is not there");
    const { tombstone } = await erase(id);
    const text = scratch.git("show", `agent-memory:${tombstone}`);
    const left = readTombstone(new TextEncoder().encode(`${text}\n`));
    if (left === null) throw new Error("it is no tombstone");
    expect(matchTombstones({ ...memory, title: "QUOKKA   vault code." }, [left])).toMatchObject([{ kind: "same" }]);
    expect(matchTombstones({ ...memory, title: "Another vault code" }, [left])).toEqual([]);
    expect(text).not.toMatch(/quokka|wombat/i);
  });

  test("of something guessable leaves none where that is wished", async () => {
    const id = await secret();
    expect((await erase(id, { withoutTombstone: true })).tombstone).toBeNull();
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory")).not.toContain("tombstones");
  });

  test("is refused while memory is read-only, with nothing changed", async () => {
    const id = await secret();
    await store.setMode("read-only");
    const tip = scratch.git("rev-parse", "agent-memory");
    const plan = await planErase(store, { id, path: "" });
    await expect(eraseMemory(store, plan, { caller: agent, reason: "" })).rejects.toThrow(ModeError);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(tip);
  });

  test("is refused where the reason would repeat it, and for what never was", async () => {
    const id = await secret();
    const plan = await planErase(store, { id, path: "" });
    await expect(eraseMemory(store, plan, { caller: human, reason: "Quokka vault code must go" })).rejects.toThrow(
      InvalidInputError,
    );
    // A password is one word of a line.
    for (const reason of ["It held wombat-42-lives-here.", 'Somebody stored "WOMBAT-42-lives-here"'])
      await expect(eraseMemory(store, plan, { caller: human, reason })).rejects.toThrow(/repeats words of the memory/);
    expect(places(scratch.path(".git"))).not.toEqual([]);
    await eraseMemory(store, plan, { caller: human, reason: "The number opens a vault." });
    await expect(planErase(store, { id: "m_000000000000", path: "" })).rejects.toThrow(MemoryNotFoundError);
  });
});

describe("what was pushed", () => {
  test("is refused, with nothing changed, until the caller says that this is known", async () => {
    const id = await secret();
    const remote = path.join(scratch.root, "remote.git");
    scratch.git("init", "--quiet", "--bare", remote);
    scratch.git("remote", "add", "origin", remote);
    scratch.git("push", "--quiet", "origin", "agent-memory");
    const tip = scratch.git("rev-parse", "agent-memory");
    await expect(erase(id)).rejects.toThrow(ErasePushedError);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(tip);
    expect((await store.snapshot()).get(id)).toBeDefined();
    const { pushedTo } = await erase(id, { pushedToo: true });
    expect(pushedTo).toEqual(["refs/remotes/origin/agent-memory"]);
    expect(places(scratch.path(".git"))).toEqual([]);
    expect(places(remote)).not.toEqual([]);
  });

  test("before the memory was written is no hindrance", async () => {
    const remote = path.join(scratch.root, "remote.git");
    scratch.git("init", "--quiet", "--bare", remote);
    scratch.git("remote", "add", "origin", remote);
    scratch.git("push", "--quiet", "origin", "agent-memory");
    const id = await secret();
    expect((await erase(id)).pushedTo).toEqual([]);
    expect(scratch.git("merge-base", "--is-ancestor", "origin/agent-memory", "agent-memory")).toBe("");
  });
});
