import { mkdirSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliWorld, firstOf } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

describe("what ends and comes back", () => {
  beforeEach(() => world.init());

  test("expire ends several in one commit, list --past says why, show finds them still", async () => {
    const ids = [await world.add("One"), await world.add("Two")];
    const { exit, answer } = await world.json(["expire", ...ids, "--cause", "outdated", "--reason", "Moved on."]);
    expect([exit, answer.memories.map(({ blob }) => blob)]).toEqual([0, [null, null]]);
    expect((await world.json(["list"])).answer.memories).toEqual([]);
    const { past } = (await world.json(["list", "--past"])).answer;
    expect(past.map(({ title }) => title).toSorted()).toEqual(["One", "Two"]);
    expect(firstOf(past).ended).toMatchObject({ operation: "expire", reason: "Outdated. Moved on." });
    const shown = (await world.json(["show", ids[0] ?? ""])).answer;
    expect([shown.present, shown.front["title"]]).toEqual([false, "One"]);
    expect(world.git("rev-list", "--count", "agent-memory")).toBe("4");
  });

  test("expire asks for one cause of four", async () => {
    const id = await world.add("One");
    expect((await world.json(["expire", id])).exit).toBe(2);
    expect((await world.json(["expire", id, "--cause", "boring"])).exit).toBe(2);
  });

  test("memories of two stores are not ended by one command", async () => {
    const one = await world.add("One");
    const two = await world.add("Two", "--store", "personal");
    const { exit, answer } = await world.json(["expire", one, two, "--cause", "wrong"]);
    expect([exit, answer.error.code]).toEqual([2, "usage"]);
    expect((await world.json(["list"])).answer.memories).toHaveLength(2);
  });

  test("revert shows its plan first, then brings back what was expired", async () => {
    const id = await world.add("One");
    const { answer: expired } = await world.json(["expire", id, "--cause", "wrong"]);
    const planned = await world.json(["revert", id, "--dry-run"]);
    expect([planned.exit, planned.answer.status, planned.answer.reverts, firstOf(planned.answer.files).action]).toEqual(
      [0, "planned", expired.commit, "comes back"],
    );
    expect((await world.call(["revert", id, "--dry-run"])).out).toContain('+ title: "One"');
    expect((await world.json(["list"])).answer.memories).toEqual([]);
    expect((await world.json(["revert", id])).exit).toBe(0);
    expect((await world.json(["list"])).answer.memories.map((one) => one.id)).toEqual([id]);
  });

  test("revert takes a commit by its beginning, and a second time has nothing to do", async () => {
    const id = await world.add("One");
    const { answer } = await world.json(["update", id, "--title", "Two", "--reason", "R"]);
    expect((await world.json(["revert", answer.commit.slice(0, 9)])).answer.status).toBe("stored");
    expect((await world.json(["show", id])).answer.front["title"]).toBe("One");
    const again = await world.json(["revert", answer.commit]);
    expect([again.exit, again.answer.status]).toEqual([0, "unchanged"]);
  });

  test("reverting under a later edit of the same lines is a conflict", async () => {
    const id = await world.add("One");
    const { answer } = await world.json(["update", id, "--title", "Two", "--reason", "R"]);
    await world.json(["update", id, "--title", "Three", "--reason", "R"]);
    expect((await world.json(["revert", answer.commit])).exit).toBe(4);
  });

  test("renew moves the end, brings back what was expired, and waits where it would outlive the policy", async () => {
    const id = await world.add("One", "--expires", "2d");
    const ends = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    expect(firstOf((await world.json(["renew", id, "--expires", ends])).answer.memories).expires_at).toContain(ends);
    expect((await world.json(["renew", id, "--expires", "2126-01-31"])).exit).toBe(5);
    expect((await world.json(["renew", id, "--never"])).exit).toBe(5);
    await world.json(["expire", id, "--cause", "wrong"]);
    expect((await world.json(["renew", id.slice(0, 9), "--expires", "30d"])).exit).toBe(0);
    expect((await world.json(["show", id])).answer.present).toBe(true);
    expect((await world.json(["renew", id, "--never", "--expires", "3d"])).exit).toBe(2);
  });

  test("a memory that never was is not found", async () => {
    for (const args of [
      ["show", "m_000000000000"],
      ["expire", "zzz", "--cause", "wrong"],
      ["revert", "zzz"],
      ["renew", "zzz"],
      ["blame", "zzz"],
      ["history", "zzz"],
      ["update", "zzz", "--title", "A", "--reason", "R"],
    ]) {
      const { exit, answer } = await world.json(args);
      expect([args[0], exit, answer.error.code]).toEqual([args[0], 1, "not-found"]);
    }
  });
});

