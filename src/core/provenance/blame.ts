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
  for (;;) {
    const back = broughtBack(lines, memory.path, byCommit, entries);
    if (back === null) break;
    const older = await store.repository.blame(back.until, memory.path);
    lines = lines.map((line, i) => (line.commit === back.by ? { ...line, commit: older[i]?.commit ?? line.commit } : line));
  }
  return lines.map(({ line, text, commit: by }) => ({ line, text, entry: byCommit.get(by) ?? null }));
}

/**
 * The write that put the whole file back exactly as it had been removed, and the commit at which it still stood. Only where
 * every line is that write's, so that the line numbers of both are the same.
 */
function broughtBack(
  lines: readonly BlameLine[],
  path: string,
  byCommit: ReadonlyMap<ObjectId, JournalEntry>,
  entries: readonly JournalEntry[],
): { by: ObjectId; until: ObjectId } | null {
  const by = lines[0]?.commit;
  if (by === undefined || lines.some((line) => line.commit !== by)) return null;
  const added = byCommit.get(by)?.changes.find((change) => change.path === path && change.kind === "added");
  if (added === undefined) return null;
  const before = entries.slice(entries.findIndex((entry) => entry.commit === by) + 1);
  const removal = before.find((entry) => entry.changes.some((change) => change.path === path && change.after === null && change.before === added.after));
  const until = removal?.parents[0];
  return until === undefined ? null : { by, until };
}
