/**
 * What ended in a store's history: memories that left the tree, and claims that were buried. An approval that is older than
 * an ending counts no more, however the file came back. Kept by what is known up to a commit, and extended from there.
 */
import { type Tombstone, readTombstone } from "../gate/tombstones.ts";
import { GitError } from "../errors.ts";
import { jsonOf } from "../json.ts";
import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import type { CommitInfo, LocalState, StoreRepository } from "../ports.ts";
import type { ProposedFile } from "../proposal.ts";
import { changesOf, idOfPath } from "../provenance/journal.ts";

/** A memory left the tree. */
export interface Ending {
  readonly at: Instant;
  readonly commit: ObjectId;
}

export interface EndingsUpTo {
  /** The newest of each memory. */
  readonly removed: ReadonlyMap<MemoryId, Ending>;
  /** All that ever lay in `tombstones/`, with the moment of the commit that brought it. */
  readonly buried: readonly { readonly tombstone: Tombstone; readonly at: Instant }[];
}

/** A commit of this process. */
export interface OwnCommit {
  readonly parent: ObjectId | null;
  readonly commit: ObjectId;
  readonly at: Instant;
  readonly files: readonly ProposedFile[];
}

const FILE = "endings.json";
/** Reading so many commits again costs more than writing the file. */
const KEPT_AFTER = 256;

type Log = Pick<StoreRepository, "log" | "blobs">;

export const NO_ENDINGS: EndingsUpTo = { removed: new Map(), buried: [] };

export class Endings {
  readonly #repository: Log;
  readonly #all: Stretch;
  #local: Stretch | undefined;

  /** @param state where what is known is kept for the next process, outside the repository; without it in memory alone */
  constructor(repository: Log, state?: LocalState) {
    this.#repository = repository;
    this.#all = new Stretch(repository, null, state);
  }

  /** All endings in the history of a commit. Reads what is new since the last question. */
  async upTo(tip: ObjectId | null): Promise<EndingsUpTo> {
    return tip === null ? NO_ENDINGS : this.#all.upTo(tip);
  }

