/**
 * The store's history in terms of beliefs: every commit with what it did to which memory. Read in one pass over the log
 * and then only extended, because asking git once for each memory grows with the square of the store.
 */
import { GitError } from "../errors.ts";
import { DigestCheck } from "../digested.ts";
import { Latest } from "../latest.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import type { CommitInfo, FileDelta, LocalState, StoreRepository } from "../ports.ts";
import { encodeJournal, PackedJournal } from "./journal-cache.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { type CommitText, parseMessage } from "./trailers.ts";

/** The journal of earlier processes, in local state. */
const JOURNAL_CACHE = "journal";
/** Reading so many commits again costs about as much as writing the cache. */
const CACHE_AFTER = 256;
/** As many memories are asked of git one by one before the whole log is read, which costs more once and nothing after. */
const ASKED_SINGLY = 2;
/** The operations that bring a memory into being: behind such a change it has no older name. */
const BIRTHS: ReadonlySet<string | undefined> = new Set(["add", "import", "consolidate", "supersede", "init"]);
/** The cache is written whole, so it is written again only once it lacks such a part of what is known. */
const CACHE_SHARE = 8;

export class Journal {
  readonly #repository: Pick<StoreRepository, "tip" | "log">;
  readonly #state: Pick<LocalState, "read" | "write"> | null;
  /** What this process read from the log itself, newest first; all of it is newer than what is packed. */
  #fresh: readonly JournalEntry[] = [];
  #packed: PackedJournal | null | undefined;
  #all: readonly JournalEntry[] | undefined;
  /** The tip that was read to last. */
  #tip: ObjectId | undefined;
  #caching: Promise<void> = Promise.resolve();
  #askedSingly = 0;
  readonly #read = new Latest(() => this.#extend());

  /** @param state where the journal is kept for the next process; none keeps it in memory alone. */
  constructor(
    repository: Pick<StoreRepository, "tip" | "log">,
    state: Pick<LocalState, "read" | "write"> | null = null,
  ) {
    this.#repository = repository;
    this.#state = state;
  }

