/** Going back as a whole: the memories of an earlier commit, put back by a new one. Nothing is lost; history keeps both. */
import { InvalidInputError } from "../errors.ts";
import { isBroken, type ObjectId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Act, Change, Written } from "../proposal.ts";
import { beliefDifferences, type BeliefDifference } from "../review/difference.ts";
import type { MemoryStore } from "../store.ts";

export interface RestorePlan {
  readonly commit: ObjectId;
  /** From how it is now to how it will be. */
  readonly differences: readonly BeliefDifference[];
  /** Files of then that can't be read as memories, and stay away. */
  readonly broken: readonly string[];
}

/** `policy.yaml`, tombstones and approvals stay as they are: rules and judgements are not undone by going back. */
export async function planRestore(store: MemoryStore, point: string): Promise<RestorePlan> {
  const commit = await store.commitOf(point);
  const all = await beliefDifferences(store, await store.commitOf(), commit);
  const broken = new Set(await brokenAmong(store, all));
  const isReadable = (one: BeliefDifference): boolean => !broken.has(one);
  return {
    commit,
    differences: all.filter(isReadable),
    broken: all.filter((one) => !isReadable(one)).map(({ path }) => path),
  };
}

async function brokenAmong(
  { repository }: MemoryStore,
  differences: readonly BeliefDifference[],
): Promise<BeliefDifference[]> {
  const come = differences.filter(({ after }) => after !== null);
  const bytes = await repository.blobs(come.flatMap(({ after }) => after ?? []));
  return come.filter(({ path }, i) => isBroken(readMemory(path, "", bytes[i] ?? new Uint8Array())));
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