  /** Those that are in the history of one commit and not of the other. */
  async between(base: ObjectId, tip: ObjectId): Promise<EndingsUpTo> {
    if (this.#local?.base !== base) this.#local = new Stretch(this.#repository, base);
    return this.#local.upTo(tip);
  }

  /** Takes in what this process just wrote, so that the next question need not ask git. */
  wrote(own: OwnCommit): void {
    this.#all.extend(own);
    this.#local?.extend(own);
  }

  /** Whether one commit is not in the history of another. */
  async isAfter(later: ObjectId, earlier: ObjectId): Promise<boolean> {
    const found = await orLost(this.#repository.log({ from: later, until: earlier, limit: 1 }));
    // A commit that was rewritten away tells nothing any more; the safe answer is yes.
    return found === null || found.length > 0;
  }
}

/** The endings of the commits from a base on, or of all; known up to some commit. */
class Stretch {
  readonly base: ObjectId | null;
  readonly #repository: Log;
  readonly #state: LocalState | undefined;
  #known: Known = { ...NO_ENDINGS, graves: [], tip: null };

  constructor(repository: Log, base: ObjectId | null, state?: LocalState) {
    this.#repository = repository;
    this.base = base;
    this.#state = state;
  }

  async upTo(tip: ObjectId): Promise<EndingsUpTo> {
    if (this.#known.tip === null) this.#known = (await this.#kept()) ?? this.#known;
    if (tip === this.#known.tip) return this.#known;
    const fresh = this.#known.tip === null ? null : await this.#after(this.#known.tip, tip);
    const all =
      fresh ?? (await this.#repository.log({ from: tip, ...(this.base === null ? {} : { until: this.base }) }));
    const known = fresh === null ? { ...NO_ENDINGS, graves: [] } : this.#known;
    this.#known = { ...(await this.#joined(known, all)), tip };
    if (all.length >= KEPT_AFTER) await this.#keep(this.#known);
    return this.#known;
  }

  async #kept(): Promise<Known | null> {
    const bytes = (await this.#state?.read(FILE)) ?? null;
    return bytes === null ? null : knownOf(new TextDecoder().decode(bytes));
  }

  /** Whether it can be kept or not, what is known is the same. */
  async #keep({ tip, removed, graves }: Known): Promise<void> {
    const kept: Kept = {
      tip,
      removed: Array.from(removed, ([id, { at, commit }]) => [id, at, commit] as const),
      graves: graves.map(({ bytes, at }) => [new TextDecoder().decode(bytes), at] as const),
    };
    await this.#state?.write(FILE, new TextEncoder().encode(JSON.stringify(kept))).catch(() => undefined);
  }

  extend({ parent, commit, at, files }: OwnCommit): void {
    if (parent === null || parent !== this.#known.tip) return;
    const stays = new Set(files.flatMap(({ after }) => after?.id ?? []));
    const removed = new Map(this.#known.removed);
    const graves: Grave[] = [];
    for (const { path, bytes, before } of files) {
      if (bytes !== null && path.startsWith("tombstones/")) graves.push({ bytes, at });
      if (bytes !== null || before === null || stays.has(before.id)) continue;
      for (const id of [before.id, idOfPath(path)]) removed.set(id, { at, commit });
    }
    this.#known = { ...joinedWith(this.#known, graves), removed, tip: commit };
  }

  async #after(known: ObjectId, tip: ObjectId): Promise<CommitInfo[] | null> {
    const fresh = await orLost(this.#repository.log({ from: tip, until: known }));
    if (fresh === null || !fresh.some(({ parents }) => parents.includes(known))) return null;
    // A merge may bring commits that the base has as well.
    return this.base !== null && fresh.some(({ parents }) => parents.length > 1) ? null : fresh;
  }

  async #joined(known: Omit<Known, "tip">, commits: readonly CommitInfo[]): Promise<Omit<Known, "tip">> {
    const removed = new Map(known.removed);
    const graves: { blob: ObjectId; at: Instant }[] = [];
    for (const { commit, at, deltas } of commits.toReversed()) {
      for (const { path, after } of deltas)
        if (after !== null && path.startsWith("tombstones/")) graves.push({ blob: after, at });
      for (const { kind, id } of changesOf(deltas)) {
        const before = removed.get(id);
        if (kind === "removed" && (before === undefined || before.at <= at)) removed.set(id, { at, commit });
      }
    }
    const bytes = graves.length === 0 ? [] : await this.#repository.blobs(graves.map(({ blob }) => blob));
    const files = graves.flatMap(({ at }, i): Grave[] => (bytes[i] === undefined ? [] : [{ bytes: bytes[i], at }]));
    return { ...joinedWith(known, files), removed };
  }
}

function joinedWith(known: Omit<Known, "tip">, fresh: readonly Grave[]): Pick<Known, "buried" | "graves"> {
  return { buried: [...known.buried, ...buriedIn(fresh)], graves: [...known.graves, ...fresh] };
}

/** The form in local state. */
interface Kept {
  readonly tip: ObjectId | null;
  readonly removed: readonly (readonly [MemoryId, Instant, ObjectId])[];
  readonly graves: readonly (readonly [string, Instant])[];
}

/** A cache that can't be read is made anew. */
function knownOf(text: string): Known | null {
  const kept = jsonOf(text, isKept);
  if (kept === null) return null;
  const graves = kept.graves.map(([tombstone, at]) => ({ bytes: new TextEncoder().encode(tombstone), at }));
  const removed = new Map(kept.removed.map(([id, at, commit]) => [id, { at, commit }] as const));
  return { tip: kept.tip, removed, graves, buried: buriedIn(graves) };
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { tip, removed, graves } = value as Partial<Record<keyof Kept, unknown>>;
  return typeof tip === "string" && areRows(removed, 3) && areRows(graves, 2);
}

function areRows(value: unknown, width: number): boolean {
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === width && row.every((cell) => typeof cell === "string");
  return Array.isArray(value) && value.every(isRow);
}

interface Known extends EndingsUpTo {
  readonly tip: ObjectId | null;
  /** What is buried, as the files have it. */
  readonly graves: readonly Grave[];
}

interface Grave {
  readonly bytes: Uint8Array;
  readonly at: Instant;
}

function buriedIn(graves: readonly Grave[]): EndingsUpTo["buried"] {
  return graves.flatMap(({ bytes, at }) => {
    const tombstone = readTombstone(bytes);
    return tombstone === null ? [] : [{ tombstone, at }];
  });
}

/** Null where git has one of the commits no more. */
async function orLost(log: Promise<CommitInfo[]>): Promise<CommitInfo[] | null> {
  return log.catch((error: unknown) => {
    if (error instanceof GitError) return null;
    throw error;
  });
}
