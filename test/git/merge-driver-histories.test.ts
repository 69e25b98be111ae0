/** Random edits on two branches: `git merge` with our driver comes to the same files as our own merge, whichever side asks. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ObjectId } from "../../src/core/memory/model.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, confirmMemory, updateMemory } from "../../src/core/verbs.ts";
import { applyInstall, planInstall } from "../../src/git/install/install.ts";
import { findRepository } from "../../src/git/repository.ts";
import { claim, human, Scratch } from "../support/scratch.ts";
import { goTo, mergeInto } from "./support/merging.ts";
import { randomFrom } from "./support/random.ts";

const SEEDS = process.env["MERGE_SEEDS"]?.split(",").map(Number) ?? [1, 2, 3];
const MAIN = path.resolve(import.meta.dirname, "../../src/cli/main.ts");
const byPerson = { caller: human, reason: "A person said so." };

let scratch: Scratch;
let store: MemoryStore;
let checkout: string;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  checkout = path.join(scratch.root, "memory");
  const repository = await findRepository(scratch.folder);
  await applyInstall(repository, await planInstall(repository, { env: {}, words: [process.execPath, MAIN] }));
});
afterEach(async () => scratch.remove());

const tip = (): ObjectId => scratch.git("rev-parse", "agent-memory");

async function edits(random: (below: number) => number, name: string): Promise<ObjectId> {
  for (let step = 0; step < 8; step++) {
    const all = [...(await store.snapshot()).memories()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const memory = all[random(all.length)];
    const [word, act] = [`${name}-${random(99)}`, random(6)];
    if (memory === undefined || act === 0) await addMemory(store, claim(word), byPerson);
    else if (act === 1) await updateMemory(store, memory.id, { title: `Title ${word}` }, byPerson);
    else if (act === 2) await updateMemory(store, memory.id, { tags: [...(memory.front.tags ?? []), word] }, byPerson);
    else if (act === 3) {
      const lines = memory.body.split("\n");
      lines[random(3) * 2] = `Line ${word}.`;
      await updateMemory(store, memory.id, { body: lines.join("\n") }, byPerson);
    } else if (act === 4)
      await updateMemory(store, memory.id, { expires_at: `2027-0${1 + random(9)}-01T00:00:00Z` }, byPerson);
    else await confirmMemory(store, memory.id, byPerson);
  }
  return tip();
}

/** The tree that `git merge` leaves in the checkout, conflicts included. */
function mergedByGit(ours: ObjectId, theirs: ObjectId): { readonly tree: ObjectId; readonly clean: boolean } {
  scratch.gitIn(checkout, "checkout", "--quiet", "--detach", ours);
  const { status } = spawnSync("git", ["merge", "--quiet", "--no-edit", theirs], { cwd: checkout });
  scratch.gitIn(checkout, "add", "--all");
  const tree = scratch.gitIn(checkout, "write-tree");
  scratch.gitIn(checkout, "reset", "--quiet", "--hard");
  return { tree, clean: status === 0 };
}

describe.each(SEEDS)("random edits, seed %i", (seed) => {
  test(`merge to the same by the driver and by ourselves (MERGE_SEEDS=${seed} runs it again)`, async () => {
    const random = randomFrom(seed);
    for (const n of [1, 2, 3, 4])
      await addMemory(store, claim(n, { body: `First of ${n}.\n\nSecond of ${n}.\n\nThird of ${n}.` }), byPerson);
    const base = tip();
    const ours = await edits(random, "here");
    goTo(scratch, base);
    const theirs = await edits(random, "there");
    scratch.git("worktree", "add", "--quiet", "--detach", checkout, ours);
    for (const [one, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      const merged = await mergeInto(scratch, store, one, other);
      expect(mergedByGit(one, other)).toEqual({ tree: merged.tree, clean: merged.conflicts.length === 0 });
    }
  }, 120_000);
});
