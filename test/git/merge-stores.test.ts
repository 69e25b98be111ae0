import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Memory, ObjectId } from "../../src/core/memory/model.ts";
import { mergeStores } from "../../src/core/merge/stores.ts";
import { eraseMemory, planErase } from "../../src/core/provenance/erase.ts";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import type { Edits } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import {
  addMemory,
  confirmMemory,
  expireMemories,
  findMemory,
  renewMemory,
  supersedeMemories,
  updateMemory,
} from "../../src/core/verbs.ts";
import { acceptRules } from "../support/rules.ts";
import { act, believed, claim, fileText, human, Scratch } from "../support/scratch.ts";
import { goTo, mergeBothWays, type MergedCommit } from "./support/merging.ts";

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const byPerson = { caller: human, reason: "A person said so." };
const tip = (): ObjectId => scratch.git("rev-parse", "agent-memory");
const paths = (): string[] => scratch.git("ls-tree", "-r", "--name-only", "agent-memory", "semantic").split("\n");
const text = (path: string): string => scratch.git("show", `agent-memory:${path}`);

async function add(n: number | string, more = {}): Promise<Memory> {
  const { memories } = await addMemory(store, claim(n, more), act);
  return findMemory(await store.snapshot(), memories[0]?.id ?? "");
}

const edit = async ({ id }: Memory, edits: Edits): Promise<unknown> => updateMemory(store, id, edits, byPerson);

/** Two histories from where the store is now; the store is then at their merge. */
async function apart(ours: () => Promise<unknown>, theirs: () => Promise<unknown>): Promise<MergedCommit> {
  const start = tip();
  await theirs();
  const other = tip();
  goTo(scratch, start);
  await ours();
  const merged = await mergeBothWays(scratch, store, tip(), other);
  scratch.fsck();
  return merged;
}

