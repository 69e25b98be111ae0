/** A tree of which a few entries change has the same bytes and order as one that is made anew. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeTree,
  encodeTree,
  FILE_MODE,
  FOLDER_MODE,
  inTreeOrder,
  type TreeEntry,
} from "../../src/git/objects/encode.ts";
import { EntryList } from "../../src/git/objects/entry-list.ts";

const id = fc.nat({ max: 255 }).map((n) => n.toString(16).padStart(2, "0").repeat(20));
/** Few, so that they meet; some that a slash at the end, or their bytes, put elsewhere than their letters do. */
const name = fc.constantFrom("a", "a.md", "a-b", "a0", "aa", "b", "b.md", "z", "é", "é.md", "😀", "\uffee", "A", "~");
const plain = fc.record({ mode: fc.constantFrom(FILE_MODE, FOLDER_MODE, "100755", "120000"), name, id });
const raw = fc
  .record({ mode: fc.constant(FILE_MODE), id, byte: fc.integer({ min: 0x80, max: 0xbf }) })
  .map(({ byte, ...rest }): TreeEntry => ({
    ...rest,
    name: `b%${byte.toString(16).toUpperCase()}`,
    rawName: Buffer.from([0x62, byte]),
  }));
const byName = (entries: readonly TreeEntry[]): Map<string, TreeEntry> =>
  new Map(entries.map((entry) => [entry.name, entry]));
const tree = fc.array(fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: raw })).map(byName);
const changes = fc
  .array(
    fc.oneof(
      plain.map((entry) => [entry.name, entry] as const),
      fc.tuple(name, fc.constant(null)),
    ),
  )
  .map((pairs) => new Map<string, TreeEntry | null>(pairs));

test("whatever is put in, changed and taken out, once and again", () => {
  fc.assert(
    fc.property(tree, changes, changes, fc.boolean(), (before, first, second, isSorted) => {
      let list = EntryList.decode(
        encodeTree(isSorted ? inTreeOrder(before.values()) : [...before.values()]),
        "sha1",
      ).ordered();
      const wanted = new Map(before);
      for (const some of [first, second]) {
        list = list.with(some);
        for (const [key, entry] of some) {
          if (entry === null) wanted.delete(key);
          else wanted.set(key, entry);
        }
        const sorted = inTreeOrder(wanted.values());
        expect(list.bytes.equals(encodeTree(sorted))).toBe(true);
        expect(list.entries.map((entry) => entry.name)).toEqual(sorted.map((entry) => entry.name));
        expect(decodeTree(list.bytes, "sha1").map((entry) => entry.id)).toEqual(list.entries.map((entry) => entry.id));
        for (const key of [...wanted.keys(), ...some.keys()]) expect(list.find(key)?.id).toBe(wanted.get(key)?.id);
        expect([...list.byName.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a tree that another tool wrote with one name twice has it once after a write", () => {
  const [one, other, third] = ["1", "2", "3"].map((digit) => ({
    mode: FILE_MODE,
    name: "one.md",
    id: digit.repeat(40),
  }));
  if (one === undefined || other === undefined || third === undefined) throw new Error("three were made");
  const list = EntryList.decode(encodeTree([one, other]), "sha1").ordered();
  expect(list.with(new Map([["one.md", third]])).entries).toEqual([third]);
});

test("a tree that is emptied and filled again begins anew", () => {
  const one: TreeEntry = { mode: FILE_MODE, name: "one.md", id: "1".repeat(40) };
  const filled = EntryList.empty.with(new Map([["one.md", one]]));
  expect(filled.bytes.equals(encodeTree([one]))).toBe(true);
  expect(filled.with(new Map([["one.md", null]])).entries).toEqual([]);
});
