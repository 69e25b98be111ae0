/**
 * From a proposal to the files as they will stand: versions checked, origin stamped, rendered, and parsed back, so that
 * the gate judges exactly the bytes that would be stored.
 */
import { ConflictError, GestureNeededError, InvalidInputError, MemoryNotFoundError } from "./errors.ts";
import { stampOrigin } from "./gate/stamp.ts";
import { claimDigest } from "./memory/claim.ts";
import { expiryByPolicy } from "./memory/designed-expiry.ts";
import { editMemory, type StampedEdits } from "./memory/edit.ts";
import { newMemoryId } from "./memory/id.ts";
import { memoryPath } from "./memory/location.ts";
import { parseExpiry } from "./memory/lifecycle.ts";
import type { BrokenMemory, FrontMatter, Memory, MemoryId, ObjectId, Trust } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { isMemoryPath, readMemory } from "./memory/parse.ts";
import { POLICY_FILE, readPolicy, type Policy } from "./memory/policy.ts";
import { renderMemory } from "./memory/render.ts";
import { compareTrust, lowerOf, stampedTrust } from "./memory/trust.ts";
import type { CodeReader, Environment, StoreRepository } from "./ports.ts";
import type { Caller, Change, Draft, Edits, Proposal, ProposedFile } from "./proposal.ts";
import { completeCitations } from "./provenance/citations.ts";
import { isBalanced } from "./recall/glob.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Preparation {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly repository: Pick<StoreRepository, "blobs">;
  readonly code: CodeReader | undefined;
  /** The trust of a belief at the base, by its evidence and lineage. */
  readonly trustOf: (memory: Memory) => Trust;
}

/** Characters; as `memory_remember` takes them. */
const LONGEST_TITLE = 200;

/** Stands for the blob id of a file that is not stored yet. */
const NOT_STORED: ObjectId = "";

/** Throws ConflictError, InvalidInputError and MemoryNotFoundError. */
export async function prepare(base: Snapshot, proposal: Proposal, means: Preparation): Promise<ProposedFile[]> {
  if (proposal.changes.length === 0)
    throw new InvalidInputError("The change is empty. Name at least one memory to change.");
  const files: ProposedFile[] = [];
  // What the change set itself adds counts too, or a large import would fill one folder past its limit.
  const added = new Map<string, number>();
  const filesIn = (folder: string): number => base.filesIn(folder) + (added.get(folder) ?? 0);
  for (const change of proposal.changes) {
    const file =
      change.kind === "add"
        ? await prepareDraft(change.draft, proposal, base, means, filesIn)
        : await prepareOne(base, change, proposal, means);
    const folder = file.path.slice(0, Math.max(file.path.lastIndexOf("/"), 0));
    if (file.before === null) added.set(folder, (added.get(folder) ?? 0) + 1);
    files.push(file);
  }
  const paths = new Set(files.map((file) => file.path));
  if (paths.size < files.length)
    throw new InvalidInputError("One change names the same memory twice. Put both edits of a memory into one.");
  return files;
}

async function prepareOne(
  base: Snapshot,
  change: Exclude<Change, { kind: "add" }>,
  proposal: Proposal,
  means: Preparation,
): Promise<ProposedFile> {
  const there = base.at(change.path);
  const before = there !== undefined && !isBroken(there) ? there : null;
  if (change.kind === "edit") {
    if (there === undefined) throw gone(change.path);
    if (isBroken(there))
      throw new InvalidInputError(`This memory is broken, so it can't be changed in place. ${sentence(there)}`);
    // On the version that was read: where that isn't the one there now, the conflict shows what the caller meant.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytesOf(change.read, means));
    const edited = new TextEncoder().encode(
      editMemory(text, await stampedEdits(there, change.edits, proposal.caller, base, means)),
    );
    await checkRead(base, change, edited, means);
    return fileAfter(change.path, edited, before);
  }
  if (base.blobAt(change.path) === null) checkPath(change.path);
  const mine = change.kind === "remove" ? null : change.bytes;
  checkPeoplesOwn(change, proposal);
  if (change.path === POLICY_FILE) checkPolicy(mine, proposal);
  await checkRead(base, change, mine, means);
  if (mine === null) return { path: change.path, bytes: null, after: null, before };
  const file = fileAfter(change.path, mine, before);
  if (change.kind !== "replace") return file;
  if (file.after !== null && file.after.title !== before?.title) checkNewWords(file.after.front.title, []);
  checkTrust(file, proposal.caller);
  return lowered(file, mine, proposal.caller);
}

