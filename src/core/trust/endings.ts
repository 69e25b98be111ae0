/**
 * What ended in a store's history: memories that left the tree, and claims that were buried. An approval that is older than
 * an ending counts no more, however the file came back. Kept by what is known up to a commit, and extended from there.
 */
import { type Tombstone, readTombstone } from "../gate/tombstones.ts";
import { GitError } from "../errors.ts";
import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import type { CommitInfo, StoreRepository } from "../ports.ts";
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

type Log = Pick<StoreRepository, "log" | "blobs">;

export const NO_ENDINGS: EndingsUpTo = { removed: new Map(), buried: [] };

export class Endings {
  readonly #repository: Log;
  readonly #all: Stretch;
  #local: Stretch | undefined;

  constructor(repository: Log) {
    this.#repository = repository;
    this.#all = new Stretch(repository, null);
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
  #known: EndingsUpTo & { readonly tip: ObjectId | null } = { ...NO_ENDINGS, tip: null };

  constructor(repository: Log, base: ObjectId | null) {
    this.#repository = repository;
    this.base = base;
  }

  async upTo(tip: ObjectId): Promise<EndingsUpTo> {
    if (tip === this.#known.tip) return this.#known;
    const fresh = this.#known.tip === null ? null : await this.#after(this.#known.tip, tip);
    const all =
      fresh ?? (await this.#repository.log({ from: tip, ...(this.base === null ? {} : { until: this.base }) }));
    this.#known = { ...(await this.#joined(fresh === null ? NO_ENDINGS : this.#known, all)), tip };
    return this.#known;
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
    this.#known = { removed, buried: [...this.#known.buried, ...buriedIn(graves)], tip: commit };
  }

  async #after(known: ObjectId, tip: ObjectId): Promise<CommitInfo[] | null> {
    const fresh = await orLost(this.#repository.log({ from: tip, until: known }));
    if (fresh === null || !fresh.some(({ parents }) => parents.includes(known))) return null;
    // A merge may bring commits that the base has as well.
    return this.base !== null && fresh.some(({ parents }) => parents.length > 1) ? null : fresh;
  }

  async #joined(known: EndingsUpTo, commits: readonly CommitInfo[]): Promise<EndingsUpTo> {
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
    return { removed, buried: [...known.buried, ...buriedIn(files)] };
  }
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