describe("merging two histories of a store", () => {
  test("keeps what either side added, edited and ended", async () => {
    const [edited, ended, kept] = [await add(1), await add(2), await add(3)];
    const merged = await apart(
      async () => [await add(4), await edit(edited, { title: "Claim one, reworded" })],
      async () => [await add(5), await expireMemories(store, [ended.id], { ...byPerson, cause: "wrong" })],
    );
    expect(merged).toMatchObject({ conflicts: [], notes: [] });
    const titles = await believed(store);
    expect(titles).toEqual(["Claim number 3", "Claim number 4", "Claim number 5", "Claim one, reworded"]);
    expect((await store.snapshot()).get(kept.id)?.blob).toBe(kept.blob);
  });

  test("joins the changes of one memory, key by key", async () => {
    const memory = await add(1, { tags: ["ci"] });
    await edit(memory, { expires_at: "2027-06-01T00:00:00Z" });
    const merged = await apart(
      async () => edit(memory, { tags: ["ci", "pnpm"], expires_at: "2027-03-01T00:00:00Z" }),
      async () => edit(memory, { tags: ["ci", "npm"], expires_at: "2027-01-01T00:00:00Z", title: "A new title" }),
    );
    expect(merged.conflicts).toEqual([]);
    const { front } = findMemory(await store.snapshot(), memory.id);
    expect(front).toMatchObject({
      title: "A new title",
      tags: ["ci", "npm", "pnpm"],
      expires_at: "2027-01-01T00:00:00Z",
    });
  });

  test("puts two titles between markers in the body, and believes neither", async () => {
    const memory = await add(1);
    const merged = await apart(
      async () => edit(memory, { title: "Use pnpm" }),
      async () => edit(memory, { title: "Use yarn" }),
    );
    expect(merged.conflicts).toEqual([{ path: memory.path, parts: ["title"] }]);
    expect(text(memory.path)).toContain(
      ["---", "", "<<<<<<< ours", 'title: "Use pnpm"', "=======", 'title: "Use yarn"', ">>>>>>> theirs", ""].join("\n"),
    );
    expect(text(memory.path)).toContain('title: "Claim number 1"');
    const [broken] = (await store.snapshot()).broken();
    expect(broken?.problems[0]?.code).toBe("conflict-markers");
  });

  test("ends what one side ended though the other changed it, and says so", async () => {
    const memory = await add(1);
    const merged = await apart(
      async () => expireMemories(store, [memory.id], { ...byPerson, cause: "wrong" }),
      async () => edit(memory, { title: "Still true" }),
    );
    expect(merged.notes).toEqual([{ kind: "ended", path: memory.path, title: "Still true" }]);
    expect((await store.snapshot()).size).toBe(0);
  });

  test("counts text that a merge made as approved by nobody", async () => {
    const memory = await add(1, { body: "One.\n\nTwo.\n\nThree." });
    await apart(
      async () => {
        await edit(memory, { body: "One, at last.\n\nTwo.\n\nThree." });
        await confirmMemory(store, memory.id, byPerson);
        expect(await store.isReviewed(findMemory(await store.snapshot(), memory.id))).toBe(true);
      },
      async () => edit(memory, { body: "One.\n\nTwo.\n\nThree, too." }),
    );
    const merged = findMemory(await store.snapshot(), memory.id);
    expect(merged.body.trim()).toBe("One, at last.\n\nTwo.\n\nThree, too.");
    expect(await store.isReviewed(merged)).toBe(false);
  });

  test("follows a memory to where one side moved it", async () => {
    const memory = await add(1);
    const moved = `semantic/fact/z/moved-${memory.id}.md`;
    const merged = await apart(
      async () => edit(memory, { title: "Changed meanwhile" }),
      async () => scratch.commitOutside({ [memory.path]: null, [moved]: text(memory.path) }),
    );
    expect(merged.conflicts).toEqual([]);
    expect(paths()).toEqual([moved]);
    expect(text(moved)).toContain("Changed meanwhile");
  });

  test("comes to one file where both sides moved a memory", async () => {
    const memory = await add(1);
    const to = (name: string): string => `semantic/fact/${name}-${memory.id}.md`;
    const move = (name: string) => async () =>
      scratch.commitOutside({ [memory.path]: null, [to(name)]: text(memory.path) });
    await apart(move("b"), move("a"));
    expect(paths()).toEqual([to("a")]);
  });

  test("makes one memory of two files that were added with one id", async () => {
    const id = "m_7k3q9f2d4cxw";
    const merged = await apart(
      async () => scratch.commitOutside({ [`semantic/fact/b-${id}.md`]: fileText(id, "The same", "And its reason.") }),
      async () => scratch.commitOutside({ [`semantic/fact/a-${id}.md`]: fileText(id, "The same", "And its reason.") }),
    );
    expect(merged.conflicts).toEqual([]);
    expect(paths()).toEqual([`semantic/fact/a-${id}.md`]);
  });

  test("keeps both of two memories that were stored under one name", async () => {
    const path = "semantic/fact/by-hand.md";
    const merged = await apart(
      async () => scratch.commitOutside({ [path]: fileText("m_7k3q9f2d4cxw", "One") }),
      async () => scratch.commitOutside({ [path]: fileText("m_1x8h2j5k9p4w", "Other") }),
    );
    expect(merged.notes.map(({ kind }) => kind)).toEqual(["moved"]);
    expect(await believed(store)).toEqual(["One", "Other"]);
  });

  test("leaves a damaged file to the side that did not damage it", async () => {
    const memory = await add(1);
    const merged = await apart(
      async () => scratch.commitOutside({ [memory.path]: "no front matter\n" }),
      async () => edit(memory, { title: "Sound" }),
    );
    // Nothing is known of what the damaged file says, so a person looks at it.
    expect(merged.conflicts).toEqual([{ path: memory.path, parts: ["file"] }]);
    expect(paths()).toEqual([memory.path]);
  });
});

