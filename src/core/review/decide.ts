/**
 * A person's decision on what waits. An approval is for exactly what was shown: the caller hands back the digest of it, and
 * anything else that waits there by now is refused.
 */
import { createHash } from "node:crypto";
import { ConflictError, InvalidInputError } from "../errors.ts";
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
import { approvalPath, payloadOf, type Signable, statementFor } from "../trust/signed-approval.ts";
import { isRulesFile } from "../trust/rules.ts";
import { acceptChangedRules, changedRules, undoChangedRules, withdrawAcceptance } from "./changed-rules.ts";
import { acceptLoss, isRejection, lostRejections, undoLoss, withdrawLoss } from "./lost-rejections.ts";
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
  const held = await shownOf(store, id, approval);
  if (held.found !== undefined)
    return isLoss(held) ? acceptLoss(store, held, approval) : acceptChangedRules(store, held, approval);
  return storeApproved(store, held, approval, await approvedChanges(store, held, approval));
}

export interface SignedApproval extends Approval {
  /** The signer, as the allowed signers name them. */
  readonly by: string;
  /** The armored signature over what is handed to it. */
  readonly sign: (payload: Uint8Array) => Promise<string>;
}

/**
 * The same for a door that proves no person: each claim is signed, and the signatures are stored with the claims in one commit.
 * Throws GestureNeededError where they don't count here.
 */
export async function approveHeldSigned(store: MemoryStore, id: HeldId, approval: SignedApproval): Promise<Written> {
  const held = await shownOf(store, id, approval);
  const caller = { ...approval.caller, actor: `human:${approval.by}` };
  const changes = await approvedChanges(store, held, { ...approval, caller });
  const signed = changes.map((change): Signable => {
    const file = change.kind !== "restore" ? null : isRulesFile(change.path) ? change : memoryOf(change);
    if (file === null)
      throw new InvalidInputError(
        "This would take something out, which no signature is for. Decide on it in the editor.",
      );
    return file;
  });
  const signatures = await signedChanges(store, signed, approval);
  return storeApproved(store, held, approval, [...changes, ...signatures]);
}

/** Approves a memory that is believed already, by a signature. Throws GestureNeededError where it doesn't count here. */
export async function approveSigned(
  store: MemoryStore,
  memory: Memory,
  approval: Act & Pick<SignedApproval, "by" | "sign">,
): Promise<Written> {
  const { caller, reason } = approval;
  const changes = await signedChanges(store, [memory], approval);
  return store.commit({ operation: "approve", changes, caller, reason, subject: memory.title, confirmed: true });
}

async function signedChanges(
  store: MemoryStore,
  files: readonly Signable[],
  { by, sign }: Pick<SignedApproval, "by" | "sign">,
): Promise<Change[]> {
  const snapshot = await store.snapshot();
  const at = instantOf(store.environment.now());
  const changes: Change[] = [];
  for (const file of files) {
    const statement = statementFor(file, by, at);
    const payload = payloadOf(statement);
    const path = approvalPath(snapshot, statement);
    const bytes = new TextEncoder().encode(new TextDecoder().decode(payload) + (await sign(payload)));
    changes.push({ kind: "restore", path, read: snapshot.blobAt(path), bytes });
  }
  return changes;
}

/** What waits under an id, on the ref or in the tree. Throws MemoryNotFoundError. */
export async function heldIn(store: MemoryStore, id: HeldId): Promise<Held> {
  const found = (await foundIn(store)).find((held) => held.id === id);
  return found ?? queueOf(store).get(id);
}

/** What waits in the tree: changed rules, then rejections that were taken out. */
export async function foundIn(store: MemoryStore): Promise<readonly Held[]> {
  const rules = await changedRules(store);
  return [...(rules === null ? [] : [rules]), ...(await lostRejections(store))];
}

function isLoss({ files }: Held): boolean {
  return files.every(({ path }) => isRejection(path));
}

async function shownOf(store: MemoryStore, id: HeldId, { shown }: Approval): Promise<Held> {
  const held = await heldIn(store, id);
  if (digestOfHeld(held) !== shown) throw changedSince(held);
  return held;
}

/** The files as they will be stored: with who approved them, and without an end that only the policy had given them. */
export async function approvedChanges(
  store: MemoryStore,
  held: Pick<Held, "files">,
  { caller, edited }: Pick<Approval, "caller" | "edited">,
): Promise<Change[]> {
  const at = instantOf(store.environment.now());
  const [policy, snapshot] = [await store.policy(), await store.snapshot()];
  const files = held.files.map((file): HeldFile => ({ ...file, bytes: edited?.get(file.path) ?? file.bytes }));
  return files.map((file): Change => {
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
    // A process that was killed before it had settled this has stored it already: the approval then goes on top.
    const there = snapshot.at(file.path);
    const isStored = there !== undefined && !isBroken(there) && memory !== null && isSameClaim(there, memory);
    return { kind: "restore", path: file.path, read: isStored ? there.blob : file.read, bytes };
  });
}

async function storeApproved(
  store: MemoryStore,
  held: Held,
  { caller, reason }: Approval,
  changes: readonly Change[],
): Promise<Written> {
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
  await queueOf(store).settle(held.id, { operation: "approve", reason, caller });
  return written;
}

/**
 * Takes what waits away and leaves a tombstone for each claim, so that it can't come back by another door. The reason is shown
 * to whoever brings it again. A rejection stores no claim, so nothing is asked about its words. Null where there was no claim to bury. Throws MemoryNotFoundError.
 */
export async function rejectHeld(store: MemoryStore, id: HeldId, act: Act): Promise<Written | null> {
  const queue = queueOf(store);
  const held = await heldIn(store, id);
  if (held.found !== undefined) return isLoss(held) ? undoLoss(store, held, act) : undoChangedRules(store, held, act);
  const snapshot = await store.snapshot();
  const changes = memoriesOf(held).map((memory): Change => {
    const { path, text } = makeTombstone(memory, act.reason, store.environment.now());
    return { kind: "restore", path, read: snapshot.blobAt(path), bytes: new TextEncoder().encode(text) };
  });
  const written =
    changes.length === 0
      ? null
      : await store.commit({ operation: "reject", changes, subject: held.subject, ...act, confirmed: true });
  // Whoever rejects a claim no longer vouches for it, where it was approved before.
  const at = instantOf(store.environment.now());
  for (const memory of memoriesOf(held)) await store.approvals.withdraw({ withdrawn: claimDigest(memory), at });
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
  if (held.found !== undefined) return isLoss(held) ? withdrawLoss(store, held) : withdrawAcceptance(store, held);
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

function isSameClaim(a: Memory, b: Memory): boolean {
  return a.id === b.id && claimDigest(a) === claimDigest(b);
}

function asHeld(held: Pick<Held, "files">, path: string): Memory | null {
  const file = held.files.find((one) => one.path === path);
  return file === undefined ? null : memoryOf(file);
}

function memoryOf({ path, bytes }: Pick<HeldFile, "path" | "bytes">): Memory | null {
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
