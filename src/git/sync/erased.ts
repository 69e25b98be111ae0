/**
 * The record of what was erased here: the commits whose text left the history. A server or another clone that still has one
 * of them must not bring it back. The tombstones of the store say the same to everybody, by the ids of the memories.
 */
import type { ObjectId } from "../../core/memory/model.ts";
import type { LocalState } from "../../core/ports.ts";

const FILE = "erased-commits";

/** To be called before the branch leaves the old history: a record of what is still there says nothing wrong. */
export async function recordErased(state: LocalState, commits: Iterable<ObjectId>): Promise<void> {
  const known = await erasedCommits(state);
  const all = new Set([...known, ...commits]);
  if (all.size > known.size) await state.write(FILE, new TextEncoder().encode(`${[...all].join("\n")}\n`));
}

export async function erasedCommits(state: LocalState): Promise<ReadonlySet<ObjectId>> {
  const bytes = await state.read(FILE);
  const lines = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n");
  return new Set(lines.filter((line) => line !== ""));
}