describe("reading", () => {
  beforeEach(() => world.init());

  test("list filters by type and tag, and can look back", async () => {
    const one = await world.add("One", "--tag", "x");
    await world.json(["add", "--title", "Two", "--type", "Pitfall", "--body", "B", "--reason", "R", "--tag", "x"]);
    const titles = async (...words: readonly string[]) =>
      (await world.json(["list", ...words])).answer.memories.map(({ title }) => title);
    expect(await titles("--type", "pitfall")).toEqual(["Two"]);
    expect(await titles("--type", "Pitfall", "--type", "Fact", "--tag", "X")).toHaveLength(2);
    expect(await titles("--tag", "y")).toEqual([]);
    expect(await titles("--at", "agent-memory~1")).toEqual(["One"]);
    await world.json(["update", one, "--title", "Uno", "--reason", "R"]);
    expect((await world.json(["show", one, "--at", "agent-memory~1"])).answer.front["title"]).toBe("One");
    expect((await world.json(["list", "--at", "nonsense"])).exit).toBe(2);
  });

  test("history is newest first, and says how many are left out", async () => {
    const id = await world.add("One");
    await world.json(["update", id, "--title", "Two", "--reason", "Better."]);
    const all = (await world.json(["history"])).answer;
    expect(all.entries.map(({ operation }) => operation)).toEqual(["update", "add", "init"]);
    const some = (await world.json(["history", "--limit", "1"])).answer;
    expect([some.entries.length, some.more]).toEqual([1, 2]);
    expect((await world.call(["history", "--limit", "1"])).err).toContain("2 older commits are not shown");
    expect((await world.json(["history", id])).answer.entries).toHaveLength(2);
  });

  test("blame names the write behind each line", async () => {
    const id = await world.add("One");
    await world.json(["update", id, "--title", "Two", "--reason", "Better."]);
    const { lines } = (await world.json(["blame", id])).answer;
    expect(lines.find(({ text }) => text.startsWith("title:"))?.reason).toBe("Better.");
    expect(lines.find(({ text }) => text.startsWith("type:"))?.reason).toBe("Seen in a test.");
    expect((await world.call(["blame", id])).out).toMatch(/title: "Two"\n/);
  });

  test("the beginning of an id is enough, and one that fits several says so", async () => {
    const id = await world.add("One");
    await world.add("Two");
    expect((await world.json(["show", id.slice(2, 9)])).answer.id).toBe(id);
    const { exit, answer } = await world.json(["show", "m_"]);
    expect([exit, answer.error.message]).toEqual([1, expect.stringContaining("fits 2 memories")]);
  });

  test("a broken file is shown as broken and changes nothing else", async () => {
    const id = await world.add("One");
    world.commitFile("semantic/fact/broken.md", '---\ntype: Fact\ntitle: "A"\ntitle: "B"\n---\n\nText.\n');
    const { answer } = await world.json(["list"]);
    expect([
      answer.memories.map((one) => one.id),
      answer.broken.map(({ path: file, problems }) => [file, firstOf(problems).line]),
    ]).toEqual([[id], [["semantic/fact/broken.md", 4]]]);
    expect((await world.call(["list", "--broken"])).out).toContain("broken · line 4");
    expect((await world.json(["show", "semantic/fact/broken.md"])).answer.text).toContain('title: "B"');
    expect((await world.json(["expire", "semantic/fact/broken.md", "--cause", "other"])).exit).toBe(0);
    expect((await world.json(["list", "--broken"])).answer.broken).toEqual([]);
  });

  test("recall chooses what bears on the question and keeps to its budget", async () => {
    await world.json([
      "add",
      "--title",
      "Use pnpm, never npm",
      "--type",
      "Convention",
      "--body",
      "Run every install through pnpm.",
      "--reason",
      "R",
    ]);
    await world.add("The database is reset nightly");
    const { exit, answer } = await world.json(["recall", "how do we install packages with pnpm?", "--limit", "1"]);
    expect([exit, answer.chosen.length]).toEqual([0, 1]);
    expect(answer.text).toContain("Run every install through pnpm.");
    const shown = await world.call(["recall", "pnpm"]);
    expect(shown.out).toContain("Use pnpm, never npm");
    expect(shown.err).toContain("tokens");
    expect((await world.json(["recall", "pnpm", "--budget", "none"])).exit).toBe(2);
    const nothing = await world.call(["recall", "xylophone zeppelin"]);
    expect([nothing.exit, nothing.out]).toEqual([0, ""]);
    expect(nothing.err).not.toBe("");
  });
});

describe("from anywhere in the repository", () => {
  test("a subfolder, a linked worktree, -C and a bare clone see the same memory", async () => {
    await world.init();
    const id = await world.add("One");
    const deep = path.join(world.code, "a/b");
    mkdirSync(deep, { recursive: true });
    const linked = path.join(world.root, "linked");
    world.git("worktree", "add", "--quiet", linked);
    const bare = path.join(world.root, "bare.git");
    world.git("clone", "--quiet", "--bare", world.code, bare);
    for (const cwd of [deep, linked, bare])
      expect((await world.json(["list"], { cwd })).answer.memories.map((one) => one.id)).toEqual([id]);
    expect((await world.json(["list", "-C", "code/a"], { cwd: world.root })).answer.memories).toHaveLength(1);
    await world.call(["add", "--title", "Two", "--type", "Fact", "--body", "B", "--reason", "R"], { cwd: linked });
    expect((await world.json(["list"])).answer.memories).toHaveLength(2);
  });
});
