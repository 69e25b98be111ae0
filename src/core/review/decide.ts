/**
 * A person's decision on what waits. An approval is for exactly what was shown: the caller hands back the digest of it, and
 * anything else that waits there by now is refused.
 */
import { createHash } from "node:crypto";
import { ConflictError } from "../errors.ts";
import { makeTombstone } from "../gate/tombstones.ts";
import { claimDigest } from "../memory/claim.ts";
import { endsOnlyByPolicy } from "../memory/designed-expiry.ts";
import { editMemory } from "../memory/edit.ts";
import { isBroken, type Memory, type ObjectId } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import { instantOf } from "../memory/time.ts";
import type { Act, Change, Written } from "../proposal.ts";
import { planRevertOfCommit, revert } from "../provenance/revert.ts";
import type { MemoryStore } from "../store.ts";
import type { Held, HeldFile, HeldId, Quarantine } from "./quarantine.ts";

/** What a person was shown, as one digest over everything that the approval would store. */
export function digestOfHeld(held: Held): string {
  const hash = createHash("sha256").update(`${held.id}\n${held.operation}\n`);
  for (const { path, read, bytes } of held.files) {
    hash.update(`${path}\n${read ?? ""}\n${bytes === null ? "-" : bytes.length}\n`);
    if (bytes !== null) hash.update(bytes);
  }
  return hash.digest("hex");
}

/** The memories that a held proposal would store, parsed. A removal has none. */
export function memoriesOf(held: Held): Memory[] {
  return held.files.flatMap((file) => memoryOf(file) ?? []);
}

export interface Approval extends Act {
  /** `digestOfHeld` of what was shown. */
  readonly shown: string;
  /** Other bytes for some files, by path: what the person made of them before approving. */
  readonly edited?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Stores what waits as one commit and writes the approval into this user's ledger. Only for doors where a person's gesture is
 * proven. Throws MemoryNotFoundError, ConflictError (something else was shown, or the store changed since), BlockedError.
 */
export async function approveHeld(store: MemoryStore, id: HeldId, approval: Approval): Promise<Written> {
  const queue = queueOf(store);
  const held = await queue.get(id);
  if (digestOfHeld(held) !== approval.shown) throw changedSince(held);
  const { caller, reason, edited } = approval;
  const at = instantOf(store.environment.now());
  const policy = await store.policy();
  const files = held.files.map((file): HeldFile => ({ ...file, bytes: edited?.get(file.path) ?? file.bytes }));
  const changes = files.map((file): Change => {
    if (file.bytes === null) return { kind: "remove", path: file.path, read: file.read ?? "" };
    const memory = memoryOf(file);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(file.bytes);
    const verified = [
      ...(memory?.front.verified ?? []).filter((one) => one.by !== caller.actor),
      { by: caller.actor, at },
    ];
    // An end that the person gave it while approving is theirs, whatever its length.
    const given =
      edited?.has(file.path) === true && memory?.front.expires_at !== asHeld(held, file.path)?.front.expires_at;
    const ends = memory !== null && !given && endsOnlyByPolicy(memory, policy) ? { expires_at: null } : {};
    const bytes = memory === null ? file.bytes : new TextEncoder().encode(editMemory(text, { verified, ...ends }));
    return { kind: "restore", path: file.path, read: file.read, bytes };
  });
  const written = await store.commit({
    operation: "approve",
    changes,
    caller,
    confirmed: true,
    subject: held.subject,
    reason: [held.reason, `Proposed by ${held.caller.actor}.`, reason]
      .filter((part) => part.trim() !== "")
      .join("\n\n"),
  });
  await queue.settle(id, { operation: "approve", reason, caller });
  return written;
}

/**
 * Takes what waits away and leaves a tombstone for each claim, so that it can't come back by another door. The reason is shown
 * to whoever brings it again. A rejection stores no claim, so nothing is asked about its words. Null where there was no claim to bury. Throws MemoryNotFoundError.
 */
export async function rejectHeld(store: MemoryStore, id: HeldId, act: Act): Promise<Written | null> {
  const queue = queueOf(store);
  const held = await queue.get(id);
  const snapshot = await store.snapshot();
  const changes = memoriesOf(held).map((memory): Change => {
    const { path, text } = makeTombstone(memory, act.reason, store.environment.now());
    return { kind: "restore", path, read: snapshot.blobAt(path), bytes: new TextEncoder().encode(text) };
  });
  const written =
    changes.length === 0
      ? null
      : await store.commit({ operation: "reject", changes, subject: held.subject, ...act, confirmed: true });
  await queue.settle(id, { operation: "reject", reason: act.reason, caller: act.caller });
  return written;
}

/** Takes a rejection back: its tombstones go in one commit, and the proposal waits again. Throws ConflictError, BlockedError. */
export async function undoRejection(store: MemoryStore, held: Held, act: Act): Promise<Written | null> {
  const snapshot = await store.snapshot();
  const changes = memoriesOf(held).flatMap((memory): Change[] => {
    const { path } = makeTombstone(memory, "", store.environment.now());
    const read = snapshot.blobAt(path);
    return read === null ? [] : [{ kind: "remove", path, read }];
  });
  const written =
    changes.length === 0
      ? null
      : await store.commit({ operation: "revert", changes, subject: held.subject, ...act, confirmed: true });
  await queueOf(store).putBack(held, { reason: act.reason, caller: act.caller });
  return written;
}

/** Takes an approval back: its commit is reverted, it is evidence no more, and the proposal waits again. Throws ConflictError. */
export async function undoApproval(store: MemoryStore, held: Held, commit: ObjectId, act: Act): Promise<Written> {
  const approved = await store.snapshotAt(commit);
  const written = await revert(store, await planRevertOfCommit(store, commit), { ...act, confirmed: true });
  const at = instantOf(store.environment.now());
  for (const { path } of held.files) {
    const memory = approved.at(path);
    if (memory !== undefined && !isBroken(memory))
      await store.approvals.withdraw({ withdrawn: claimDigest(memory), at });
  }
  await queueOf(store).putBack(held, { reason: act.reason, caller: act.caller });
  return written;
}

function asHeld(held: Held, path: string): Memory | null {
  const file = held.files.find((one) => one.path === path);
  return file === undefined ? null : memoryOf(file);
}

function memoryOf({ path, bytes }: HeldFile): Memory | null {
  const file = bytes === null ? null : readMemory(path, "", bytes);
  return file === null || isBroken(file) ? null : file;
}

function queueOf(store: MemoryStore): Quarantine {
  if (store.quarantine === null) throw new TypeError("This store was opened without a review queue.");
  return store.quarantine;
}

function changedSince(held: Held): ConflictError {
  const [first] = held.files;
  return new ConflictError("What waits is not what was shown. Nothing was stored; open it again and look.", {
    path: first?.path ?? held.id,
    base: null,
    theirs: first?.bytes ?? null,
    mine: null,
  });
}
