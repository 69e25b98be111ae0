/**
 * A person's decision on one belief of a reviewed change. It is about the two versions that were shown, by their bytes: where
 * something else is believed by now, nothing is stored.
 */
import { ConflictError, InvalidInputError } from "../errors.ts";
import { makeTombstone, matchTombstones, readTombstone } from "../gate/tombstones.ts";
import { claimDigest } from "../memory/claim.ts";
import { editMemory } from "../memory/edit.ts";
import { type Instant, isBroken, type Memory, type ObjectId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import { instantOf } from "../memory/time.ts";
import type { Act, Change, Written } from "../proposal.ts";
import { approvedChanges } from "../review/decide.ts";
import { type Look, lookAt } from "../review/look.ts";
import type { HeldFile } from "../review/quarantine.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import type { Review, ReviewedBelief } from "./model.ts";

/** One side of a change as it was shown. */
export interface ShownVersion {
  /** In the store. */
  readonly path: string;
  readonly blob: ObjectId;
  readonly bytes: Uint8Array;
}

/** A belief of a change, with the bytes that a person was shown. At least one of the two is there. */
export interface ShownBelief {
  readonly title: string;
  readonly by: string | null;
  readonly before: ShownVersion | null;
  readonly after: ShownVersion | null;
}

/** How what is believed now stands to the two versions. `other`: it is neither. */
export type Standing = "before" | "after" | "other";

/** A change of a file that has its path already. */
type FileChange = Exclude<Change, { kind: "add" }>;

/** What a rejection would do, so that it can be said first. */
export interface RejectionPlan {
  /** It is believed, and ends. */
  readonly ends: boolean;
  /** What stood there before, or had ended, is believed again. */
  readonly putsBack: boolean;
  /** A tombstone keeps the claim out from then on. */
  readonly buries: boolean;
}

/** Throws InvalidInputError where the belief's words are withheld, so that nobody was shown them. */
export async function shownBelief(store: MemoryStore, review: Review, belief: ReviewedBelief): Promise<ShownBelief> {
  if (belief.withheld)
    throw new InvalidInputError(
      "It holds what looks like a secret, so it is not shown and can't be decided on here. Take it out of the branch, and change the secret where it is used.",
    );
  const inStore = (path: string): string => path.slice(review.prefix.length);
  const version = async (path: string, blob: ObjectId | null): Promise<ShownVersion | null> => {
    if (blob === null) return null;
    const [bytes] = await store.repository.blobs([blob]);
    return bytes === undefined ? null : { path: inStore(path), blob, bytes };
  };
  return {
    title: belief.title,
    by: belief.by,
    before: await version(belief.movedFrom ?? belief.path, belief.before),
    after: await version(belief.path, belief.after),
  };
}

export function standingOf(snapshot: Snapshot, { before, after }: ShownBelief): Standing {
  const path = (after ?? before)?.path ?? "";
  const from = before?.path ?? path;
  // Another file in the new place is neither of the two.
  const isFree = from === path || snapshot.blobAt(path) === null;
  for (const isThere of [isSameFile, isSameClaim]) {
    if (isThere(snapshot, path, after)) return "after";
    if (isFree && isThere(snapshot, from, before)) return "before";
  }
  return "other";
}

/** What the gate of this store says of storing it, made ready to be looked at. */
export async function lookAtShown(store: MemoryStore, shown: ShownBelief): Promise<Look> {
  return lookAt(store, {
    id: "",
    at: instantOf(store.environment.now()),
    operation: shown.after === null ? "expire" : "update",
    reason: "",
    subject: shown.title,
    caller: { channel: "sync", actor: shown.by ?? "unknown", trust: "agent" },
    findings: [],
    files: filesOf(await store.snapshot(), shown),
  });
}

/**
 * The person vouches for what was shown: it is stored, if it isn't yet, with their approval, in one commit. Null where an end
 * is approved that has happened already. Only for doors where a person's gesture is proven. Throws ConflictError, BlockedError.
 *
 * @param act `expires`: an end that the person gives it.
 */
export async function approveShown(
  store: MemoryStore,
  shown: ShownBelief,
  act: Act & { readonly expires?: Instant },
): Promise<Written | null> {
  const snapshot = await store.snapshot();
  const standing = assertKnown(snapshot, shown);
  const { caller, reason } = act;
  if (shown.after === null && standing === "after") return null;
  const files = filesOf(snapshot, shown);
  const end = act.expires;
  const edited = new Map(
    files.flatMap(({ path, bytes }) =>
      bytes === null || end === undefined ? [] : [[path, withEnd(bytes, end)] as const],
    ),
  );
  return store.commit({
    operation: shown.after === null ? "expire" : "approve",
    changes: await approvedChanges(store, { files }, { caller, edited }),
    caller,
    confirmed: true,
    subject: shown.title,
    reason: ["Reviewed in the editor.", reason].filter((part) => part.trim() !== "").join("\n\n"),
  });
}

/** Throws ConflictError where something else is believed than what was shown. */
export async function planRejection(store: MemoryStore, shown: ShownBelief): Promise<RejectionPlan> {
  const snapshot = await store.snapshot();
  const isAfter = assertKnown(snapshot, shown) === "after";
  return {
    ends: isAfter && shown.after !== null && shown.before === null,
    putsBack: isAfter && shown.before !== null,
    buries: buriable(shown) !== null,
  };
}

/**
 * The person refuses what was shown: what it had taken the place of is believed again, and a tombstone keeps the claim out. It
 * leaves none where the one before says nearly the same, which the tombstone would keep out too. Null where nothing is to be stored.
 * Throws ConflictError, BlockedError.
 */
export async function rejectShown(store: MemoryStore, shown: ShownBelief, act: Act): Promise<Written | null> {
  const snapshot = await store.snapshot();
  const isAfter = assertKnown(snapshot, shown) === "after";
  const buried = buriable(shown);
  const changes: Change[] = isAfter ? backTo(snapshot, shown) : [];
  if (buried !== null) {
    const { path, text } = makeTombstone(buried, act.reason, store.environment.now());
    changes.push({ kind: "restore", path, read: snapshot.blobAt(path), bytes: new TextEncoder().encode(text) });
  }
  if (changes.length === 0) return null;
  const operation = shown.after === null ? "revert" : "reject";
  const written = await store.commit({ operation, changes, subject: shown.title, ...act, confirmed: true });
  // Whoever rejects a claim no longer vouches for it, where it was approved before.
  const refused = memoryOf(shown.after);
  if (refused !== null) await withdraw(store, refused);
  return written;
}

/**
 * Takes a decision back, and what it was evidence of is none any more. A tombstone goes in a commit of its own first, because
 * the gate lets nothing in that one keeps out. Throws ConflictError, BlockedError.
 */
export async function undoDecision(
  store: MemoryStore,
  shown: ShownBelief,
  commit: ObjectId,
  act: Act,
): Promise<readonly Written[]> {
  const [parent] = (await store.journal.entry(commit))?.parents ?? [];
  if (parent === undefined)
    throw new InvalidInputError("That decision is no commit of this store any more, so it can't be taken back here.");
  const decided = await store.snapshotAt(commit);
  const deltas = await store.repository.changes(parent, commit);
  const old = await store.repository.blobs(deltas.flatMap(({ before }) => before ?? []));
  const changes = deltas.flatMap(({ path, before, after }): FileChange[] => {
    if (before === null) return after === null ? [] : [{ kind: "remove", path, read: after }];
    return [{ kind: "restore", path, read: after, bytes: old.shift() ?? new Uint8Array() }];
  });
  const isBurial = ({ kind, path }: FileChange): boolean => kind === "remove" && path.startsWith("tombstones/");
  const steps = [changes.filter(isBurial), changes.filter((change) => !isBurial(change))];
  const written: Written[] = [];
  for (const step of steps)
    if (step.length > 0)
      written.push(
        await store.commit({
          operation: "revert",
          changes: step,
          subject: shown.title,
          note: `This reverts commit ${commit}.`,
          ...act,
          confirmed: true,
        }),
      );
  const approved = shown.after === null ? undefined : decided.at(shown.after.path);
  if (approved !== undefined && !isBroken(approved)) await withdraw(store, approved);
  return written;
}

async function withdraw(store: MemoryStore, memory: Memory): Promise<void> {
  const at = instantOf(store.environment.now());
  await store.approvals.withdraw({ withdrawn: claimDigest(memory), at });
}

/** The claim that a tombstone may keep out. */
function buriable({ before, after }: ShownBelief): Memory | null {
  const memory = memoryOf(after);
  const old = memoryOf(before);
  if (memory === null || old === null) return memory;
  const tombstone = readTombstone(new TextEncoder().encode(makeTombstone(memory, "", new Date(0)).text));
  return tombstone === null || matchTombstones(old, [tombstone]).length > 0 ? null : memory;
}

function backTo(snapshot: Snapshot, { before, after }: ShownBelief): Change[] {
  const gone: Change[] =
    after === null || after.path === before?.path
      ? []
      : [{ kind: "remove", path: after.path, read: snapshot.blobAt(after.path) ?? "" }];
  const back: Change[] =
    before === null
      ? []
      : [{ kind: "restore", path: before.path, read: snapshot.blobAt(before.path), bytes: before.bytes }];
  return [...gone, ...back];
}

/** What storing the change would write, on top of what is there. */
function filesOf(snapshot: Snapshot, { before, after }: ShownBelief): HeldFile[] {
  const leaves = before !== null && before.path !== after?.path ? snapshot.blobAt(before.path) : null;
  return [
    ...(after === null ? [] : [{ path: after.path, read: snapshot.blobAt(after.path), bytes: after.bytes }]),
    ...(before === null || leaves === null ? [] : [{ path: before.path, read: leaves, bytes: null }]),
  ];
}

function isSameFile(snapshot: Snapshot, path: string, version: ShownVersion | null): boolean {
  return snapshot.blobAt(path) === (version?.blob ?? null);
}

/** An approval is written into the file, and takes an end away that only the policy gave: neither is another claim. */
function isSameClaim(snapshot: Snapshot, path: string, version: ShownVersion | null): boolean {
  const [there, memory] = [snapshot.at(path), memoryOf(version)];
  if (there === undefined || memory === null || isBroken(there)) return false;
  return there.id === memory.id && claimDigest(there, null) === claimDigest(memory, null);
}

function assertKnown(snapshot: Snapshot, shown: ShownBelief): Standing {
  const standing = standingOf(snapshot, shown);
  if (standing !== "other") return standing;
  throw new ConflictError(
    "What is believed now is neither of the two versions that were shown, so nothing was stored. Review the change against what is believed now.",
    { path: (shown.after ?? shown.before)?.path ?? "", base: null, theirs: null, mine: null },
  );
}

function memoryOf(version: ShownVersion | null): Memory | null {
  const file = version === null ? null : readMemory(version.path, version.blob, version.bytes);
  return file === null || isBroken(file) ? null : file;
}

function withEnd(bytes: Uint8Array, expires: Instant): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return new TextEncoder().encode(editMemory(text, { expires_at: expires }));
}