describe("what was refused or taken out", () => {
  const bury = (memory: Memory): string => {
    const { path, text: bytes } = makeTombstone(memory, "It is wrong.", new Date("2026-11-23T10:00:00Z"));
    return scratch.commitOutside({ [path]: bytes, [memory.path]: null });
  };

  test("stays out though the other side stored the same words under another id", async () => {
    const memory = await add("rejected", { body: "Builds want four cores of the machine, says the handbook." });
    const merged = await apart(
      async () => bury(memory),
      async () => {
        await expireMemories(store, [memory.id], { ...byPerson, cause: "wrong" });
        await add("rejected", { title: "Another title for it", body: memory.body });
      },
    );
    expect(merged.notes.map(({ kind, title }) => [kind, title])).toEqual([["kept-out", "Another title for it"]]);
    expect((await store.snapshot()).size).toBe(0);
  });

  test("stays out though the other side edited it", async () => {
    const memory = await add("rejected");
    await apart(
      async () => bury(memory),
      async () => edit(memory, { tags: ["still-here"] }),
    );
    expect((await store.snapshot()).size).toBe(0);
  });

  test("is let in again where a person removed the tombstone", async () => {
    const memory = await add("rejected");
    const file = text(memory.path);
    bury(memory);
    await apart(
      async () => scratch.commitOutside({ [`tombstones/${memory.id}.md`]: null, [memory.path]: file }),
      async () => add("other", { title: "Quite another thing", body: "Builds run on four cores." }),
    );
    expect((await store.snapshot()).get(memory.id)?.title).toBe(memory.title);
  });

  test("stays erased when a clone from before the erasure is merged", async () => {
    const [erased, edited, ended] = [await add("erased"), await add("edited"), await add("ended")];
    const merged = await apart(
      async () => {
        const plan = await planErase(store, erased);
        await eraseMemory(store, plan, { ...byPerson, pushedToo: true });
        await edit(edited, { title: "Edited after the erasure" });
        await expireMemories(store, [ended.id], { ...byPerson, cause: "wrong" });
      },
      async () => {
        await add("new");
        // As a clone would, which an erasure here can't reach.
        scratch.git("branch", "their-clone", "agent-memory");
      },
    );
    expect(merged.conflicts).toEqual([]);
    const titles = await believed(store);
    expect(titles).toEqual(["Claim number new", "Edited after the erasure"]);
  });

  test("stays ended where the histories have nothing in common", async () => {
    const [ended, edited] = [await add("ended"), await add("edited")];
    const theirs = tip();
    scratch.git("update-ref", "-d", "refs/heads/agent-memory");
    const tree = scratch.git("rev-parse", `${theirs}^{tree}`);
    goTo(scratch, scratch.git("commit-tree", "-m", "Copied without its history", tree));
    await expireMemories(store, [ended.id], { ...byPerson, cause: "wrong" });
    await edit(edited, { title: "Edited in the copy" });
    const merged = await mergeBothWays(scratch, store, tip(), theirs);
    expect(merged.conflicts).toEqual([]);
    expect(await believed(store)).toEqual(["Edited in the copy"]);
  });
});

