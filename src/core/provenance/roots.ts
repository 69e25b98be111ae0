/** Where a suspicion begins: the changes that a memory, commit, session, actor or source stands for. */
import { InvalidInputError, MemoryNotFoundError } from "../errors.ts";
import { isMemoryId } from "../memory/id.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import type { MemoryStore } from "../store.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { common, claimLines, Versions } from "./versions.ts";

/** What is suspected. A source is the resource of a citation, or the place that it begins with. */
export type Suspicion =
  | { readonly kind: "memory"; readonly id: MemoryId; readonly path?: string }
  | { readonly kind: "commit"; readonly commit: ObjectId }
  | { readonly kind: "session"; readonly session: string }
  | { readonly kind: "actor"; readonly actor: string }
  | { readonly kind: "source"; readonly source: string };

export interface Roots {
  readonly isRoot: (entry: JournalEntry, change: BeliefChange) => boolean;
  /** A memory that other files name though no commit has it any more: it was squashed away. */
  readonly unseen: MemoryId | null;
}

/** Throws MemoryNotFoundError where nothing in history answers to it. */
export async function rootsOf(
  store: MemoryStore,
  suspicion: Suspicion,
  versions = new Versions(store.repository),
): Promise<Roots> {
  if (suspicion.kind === "memory") return rootsOfMemory(store, suspicion, versions);
  const roots = new Set<BeliefChange>();
  for (const entry of await store.journal.entries())
    for (const change of await matching(entry, suspicion, versions)) roots.add(change);
  if (roots.size === 0)
    throw new MemoryNotFoundError(
      `Nothing in this store's history comes from ${wordsFor(suspicion)}. \`git memory history\` shows what there is.`,
    );
  return { isRoot: (_, change) => roots.has(change), unseen: null };
}

/** A few words for a person. */
export function wordsFor(suspicion: Suspicion): string {
  if (suspicion.kind === "memory") return suspicion.id;
  if (suspicion.kind === "commit") return `commit ${suspicion.commit.slice(0, 9)}`;
  if (suspicion.kind === "session") return `session ${suspicion.session}`;
  return suspicion.kind === "actor" ? suspicion.actor : suspicion.source;
}

/**
 * What a person names without saying what it is: a memory's id, a commit, a session of the history, else a source.
 * Throws MemoryNotFoundError.
 */
export async function suspicionOf(store: MemoryStore, name: string): Promise<Suspicion> {
  if (isMemoryId(name) || name.startsWith("path:")) return { kind: "memory", id: name };
  const entries = await store.journal.entries();
  if (entries.some(({ text }) => text.session === name)) return { kind: "session", session: name };
  const commit = await store.repository.resolve(name);
  if (commit !== null && (await store.journal.entry(commit)) !== undefined) return { kind: "commit", commit };
  if (/^m_[0-9a-z]{4,}$/.test(name)) {
    const ids = new Set(
      entries.flatMap(({ changes }) => changes.map(({ id }) => id)).filter((id) => id.startsWith(name)),
    );
    const [only] = ids;
    if (ids.size > 1)
      throw new InvalidInputError(`"${name}" fits ${ids.size} memories. Write more characters of the id.`);
    if (only !== undefined) return { kind: "memory", id: only };
  }
  return name.startsWith("s_") ? { kind: "session", session: name } : { kind: "source", source: name };
}

/** The change that brought in the claim as it last stood, and not one that only moved its end or took it away. */
export async function introductionOf(
  store: MemoryStore,
  id: MemoryId,
  path?: string,
  versions = new Versions(store.repository),
): Promise<{ entry: JournalEntry; change: BeliefChange } | null> {
  for (const entry of await store.journal.of(id, path)) {
    const change = entry.changes.find((one) => (one.id === id || one.path === path) && one.after !== null);
    if (change === undefined) continue;
    // A file that came back says nothing new if an older version said it.
    if (change.before === null && (await saidBefore(store, entry, change, versions))) continue;
    if ((await versions.newLines(change)).size > 0) return { entry, change };
  }
  return null;
}

async function saidBefore(
  store: MemoryStore,
  entry: JournalEntry,
  change: BeliefChange,
  versions: Versions,
): Promise<boolean> {
  const history = await store.journal.of(change.id, change.path);
  const older = history
    .slice(history.findIndex(({ commit }) => commit === entry.commit) + 1)
    .flatMap(({ changes }) =>
      changes.flatMap((one) => (one.id === change.id && one.after !== null ? [one.after] : [])),
    );
  const [last] = older;
  if (last === undefined) return false;
  const [now, then] = [claimLines(await versions.text(change.after)), claimLines(await versions.text(last))];
  return common(now, then).size === now.size;
}

async function rootsOfMemory(
  store: MemoryStore,
  { id, path }: { id: MemoryId; path?: string },
  versions: Versions,
): Promise<Roots> {
  const found = await introductionOf(store, id, path, versions);
  if (found !== null) return { isRoot: (_, change) => change === found.change, unseen: null };
  for (const entry of await store.journal.entries()) {
    for (const change of entry.changes)
      if ((await versions.idsIn(change.after)).has(id)) return { isRoot: () => false, unseen: id };
  }
  throw new MemoryNotFoundError(`No memory answers to "${id}", now or in history. \`git memory history\` shows all.`);
}

async function matching(
  entry: JournalEntry,
  suspicion: Exclude<Suspicion, { kind: "memory" }>,
  versions: Versions,
): Promise<readonly BeliefChange[]> {
  if (suspicion.kind === "commit") return entry.commit === suspicion.commit ? entry.changes : [];
  if (suspicion.kind === "source") {
    const found: BeliefChange[] = [];
    await versions.load(entry.changes.map(({ after }) => after));
    for (const change of entry.changes) if (await citesNewly(change, suspicion.source, versions)) found.push(change);
    return found;
  }
  const wanted = (session: string | undefined, actor: string | undefined): boolean =>
    suspicion.kind === "session"
      ? session === suspicion.session
      : actor !== undefined && isActor(actor, suspicion.actor);
  const saysWho = entry.text.session !== undefined || entry.text.actor !== undefined;
  if (entry.trusted && saysWho) return wanted(entry.text.session, entry.text.actor) ? entry.changes : [];
  // A squash, or a commit by another tool: what came in says itself where it came from.
  const found: BeliefChange[] = [];
  for (const change of entry.changes) {
    if (change.kind !== "added") continue;
    const front = (await versions.memory(change.after, change.path))?.front;
    if (wanted(front?.origin?.session, front?.generated?.by ?? entry.author.name)) found.push(change);
  }
  return found;
}

/** `copilot` is every version of it. */
export function isActor(actor: string, wanted: string): boolean {
  return actor === wanted || actor.startsWith(`${wanted}/`);
}

async function citesNewly(change: BeliefChange, source: string, versions: Versions): Promise<boolean> {
  const resources = async (blob: ObjectId | null): Promise<string[]> =>
    ((await versions.memory(blob, change.path))?.front.sources ?? [])
      .map(({ resource }) => resource)
      .filter((resource) => isWithin(resource, source));
  const before = new Set(await resources(change.before));
  return (await resources(change.after)).some((resource) => !before.has(resource));
}

/** The resource itself, a place that it is below, or the host that it is on. */
function isWithin(resource: string, source: string): boolean {
  if (resource === source) return true;
  const place = source.replace(/\/+$/, "");
  if (resource.startsWith(place) && /^[/?#:]/.test(resource.slice(place.length))) return true;
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:?#]+)/i.exec(resource)?.[1];
  return host !== undefined && host.toLowerCase() === source.toLowerCase();
}
