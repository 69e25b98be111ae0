/** Looking back costs what it asks for, and says the same whether the whole history was read before or not. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planRevertOfMemory, revert } from "../../src/core/provenance/revert.ts";
import { Journal } from "../../src/core/provenance/journal.ts";
import type { JournalEntry } from "../../src/core/provenance/journal-entry.ts";
import type { LogQuery } from "../../src/core/ports.ts";
import { beliefDifferences } from "../../src/core/review/difference.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { act, claim, fileText, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(() => scratch.remove());

async function add(n: number | string): Promise<{ id: string; path: string }> {
  const [memory] = (await addMemory(store, claim(n), act)).memories;
  return { id: memory?.id ?? "", path: memory?.path ?? "" };
}

/** A journal that has read nothing yet and has no cache, with what it asks git for. */
function fresh(): { journal: Journal; asked: LogQuery[] } {
  const asked: LogQuery[] = [];
  const { repository } = store;
  const log = (query: LogQuery = {}): ReturnType<typeof repository.log> => {
    asked.push(query);
    return repository.log(query);
  };
  return { journal: new Journal({ tip: () => repository.tip(), log }), asked };
}

async function fromAll(id: string, path: string): Promise<readonly JournalEntry[]> {
  const { journal } = fresh();
  await journal.entries();
  return journal.of(id, path);
}

describe("the history of one memory", () => {
  test("is asked of git for its file alone, and is what the whole history says", async () => {
    const one = await add(1);
    await add(2);
    await updateMemory(store, one.id, { body: "Edited." }, act);
    await expireMemories(store, [one.id], { ...act, cause: "outdated", reason: "Over." });
    await revert(store, await planRevertOfMemory(store, one.id), act);
    const { journal, asked } = fresh();
    const entries = await journal.of(one.id, one.path);
    expect(asked).toEqual([expect.objectContaining({ paths: [one.path], whole: true })]);
    expect(entries.map(({ text }) => text.operation)).toEqual(["revert", "expire", "update", "add"]);
    expect(entries).toEqual(await fromAll(one.id, one.path));
  });

  test("follows the file to the names that it had before", async () => {
    const one = await add(1);
    const text = scratch.git("show", `agent-memory:${one.path}`);
    const moved = `semantic/decision/renamed-${one.id}.md`;
    scratch.commitOutside({ [one.path]: null, [moved]: `${text}\n` });
    await updateMemory(store, one.id, { body: "Edited after the move." }, act);
    const { journal, asked } = fresh();
    const entries = await journal.of(one.id, moved);
    expect(entries.map(({ changes }) => changes[0]?.kind)).toEqual(["changed", "changed", "added"]);
    expect(asked.every(({ paths }) => paths !== undefined)).toBe(true);
    expect(entries).toEqual(await fromAll(one.id, moved));
  });

  test("is read with the whole history where its beginning is no birth, or when many are asked for", async () => {
    const id = "m_0a2b4c6d8e0f";
    scratch.commitOutside({ [`semantic/fact/a-${id}.md`]: fileText(id, "By hand") });
    const byHand = fresh();
    await byHand.journal.of(id, `semantic/fact/a-${id}.md`);
    expect(byHand.asked.some(({ paths }) => paths === undefined)).toBe(true);
    const all = [await add(1), await add(2), await add(3), await add(4)];
    const many = fresh();
    for (const { id: one, path } of all) await many.journal.of(one, path);
    expect(many.asked.filter(({ paths }) => paths === undefined)).toHaveLength(1);
  });
});

describe("what differs between two commits", () => {
  test("is what git says, whichever is the older", async () => {
    const one = await add(1);
    const gone = await add(2);
    const before = await store.commitOf();
    await updateMemory(store, one.id, { body: "Edited." }, act);
    await expireMemories(store, [gone.id], { ...act, cause: "outdated", reason: "Over." });
    await add(3);
    const after = await store.commitOf();
    const byGit = (a: string, b: string): string[] => {
      const rows = scratch.git("diff-tree", "-r", "--no-renames", "--no-abbrev", a, b).split("\n");
      return rows.map((row) => {
        const [, , was = "", is = "", rest = ""] = row.split(" ");
        return [rest.split("\t")[1], was, is].join(" ").replaceAll(/\b0{40}\b/g, "null");
      });
    };
    const ours = async (a: string, b: string): Promise<string[]> =>
      (await store.repository.changes(a, b)).map((one) => `${one.path} ${one.before} ${one.after}`);
    expect((await ours(before, after)).toSorted()).toEqual(byGit(before, after).toSorted());
    expect((await ours(after, before)).toSorted()).toEqual(byGit(after, before).toSorted());
    expect(await ours(after, after)).toEqual([]);
  });

  test("is told the same by a store that knows the history and by one that has just been opened", async () => {
    const [one, gone] = [await add(1), await add(2)];
    const before = await store.commitOf();
    await updateMemory(store, one.id, { body: "Edited." }, act);
    await expireMemories(store, [gone.id], { ...act, cause: "outdated", reason: "Over." });
    const after = await store.commitOf();
    await store.journal.entries();
    const told = async (from: MemoryStore, a: string, b: string): Promise<unknown> =>
      (await beliefDifferences(from, a, b)).map(({ kind, id, words, entries }) => ({
        kind,
        id,
        words,
        commits: entries.map(({ commit }) => commit),
      }));
    const opened = await scratch.open();
    expect(await told(opened, before, after)).toEqual(await told(store, before, after));
    expect((await told(opened, after, before)) as object[]).toMatchObject([{ commits: [] }, { commits: [] }]);
  });
});

test("a snapshot of the past reads memories when they are asked for, and says what was believed", async () => {
  const one = await add(1);
  const before = await store.commitOf();
  await updateMemory(store, one.id, { body: "Edited." }, act);
  const then = await (await scratch.open()).snapshotAt(before);
  expect(then.size).toBe(1);
  expect(then.blobAt(one.path)).toBe(scratch.git("rev-parse", `${before}:${one.path}`));
  expect(then.get(one.id)?.body).toContain("The value of setting 1");
});
