/**
 * Where two trees differ, found in their bytes: of a folder of a thousand files, mostly one differs, and what stands before and
 * behind it is compared without being decoded.
 */
import { decodeTree, type HashName, type TreeEntry } from "./encode.ts";

/** Compared at once, in bytes. */
const STEP = 1_024;

/** The entries of each between which all differences lie; what both have in common at their ends is left out. */
export function differingEntries(
  before: Buffer,
  after: Buffer,
  hash: HashName,
): { readonly before: readonly TreeEntry[]; readonly after: readonly TreeEntry[] } {
  const idLength = hash === "sha1" ? 20 : 32;
  const same = commonStart(before, after);
  const start = entryAt(before, 0, same, idLength, "last");
  const most = Math.min(before.length, after.length) - start;
  const tail = commonEnd(before, after, most);
  const end = entryAt(before, start, before.length - tail, idLength, "next");
  const other = end + after.length - before.length;
  // An entry's end in the one need not be one in the other, since an id's bytes may look like anything.
  const fits = entryAt(after, start, other, idLength, "next") === other;
  return {
    before: decodeTree(before.subarray(start, fits ? end : before.length), hash),
    after: decodeTree(after.subarray(start, fits ? other : after.length), hash),
  };
}

/** Where an entry begins: the last one up to a place, or the next from it on (the end of the tree, too). */
function entryAt(tree: Buffer, from: number, place: number, idLength: number, which: "last" | "next"): number {
  for (let at = from; ;) {
    if (which === "next" && at >= place) return at;
    const end = at >= tree.length ? -1 : tree.indexOf(0, at);
    if (end < 0) return at;
    const next = end + 1 + idLength;
    if (which === "last" && next > place) return at;
    at = next;
  }
}

function commonStart(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + STEP <= most && a.compare(b, at, at + STEP, at, at + STEP) === 0) at += STEP;
  while (at < most && a[at] === b[at]) at += 1;
  return at;
}

/** How many bytes at the end are the same, of so many at most. */
function commonEnd(a: Buffer, b: Buffer, most: number): number {
  let length = 0;
  const isSame = (more: number): boolean => {
    const [inA, inB] = [a.length - length, b.length - length];
    return a.compare(b, inB - more, inB, inA - more, inA) === 0;
  };
  while (length + STEP <= most && isSame(STEP)) length += STEP;
  while (length < most && a[a.length - length - 1] === b[b.length - length - 1]) length += 1;
  return length;
}
