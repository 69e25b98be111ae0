/** Going back as a whole: the memories of an earlier commit, put back by a new one. Nothing is lost; history keeps both. */
import { InvalidInputError } from "../errors.ts";
import { isBroken, type ObjectId } from "../memory/model.ts";
import type { Act, Change, Written } from "../proposal.ts";
import { beliefDifferences, type BeliefDifference } from "../review/difference.ts";
import type { MemoryStore } from "../store.ts";
import { commitAt } from "./moment.ts";

export interface RestorePlan {
  readonly commit: ObjectId;
  /** From how it is now to how it will be. */
  readonly differences: readonly BeliefDifference[];
  /** Files of then that can't be read as memories, and stay away. */
  readonly broken: readonly string[];
}

/** `policy.yaml`, tombstones and approvals stay as they are: rules and judgements are not undone by going back. */
export async function planRestore(store: MemoryStore, point: string): Promise<RestorePlan> {
  const commit = await commitAt(store, point);
  const [now, then] = [await store.snapshot(), await store.snapshotAt(commit)];
  const all = await beliefDifferences(store, now, then);
  const isReadable = ({ path, after }: BeliefDifference): boolean => {
    const file = after === null ? undefined : then.at(path);
    return file === undefined || !isBroken(file);
  };
  return {
    commit,
    differences: all.filter(isReadable),
    broken: all.filter((one) => !isReadable(one)).map(({ path }) => path),
  };
}

export async function restore(store: MemoryStore, plan: RestorePlan, act: Act): Promise<Written> {
  const changes: Change[] = [];
  for (const { path, movedFrom, before, after } of plan.differences) {
    const old = movedFrom ?? path;
    if (before !== null && (after === null || old !== path)) changes.push({ kind: "remove", path: old, read: before });
    if (after === null) continue;
    const [bytes] = await store.repository.blobs([after]);
    changes.push({ kind: "restore", path, read: old === path ? before : null, bytes: bytes ?? new Uint8Array() });
  }
  if (changes.length === 0)
    throw new InvalidInputError("There is nothing to restore: the store is already as it was then.");
  return store.commit({
    operation: "revert",
    changes,
    subject: `Restore the store of ${plan.commit.slice(0, 9)}`,
    note: `This restores commit ${plan.commit}.`,
    ...act,
  });
}
