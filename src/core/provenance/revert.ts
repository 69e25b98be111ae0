/**
 * Taking back: a revert is planned first, so that a door can show it, and then stored as one commit that says which one it
 * reverts. Later good edits of the same file survive.
 */
import { ConflictError, InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { pathId } from "../memory/id.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Act, Change, Written } from "../proposal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { decidedBytes } from "./decided.ts";
import { REDACTED } from "./erase.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { Versions } from "./versions.ts";

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
  /** The bytes after the revert, null where the file goes. In a conflict the older words. */
  readonly bytes: Uint8Array | null;
  /** `same`: nothing to do, it is as before already. `conflict`: later edits touch the same lines. */
  readonly outcome: "changes" | "same" | "conflict" | "resolved";
  /** In a conflict: both texts in one, with git's marks around what a person has to decide. */
  readonly merged?: Uint8Array;
  /** The bytes of the version there now. */
  readonly there: Uint8Array | null;
}

/** Plans to take back the last change of one memory, expired ones included. Throws MemoryNotFoundError. */
export async function planRevertOfMemory(store: MemoryStore, name: string): Promise<RevertPlan> {
  const { entry, change, left } = await lastChangeOf(store, name);
  return planRevert(store, entry, [change, ...left]);
}

/** Plans to take back one commit. Later edits of the same files survive by a three-way merge; conflicts are in the plan. */
export async function planRevertOfCommit(store: MemoryStore, name: string): Promise<RevertPlan> {
  const commit = await store.repository.resolve(name);
  const entry = commit === null ? undefined : await store.journal.entry(commit);
  if (entry === undefined)
    throw new MemoryNotFoundError(`There is no commit "${name}" in this store. \`git memory history\` shows them.`);
  if (entry.parents.length > 1)
    throw new InvalidInputError(
      "That commit joins two histories and changes nothing by itself. Revert the commits that it brought in.",
    );
  assertNoErasure(entry);
  return planRevert(store, entry, entry.changes);
}

/** The plan with one conflict decided: what the file is to hold. */
export function resolveRevert(plan: RevertPlan, path: string, bytes: Uint8Array): RevertPlan {
  const files = plan.files.map((file) =>
    file.change.path === path && file.merged !== undefined
      ? { ...file, bytes: decidedBytes(path, file.there, bytes), outcome: "resolved" as const }
      : file,
  );
  return { ...plan, files };
}

/** Carries a plan out as one commit that says which one it reverts. Throws ConflictError where one is undecided. */
export async function revert(store: MemoryStore, plan: RevertPlan, act: Act): Promise<Written> {
  for (const { outcome, change, there: theirs, bytes } of plan.files) {
    if (outcome !== "conflict") continue;
    const base = await bytesOf(store, change.after);
    throw new ConflictError(
      "This memory was changed again after that commit, in the same lines. Revert the later change first, or edit the memory.",
      { path: change.path, base, theirs, mine: bytes },
    );
  }
  const changes = plan.files
    .filter((file) => file.outcome !== "same")
    .map(({ change: { path }, now, bytes, outcome }): Change => {
      if (outcome === "resolved" && now !== null && bytes !== null) return { kind: "replace", path, read: now, bytes };
      return bytes === null && now !== null
        ? { kind: "remove", path, read: now }
        : { kind: "restore", path, read: now, bytes: bytes ?? new Uint8Array() };
    });
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

/** What an erasure took out is in no commit, so there is nothing to bring back. */
function assertNoErasure({ text, changes }: JournalEntry): void {
  if (text.operation === "erase" || (changes.length === 0 && text.subject === REDACTED))
    throw new InvalidInputError(
      "An erasure can't be reverted: the text is in no commit any more. If you still know it, write it as a new memory.",
    );
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
  const there = await bytesOf(store, now);
  const file = { change, now, there } as const;
  // Changed and then expired: the later expiry stands.
  if (now === before || (there === null && change.after !== null)) return { ...file, bytes: null, outcome: "same" };
  const theirs = await bytesOf(store, before);
  if (now === change.after) return { ...file, bytes: theirs, outcome: "changes" };
  const base = await bytesOf(store, change.after);
  const conflict = { ...file, bytes: theirs, outcome: "conflict" } as const;
  if (base === null || there === null || theirs === null) return conflict;
  const { clean, bytes } = await store.repository.mergeText(base, there, theirs);
  if (clean && !isBroken(readMemory(change.path, "", bytes))) return { ...file, bytes, outcome: "changes" };
  return { ...conflict, merged: bytes };
}

async function bytesOf({ repository }: MemoryStore, blob: ObjectId | null): Promise<Uint8Array | null> {
  return blob === null ? null : ((await repository.blobs([blob]))[0] ?? null);
}

/**
 * The newest entry that touched a memory, present or past, and what it did to it; `left` is the end of its old name, where the
 * history doesn't tell that the two are one. Throws MemoryNotFoundError.
 */
export async function lastChangeOf(
  store: MemoryStore,
  name: string,
): Promise<{ entry: JournalEntry; change: BeliefChange; left: readonly BeliefChange[] }> {
  const snapshot = await store.snapshot();
  const there: Memory | BrokenMemory | undefined = snapshot.get(name) ?? snapshot.at(name);
  const id: MemoryId = there === undefined || isBroken(there) ? name : there.id;
  const [entry] = await store.journal.of(id, there?.path);
  const later = there === undefined ? await endUnderAnotherName(store, id, entry) : null;
  if (later !== null) return later;
  const own = entry?.changes.filter((one) => one.id === id || one.path === there?.path) ?? [];
  const change = own.find((one) => one.path === there?.path) ?? own[0];
  if (entry === undefined || change === undefined)
    throw new MemoryNotFoundError(
      `No memory answers to "${name}", now or in history. \`git memory history\` shows all.`,
    );
  // Moved and edited in one step by hand, it came under one name and left under another.
  const left = change.kind === "added" ? own.filter((one) => one.kind === "removed") : [];
  return { entry, change, left };
}

/** A file that somebody named by hand ends without its name telling which memory it was: its last words do. */
async function endUnderAnotherName(
  { repository, journal }: MemoryStore,
  id: MemoryId,
  known: JournalEntry | undefined,
): Promise<{ entry: JournalEntry; change: BeliefChange; left: readonly BeliefChange[] } | null> {
  const tip = await repository.tip();
  const newer =
    known === undefined || tip === null ? await journal.entries() : await journal.between(known.commit, tip);
  const ends = newer.flatMap((entry) =>
    entry.changes
      .filter((change) => change.kind === "removed" && change.id === pathId(change.path))
      .map((change) => ({ entry, change, left: [] })),
  );
  const versions = new Versions(repository);
  await versions.load(ends.map(({ change }) => change.before));
  for (const end of ends) if ((await versions.memory(end.change.before, end.change.path))?.front.id === id) return end;
  return null;
}
