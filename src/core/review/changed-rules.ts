/**
 * Rules that came into the tree without anybody's word (a commit by hand, a pull, an agent with a shell) wait like everything
 * that was held, but where they stand: as a card that is on no ref.
 */
import { ConflictError, GestureNeededError } from "../errors.ts";
import type { ObjectId } from "../memory/model.ts";
import { POLICY_FILE } from "../memory/policy.ts";
import { instantOf } from "../memory/time.ts";
import type { Act, Written } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import { recordApproval } from "../trust/gesture.ts";
import { rulesDigest } from "../trust/rules.ts";
import { foundCard, type Held } from "./quarantine.ts";

/** The card of `policy.yaml` as it stands; null where all that it says is in force. */
export async function changedRules(store: MemoryStore): Promise<Held | null> {
  const snapshot = await store.snapshot();
  const { unvouched } = await store.rulesAt(snapshot);
  if (unvouched === null || snapshot.commit === null) return null;
  const { blob, bytes, vouched } = unvouched;
  return foundCard(`rules ${blob}`, {
    at: instantOf(store.environment.now()),
    operation: "update",
    subject: "The rules of this store were changed",
    files: [{ path: POLICY_FILE, read: blob, bytes }],
    inForce: vouched,
  });
}

/**
 * Puts rules in force that stand in the tree, on a person's gesture. They are stored already, so nothing is but the person's
 * word, in their ledger. Throws GestureNeededError, ConflictError.
 */
export async function acceptChangedRules(store: MemoryStore, held: Held, { caller }: Act): Promise<Written> {
  if (caller.gesture !== true)
    throw new GestureNeededError("Only a person can accept other rules, in the editor. Ask them to open it there.");
  const { path, read, bytes } = fileOf(held);
  const { commit, blob } = await standing(store, path);
  if (commit === null || blob !== read)
    throw new ConflictError("The rules were changed again. Nothing was accepted; open them again and look.", {
      path,
      base: bytes,
      theirs: null,
      mine: null,
    });
  await recordApproval(
    store.approvals,
    [{ path, bytes, after: null, before: null }],
    { by: caller.actor, at: instantOf(store.environment.now()), commit },
    store.repository,
  );
  return unwritten(store, commit);
}

/** Takes the acceptance back: the rules wait again. */
export async function withdrawAcceptance(store: MemoryStore, held: Held): Promise<Written> {
  const { path, bytes } = fileOf(held);
  await store.approvals.withdraw({ withdrawn: rulesDigest(bytes), at: instantOf(store.environment.now()) });
  return unwritten(store, (await standing(store, path)).commit ?? "");
}

async function standing(
  store: MemoryStore,
  path: string,
): Promise<{ readonly commit: ObjectId | null; readonly blob: ObjectId | null }> {
  const snapshot = await store.snapshot();
  return { commit: snapshot.commit, blob: snapshot.blobAt(path) };
}

function unwritten({ label }: MemoryStore, commit: ObjectId): Written {
  return { status: "stored", store: label, commit, memories: [], notices: [] };
}

function fileOf({ files: [file], found }: Held): { path: string; read: ObjectId | null; bytes: Uint8Array } {
  if (file === undefined || file.bytes === null || found === undefined)
    throw new TypeError("This is not about rules that stand in the tree.");
  return { path: file.path, read: file.read, bytes: file.bytes };
}

/** Puts the rules back that were vouched for. */
export async function undoChangedRules(store: MemoryStore, held: Held, act: Act): Promise<Written> {
  const { path, read, bytes } = fileOf(held);
  return store.commit({
    operation: "reject",
    changes: [{ kind: "restore", path, read, bytes: held.found?.inForce ?? bytes }],
    subject: held.subject,
    ...act,
    confirmed: true,
  });
}
