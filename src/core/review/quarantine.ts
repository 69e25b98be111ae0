/**
 * What the gate held: each proposal waits as a folder on a ref of its own, in no tree, index or prompt, until a person
 * decides. Its commits are its history: held, approved, rejected, lapsed.
 */
import { createHash } from "node:crypto";
import { InvalidInputError, MemoryNotFoundError, StoreBusyError } from "../errors.ts";
import { jsonOf } from "../json.ts";
import type { Finding, Verdict } from "../gate/verdict.ts";
import { newHeldId } from "../memory/id.ts";
import { CHANNELS, TRUST_LEVELS, type Instant, type ObjectId } from "../memory/model.ts";
import { instantOf } from "../memory/time.ts";
import type { Environment, FileChange, StoreRepository, StoreTree } from "../ports.ts";
import { OPERATIONS, type Caller, type Operation, type Proposal, type ProposedFile } from "../proposal.ts";
import { formatMessage } from "../provenance/trailers.ts";

/** `q_` and twelve characters, as a memory's id has. */
export type HeldId = string;

/** One file of a held proposal. */
export interface HeldFile {
  readonly path: string;
  /** The version that stood there when the write was proposed; null where there was none. */
  readonly read: ObjectId | null;
  /** What it would be; null: the file would go. */
  readonly bytes: Uint8Array | null;
}

/** A proposal that waits. */
export interface Held {
  readonly id: HeldId;
  readonly at: Instant;
  readonly operation: Operation;
  readonly reason: string;
  readonly subject: string;
  /** Who proposed it, as the door stamped it. */
  readonly caller: Caller;
  readonly findings: readonly Finding[];
  readonly files: readonly HeldFile[];
  /** It stands in the tree already, and this is what counts in its place until a person decides. It lies on no ref. */
  readonly found?: { readonly inForce: Uint8Array };
}

/** The form on the ref: bytes lie beside it, as files. */
interface Card extends Omit<Held, "files" | "id" | "found"> {
  readonly files: readonly { readonly path: string; readonly read: ObjectId | null; readonly file: string | null }[];
}

interface Queue {
  readonly held: readonly Held[];
  readonly unreadable: readonly string[];
}

const CARD = "card.json";
const ID_CHARACTERS = "0123456789abcdefghjkmnpqrstvwxyz";
const HELD_ID = /^q_[0-9a-hjkmnp-tv-z]{12}$/;
/** Tries of one change against other writers of the ref. */
const MAX_TRIES = 12;

/**
 * The card of something that waits in the tree and on no ref; nobody knows who brought it.
 * @param what the same thing has the same id in every process
 */
export function foundCard(
  what: string,
  { inForce, ...card }: Pick<Held, "at" | "operation" | "subject" | "files"> & { readonly inForce: Uint8Array },
): Held {
  const digest = createHash("sha256").update(what).digest();
  return {
    ...card,
    id: `q_${Array.from(digest.subarray(0, 12), (byte) => ID_CHARACTERS[byte % 32]).join("")}`,
    reason: "",
    caller: { channel: "sync", actor: "unknown", trust: "untrusted" },
    findings: [],
    found: { inForce },
  };
}

export class Quarantine {
  readonly #repository: StoreRepository;
  readonly #environment: Environment;
  #known: Queue & { readonly tip: ObjectId | null } = { tip: null, held: [], unreadable: [] };

  constructor(repository: StoreRepository, environment: Environment) {
    this.#repository = repository;
    this.#environment = environment;
  }

  /** Stores a proposal as waiting. Returns after the ref moved. */
  async hold(
    proposal: Proposal,
    files: readonly ProposedFile[],
    verdict: Verdict,
  ): Promise<{ readonly held: Held; readonly commit: ObjectId }> {
    const held: Held = {
      id: newHeldId((length) => this.#environment.random(length)),
      at: instantOf(this.#environment.now()),
      operation: proposal.operation,
      reason: proposal.reason,
      subject: proposal.subject ?? files.flatMap((file) => (file.after ?? file.before)?.title ?? [])[0] ?? "a change",
      caller: proposal.caller,
      findings: verdict.findings,
      files: files.map(({ path, bytes, before }) => ({
        path,
        read: readIn(proposal, path) ?? before?.blob ?? null,
        bytes,
      })),
    };
    const commit = await this.#change(cardFiles(held), {
      operation: proposal.operation,
      subject: held.subject,
      reason: proposal.reason,
      caller: held.caller,
      gate: gateLine(verdict),
    });
    return { held, commit };
  }

