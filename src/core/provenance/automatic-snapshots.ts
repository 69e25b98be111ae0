/** Snapshots that the program makes by itself before it changes much at once. */
import type { ObjectId } from "../memory/model.ts";
import type { Environment, StoreRepository } from "../ports.ts";
import type { Proposal } from "../proposal.ts";

/** Where those are that the program makes before a large change: no tags, so that `git tag` and `push --tags` stay the user's. */
export const AUTOMATIC_SNAPSHOTS = "refs/memory/before/";
/** How an automatic name ends: the moment, which is also what sorts them. */
const STAMP_LENGTH = "20261123-091200".length;
/** A change of more memories than this is a bulk act. */
const BULK = 10;
/** So many automatic snapshots are kept; the oldest go first. */
const KEPT_AUTOMATIC = 20;

/** Keeps a way back before an import, a consolidation or a bulk act, where the policy wants it. */
export async function snapshotBefore(
  { repository, environment }: { readonly repository: StoreRepository; readonly environment: Environment },
  proposal: Proposal,
  tip: ObjectId,
): Promise<void> {
  const isLarge =
    proposal.operation === "import" || proposal.operation === "consolidate" || proposal.changes.length > BULK;
  if (!isLarge || proposal.operation === "init") return;
  const stamp = environment.now().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  // Two within one second: the first is the way back for both.
  await repository.setRef(`${AUTOMATIC_SNAPSHOTS}${proposal.operation}-${stamp}`, tip);
  const refs = (await repository.refs(AUTOMATIC_SNAPSHOTS)).map(({ ref }) => ref);
  const byAge = refs.toSorted((a, b) => (a.slice(-STAMP_LENGTH) < b.slice(-STAMP_LENGTH) ? -1 : 1));
  for (const old of byAge.slice(0, Math.max(0, byAge.length - KEPT_AUTOMATIC))) await repository.setRef(old, null);
}
