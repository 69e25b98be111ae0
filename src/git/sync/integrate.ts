/**
 * What came from a server, put together with what is here: a fast-forward, or a merge made in this process. Where both sides
 * worded one memory differently, the server's words stand, so that nobody gets a file with conflict markers, and those of
 * this clone wait in the review queue for a person.
 */
import { BrokenPolicyError, NewerFormatError } from "../../core/errors.ts";
import { assertWritable, POLICY_FILE, readPolicy } from "../../core/memory/policy.ts";
import { isBroken, type Memory, type ObjectId } from "../../core/memory/model.ts";
import { isMemoryPath, readMemory } from "../../core/memory/parse.ts";
import { type MergeNote, mergeStores } from "../../core/merge/stores.ts";
import type { FileChange } from "../../core/ports.ts";
import type { Caller, ProposedFile } from "../../core/proposal.ts";
import type { HeldId, Quarantine } from "../../core/review/quarantine.ts";
import type { MemoryStore } from "../../core/store.ts";
import { type GitStore, MEMORY_BRANCH } from "../git-store.ts";
import type { Relation } from "./histories.ts";

/** A memory that was worded differently on both sides. */
export interface SyncConflict {
  readonly path: string;
  readonly title: string;
  /** Under which the words of this clone wait; null where the file is no memory, and the server's stands. */
  readonly held: HeldId | null;
}

export interface Integrated {
  readonly commit: ObjectId;
  readonly conflicts: readonly SyncConflict[];
  readonly notes: readonly MergeNote[];
  /** What was held for this, and was not waiting before. */
  readonly fresh: readonly HeldId[];
}

export interface Meeting {
  readonly store: MemoryStore;
  readonly own: GitStore;
  readonly caller: Caller;
  /** What a person calls the other side. */
  readonly remote: string;
}

/** Moves no ref: the result is a commit of its own until a push or a person decided on it. Throws NewerFormatError, BrokenPolicyError. */
export async function integrate(
  meeting: Meeting,
  local: ObjectId | null,
  theirs: ObjectId,
  { bases, hasTheirs, isWithinTheirs }: Relation,
): Promise<Integrated> {
  if (local !== null && !hasTheirs && !isWithinTheirs) return merge(meeting, local, theirs, bases);
  return { commit: local !== null && hasTheirs ? local : theirs, conflicts: [], notes: [], fresh: [] };
}

async function merge(
  meeting: Meeting,
  local: ObjectId,
  theirs: ObjectId,
  bases: readonly ObjectId[],
): Promise<Integrated> {
  const { store, own, remote } = meeting;
  assertWritable(await policyAt(own, local));
  assertReadableThere(await policyAt(own, theirs), remote);
  const merged = await mergeStores(own, bases, local, theirs, { ours: "here", theirs: remote });
  const paths = merged.conflicts.map(({ path }) => path);
  const { changes: settled, conflicts, fresh } = await settleConflicts(meeting, local, theirs, paths);
  const commit = await own.draft({
    parent: local,
    joins: [theirs],
    changes: merged.changes.map((change): FileChange => settled.get(change.path) ?? change),
    message: `Merge the memories of ${remote}\n`,
    at: store.environment.now(),
    author: await own.committer(),
    // git runs no hook for a merge that it did not make, and neither do we.
    manner: { sign: (await policyAt(own, theirs)).commits.sign, hooks: "skip" },
  });
  return { commit, conflicts, notes: merged.notes, fresh };
}

/** Rules that can't be read can't be merged, and only who hosts them can tell what they were to say. */
function assertReadableThere(policy: ReturnType<typeof readPolicy>, remote: string): void {
  try {
    assertWritable(policy);
  } catch (error) {
    if (!(error instanceof BrokenPolicyError)) throw error;
    const [problem] = policy.problems;
    throw new BrokenPolicyError(
      `The file policy.yaml on the branch ${MEMORY_BRANCH} of ${remote} can't be read (line ${problem?.line ?? 1}: ${problem?.message ?? "It is not valid."}) Nothing was merged or pushed, nothing of it was kept here, and yours is as it was. Mend that file by a commit on that branch of the server, and sync again.`,
    );
  }
}