  /** All that waits, oldest first, without what has lapsed. */
  async waiting(maxAge: number | null): Promise<readonly Held[]> {
    const oldest = maxAge === null ? Number.NEGATIVE_INFINITY : this.#environment.now().getTime() - maxAge;
    return (await this.#all()).held.filter((held) => Date.parse(held.at) > oldest);
  }

  /** Takes away what nobody decided on in time, so that the ref doesn't grow for ever. Its history keeps it. */
  async lapse(maxAge: number | null, caller: Caller): Promise<void> {
    const waiting = new Set(await this.waiting(maxAge));
    for (const held of (await this.#all()).held) {
      if (!waiting.has(held))
        await this.settle(held.id, { operation: "expire", reason: "Nobody decided in time.", caller });
    }
  }

  /** What lies on the ref and is no card of ours, one sentence each. It holds nothing else up. */
  async unreadable(): Promise<readonly string[]> {
    return (await this.#all()).unreadable;
  }

  /** One that waits. Throws MemoryNotFoundError. */
  async get(id: HeldId): Promise<Held> {
    const found = (await this.#all()).held.find((held) => held.id === id);
    if (found === undefined)
      throw new MemoryNotFoundError(
        `Nothing waits under "${id}". It may have been decided on or have lapsed; \`git memory queue\` shows what waits.`,
      );
    return found;
  }

  /** Takes one away after a decision, which the commit names. One that is gone already stays gone. */
  async settle(
    id: HeldId,
    decision: { readonly operation: "approve" | "reject" | "expire"; readonly reason: string; readonly caller: Caller },
  ): Promise<void> {
    const held = (await this.#all()).held.find((one) => one.id === id);
    if (held === undefined) return;
    const removals = cardFiles(held).map(({ path }): FileChange => ({ path, content: null }));
    await this.#change(removals, { ...decision, subject: held.subject, gate: "" });
  }

  /** Puts one back that was settled, after the decision on it was taken back. */
  async putBack(held: Held, act: { readonly reason: string; readonly caller: Caller }): Promise<void> {
    await this.#change(cardFiles(held), { operation: "revert", subject: held.subject, gate: "", ...act });
  }

  /** Takes over what waits in another clone, as it is. */
  async bring(held: Held, caller: Caller): Promise<void> {
    const { operation, subject, reason } = held;
    await this.#change(cardFiles(held), { operation, subject, reason, caller, gate: "" });
  }

  /** The ids of all that ever waited here, decided on or not. */
  async known(): Promise<ReadonlySet<HeldId>> {
    const log = await this.#repository.log();
    return new Set(log.flatMap(({ deltas }) => deltas.map(({ path }) => path.split("/")[0] ?? "")));
  }

  /** Calls back whenever something was held or settled, here or in another process. */
  watch(listener: () => void): () => void {
    return this.#repository.watch(listener);
  }

  async dispose(): Promise<void> {
    await this.#repository.dispose();
  }

  async #change(
    changes: readonly FileChange[],
    text: { operation: Operation; subject: string; reason: string; caller: Caller; gate: string },
  ): Promise<ObjectId> {
    // One after another, as with every ref of ours: a burst would only refuse itself.
    return this.#repository.exclusively(() => this.#changeNow(changes, text));
  }

  async #changeNow(
    changes: readonly FileChange[],
    text: { operation: Operation; subject: string; reason: string; caller: Caller; gate: string },
  ): Promise<ObjectId> {
    const { caller } = text;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const result = await this.#repository.commit({
        parent: await this.#repository.tip(),
        changes,
        message: formatMessage({
          ...text,
          ids: [],
          context: caller.recalled ?? [],
          actor: caller.actor,
          channel: caller.channel,
          ...(caller.session === undefined ? {} : { session: caller.session }),
        }),
        author: await this.#repository.committer(),
        at: this.#environment.now(),
      });
      if (result.moved) return result.commit;
    }
    throw new StoreBusyError(
      "Other writers kept changing the review queue. Nothing was stored; try again in a moment.",
    );
  }

