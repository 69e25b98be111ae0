/** Clones of one server that write at the same time: what came, what went, and that nothing is lost. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initialiseStore } from "../../src/core/initialise.ts";
import { confirmMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { syncSentence } from "../../src/git/sync/words.ts";
import { act, fileText, human } from "../support/scratch.ts";
import { TeamWorld } from "../support/team.ts";

let world: TeamWorld;
beforeEach(() => {
  world = new TeamWorld();
});
afterEach(async () => world.remove());

const byPerson = { caller: human, reason: "A person said so." };

describe("the first sync", () => {
  test("brings the branch to a server that has none, and leaves the user's configuration alone", async () => {
    const alice = world.clone("alice");
    await initialiseStore(await alice.store(), byPerson);
    await alice.add(1);
    const before = alice.git("config", "--local", "--list");
    const synced = await alice.sync();
    expect(synced).toMatchObject({ status: "synced", came: 0, went: 1, remote: "origin", notices: [] });
    expect(syncSentence(synced)).toBe("Synced with origin: nothing came, 1 change went.");
    expect(world.tip()).toBe(alice.tip());
    expect(alice.git("config", "--local", "--list")).toBe(before);
  });

  test("brings the branch from the server to a clone that has none", async () => {
    const alice = await world.founder();
    await alice.add(1);
    await alice.sync();
    const bob = world.clone("bob");
    expect(await bob.sync()).toMatchObject({ status: "synced", came: 1, went: 0 });
    expect(bob.tip()).toBe(alice.tip());
  });

  test("says that nobody has a store where nobody has", async () => {
    const alice = world.clone("alice");
    await expect(alice.sync()).rejects.toMatchObject({ code: "no-store" });
  });

  test("joins two stores that were started apart", async () => {
    const [alice, bob] = [await world.founder(), world.clone("bob")];
    bob.git("update-ref", "-d", "refs/remotes/origin/agent-memory");
    await alice.add("a");
    await alice.sync();
    const store = await bob.store();
    await initialiseStore(store, byPerson);
    await bob.add("b");
    expect(await bob.sync()).toMatchObject({ status: "synced", came: 1, went: 1 });
    await alice.sync();
    expect(await alice.titles()).toEqual(["Claim number a", "Claim number b"]);
    expect(alice.tree()).toBe(bob.tree());
  });
});

describe("two clones that wrote", () => {
  test("come to the same tree with all that both wrote", async () => {
    const alice = await world.founder();
    const bob = world.clone("bob");
    await bob.sync();
    await alice.add("a");
    await bob.add("b");
    expect(await alice.sync()).toMatchObject({ came: 0, went: 1 });
    expect(await bob.sync()).toMatchObject({ came: 1, went: 1 });
    expect(await alice.sync()).toMatchObject({ came: 1, went: 0 });
    expect(await alice.titles()).toEqual(["Claim number a", "Claim number b"]);
    expect(alice.tip()).toBe(bob.tip());
    expect(await bob.sync()).toMatchObject({ status: "unchanged", came: 0, went: 0 });
    expect(bob.git("log", "-1", "--format=%an %ae %s", "agent-memory")).toBe(
      "bob bob@example.com Merge the memories of origin",
    );
  });

  test("lose nothing when they sync in the same moment", async () => {
    const alice = await world.founder();
    const mates = [alice, world.clone("bob"), world.clone("carol")];
    for (const mate of mates) await mate.sync();
    for (const [i, mate] of mates.entries()) await mate.add(i);
    await Promise.all(mates.map((mate) => mate.sync()));
    for (const mate of mates) await mate.sync();
    for (const mate of mates) {
      expect(await mate.titles()).toEqual(["Claim number 0", "Claim number 1", "Claim number 2"]);
      expect(mate.tree()).toBe(world.tree());
    }
  });

  test("get the server's words of a memory that both reworded, and keep the other's for review", async () => {
    const alice = await world.founder();
    const memory = await alice.add(1);
    await alice.sync();
    const bob = world.clone("bob");
    await bob.sync();
    await updateMemory(await alice.store(), memory.id, { title: "Alice's words" }, byPerson);
    await updateMemory(await bob.store(), memory.id, { title: "Bob's words" }, byPerson);
    await bob.add("of bob");
    await alice.sync();
    const synced = await bob.sync();
    expect(synced).toMatchObject({ status: "synced", came: 1, went: 1 });
    expect(synced.conflicts).toMatchObject([{ path: memory.path, title: "Bob's words" }]);
    expect(syncSentence(synced)).toMatch(/1 waits for your review\.$/);
    expect(await bob.titles()).toEqual(["Alice's words", "Claim number of bob"]);
    const waiting = await (await bob.store()).quarantine?.waiting(null);
    expect(waiting?.map(({ id, subject }) => [id, subject])).toEqual([[synced.conflicts[0]?.held, "Bob's words"]]);
    // What waits is nobody else's business.
    expect(world.gitThere("for-each-ref", "--format=%(refname)")).toBe("refs/heads/agent-memory\nrefs/heads/main");
    await alice.sync();
    expect(alice.tree()).toBe(bob.tree());
  });

  test("end what one of them ended, and say so", async () => {
    const alice = await world.founder();
    const memory = await alice.add(1);
    await alice.sync();
    const bob = world.clone("bob");
    await bob.sync();
    await expireMemories(await alice.store(), [memory.id], { ...byPerson, cause: "wrong" });
    await updateMemory(await bob.store(), memory.id, { title: "Still so" }, byPerson);
    await alice.sync();
    expect((await bob.sync()).notes).toEqual([{ kind: "ended", path: memory.path, title: "Still so" }]);
    expect(await bob.titles()).toEqual([]);
  });
});

describe("what came", () => {
  test("counts as reviewed where the team's policy says so, and what went does not", async () => {
    const alice = await world.founder();
    const bob = world.clone("bob");
    await bob.sync();
    const [own, theirs] = [await bob.add("b"), await alice.add("a")];
    await alice.sync();
    await bob.sync();
    const store = await bob.store();
    const snapshot = await store.snapshot();
    const trustOf = async (id: string): Promise<string> => {
      const memory = snapshot.get(id);
      return memory === undefined ? "gone" : store.trustOf(snapshot, memory);
    };
    expect([await trustOf(theirs.id), await trustOf(own.id)]).toEqual(["reviewed", "agent"]);
    expect(await store.team?.base.read()).toMatchObject({ commit: world.tip(), via: "remote" });
  });

  test("is named where the gate keeps it out of every prompt", async () => {
    const alice = await world.founder();
    const bob = world.clone("bob");
    await bob.sync();
    const id = "m_7k3q9f2d4cxw";
    const file = `semantic/fact/checks-${id}.md`;
    alice.git("worktree", "add", "--quiet", path.join(world.root, "tree"), "agent-memory");
    const tree = path.join(world.root, "tree");
    fs.mkdirSync(path.join(tree, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(tree, file), fileText(id, "The key", `The key is AKIA${"Q3EGRIVIZRV4DXMB"}.`));
    alice.git("-C", tree, "add", "--all");
    alice.git("-C", tree, "commit", "--quiet", "-m", "by hand");
    alice.git("push", "--quiet", "origin", "agent-memory");
    const synced = await bob.sync();
    expect(synced.heldBack).toEqual([{ id, path: file, title: "The key" }]);
  });

  test("keeps a person's own approval of what a merge did not touch", async () => {
    const alice = await world.founder();
    const memory = await alice.add(1);
    await confirmMemory(await alice.store(), memory.id, byPerson);
    const bob = world.clone("bob");
    await bob.sync();
    await bob.add("b");
    await bob.sync();
    await alice.sync();
    const store = await alice.store();
    const found = (await store.snapshot()).get(memory.id);
    expect(found === undefined ? null : await store.isReviewed(found)).toBe(true);
  });
});

describe("a clone", () => {
  test("that is shallow syncs like any other", async () => {
    const alice = await world.founder();
    for (const n of [1, 2, 3]) await alice.add(n);
    await alice.sync();
    const bob = world.clone("bob", "--depth=1", "--no-single-branch");
    await bob.add("b");
    await alice.add("a");
    await alice.sync();
    expect(await bob.sync()).toMatchObject({ status: "synced", went: 1 });
    await alice.sync();
    expect(alice.tree()).toBe(bob.tree());
    expect(await alice.titles()).toHaveLength(5);
  });

  test("with a checkout of the branch sees it follow, and unsaved work there stops the sync", async () => {
    const alice = await world.founder();
    const memory = await alice.add(1);
    await alice.sync();
    const bob = world.clone("bob");
    await bob.sync();
    const tree = path.join(world.root, "tree");
    bob.git("worktree", "add", "--quiet", tree, "agent-memory");
    await alice.add("a");
    await alice.sync();
    await bob.sync();
    expect(bob.git("-C", tree, "status", "--porcelain")).toBe("");
    fs.appendFileSync(path.join(tree, memory.path), "\nNot saved yet.\n");
    await updateMemory(await alice.store(), memory.id, { title: "Other words" }, act);
    await alice.sync();
    const before = bob.tip();
    await expect(bob.sync()).rejects.toMatchObject({ code: "checkout-dirty" });
    expect(bob.tip()).toBe(before);
  });
});
