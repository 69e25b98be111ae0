/**
 * Taking back: a revert is planned first, so that a door can show it, and then stored as one commit that says which one it
 * reverts. Later good edits of the same file survive.
 */
import { ConflictError, InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Act, Change, Written } from "../proposal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import type { BeliefChange, JournalEntry } from "./journal.ts";

/** What a revert would do, for showing it first. */
export interface RevertPlan {
  readonly commit: ObjectId;
  readonly entry: JournalEntry;
  readonly files: readonly RevertedFile[];
}

export interface RevertedFile {
  readonly change: BeliefChange;
  /** The version there now, null where there is none. */
  readonly now: ObjectId | null;
  /** The bytes after the revert, null where the file goes. */
  readonly bytes: Uint8Array | null;
  /** `same`: nothing to do, it is as before already. */
  readonly outcome: "changes" | "same";
}

/** Plans to take back the last change of one memory, expired ones included. Throws MemoryNotFoundError, ConflictError. */
export async function planRevertOfMemory(store: MemoryStore, name: string): Promise<RevertPlan> {
  const { entry, change } = await lastChangeOf(store, name);
  return planRevert(store, entry, [change]);
}

/** Plans to take back one commit. Later edits of the same files survive by a three-way merge. Throws ConflictError. */
export async function planRevertOfCommit(store: MemoryStore, name: string): Promise<RevertPlan> {
  const commit = await store.repository.resolve(name);
  const entry = commit === null ? undefined : await store.journal.entry(commit);
  if (entry === undefined)
    throw new MemoryNotFoundError(`There is no commit "${name}" in this store. \`git memory history\` shows them.`);
  if (entry.parents.length > 1)
    throw new InvalidInputError(
      "That commit joins two histories and changes nothing by itself. Revert the commits that it brought in.",
    );
  return planRevert(store, entry, entry.changes);
}

/** Carries a plan out as one commit that says which one it reverts. */
export async function revert(store: MemoryStore, plan: RevertPlan, act: Act): Promise<Written> {
  const changes = plan.files
    .filter((file) => file.outcome === "changes")
    .map((file): Change =>
      file.bytes === null && file.now !== null
        ? { kind: "remove", path: file.change.path, read: file.now }
        : { kind: "restore", path: file.change.path, read: file.now, bytes: file.bytes ?? new Uint8Array() },
    );
  if (changes.length === 0)
    throw new InvalidInputError("There is nothing to revert: the store is already as it was before that change.");
  return store.commit({
    operation: "revert",
    changes,
    subject: plan.entry.text.subject,
    note: `This reverts commit ${plan.commit}.`,
    ...act,
  });
}

async function planRevert(
  store: MemoryStore,
  entry: JournalEntry,
  changes: readonly BeliefChange[],
): Promise<RevertPlan> {
  const snapshot = await store.snapshot();
  const files: RevertedFile[] = [];
  for (const change of changes) {
    files.push(await revertedFile(store, snapshot, change));
    if (change.movedFrom !== undefined) {
      const back: BeliefChange = {
        kind: "removed",
        id: change.id,
        path: change.movedFrom,
        before: change.before,
        after: null,
      };
      files.push(await revertedFile(store, snapshot, back));
    }
  }
  return { commit: entry.commit, entry, files };
}

async function revertedFile(store: MemoryStore, snapshot: Snapshot, change: BeliefChange): Promise<RevertedFile> {
  const now = snapshot.blobAt(change.path);
  const before = change.movedFrom === undefined ? change.before : null;
  if (now === before) return { change, now, bytes: null, outcome: "same" };
  const read = async (blob: ObjectId | null): Promise<Uint8Array | null> =>
    blob === null ? null : ((await store.repository.blobs([blob]))[0] ?? null);
  if (now === change.after) return { change, now, bytes: await read(before), outcome: "changes" };
  const [base, ours, theirs] = [await read(change.after), await read(now), await read(before)];
  // Changed and then expired: the later expiry stands.
  if (ours === null) return { change, now, bytes: null, outcome: "same" };
  if (base !== null && theirs !== null) {
    const merged = await store.repository.mergeText(base, ours, theirs);
    if (merged.clean && !isBroken(readMemory(change.path, "", merged.bytes)))
      return { change, now, bytes: merged.bytes, outcome: "changes" };
  }
  throw new ConflictError(
    "This memory was changed again after that commit, in the same lines. Revert the later change first, or edit the memory.",
    {
      path: change.path,
      base,
      theirs: ours,
      mine: theirs,
    },
  );
}

/** The newest entry that touched a memory, present or past. Throws MemoryNotFoundError. */
export async function lastChangeOf(
  store: MemoryStore,
  name: string,
): Promise<{ entry: JournalEntry; change: BeliefChange }> {
  const snapshot = await store.snapshot();
  const there: Memory | BrokenMemory | undefined = snapshot.get(name) ?? snapshot.at(name);
  const id: MemoryId = there === undefined || isBroken(there) ? name : there.id;
  const [entry] = await store.journal.of(id, there?.path);
  const change = entry?.changes.find((one) => one.id === id || one.path === there?.path);
  if (entry === undefined || change === undefined)
    throw new MemoryNotFoundError(
      `No memory answers to "${name}", now or in history. \`git memory history\` shows all.`,
    );
  return { entry, change };
}
