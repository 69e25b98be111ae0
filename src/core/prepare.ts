/**
 * From a proposal to the files as they will stand: versions checked, origin stamped, rendered, and parsed back, so that
 * the gate judges exactly the bytes that would be stored.
 */
import { ConflictError, InvalidInputError, MemoryNotFoundError } from "./errors.ts";
import { stampOrigin } from "./gate/stamp.ts";
import { expiryByPolicy } from "./memory/designed-expiry.ts";
import { editMemory } from "./memory/edit.ts";
import { newMemoryId } from "./memory/id.ts";
import { memoryPath } from "./memory/location.ts";
import { parseExpiry } from "./memory/lifecycle.ts";
import type { BrokenMemory, FrontMatter, Memory, ObjectId } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { isMemoryPath, readMemory } from "./memory/parse.ts";
import type { Policy } from "./memory/policy.ts";
import { renderMemory } from "./memory/render.ts";
import type { Environment, StoreRepository } from "./ports.ts";
import type { Caller, Change, Draft, Proposal, ProposedFile } from "./proposal.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Preparation {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly repository: Pick<StoreRepository, "blobs">;
}

/** Stands for the blob id of a file that is not stored yet. */
const NOT_STORED: ObjectId = "";

/** Throws ConflictError, InvalidInputError and MemoryNotFoundError. */
export async function prepare(base: Snapshot, proposal: Proposal, means: Preparation): Promise<ProposedFile[]> {
  if (proposal.changes.length === 0) throw new InvalidInputError("The change is empty. Name at least one memory to change.");
  const files: ProposedFile[] = [];
  for (const change of proposal.changes) files.push(await prepareOne(base, change, proposal, means));
  const paths = new Set(files.map((file) => file.path));
  if (paths.size < files.length) throw new InvalidInputError("One change names the same memory twice. Put both edits of a memory into one.");
  return files;
}

async function prepareOne(base: Snapshot, change: Change, proposal: Proposal, means: Preparation): Promise<ProposedFile> {
  if (change.kind === "add") return prepareDraft(base, change.draft, proposal, means);
  const there = base.at(change.path);
  const before = there !== undefined && !isBroken(there) ? there : null;
  if (change.kind === "edit") {
    if (there === undefined) throw gone(change.path);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytesOf(there.blob, means));
    const edited = new TextEncoder().encode(editMemory(text, change.edits));
    await checkRead(base, change, edited, means);
    return fileAfter(change.path, edited, before);
  }
  const mine = change.kind === "remove" ? null : change.bytes;
  await checkRead(base, change, mine, means);
  return mine === null ? { path: change.path, bytes: null, after: null, before } : fileAfter(change.path, mine, before);
}

function prepareDraft(base: Snapshot, draft: Draft, proposal: Proposal, means: Preparation): ProposedFile {
  const now = means.environment.now();
  const id = newMemoryId((length) => means.environment.random(length));
  const front = frontOf(draft, id, proposal.caller, means.policy, now);
  const path = memoryPath({ type: draft.type, id, title: draft.title, at: now }, (folder) => base.filesIn(folder));
  return fileAfter(path, new TextEncoder().encode(renderMemory(front, draft.body)), null);
}

function frontOf(draft: Draft, id: string, caller: Caller, policy: Policy, now: Date): FrontMatter {
  const { title, type, body: _body, trust: declared, expires_at: expiry, stale_after: staleAfter, ...rest } = draft;
  if (title.trim() === "") throw new InvalidInputError("A memory needs a title: the claim in one line.");
  const { generated, origin } = stampOrigin(caller, declared, now);
  const expires = expiry === undefined ? expiryByPolicy({ type, trust: origin.trust, sources: draft.sources ?? [] }, policy, now) : parseExpiry(expiry, now);
  return {
    type,
    id,
    title: title.trim(),
    generated,
    origin,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0) && value !== false)),
    ...(staleAfter === undefined ? {} : { stale_after: parseExpiry(staleAfter, now) }),
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
}

function fileAfter(path: string, bytes: Uint8Array, before: Memory | null): ProposedFile {
  if (!isMemoryPath(path)) return { path, bytes, after: null, before };
  const after = readMemory(path, NOT_STORED, bytes);
  if (isBroken(after)) throw new InvalidInputError(sentence(after));
  return { path, bytes, after, before };
}

async function checkRead(base: Snapshot, change: Exclude<Change, { kind: "add" }>, mine: Uint8Array | null, means: Preparation): Promise<void> {
  const now = base.blobAt(change.path);
  if (now === change.read) return;
  if (change.kind === "remove" && now === null) throw gone(change.path);
  throw new ConflictError(
    "This memory was changed by somebody else after you read it. Nothing was stored; look at both versions and try again.",
    { path: change.path, base: await bytesOrNull(change.read, means), theirs: await bytesOrNull(now, means), mine },
  );
}

async function bytesOf(blob: ObjectId, means: Preparation): Promise<Uint8Array> {
  const [bytes] = await means.repository.blobs([blob]);
  return bytes ?? new Uint8Array();
}

async function bytesOrNull(blob: ObjectId | null, means: Preparation): Promise<Uint8Array | null> {
  return blob === null ? null : bytesOf(blob, means);
}

function gone(path: string): MemoryNotFoundError {
  return new MemoryNotFoundError(`There is no memory at ${path} any more. It may have been expired or reverted; \`git memory history\` shows when.`);
}

function sentence(file: BrokenMemory): string {
  const [first] = file.problems;
  return first === undefined ? "The file can't be read as a memory." : `Line ${first.line}: ${first.message}`;
}
