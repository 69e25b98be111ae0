/** Three-way merge of one file of a store, by what it is. */
import { decodeUtf8, isMemoryPath } from "../memory/parse.ts";
import { POLICY_FILE } from "../memory/policy.ts";
import { type Marks, mergeLines } from "./lines.ts";
import { mergeMemory } from "./memory.ts";
import { mergePolicies } from "./policy.ts";
import { mergeTombstones } from "./tombstone.ts";

export interface MergedFile {
  readonly bytes: Uint8Array;
  /** What a person has to choose: `title`, `body`, or `file` where nothing finer can be said. Empty: merged. */
  readonly conflicts: readonly string[];
  /** Whether the file's own rules could be applied; else it was merged as any text. */
  readonly byRule: boolean;
}

/**
 * Both sides' bytes are those of a file that is there on both.
 *
 * @param path relative to the store's root.
 * @param base null where the sides have no common version.
 */
export function mergeFile(
  path: string,
  base: Uint8Array | null,
  ours: Uint8Array,
  theirs: Uint8Array,
  marks: Marks,
): MergedFile {
  if (equal(ours, theirs) || equal(theirs, base)) return { bytes: ours, conflicts: [], byRule: true };
  if (equal(ours, base)) return { bytes: theirs, conflicts: [], byRule: true };
  const [o, t, b] = [decodeUtf8(ours), decodeUtf8(theirs), base === null ? null : decodeUtf8(base)];
  // Of two binary files neither is better; any choice is right that both sides make alike.
  if (o === null || t === null)
    return { bytes: Buffer.compare(ours, theirs) <= 0 ? ours : theirs, conflicts: ["file"], byRule: false };
  const found = byRules(path, b, o, t, marks);
  if (found !== null) return { bytes: new TextEncoder().encode(found.text), conflicts: found.conflicts, byRule: true };
  const { clean, text } = mergeLines(b ?? "", o, t, marks);
  return { bytes: new TextEncoder().encode(text), conflicts: clean ? [] : ["file"], byRule: false };
}

/** The place of a file in its store, wherever the store lies in the repository. */
export function pathInStore(path: string): string {
  return path.replace(/^\.memory\//, "");
}

function byRules(
  path: string,
  base: string | null,
  ours: string,
  theirs: string,
  marks: Marks,
): { readonly text: string; readonly conflicts: readonly string[] } | null {
  if (isMemoryPath(path)) return mergeMemory(base, ours, theirs, marks);
  if (path.startsWith("tombstones/")) {
    const text = mergeTombstones(ours, theirs);
    return text === null ? null : { text, conflicts: [] };
  }
  if (path !== POLICY_FILE || !/^format:/m.test(ours) || !/^format:/m.test(theirs)) return null;
  const { clean, text } = mergePolicies(base ?? "", ours, theirs, marks);
  return { text, conflicts: clean ? [] : ["file"] };
}

function equal(a: Uint8Array, b: Uint8Array | null): boolean {
  return b !== null && Buffer.compare(a, b) === 0;
}
