/** What still waits for a person: without what lapsed, and without what somebody decided on whose word counts here. */
import { claimDigest } from "../memory/claim.ts";
import type { Memory } from "../memory/model.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import type { EvidenceView } from "../trust/evidence.ts";
import { foundIn, memoriesOf } from "./decide.ts";
import type { Held } from "./quarantine.ts";

/** What waits in the tree first, then the oldest; nothing where the store keeps no queue. */
export async function stillWaiting(store: MemoryStore): Promise<readonly Held[]> {
  if (store.quarantine === null || !(await store.exists())) return [];
  const { gate } = await store.policy();
  const waiting = await store.quarantine.waiting(gate.waiting);
  const found = await foundIn(store);
  if (waiting.length === 0) return found;
  const snapshot = await store.snapshot();
  const evidence = await store.evidence(snapshot);
  return [...found, ...waiting.filter((held) => !isDecided(held, snapshot, evidence))];
}

/** A teammate who decided elsewhere left their decision in the store: the approved claim, or a tombstone. */
function isDecided(held: Held, snapshot: Snapshot, evidence: EvidenceView): boolean {
  const memories = memoriesOf(held);
  const isNew = held.files.every(({ read }) => read === null);
  return (
    memories.length > 0 &&
    memories.length === held.files.length &&
    memories.every((memory) => {
      if (snapshot.blobAt(`tombstones/${memory.id}.md`) !== null) return true;
      const there = snapshot.get(memory.id);
      if (there === undefined || !evidence.isReviewed(there)) return false;
      // Of a new claim any approved wording is the answer; of a change only this one.
      return isNew || saysSame(there, memory);
    })
  );
}

/** An approval may give a claim another end. */
function saysSame(a: Memory, b: Memory): boolean {
  return claimDigest(a, null) === claimDigest(b, null);
}
