/** Two histories of one store in one repository, and their merge as a commit. */
import type { ObjectId } from "../../../src/core/memory/model.ts";
import { mergeStores, type StoreMerge } from "../../../src/core/merge/stores.ts";
import type { MemoryStore } from "../../../src/core/store.ts";
import type { Scratch } from "../../support/scratch.ts";

const REF = "refs/heads/agent-memory";

export interface MergedCommit extends StoreMerge {
  readonly commit: ObjectId;
  readonly tree: ObjectId;
}

/** Puts the store's branch to a commit, as a fetch or a reset would. */
export function goTo(scratch: Scratch, commit: ObjectId): void {
  scratch.git("update-ref", REF, commit);
}

/** The merge as a commit on top of `ours`, to which the store then points. */
export async function mergeInto(
  scratch: Scratch,
  store: MemoryStore,
  ours: ObjectId,
  theirs: ObjectId,
): Promise<MergedCommit> {
  const { repository } = store;
  goTo(scratch, ours);
  const merge = await mergeStores(repository, await repository.mergeBases(ours, theirs), ours, theirs);
  const result = await repository.commit({
    parent: ours,
    joins: [theirs],
    changes: merge.changes,
    message: "Merge memories\n",
    at: new Date("2026-11-23T12:00:00Z"),
    author: { name: "Test Person", email: "person@example.com" },
  });
  if (!result.moved) throw new Error("the ref had moved");
  return { ...merge, commit: result.commit, tree: scratch.git("rev-parse", `${result.commit}^{tree}`) };
}

/** Both ways round; throws where the two trees differ though nobody has to choose. */
export async function mergeBothWays(
  scratch: Scratch,
  store: MemoryStore,
  one: ObjectId,
  other: ObjectId,
): Promise<MergedCommit> {
  const there = await mergeInto(scratch, store, other, one);
  const here = await mergeInto(scratch, store, one, other);
  if (here.conflicts.length === 0 && here.tree !== there.tree)
    throw new Error(`the sides differ:\n${scratch.git("diff", there.tree, here.tree)}`);
  return here;
}
