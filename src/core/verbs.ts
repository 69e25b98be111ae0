/**
 * What may be done to a memory, one function a verb. Each makes a proposal and hands it to the store; a door adds nothing
 * but who asks.
 */
import { InvalidInputError, MemoryNotFoundError } from "./errors.ts";
import { BlockedError, type Finding } from "./gate/verdict.ts";
import { endsOnlyByPolicy } from "./memory/designed-expiry.ts";
import { editMemory } from "./memory/edit.ts";
import { parseExpiry } from "./memory/lifecycle.ts";
import type { Memory, ObjectId } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { instantOf } from "./memory/time.ts";
import type { Act, Change, Draft, Edits, Proposal, Written } from "./proposal.ts";
import { lastChangeOf } from "./provenance/revert.ts";
import type { Snapshot } from "./snapshot.ts";
import type { MemoryStore } from "./store.ts";

/** Why a memory ends. One pick is enough; words are optional. */
export const EXPIRY_CAUSES = ["wrong", "outdated", "duplicate", "other"] as const;
export type ExpiryCause = (typeof EXPIRY_CAUSES)[number];

/** A memory in the words of a caller: its id, a unique beginning of it, or its path. Throws MemoryNotFoundError. */
export function findMemory(snapshot: Snapshot, name: string): Memory {
  const exact = snapshot.get(name) ?? snapshot.at(name);
  if (exact !== undefined && !isBroken(exact)) return exact;
  if (exact !== undefined)
    throw new InvalidInputError(
      `${name} is broken (line ${exact.problems[0]?.line ?? 1}: ${exact.problems[0]?.message ?? ""}). Mend the file first.`,
    );
  const prefix = name.startsWith("m_") ? name : `m_${name}`;
  const fits = [...snapshot.memories()].filter((memory) => memory.id.startsWith(prefix));
  const [only] = fits;
  if (only !== undefined && fits.length === 1) return only;
  if (fits.length > 1)
    throw new MemoryNotFoundError(`"${name}" fits ${fits.length} memories. Write more characters of the id.`);
  throw new MemoryNotFoundError(
    `No memory answers to "${name}". \`git memory list\` shows what is believed now, \`git memory history\` what was.`,
  );
}

export async function addMemory(store: MemoryStore, draft: Draft, act: Act): Promise<Written> {
  return store.commit({ operation: "add", changes: [{ kind: "add", draft }], ...act });
}

/**
 * Several memories in one commit, e.g. the claims of a rules file. A claim that the gate refuses is left out alone, and the
 * notices say which and why. Throws BlockedError where it refuses all of them.
 */
export async function importMemories(
  store: MemoryStore,
  drafts: readonly Draft[],
  act: Act & { subject: string },
): Promise<Written> {
  const proposalOf = (some: readonly Draft[]): Proposal => ({
    operation: "import",
    changes: some.map((draft) => ({ kind: "add", draft })),
    ...act,
  });
  try {
    return await store.commit(proposalOf(drafts));
  } catch (error) {
    if (!(error instanceof BlockedError)) throw error;
    const kept: Draft[] = [];
    const leftOut: string[] = [];
    for (const [place, draft] of drafts.entries()) {
      const { kind, findings } = await store.check(proposalOf([draft]));
      if (kind === "block") leftOut.push(leftOutSentence(draft, place, findings));
      else kept.push(draft);
    }
    if (kept.length === 0 || leftOut.length === 0) throw error;
    const written = await store.commit(proposalOf(kept));
    return { ...written, notices: [...leftOut, ...written.notices] };
  }
}

/** Names the place and not the title, which may be what was refused. */
function leftOutSentence({ sources: [source] = [] }: Draft, place: number, findings: readonly Finding[]): string {
  const lines = source?.lines === undefined ? "" : `, line ${source.lines},`;
  const where = source === undefined ? `Claim ${place + 1}` : `${source.resource.replace(/^repo:\//, "")}${lines}`;
  const why = findings.find(({ verdict }) => verdict === "block")?.forPerson ?? "The gate refuses it.";
  return `${where} was left out. ${why.replace(/^Line \d+(?:, and \d+ more places?,)?/, "It")}`;
}

/** `read` is the version that the caller saw; without it, the one there now. Expiries may be durations such as `30d`. */
export async function updateMemory(
  store: MemoryStore,
  name: string,
  edits: Edits,
  act: Act & { read?: ObjectId },
): Promise<Written> {
  const memory = findMemory(await store.snapshot(), name);
  const { read, ...rest } = act;
  return store.commit({
    operation: "update",
    changes: [editOf(memory, withInstants(edits, store.environment.now()), read)],
    ...rest,
  });
}