/**
 * New words are trusted no more than who wrote them: a claim of the user's that an agent rewords is the agent's. Moving its
 * end, pinning it or confirming it rewords nothing.
 */
async function stampedEdits(
  there: Memory,
  edits: Edits,
  caller: Caller,
  base: Snapshot,
  means: Preparation,
): Promise<StampedEdits> {
  const { trust: worded, ...named } = edits;
  checkNewWords(named.title === there.title ? undefined : named.title, named.scope ?? []);
  const declared = byLineage(edits.derived_from ?? [], worded, caller, base, means);
  const { expires_at: _expires, stale_after: _stale, pinned: _pinned, verified: _verified, ...words } = named;
  const complete = named.sources ? { ...named, sources: await completeCitations(named.sources, means.code) } : named;
  const trust = lowerOf(stampedTrust(there), lowerOf(caller.trust, declared ?? caller.trust));
  if (Object.keys(words).length === 0 || trust === stampedTrust(there)) return complete;
  return { ...complete, origin: { ...(there.front.origin ?? { channel: caller.channel }), trust } };
}

/** What a person refused, only a person brings back. */
function checkPeoplesOwn(change: Exclude<Change, { kind: "add" }>, { caller, operation }: Proposal): void {
  const { path, kind, read } = change;
  const overrules = kind !== "restore" || (read !== null && operation !== "erase");
  if (path.startsWith("tombstones/") && overrules && caller.gesture !== true)
    throw new GestureNeededError("A person rejected this, so only a person can overrule it, in the editor.");
}

/**
 * What rests on a source that nobody vouches for is vouched for by nobody either, whoever draws the conclusion and whatever
 * becomes of the source later; but for a person's own gesture.
 */
function byLineage(
  parents: readonly MemoryId[],
  declared: Trust | undefined,
  caller: Caller,
  base: Snapshot,
  means: Preparation,
): Trust | undefined {
  if (caller.gesture === true) return declared;
  const isUntrusted = parents.some((id) => {
    const parent = base.get(id);
    return parent !== undefined && means.trustOf(parent) === "untrusted";
  });
  return isUntrusted ? "untrusted" : declared;
}

/** Broken rules would close the store to everybody, the one who mends them included. */
function checkPolicy(mine: Uint8Array | null, { operation }: Proposal): void {
  if (operation === "init") return;
  if (mine === null)
    throw new InvalidInputError("policy.yaml is what makes this branch a memory store, so it can't be taken out.");
  const { readOnly, problems } = readPolicy(mine);
  const [problem] = problems;
  if (readOnly)
    throw new InvalidInputError(`Line ${problem?.line ?? 1}: ${problem?.message ?? "policy.yaml is not valid."}`);
}

/** What is stored is read, however long; what is new must fit one line of a list. */
function checkNewWords(title: string | undefined, scope: readonly string[]): void {
  const length = Array.from((title ?? "").trim()).length;
  if (length > LONGEST_TITLE)
    throw new InvalidInputError(
      `The title has ${length} characters, and ${LONGEST_TITLE} is the most. Say the claim in one line, and the rest in the body.`,
    );
  const odd = scope.find((glob) => !isBalanced(glob));
  if (odd !== undefined)
    throw new InvalidInputError(
      `The scope "${odd.slice(0, 60)}" is no glob of paths: a bracket or brace in it has no partner. Write one such as packages/api/**.`,
    );
}

