/** Blame in terms of beliefs: for each line of a memory, the write that put it there. */
import type { Memory, ObjectId } from "../memory/model.ts";
import type { BlameLine } from "../ports.ts";
import type { MemoryStore } from "../store.ts";
import { storedLines } from "./stored-lines.ts";
import { idOfPath } from "./journal.ts";
import type { JournalEntry } from "./journal-entry.ts";

export interface BeliefLine {
  /** 1-based line of the file, front matter included. */
  readonly line: number;
  readonly text: string;
  /** The write; null where the history does not reach so far (a shallow clone). */
  readonly entry: JournalEntry | null;
}

/**
 * For git, a memory that was expired and brought back is new as a whole; here its lines keep the writes that made them.
 * The journal knows every version of a file, so that git need be asked only where versions were made side by side.
 */
export async function blameMemory(
  store: MemoryStore,
  memory: Pick<Memory, "path"> & Partial<Pick<Memory, "id">>,
): Promise<BeliefLine[]> {
  const tip = await store.repository.tip();
  if (tip === null) return [];
  const versions = await versionsOf(store, memory, await store.repository.blobAt(tip, memory.path));
  return versions === null ? blameByGit(store, memory.path, tip) : blameByVersions(store, versions);
}

/** A version of a file and the write that made it. */
interface Version {
  readonly blob: ObjectId;
  readonly entry: JournalEntry;
}

/** All versions of a file, newest first; null where they are not in one line, each made from the one before. */
async function versionsOf(
  store: MemoryStore,
  // A name that a person gave the file says nothing of the id under which it was known before.
  { path, id = idOfPath(path) }: Parameters<typeof blameMemory>[1],
  now: ObjectId | null,
): Promise<Version[] | null> {
  const versions: Version[] = [];
  let expected = now;
  let returned = false;
  for (const entry of await store.journal.of(id, path)) {
    const changes = entry.changes.filter((change) => change.id === id || change.path === path);
    const [change] = changes;
    if (change === undefined || changes.length > 1) return null;
    // Behind a return, the version that stood when the file was removed is the one that came back.
    if (returned && change.after === null) expected = change.before;
    else if (change.after === null || change.after !== expected) return null;
    else {
      versions.push({ blob: change.after, entry });
      expected = change.before;
    }
    returned = expected === null;
  }
  return versions.length > 0 && expected === null ? versions : null;
}

/** Goes back version by version; a line that the older one lacks was written by the newer. */
async function blameByVersions(store: MemoryStore, versions: readonly Version[]): Promise<BeliefLine[]> {
  const texts = (await store.repository.blobs(versions.map(({ blob }) => blob))).map(linesOf);
  const lines = (texts[0] ?? []).map((text, i) => ({
    line: i + 1,
    text,
    entry: versions[0]?.entry ?? null,
    at: i as number | null,
  }));
  for (let i = 1; i < versions.length; i++) {
    const from = storedLines(texts[i] ?? [], texts[i - 1] ?? []);
    for (const line of lines) {
      if (line.at === null) continue;
      line.at = from[line.at] ?? null;
      if (line.at !== null) line.entry = versions[i]?.entry ?? null;
    }
  }
  return lines.map(({ line, text, entry }) => ({ line, text, entry }));
}

function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

async function blameByGit(store: MemoryStore, path: string, commit: ObjectId): Promise<BeliefLine[]> {
  const entries = await store.journal.entries();
  const byCommit = new Map(entries.map((entry) => [entry.commit, entry]));
  let lines: BlameLine[] = await store.repository.blame(commit, path);
  for (const back of returnsOf(path, entries)) {
    const returned = lines.filter((line) => line.commit === back.by);
    if (returned.length === 0) continue;
    const [older, now] = await Promise.all([back.until, back.by].map((at) => store.repository.blame(at, path)));
    const before = keptLines(older ?? [], now ?? []);
    lines = lines.map((line) => (line.commit === back.by ? { ...line, ...before.get(line.original) } : line));
  }
  return lines.map(({ line, text, commit: by }) => ({ line, text, entry: knownEntry(byCommit.get(by)) }));
}

/** Each write that put the file back after it had been removed, newest first, with the commit at which it still stood. */
function returnsOf(path: string, entries: readonly JournalEntry[]): { by: ObjectId; until: ObjectId }[] {
  const touching = entries.flatMap((entry) =>
    entry.changes.filter((change) => change.path === path).map((change) => ({ entry, change })),
  );
  return touching.flatMap(({ entry, change }, i) => {
    const removal = touching.slice(i + 1).find((older) => older.change.kind === "removed");
    const until = removal?.entry.parents[0];
    return change.kind !== "added" || until === undefined ? [] : [{ by: entry.commit, until }];
  });
}

/** By line number of the file as it came back: where its unchanged lines, from the top and from the bottom, had come from. */
function keptLines(
  older: readonly BlameLine[],
  now: readonly BlameLine[],
): ReadonlyMap<number, Pick<BlameLine, "commit" | "original">> {
  const most = Math.min(older.length, now.length);
  let top = 0;
  while (top < most && older[top]?.text === now[top]?.text) top++;
  let bottom = 0;
  while (bottom < most - top && older.at(-1 - bottom)?.text === now.at(-1 - bottom)?.text) bottom++;
  return new Map(
    now.flatMap((line, i) => {
      const was = i < top ? older[i] : i >= now.length - bottom ? older[i - now.length + older.length] : undefined;
      return was === undefined ? [] : [[line.line, { commit: was.commit, original: was.original }] as const];
    }),
  );
}

/** Where a shallow clone ends, git names its last commit for all that is older, which is not who wrote it. */
function knownEntry(entry: JournalEntry | undefined): JournalEntry | null {
  return entry === undefined || (entry.parents.length === 0 && entry.changes.length === 0) ? null : entry;
}

export interface BeliefKey {
  readonly key: string;
  /** 1-based first line of the key. */
  readonly line: number;
  /** The newest write among the key's lines. */
  readonly entry: JournalEntry | null;
}

/** Blame by front matter key: who last wrote each, where one key may have several lines. */
export function blameKeys(lines: readonly BeliefLine[]): BeliefKey[] {
  const keys: BeliefKey[] = [];
  const fence = lines.findIndex(({ text }, i) => i > 0 && text.replace(/\r$/, "") === "---");
  for (const { text, line, entry } of lines.slice(1, Math.max(fence, 0))) {
    const key = /^([A-Za-z_][\w-]*):/.exec(text)?.[1];
    const last = keys.at(-1);
    if (key !== undefined) keys.push({ key, line, entry });
    else if (last !== undefined && isNewer(entry, last.entry)) keys[keys.length - 1] = { ...last, entry };
  }
  return keys;
}

function isNewer(one: JournalEntry | null, other: JournalEntry | null): boolean {
  return one !== null && (other === null || Date.parse(one.at) > Date.parse(other.at));
}