/** The whole file as a person saved it. Raises no trust. */
export async function replaceMemory(
  store: MemoryStore,
  path: string,
  read: ObjectId,
  bytes: Uint8Array,
  act: Act,
): Promise<Written> {
  return store.commit({ operation: "update", changes: [{ kind: "replace", path, read, bytes }], ...act });
}

/** Stops using memories: their files leave the tree in one commit; history keeps them. */
export async function expireMemories(
  store: MemoryStore,
  names: readonly string[],
  act: Act & { cause: ExpiryCause; read?: ObjectId },
): Promise<Written> {
  const snapshot = await store.snapshot();
  const { cause, read, reason, caller } = act;
  const changes = names.map((name): Change => {
    const file = snapshot.at(name) ?? findMemory(snapshot, name);
    return { kind: "remove", path: file.path, read: read ?? file.blob };
  });
  const because = cause === "other" ? "" : `${cause.charAt(0).toUpperCase()}${cause.slice(1)}.`;
  return store.commit({
    operation: "expire",
    changes,
    caller,
    reason: [because, reason.trim()].filter((part) => part !== "").join(" "),
  });
}

/** Moves the end of a memory's life: a duration or a date, or `null` for none. Brings an expired memory back first. */
export async function renewMemory(
  store: MemoryStore,
  name: string,
  expires: string | null,
  act: Act,
): Promise<Written> {
  const snapshot = await store.snapshot();
  const expires_at = expires === null ? null : parseExpiry(expires, store.environment.now());
  const there = snapshot.get(name) ?? snapshot.at(name);
  if (there !== undefined || !(await wasRemoved(store, name))) {
    return store.commit({ operation: "renew", changes: [editOf(findMemory(snapshot, name), { expires_at })], ...act });
  }
  const { path, before } = (await lastChangeOf(store, name)).change;
  const [bytes] = before === null ? [] : await store.repository.blobs([before]);
  if (bytes === undefined) throw new MemoryNotFoundError(`Nothing is left of "${name}" to renew.`);
  const renewed = new TextEncoder().encode(
    editMemory(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), { expires_at }),
  );
  return store.commit({ operation: "renew", changes: [{ kind: "restore", path, read: null, bytes: renewed }], ...act });
}

/** A new claim takes the place of older ones, in one commit. */
export async function supersedeMemories(
  store: MemoryStore,
  names: readonly string[],
  draft: Draft,
  act: Act,
): Promise<Written> {
  const snapshot = await store.snapshot();
  const old = names.map((name) => findMemory(snapshot, name));
  const changes: Change[] = [
    { kind: "add", draft: { ...draft, supersedes: old.map((memory) => memory.id) } },
    ...old.map((memory): Change => ({ kind: "remove", path: memory.path, read: memory.blob })),
  ];
  return store.commit({ operation: "supersede", changes, ...act });
}

/**
 * A person says "this is mine": recorded in the memory, and in this user's ledger, which is the evidence. Throws
 * GestureNeededError where the caller's door proves no person.
 */
export async function confirmMemory(
  store: MemoryStore,
  name: string,
  act: Act & { read?: ObjectId },
): Promise<Written> {
  const memory = findMemory(await store.snapshot(), name);
  const { read, ...rest } = act;
  const by = act.caller.actor;
  const verified = [
    ...(memory.front.verified ?? []).filter((one) => one.by !== by),
    { by, at: instantOf(store.environment.now()) },
  ];
  const edits: Edits = { verified, ...(endsOnlyByPolicy(memory, await store.policy()) ? { expires_at: null } : {}) };
  return store.commit({ operation: "approve", changes: [editOf(memory, edits, read)], ...rest });
}

async function wasRemoved(store: MemoryStore, name: string): Promise<boolean> {
  const [entry] = await store.journal.of(name);
  return entry?.changes.some((change) => change.id === name && change.kind === "removed") ?? false;
}

function editOf(memory: Memory, edits: Edits, read: ObjectId = memory.blob): Change {
  return { kind: "edit", path: memory.path, read, edits };
}

function withInstants(edits: Edits, now: Date): Edits {
  const instant = (text: string | null | undefined): string | null | undefined =>
    typeof text === "string" ? parseExpiry(text, now) : text;
  const { expires_at: expires, stale_after: stale, ...rest } = edits;
  const expires_at = instant(expires);
  const stale_after = instant(stale);
  return {
    ...rest,
    ...(expires_at === undefined ? {} : { expires_at }),
    ...(stale_after === undefined ? {} : { stale_after }),
  };
}
