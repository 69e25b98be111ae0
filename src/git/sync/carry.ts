/**
 * After one of two histories was rewritten, the writes that only the other has are made anew on top of it, one by one: joining
 * the histories would bring back what the rewriting took out.
 */
import type { MemoryId, ObjectId } from "../../core/memory/model.ts";
import { mergeStores } from "../../core/merge/stores.ts";
import { idOfPath } from "../../core/provenance/journal.ts";
import type { GitStore } from "../git-store.ts";

export interface Carried {
  readonly commit: ObjectId;
  /** How many writes were made anew; the others had nothing left to say. */
  readonly writes: number;
}

/**
 * Moves no ref. Who wrote it, when and why stays with each write, but for the words of one that touched what is erased.
 *
 * @param commits oldest first, none of them a merge
 */
export async function carryOver(
  own: GitStore,
  onto: ObjectId,
  commits: readonly ObjectId[],
  erased: ReadonlySet<MemoryId>,
): Promise<Carried> {
  let [tip, writes] = [onto, 0];
  for (const commit of commits) {
    const [info] = await own.log({ from: commit, limit: 1 });
    const [parent] = info?.parents ?? [];
    // A history's beginning has nothing that the other lacks but its own rules.
    if (info === undefined || parent === undefined) continue;
    // Where both sides worded a memory, the markers show it: it is not believed until a person chose.
    const { changes } = await mergeStores(own, [parent], tip, commit, { ours: "kept", theirs: "carried" });
    if (changes.length === 0) continue;
    const isTold = !info.deltas.some(({ path }) => erased.has(idOfPath(path)));
    tip = await own.draft({
      parent: tip,
      changes,
      message: isTold ? info.message : "memory: a write whose words were erased\n",
      at: new Date(info.at),
      author: info.author,
    });
    writes += 1;
  }
  return { commit: tip, writes };
}