describe("the rest of a store", () => {
  const policy = (...lines: string[]): string => ["format: 1", "gate:", ...lines, ""].join("\n");

  test("takes the stricter of two rules that both sides changed", async () => {
    scratch.commitOutside({ "policy.yaml": policy("  waiting: 30d", "  budget: 1") });
    const merged = await apart(
      async () => scratch.commitOutside({ "policy.yaml": policy("  waiting: 20d", "  budget: 1") }),
      async () => scratch.commitOutside({ "policy.yaml": policy("  waiting: 10d", "  budget: 5") }),
    );
    expect(merged.conflicts).toEqual([]);
    await acceptRules(store);
    expect((await store.policy()).gate).toMatchObject({ waiting: 10 * 86_400_000, budget: 5 });
  });

  test("leaves rules to a person where each side is stricter in something, and writes nothing until then", async () => {
    scratch.commitOutside({ "policy.yaml": policy("  waiting: 30d", "  budget: 1") });
    const merged = await apart(
      async () => scratch.commitOutside({ "policy.yaml": policy("  waiting: 40d", "  budget: 5") }),
      async () => scratch.commitOutside({ "policy.yaml": policy("  waiting: 10d", "  budget: 1 # as it was") }),
    );
    expect(merged.conflicts).toEqual([{ path: "policy.yaml", parts: ["file"] }]);
    expect((await store.policy()).readOnly).toBe(true);
  });

  test("unites what two tombstones of one memory keep out", async () => {
    const memory = await add(1);
    const bury = (body: string) => async () => {
      const { path, text: bytes } = makeTombstone({ ...memory, body }, "No.", new Date("2026-11-23T10:00:00Z"));
      return scratch.commitOutside({ [path]: bytes, [memory.path]: null });
    };
    await apart(
      bury("The first wording of a claim that is refused."),
      bury("Quite other words for what nobody wants."),
    );
    for (const body of ["The first wording of a claim that is refused.", "Quite other words for what nobody wants."])
      await expect(add("again", { title: "With a new title", body })).rejects.toMatchObject({ code: "blocked" });
  });
});

describe("histories that crossed", () => {
  test("merge to the same on both sides", async () => {
    const memory = await add(1, { body: "One.\n\nTwo.\n\nThree." });
    const start = tip();
    await edit(memory, { body: "One, here.\n\nTwo.\n\nThree." });
    const here = tip();
    goTo(scratch, start);
    await edit(memory, { body: "One.\n\nTwo.\n\nThree, there." });
    const added = await add("there");
    const there = tip();
    const [hereMerged, thereMerged] = [
      (await mergeBothWays(scratch, store, here, there)).commit,
      (await mergeBothWays(scratch, store, there, here)).commit,
    ];
    goTo(scratch, hereMerged);
    await expireMemories(store, [added.id], { ...byPerson, cause: "wrong" });
    const hereNow = tip();
    goTo(scratch, thereMerged);
    await edit(memory, { tags: ["crossed"] });
    expect(await store.repository.mergeBases(hereNow, tip())).toHaveLength(2);
    const merged = await mergeBothWays(scratch, store, hereNow, tip());
    expect(merged).toMatchObject({ conflicts: [] });
    const [only, ...others] = (await store.snapshot()).memories();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ body: "One, here.\n\nTwo.\n\nThree, there.\n", front: { tags: ["crossed"] } });
  });

  test("take a side that only went on as it is", async () => {
    await add(1);
    const old = tip();
    await add(2);
    const merge = await mergeStores(store.repository, [old], old, tip());
    expect(merge.changes).toHaveLength(1);
    expect(await mergeStores(store.repository, [old], tip(), old)).toEqual({ changes: [], conflicts: [], notes: [] });
  });

  test("read only folders that changed", async () => {
    for (const type of ["Fact", "Pitfall", "Decision"]) await add(type, { type });
    const start = tip();
    await add("here");
    const here = tip();
    goTo(scratch, start);
    await add("there");
    const read: number[] = [];
    const { repository } = store;
    const counting = {
      tree: async (commit: ObjectId) => repository.tree(commit),
      mergeBases: async (a: ObjectId, b: ObjectId) => repository.mergeBases(a, b),
      log: async () => repository.log(),
      blobs: async (ids: readonly ObjectId[]) => {
        read.push(ids.length);
        return repository.blobs(ids);
      },
    };
    await mergeStores(counting, [start], here, tip());
    // The two that were added, and nothing of the others.
    expect(read[0]).toBe(2);
  });
});

test("superseding on one side and renewing on the other leaves the new claim alone", async () => {
  const memory = await add(1);
  await apart(
    async () => supersedeMemories(store, [memory.id], claim("new"), byPerson),
    async () => renewMemory(store, memory.id, "30d", byPerson),
  );
  expect(await believed(store)).toEqual(["Claim number new"]);
});
