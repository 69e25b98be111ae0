/**
 * Memories that stand in the tree and are not in use: nobody approved them, and the gate lets their words reach no prompt. They
 * came by no door of ours (a pull, a commit by hand, an agent with a shell), so a person is shown them with the reason.
 */
import { judgeFound } from "../gate/admission.ts";
import type { Verdict } from "../gate/verdict.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory, ObjectId } from "../memory/model.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";

/** So many are judged before others get their turn: some milliseconds, so that a key that is pressed meanwhile is heard. */
const AT_ONCE = 8;

/** By version, why: one sentence each. A first look at a large store takes about a millisecond a memory, a later one nothing. */
export async function notInUse(
  store: MemoryStore,
  snapshot: Snapshot,
  memories: Iterable<Memory> = snapshot.memories(),
): Promise<ReadonlyMap<ObjectId, string>> {
  const reasons = new Map<ObjectId, string>();
  if (snapshot.commit === null) return reasons;
  const [admits, trustOf, grounds] = [await store.admission(), await store.trustAt(snapshot), await store.grounds()];
  const now = store.environment.now();
  let seen = 0;
  for (const memory of memories) {
    if (!lifecycle(memory, now).inForce) continue;
    if (++seen % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    const trust = trustOf(memory);
    if (trust === "untrusted" || !admits(memory, trust))
      reasons.set(memory.blob, reasonOf(judgeFound(memory, trust, grounds)));
  }
  await store.admissions.save();
  return reasons;
}

function reasonOf({ findings }: Verdict): string {
  const [first] = findings.filter(({ verdict }) => verdict === "block" || verdict === "quarantine");
  return first?.forPerson ?? "It rests on what nobody vouches for.";
}
