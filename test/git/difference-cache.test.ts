import fs from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beliefDifferences } from "../../src/core/review/difference.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, importMemories, updateMemory } from "../../src/core/verbs.ts";
import { claim, human, Scratch } from "../support/scratch.ts";

const mine = { caller: human, reason: "It came up in a test." };
const confirmed = { ...mine, confirmed: true as const };
/** More than what is worth keeping. */
const MANY = 20;

let scratch: Scratch;
let store: MemoryStore;
let before: string;
let after: string;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  const drafts = Array.from({ length: MANY }, (_, n) => claim(n));
  ({ commit: before } = await importMemories(store, drafts, { ...confirmed, subject: "many" }));
  const ids = [...(await store.snapshot()).memories()].map(({ id }) => id);
  for (const id of ids.slice(0, MANY - 3)) await updateMemory(store, id, { body: `Ünlike before: ${id}.` }, mine);
  await expireMemories(store, [ids.at(-1) ?? ""], { ...mine, cause: "wrong" });
  ({ commit: after } = await addMemory(store, claim("new"), mine));
});
afterEach(async () => scratch.remove());

const kept = (): string => scratch.path(".git/memory/difference");

/** Everything that is said of a difference, by a new process as it were. */
async function told(a = before, b = after): Promise<unknown[]> {
  const other = await scratch.open();
  const differences = await beliefDifferences(other, a, b);
  const all = differences.map((one) => ({ ...one, words: one.words, entries: one.entries.map((entry) => entry) }));
  await other.dispose();
  return all;
}

test("a large difference is kept, and told the next time as it was told first", async () => {
  const first = await told();
  expect(first).toHaveLength(MANY - 1);
  expect(fs.existsSync(kept())).toBe(true);
  expect(await told()).toEqual(first);
  const bytes = fs.readFileSync(kept());
  const whole = await told();
  expect(fs.readFileSync(kept()).equals(bytes)).toBe(true);
  expect(whole).toEqual(first);
});

test("another pair of commits is answered by itself, also the same pair the other way round", async () => {
  await told();
  const back = await told(after, before);
  fs.rmSync(kept());
  expect(await told(after, before)).toEqual(back);
  expect(back).not.toEqual(await told());
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ["empty", () => Buffer.alloc(0)],
  ["cut short", (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ["changed in a byte", (bytes) => Buffer.from(bytes.map((byte, at) => (at === 300 ? byte ^ 1 : byte)))],
  ["of another format", () => Buffer.from("{}")],
])("one that is %s is made again", async (_name, damage) => {
  const first = await told();
  const whole = fs.readFileSync(kept());
  fs.writeFileSync(kept(), damage(whole));
  expect(await told()).toEqual(first);
  expect(fs.readFileSync(kept()).equals(whole)).toBe(true);
});

test("where it can't be kept, it is told all the same", async () => {
  fs.mkdirSync(kept());
  expect(await told()).toHaveLength(MANY - 1);
});

test("a small difference is not kept, nor one whose commits are not in a line", async () => {
  await beliefDifferences(store, `${scratch.git("rev-parse", `${after}~1`)}`, after);
  expect(fs.existsSync(kept())).toBe(false);
  await told(after, before);
  expect(fs.existsSync(kept())).toBe(false);
});
