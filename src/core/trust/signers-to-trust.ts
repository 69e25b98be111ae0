/** What a person trusts together with signers is only what they were shown or accepted before. */
import { InvalidInputError } from "../errors.ts";
import type { MemoryStore } from "../store.ts";
import type { Proposed } from "./base.ts";
import type { Team } from "./team.ts";

/**
 * The signers at the tip, to be shown before they are pinned. A commit is trusted as a whole, its `policy.yaml` too, so a
 * change of the rules is decided on first. Throws InvalidInputError, NoStoreError.
 */
export async function signersToTrust(store: MemoryStore, { base }: Team): Promise<Proposed> {
  const proposed = await base.proposed();
  const { unvouched } = await store.rulesAt(await store.snapshotAt(proposed.commit));
  if (unvouched !== null)
    throw new InvalidInputError(
      "The rules of this store were changed, and trusting its signers would accept that too. Decide on it under Needs you first.",
    );
  return proposed;
}