/** What is wrong with the rules that a store has now, so that a sync doesn't leave it to the next write to say so. */
export async function brokenRules(own: GitStore, commit: ObjectId): Promise<string[]> {
  try {
    assertWritable(await policyAt(own, commit));
    return [];
  } catch (error) {
    if (error instanceof BrokenPolicyError || error instanceof NewerFormatError) return [error.message];
    throw error;
  }
}

interface Settled {
  /** What the merge is to have in place of markers. */
  readonly changes: ReadonlyMap<string, FileChange>;
  readonly conflicts: readonly SyncConflict[];
  readonly fresh: readonly HeldId[];
}

async function settleConflicts(
  meeting: Meeting,
  local: ObjectId,
  theirs: ObjectId,
  paths: readonly string[],
): Promise<Settled> {
  const { store, own } = meeting;
  const changes = new Map<string, FileChange>();
  const conflicts: SyncConflict[] = [];
  const fresh: HeldId[] = [];
  for (const path of paths) {
    const [ours, other] = [await fileAt(own, local, path), await fileAt(own, theirs, path)];
    const isMemory = isMemoryPath(path);
    const title = ours?.memory?.title ?? other?.memory?.title ?? path;
    // Where one side moved the file, or nothing can wait, the markers stay: the memory is shown as broken until a person chose.
    if (ours === null || other === null || (isMemory && store.quarantine === null)) {
      conflicts.push({ path, title, held: null });
      continue;
    }
    changes.set(path, { path, content: { blob: other.blob } });
    if (!isMemory || store.quarantine === null) {
      conflicts.push({ path, title, held: null });
      continue;
    }
    const waiting = await hold(meeting, store.quarantine, {
      path,
      bytes: ours.bytes,
      after: ours.memory,
      before: other.memory,
    });
    if (waiting.isFresh) fresh.push(waiting.id);
    conflicts.push({ path, title, held: waiting.id });
  }
  return { changes, conflicts, fresh };
}

/** Before the branch moves, so that a kill in between leaves it waiting twice at worst, and never nowhere. */
async function hold(
  { caller, remote }: Meeting,
  quarantine: Quarantine,
  file: ProposedFile,
): Promise<{ readonly id: HeldId; readonly isFresh: boolean }> {
  const same = (await quarantine.waiting(null)).find(({ files: [only, other] }) => {
    const bytes = only?.bytes ?? null;
    return (
      other === undefined &&
      only?.path === file.path &&
      bytes !== null &&
      Buffer.compare(bytes, file.bytes ?? Buffer.alloc(0)) === 0
    );
  });
  if (same !== undefined) return { id: same.id, isFresh: false };
  const read = file.before?.blob ?? "";
  const { held } = await quarantine.hold(
    {
      operation: "update",
      changes: [{ kind: "replace", path: file.path, read, bytes: file.bytes ?? new Uint8Array() }],
      reason: `Changed here and on ${remote} at once. These are the words of this clone.`,
      caller,
    },
    [file],
    {
      kind: "quarantine",
      findings: [
        {
          rule: "sync/conflict",
          verdict: "quarantine",
          path: file.path,
          forPerson: `This was changed here and on ${remote} at once. The words there stand until you decide; these are yours.`,
          forModel: "A teammate changed the same memory at once. A person decides which words stand.",
        },
      ],
    },
  );
  return { id: held.id, isFresh: true };
}

interface StoredFile {
  readonly blob: ObjectId;
  readonly bytes: Uint8Array;
  readonly memory: Memory | null;
}

async function fileAt(own: GitStore, commit: ObjectId, path: string): Promise<StoredFile | null> {
  const blob = await own.blobAt(commit, path);
  const [bytes] = blob === null ? [] : await own.blobs([blob]);
  if (blob === null || bytes === undefined) return null;
  const memory = isMemoryPath(path) ? readMemory(path, blob, bytes) : null;
  return { blob, bytes, memory: memory === null || isBroken(memory) ? null : memory };
}

async function policyAt(own: GitStore, commit: ObjectId): Promise<ReturnType<typeof readPolicy>> {
  const file = await fileAt(own, commit, POLICY_FILE);
  return readPolicy(file?.bytes ?? new Uint8Array());
}
