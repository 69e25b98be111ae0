/**
 * What ended in a store's history: memories that left the tree, and claims that were buried. An approval that is older than
 * an ending counts no more, however the file came back. Kept by what is known up to a commit, and extended from there.
 */
import { type Tombstone, readTombstone } from "../gate/tombstones.ts";
import { GitError } from "../errors.ts";
import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import type { CommitInfo, StoreRepository } from "../ports.ts";
import { changesOf } from "../provenance/journal.ts";

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

const NONE: EndingsUpTo = { removed: new Map(), buried: [] };

export class Endings {
  readonly #repository: Pick<StoreRepository, "log" | "blobs">;
  #known: EndingsUpTo & { readonly tip: ObjectId | null } = { ...NONE, tip: null };
  #sinceKnown: EndingsUpTo & { readonly key: string } = { ...NONE, key: "" };

  constructor(repository: Pick<StoreRepository, "log" | "blobs">) {
    this.#repository = repository;
  }

  /** All endings in the history of a commit. Reads what is new since the last question. */
  async upTo(tip: ObjectId | null): Promise<EndingsUpTo> {
    if (tip === null) return NONE;
    if (tip === this.#known.tip) return this.#known;
    const known = this.#known.tip;
    const fresh = known === null ? null : await this.#after(known, tip);
    const all = fresh ?? (await this.#repository.log({ from: tip }));
    this.#known = { ...(await this.#joined(fresh === null ? NONE : this.#known, all)), tip };
    return this.#known;
  }

  /** Those that are in the history of one commit and not of the other. */
  async between(base: ObjectId, tip: ObjectId): Promise<EndingsUpTo> {
    const key = `${base} ${tip}`;
    if (key !== this.#sinceKnown.key)
      this.#sinceKnown = { ...(await this.#joined(NONE, await this.#repository.log({ from: tip, until: base }))), key };
    return this.#sinceKnown;
  }

  /** Whether one commit is not in the history of another. */
  async isAfter(later: ObjectId, earlier: ObjectId): Promise<boolean> {
    const found = await this.#repository.log({ from: later, until: earlier, limit: 1 }).catch((error: unknown) => {
      // A commit that was rewritten away tells nothing any more; the safe answer is yes.
      if (error instanceof GitError) return null;
      throw error;
    });
    return found === null || found.length > 0;
  }

  async #after(known: ObjectId, tip: ObjectId): Promise<CommitInfo[] | null> {
    try {
      const fresh = await this.#repository.log({ from: tip, until: known });
      return fresh.some(({ parents }) => parents.includes(known)) ? fresh : null;
    } catch (error) {
      if (error instanceof GitError) return null;
      throw error;
    }
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
    const buried = bytes.flatMap((file, i) => {
      const tombstone = readTombstone(file);
      return tombstone === null ? [] : [{ tombstone, at: graves[i]?.at ?? tombstone.at }];
    });
    return { removed, buried: [...known.buried, ...buried] };
  }
}
