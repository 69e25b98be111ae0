/**
 * The store's history in terms of beliefs: every commit with what it did to which memory. Read in one pass over the log
 * and then only extended, because asking git once for each memory grows with the square of the store.
 */
import { GitError } from "../errors.ts";
import { Latest } from "../latest.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import type { CommitInfo, FileDelta, Person, StoreRepository } from "../ports.ts";
import type { Instant } from "../memory/model.ts";
import { type CommitText, parseMessage } from "./trailers.ts";

/** What one commit did to one memory. */
export interface BeliefChange {
  readonly kind: "added" | "changed" | "removed";
  readonly id: MemoryId;
  readonly path: string;
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  /** The path before, where the file was moved in this commit. */
  readonly movedFrom?: string;
}

export interface JournalEntry {
  readonly commit: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Person;
  readonly at: Instant;
  /** The message's parts. Where its ids don't match the files that changed, its trailers are left out (`trusted` false). */
  readonly text: CommitText;
  readonly trusted: boolean;
  readonly changes: readonly BeliefChange[];
}

export class Journal {
  readonly #repository: Pick<StoreRepository, "tip" | "log">;
  #entries: JournalEntry[] = [];
  readonly #read = new Latest(() => this.#extend());

  constructor(repository: Pick<StoreRepository, "tip" | "log">) {
    this.#repository = repository;
  }

  /** All entries, newest first. Extends what is known by what is new since. */
  async entries(): Promise<readonly JournalEntry[]> {
    return this.#read.get();
  }

  /** The entries that touched one memory, newest first, over renames. Give the path too where it is known. */
  async of(id: MemoryId, path?: string): Promise<readonly JournalEntry[]> {
    const paths = new Set(path === undefined ? [] : [path]);
    return (await this.entries()).filter((entry) =>
      entry.changes.some((change) => {
        const same = change.id === id || paths.has(change.path);
        if (same && change.movedFrom !== undefined) paths.add(change.movedFrom);
        return same;
      }),
    );
  }

  async entry(commit: ObjectId): Promise<JournalEntry | undefined> {
    return (await this.entries()).find((entry) => entry.commit === commit);
  }

  async #extend(): Promise<readonly JournalEntry[]> {
    const tip = await this.#repository.tip();
    const newest = this.#entries[0];
    if (tip === null) return (this.#entries = []);
    if (newest?.commit === tip) return this.#entries;
    const fresh = newest === undefined ? null : await this.#since(newest.commit, tip);
    this.#entries = fresh === null ? named(await this.#repository.log({ from: tip })) : [...named(fresh), ...this.#entries];
    return this.#entries;
  }

  /** What is new; null where it does not join on to what is known, after a rewind or a rewrite. */
  async #since(known: ObjectId, tip: ObjectId): Promise<CommitInfo[] | null> {
    try {
      const fresh = await this.#repository.log({ from: tip, until: known });
      return fresh.some((info) => info.parents.includes(known)) ? fresh : null;
    } catch (error) {
      // After a rewrite git may have dropped the known commit altogether. Reading all says what is wrong, if anything is.
      if (error instanceof GitError) return null;
      throw error;
    }
  }
}

/** A file's memory is named in its path (`…-m_<12>.md`); any other file is known by its path. */
export function idOfPath(path: string): MemoryId {
  const match = /(?:^|[/-])(m_[0-9a-hjkmnp-tv-z]{12})\.md$/.exec(path);
  return match?.[1] ?? `path:${path}`;
}

function named(commits: readonly CommitInfo[]): JournalEntry[] {
  return commits.map((info) => {
    const changes = changesOf(info.deltas);
    const text = parseMessage(info.message);
    const touched = new Set(changes.map((change) => change.id));
    const trusted = text.ids.every((id) => touched.has(id));
    return {
      commit: info.commit,
      parents: info.parents,
      author: info.author,
      at: info.at,
      text: trusted ? text : { subject: text.subject, reason: text.reason, ids: [], context: [] },
      trusted,
      changes,
    };
  });
}

function changesOf(deltas: readonly FileDelta[]): BeliefChange[] {
  const files = deltas.filter((delta) => /^(semantic|episodic)\/.*\.md$/.test(delta.path));
  const removed = new Map<string, FileDelta>();
  for (const delta of files) {
    if (delta.after !== null || delta.before === null) continue;
    removed.set(idOfPath(delta.path), delta);
    removed.set(delta.before, delta);
  }
  const moved = new Set<FileDelta>();
  const changes: BeliefChange[] = [];
  for (const delta of files) {
    if (delta.after === null) continue;
    const id = idOfPath(delta.path);
    const from = delta.before === null ? (removed.get(id) ?? removed.get(delta.after)) : undefined;
    if (from !== undefined) moved.add(from);
    changes.push({
      kind: delta.before === null && from === undefined ? "added" : "changed",
      id,
      path: delta.path,
      before: from?.before ?? delta.before,
      after: delta.after,
      ...(from === undefined ? {} : { movedFrom: from.path }),
    });
  }
  for (const delta of files) {
    if (delta.after === null && !moved.has(delta)) changes.push({ kind: "removed", id: idOfPath(delta.path), path: delta.path, before: delta.before, after: null });
  }
  return changes;
}
