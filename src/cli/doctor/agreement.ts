/** Whether memories agree with each other, and with what was refused: what a merge leaves that knew nothing of memories. */
import { discrepanciesOf, discrepancySentence, tombstonesIn } from "../../core/merge/discrepancies.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { MemoryStore } from "../../core/store.ts";
import { type Finding, notice, ok, problem } from "./finding.ts";

export async function checkAgreement(store: MemoryStore, snapshot: Snapshot): Promise<Finding[]> {
  const memories = [...snapshot.memories()];
  const isMissing = memories.some(({ front }) => (front.supersedes ?? []).some((id) => snapshot.get(id) === undefined));
  const everThere = new Set(
    isMissing ? (await store.journal.entries()).flatMap(({ changes }) => changes.map(({ id }) => id)) : [],
  );
  const found = discrepanciesOf(memories, {
    now: store.environment.now(),
    tombstones: await tombstonesIn(store.repository, snapshot),
    ...(isMissing ? { wasThere: (id) => everThere.has(id) } : {}),
  }).filter(({ kind }) => kind !== "same-id");
  if (found.length === 0) return [ok("agreement", `No two memories of the ${store.label} store are at odds.`)];
  return found.map((one) => {
    const { says, advice } = discrepancySentence(one);
    // Which of two beliefs is right is a matter of opinion until somebody looks.
    const tell = one.kind === "contradiction" || one.kind === "same-claim" ? notice : problem;
    return tell(one.kind, says, advice);
  });
}