  async #all(): Promise<Queue> {
    const tip = await this.#repository.tip();
    if (tip !== this.#known.tip) {
      const queue = tip === null ? { held: [], unreadable: [] } : await this.#read(await this.#repository.tree(tip));
      this.#known = { tip, ...queue };
    }
    return this.#known;
  }

  async #read(tree: StoreTree): Promise<Queue> {
    const blobs = new Map(
      tree.folders.flatMap((folder) => folder.files.map((file) => [file.path, file.blob] as const)),
    );
    const held: Held[] = [];
    const unreadable: string[] = [];
    for (const id of tree.folders.map((folder) => folder.path).filter((path) => HELD_ID.test(path))) {
      try {
        held.push(await this.#readCard(id, blobs));
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        unreadable.push(error.message);
      }
    }
    held.sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1));
    return { held, unreadable };
  }

  async #readCard(id: HeldId, blobs: ReadonlyMap<string, ObjectId>): Promise<Held> {
    const bytesAt = async (path: string): Promise<Uint8Array> => {
      const blob = blobs.get(path);
      const [bytes] = blob === undefined ? [] : await this.#repository.blobs([blob]);
      if (bytes === undefined) throw unreadableCard(id);
      return bytes;
    };
    const card = cardOf(id, new TextDecoder().decode(await bytesAt(`${id}/${CARD}`)));
    const files = await Promise.all(
      card.files.map(async ({ path, read, file }): Promise<HeldFile> => ({
        path,
        read,
        bytes: file === null ? null : await bytesAt(`${id}/${file}`),
      })),
    );
    return { ...card, id, files };
  }
}

/** What is no memory has no version of its own among the prepared files. */
function readIn({ changes }: Proposal, path: string): ObjectId | null {
  return (
    changes.flatMap((change) => (change.kind !== "add" && change.path === path ? (change.read ?? []) : []))[0] ?? null
  );
}

function cardFiles({ id, files, found: _found, ...rest }: Held): { path: string; content: Uint8Array }[] {
  const named = files.map((file, i) => ({ ...file, file: file.bytes === null ? null : `${i}.md` }));
  const card: Card = { ...rest, files: named.map(({ path, read, file }) => ({ path, read, file })) };
  return [
    { path: `${id}/${CARD}`, content: new TextEncoder().encode(`${JSON.stringify(card, null, 2)}\n`) },
    ...named.flatMap(({ file, bytes }) =>
      file === null || bytes === null ? [] : [{ path: `${id}/${file}`, content: bytes }],
    ),
  ];
}

/** The ref is ours alone, but anybody with the repository can write to it. */
function cardOf(id: HeldId, text: string): Card {
  const card = jsonOf(text, isCard);
  if (card === null) throw unreadableCard(id);
  // Whatever else somebody wrote into it says nothing.
  const { at, operation, reason, subject, caller, findings, files } = card;
  return { at, operation, reason, subject, caller, findings, files };
}

function unreadableCard(id: HeldId): InvalidInputError {
  return new InvalidInputError(
    `What waits under ${id} can't be read. Look at it with \`git show refs/memory/quarantine:${id}/${CARD}\`.`,
  );
}

function isCard(value: unknown): value is Card {
  if (typeof value !== "object" || value === null) return false;
  const card = value as Partial<Record<keyof Card, unknown>>;
  return (
    typeof card.at === "string" &&
    !Number.isNaN(Date.parse(card.at)) &&
    OPERATIONS.some((operation) => operation === card.operation) &&
    typeof card.reason === "string" &&
    typeof card.subject === "string" &&
    isCaller(card.caller) &&
    Array.isArray(card.findings) &&
    card.findings.every(isFinding) &&
    Array.isArray(card.files) &&
    card.files.length > 0 &&
    card.files.every(isCardFile)
  );
}

function isCaller(value: unknown): value is Caller {
  if (typeof value !== "object" || value === null) return false;
  const { actor, channel, trust, session, turn, recalled } = value as Partial<Record<keyof Caller, unknown>>;
  return (
    typeof actor === "string" &&
    CHANNELS.some((known) => known === channel) &&
    TRUST_LEVELS.some((known) => known === trust) &&
    (session === undefined || typeof session === "string") &&
    (turn === undefined || typeof turn === "number") &&
    (recalled === undefined || (Array.isArray(recalled) && recalled.every((id) => typeof id === "string")))
  );
}

function isFinding(value: unknown): value is Finding {
  if (typeof value !== "object" || value === null) return false;
  const { rule, verdict, path, forPerson, forModel, span } = value as Partial<Record<keyof Finding, unknown>>;
  return (
    [rule, verdict, path, forPerson, forModel].every((text) => typeof text === "string") &&
    (span === undefined || isSpan(span))
  );
}

function isSpan(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("start" in value) || !("end" in value)) return false;
  return Number.isSafeInteger(value.start) && Number.isSafeInteger(value.end);
}

function isCardFile(value: unknown): value is Card["files"][number] {
  if (typeof value !== "object" || value === null || !("path" in value) || !("read" in value) || !("file" in value))
    return false;
  return (
    typeof value.path === "string" &&
    [value.read, value.file].every((text) => text === null || typeof text === "string")
  );
}

function gateLine({ kind, findings }: Verdict): string {
  return [kind, ...new Set(findings.map((finding) => finding.rule))].join(" ");
}
