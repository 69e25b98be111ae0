/** Rules of a store, changed by hand and accepted by a person as in the editor. */
import { approveHeld, digestOfHeld } from "../../src/core/review/decide.ts";
import { changedRules } from "../../src/core/review/changed-rules.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { human } from "./scratch.ts";

/** A person accepts `policy.yaml` as it stands, where all of it is not in force anyway. */
export async function acceptRules(store: MemoryStore): Promise<void> {
  const held = await changedRules(store);
  if (held !== null)
    await approveHeld(store, held.id, { caller: human, reason: "Read.", confirmed: true, shown: digestOfHeld(held) });
}