/** The names that git refuses in a tree. */
function checkPath(path: string): void {
  const isOdd = (part: string): boolean =>
    part === "" || part === "." || part === ".." || /^(?:\.git|git~1)$|\0/i.test(part);
  if (path.split("/").some(isOdd))
    throw new InvalidInputError(
      "A memory can't be stored under that path. Use plain folder and file names with forward slashes.",
    );
}

/** A file that is saved whole holds its own stamp, which is the program's to write: it may say less than before, never more. */
function checkTrust({ before, after }: ProposedFile, caller: Caller): void {
  const most = before === null ? caller.trust : stampedTrust(before);
  if (after === null || compareTrust(stampedTrust(after), most) <= 0) return;
  throw new InvalidInputError(
    "The key `origin` says where a memory came from, and only the program writes it. Put it back as it was.",
  );
}

/** A save proves no person (agents save too), so a claim that it rewords is trusted as far as the door is. */
function lowered(file: ProposedFile, bytes: Uint8Array, caller: Caller): ProposedFile {
  const { path, before, after } = file;
  if (before === null || after === null || compareTrust(stampedTrust(after), caller.trust) <= 0) return file;
  if (claimDigest(before) === claimDigest(after)) return file;
  const origin = { ...(after.front.origin ?? { channel: caller.channel }), trust: caller.trust };
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return fileAfter(path, new TextEncoder().encode(editMemory(text, { origin })), before);
}

async function prepareDraft(
  worded: Draft,
  proposal: Proposal,
  base: Snapshot,
  means: Preparation,
  filesIn: (folder: string) => number,
): Promise<ProposedFile> {
  const { caller } = proposal;
  const parents = [...(worded.derived_from ?? []), ...(caller.recalled ?? [])];
  const trust = byLineage(parents, worded.trust, caller, base, means);
  const cited = worded.sources === undefined ? undefined : await completeCitations(worded.sources, means.code);
  const draft = {
    ...worded,
    ...(cited === undefined ? {} : { sources: cited }),
    ...(trust === undefined ? {} : { trust }),
  };
  const now = means.environment.now();
  const id = newMemoryId((length) => means.environment.random(length));
  const front = frontOf(draft, id, proposal.caller, means.policy, now);
  const path = memoryPath({ type: draft.type, id, title: draft.title, at: now }, filesIn);
  return fileAfter(path, new TextEncoder().encode(renderMemory(front, draft.body)), null);
}

function frontOf(draft: Draft, id: string, caller: Caller, policy: Policy, now: Date): FrontMatter {
  const { title, type, body: _body, trust: declared, expires_at: expiry, stale_after: staleAfter, ...rest } = draft;
  checkNewWords(title, draft.scope ?? []);
  if (title.trim() === "") throw new InvalidInputError("A memory needs a title: the claim in one line.");
  const { generated, origin } = stampOrigin(caller, declared, now);
  const expires =
    expiry === undefined
      ? expiryByPolicy({ type, trust: origin.trust, sources: draft.sources ?? [] }, policy, now)
      : parseExpiry(expiry, now);
  return {
    type,
    id,
    title: title.trim(),
    generated,
    origin,
    ...Object.fromEntries(
      Object.entries(rest).filter(
        ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0) && value !== false,
      ),
    ),
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

async function checkRead(
  base: Snapshot,
  change: Exclude<Change, { kind: "add" }>,
  mine: Uint8Array | null,
  means: Preparation,
): Promise<void> {
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
  return new MemoryNotFoundError(
    `There is no memory at ${path} any more. It may have been expired or reverted; \`git memory history\` shows when.`,
  );
}

function sentence(file: BrokenMemory): string {
  const [first] = file.problems;
  return first === undefined ? "The file can't be read as a memory." : `Line ${first.line}: ${first.message}`;
}