  /** All entries, newest first. Extends what is known by what is new since. */
  async entries(): Promise<readonly JournalEntry[]> {
    await this.#read.get();
    return (this.#all ??= [...this.#fresh, ...(this.#packed?.entries() ?? [])]);
  }

  /** The entries that touched one memory, newest first, over renames. Give the path too where it is known. */
  async of(id: MemoryId, path?: string): Promise<readonly JournalEntry[]> {
    const ids = new Set([id, ...(path === undefined ? [] : [idOfPath(path)])]);
    const alone = path === undefined ? null : await this.#askedAlone(new Set(ids), path);
    if (alone !== null) return alone;
    await this.#read.get();
    return [...touching(this.#fresh, ids), ...this.#ofPacked(ids)];
  }

  /**
   * The entries after one commit and up to another, newest first; none where the second does not come after the first.
   * What is not at hand is read from git, without what lies outside.
   */
  async between(after: ObjectId, upTo: ObjectId): Promise<readonly JournalEntry[]> {
    if (this.#fresh.length === 0 && (this.#packed ?? null) === null)
      return entriesOf((await this.#since(after, upTo)) ?? []);
    const [oldest, newest] = await Promise.all([this.position(after), this.position(upTo)]);
    if (oldest === undefined || newest === undefined || newest >= oldest) return [];
    const packed = this.#packed ?? null;
    const from = Math.max(0, newest - this.#fresh.length);
    return [...this.#fresh.slice(newest, oldest), ...(packed?.slice(from, oldest - this.#fresh.length) ?? [])];
  }

  async entry(commit: ObjectId): Promise<JournalEntry | undefined> {
    await this.#read.get();
    return this.#fresh.find((entry) => entry.commit === commit) ?? this.#packed?.find(commit);
  }

  /** How many entries are newer than a commit's; undefined where it is not in this history. Cheap, as `of` is. */
  async position(commit: ObjectId): Promise<number | undefined> {
    await this.#read.get();
    const fresh = this.#fresh.findIndex((entry) => entry.commit === commit);
    if (fresh >= 0) return fresh;
    const packed = this.#packed?.positionOf(commit);
    return packed === undefined ? undefined : this.#fresh.length + packed;
  }

  /** Ends when the cache is written. */
  async dispose(): Promise<void> {
    await this.#caching;
  }

  /**
   * The entries of one file from git, for who wants no more than that. Null where the journal is at hand or soon will be, and
   * where the oldest entry is no birth: what was brought back may have had another name before.
   */
  async #askedAlone(ids: Set<MemoryId>, path: string): Promise<readonly JournalEntry[] | null> {
    if (this.#fresh.length > 0 || this.#askedSingly >= ASKED_SINGLY) return null;
    const tip = await this.#repository.tip();
    if (tip === null) return null;
    if (this.#packed === undefined) this.#packed = await this.#cached();
    if (this.#packed !== null) return null;
    this.#askedSingly += 1;
    const paths = new Set([path]);
    let found: readonly JournalEntry[] = [];
    for (let known = 0; known < paths.size;) {
      known = paths.size;
      found = touching(entriesOf(await this.#repository.log({ from: tip, paths: [...paths], whole: true })), ids);
      for (const change of found.flatMap(({ changes }) => changes)) {
        if (!ids.has(change.id)) continue;
        paths.add(change.path);
        if (change.movedFrom !== undefined) paths.add(change.movedFrom);
      }
    }
    const birth = found.at(-1);
    const isWhole = birth !== undefined && birth.trusted && BIRTHS.has(birth.text.operation);
    return isWhole && birth.changes.some(({ id, kind }) => ids.has(id) && kind === "added") ? found : null;
  }

  #ofPacked(ids: Set<MemoryId>): JournalEntry[] {
    const packed = this.#packed ?? null;
    if (packed === null) return [];
    const found = new Set<number>();
    // An older name counts only before the move that ended it.
    const waiting = Array.from(ids, (id) => ({ id, after: -1 }));
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { id, after } = next;
      for (const number of packed.touching(id)) {
        if (number < after || found.has(number)) continue;
        found.add(number);
        for (const older of olderNames(packed.at(number), ids)) {
          if (!ids.has(older)) waiting.push({ id: older, after: number });
          ids.add(older);
        }
      }
    }
    return [...found].toSorted((a, b) => a - b).map((number) => packed.at(number));
  }

  async #extend(): Promise<void> {
    const tip = await this.#repository.tip();
    if (tip === null) {
      this.#tip = undefined;
      return this.#know([], null);
    }
    if (this.#packed === undefined) this.#packed = await this.#cached();
    const newest = this.#fresh[0]?.commit ?? this.#packed?.newest;
    if (newest === tip || tip === this.#tip) return;
    const fresh = newest === undefined ? null : await this.#since(newest, tip);
    if (fresh === null) this.#know(entriesOf(await this.#repository.log({ from: tip })), null);
    else this.#know([...entriesOf(fresh), ...this.#fresh], this.#packed);
    this.#tip = tip;
    this.#cache();
  }

  #know(fresh: readonly JournalEntry[], packed: PackedJournal | null): void {
    this.#fresh = fresh;
    this.#packed = packed;
    this.#all = undefined;
  }

  async #cached(): Promise<PackedJournal | null> {
    // One that can't be read costs what one that isn't there does.
    const check = new DigestCheck();
    const bytes = (await this.#state?.read(JOURNAL_CACHE, check.add).catch(() => null)) ?? null;
    return bytes === null ? null : PackedJournal.decode(bytes, check);
  }

  #cache(): void {
    const { count } = this.#packed ?? { count: 0 };
    if (this.#state === null || this.#fresh.length < Math.max(CACHE_AFTER, count / CACHE_SHARE)) return;
    const state = this.#state;
    const bytes = encodeJournal([...this.#fresh, ...(this.#packed?.entries() ?? [])]);
    if (bytes === null) return;
    this.#know([], PackedJournal.decode(bytes));
    // The cache may fail (a full disk, a read-only folder): what it would have saved is then paid again.
    this.#caching = this.#caching.then(() => state.write(JOURNAL_CACHE, bytes)).catch(() => undefined);
  }

  /** What is new; null where it does not join on to what is known, after a rewind or a rewrite. */
  async #since(known: ObjectId, tip: ObjectId): Promise<CommitInfo[] | null> {
    try {
      const fresh = await this.#repository.log({ from: tip, until: known });
      if (fresh.some((info) => info.parents.includes(known))) return fresh;
      if (fresh.length > 0) return null;
      // On a branch that the store shares with code, the tip may be a commit that changed no memory.
      const [newest] = await this.#repository.log({ from: tip, limit: 1 });
      return newest?.commit === known ? [] : null;
    } catch (error) {
      // After a rewrite git may have dropped the known commit altogether. Reading all says what is wrong, if anything is.
      if (error instanceof GitError) return null;
      throw error;
    }
  }
}

/** The entries that touched one of the ids, newest first. Adds the names that their files had before. */
function touching(entries: readonly JournalEntry[], ids: Set<MemoryId>): JournalEntry[] {
  return entries.filter((entry) => {
    const touches = entry.changes.some((change) => ids.has(change.id));
    for (const older of touches ? olderNames(entry, ids) : []) ids.add(older);
    return touches;
  });
}

function olderNames(entry: JournalEntry, ids: ReadonlySet<MemoryId>): MemoryId[] {
  return entry.changes.flatMap((change) =>
    ids.has(change.id) && change.movedFrom !== undefined ? [idOfPath(change.movedFrom)] : [],
  );
}

/** A file's memory is named in its path (`…-m_<12>.md`); any other file is known by its path. */
export function idOfPath(path: string): MemoryId {
  const match = /(?:^|[/-])(m_[0-9a-hjkmnp-tv-z]{12})\.md$/.exec(path);
  return match?.[1] ?? `path:${path}`;
}

/** Commits in terms of beliefs, in the order given. */
export function entriesOf(commits: readonly CommitInfo[]): JournalEntry[] {
  return commits.map((info) => {
    const changes = changesOf(info.deltas);
    const text = parseMessage(info.message);
    const trusted = fits(text, changes);
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

/**
 * Whether the ids that a message names are those of the files that changed. A squash keeps the last block of trailers or
 * none, and what that block says of its own memories must not be told of the others.
 */
function fits(text: CommitText, changes: readonly BeliefChange[]): boolean {
  if (text.ids.length === 0) return true;
  const said = new Set(text.ids);
  const touched = new Set(changes.map((change) => change.id));
  if (text.ids.some((id) => !touched.has(id))) return false;
  // A file that can't be read is removed without its id being known.
  return changes.every(
    (change) =>
      said.has(change.id) ||
      change.id.startsWith("path:") ||
      (change.kind === "removed" && text.operation === "expire"),
  );
}

export function changesOf(deltas: readonly FileDelta[]): BeliefChange[] {
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
    if (delta.after === null && !moved.has(delta))
      changes.push({ kind: "removed", id: idOfPath(delta.path), path: delta.path, before: delta.before, after: null });
  }
  return changes;
}
