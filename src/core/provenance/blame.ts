/** Blame in terms of beliefs: for each line of a memory, the write that put it there. */
import type { Memory, ObjectId } from "../memory/model.ts";
import type { BlameLine } from "../ports.ts";
import type { MemoryStore } from "../store.ts";
import type { JournalEntry } from "./journal.ts";

export interface BeliefLine {
  /** 1-based line of the file, front matter included. */
  readonly line: number;
  readonly text: string;
  /** The write; null where the history does not reach so far (a shallow clone). */
  readonly entry: JournalEntry | null;
}

/** For git, a memory that was expired and brought back is new as a whole; here its lines keep the writes that made them. */
export async function blameMemory(store: MemoryStore, memory: Pick<Memory, "path">): Promise<BeliefLine[]> {
  const { commit } = await store.snapshot();
  if (commit === null) return [];
  const entries = await store.journal.entries();
  const byCommit = new Map(entries.map((entry) => [entry.commit, entry]));
  let lines: BlameLine[] = await store.repository.blame(commit, memory.path);
  for (const back of returnsOf(memory.path, entries)) {
    const returned = lines.filter((line) => line.commit === back.by);
    if (returned.length === 0) continue;
    const [older, now] = await Promise.all([back.until, back.by].map((at) => store.repository.blame(at, memory.path)));
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
