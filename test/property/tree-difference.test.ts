import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTree, encodeTree, inTreeOrder, type TreeEntry } from "../../src/git/objects/encode.ts";
import { differingEntries } from "../../src/git/objects/tree-difference.ts";

/** Few names and few ids of telling bytes, so that trees have much in common and ids look like entries. */
const id = fc.constantFrom(
  "00".repeat(20),
  "31303036343420".padEnd(40, "0"),
  "ff".repeat(20),
  `${"00".repeat(19)}31`,
  `31${"00".repeat(19)}`,
);
const entry = fc.record<TreeEntry>({
  mode: fc.constantFrom("100644", "100755", "40000", "120000"),
  name: fc.constantFrom("a", "a.md", "aa", "b", "b-1", "ü", "x".repeat(900), "y".repeat(1_300), "100644 "),
  id,
});
const tree = fc
  .uniqueArray(entry, { selector: ({ name }) => name, maxLength: 9 })
  .map((entries) => encodeTree(inTreeOrder(entries)));

/** The entries of one that the other has not just so. */
function only(a: readonly TreeEntry[], b: readonly TreeEntry[]): string[] {
  const others = new Set(b.map((one) => JSON.stringify(one)));
  return a.map((one) => JSON.stringify(one)).filter((one) => !others.has(one));
}

test("what two trees have in common at their ends is left out, and no difference with it", () => {
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      const [before, after] = [decodeTree(a, "sha1"), decodeTree(b, "sha1")];
      const found = differingEntries(a, b, "sha1");
      expect(only(found.before, found.after)).toEqual(only(before, after));
      expect(only(found.after, found.before)).toEqual(only(after, before));
    }),
    { numRuns: 2_000 },
  );
});

test("of a thousand files of which one was edited, that one alone is decoded", () => {
  const files = Array.from({ length: 1_000 }, (_, n) => ({
    mode: "100644",
    name: `${String(n).padStart(4, "0")}-a-title.md`,
    id: String(n).padStart(40, "0"),
  }));
  const before = encodeTree(files);
  for (const edited of [0, 1, 500, 998, 999]) {
    const after = encodeTree(files.map((file, n) => (n === edited ? { ...file, id: "f".repeat(40) } : file)));
    expect(differingEntries(before, after, "sha1")).toMatchObject({
      before: [files[edited]],
      after: [{ id: "f".repeat(40) }],
    });
  }
});
