/** What memories were called at a change, by one reading for each store. */
import { isBroken } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import type { BeliefChange } from "../../core/provenance/journal-entry.ts";
import { nameOfPath } from "../../core/view/belief.ts";
import type { OpenStore } from "../workspace.ts";

/** The title that each change left, or took away. */
export async function titlesOf(
  { store }: Pick<OpenStore, "store">,
  changes: readonly BeliefChange[],
): Promise<ReadonlyMap<BeliefChange, string>> {
  const versions = changes.flatMap((change) => {
    const blob = change.after ?? change.before;
    return blob === null ? [] : [{ change, blob }];
  });
  const contents = await store.repository.blobs(versions.map(({ blob }) => blob));
  const titles = new Map(changes.map((change) => [change, nameOfPath(change.path)]));
  versions.forEach(({ change, blob }, i) => {
    const memory = readMemory(change.path, blob, contents[i] ?? new Uint8Array());
    if (!isBroken(memory)) titles.set(change, memory.title);
  });
  return titles;
}
