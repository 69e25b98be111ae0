/** Which entries of the history somebody wants to see. All that is named must hold. */
import { InvalidInputError } from "../errors.ts";
import type { MemoryId } from "../memory/model.ts";
import type { Operation } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import type { JournalEntry } from "./journal-entry.ts";
import { momentOf } from "./moment.ts";
import { isActor } from "./roots.ts";
import { Versions } from "./versions.ts";

export interface HistoryQuery {
  readonly memory?: { readonly id: MemoryId; readonly path: string };
  readonly session?: string;
  /** `copilot` is every version of it. */
  readonly actor?: string;
  readonly channel?: string;
  readonly operation?: Operation;
  /** A date, a moment, or a while ago such as `3d`. */
  readonly since?: string;
  readonly until?: string;
}

/** Newest first. Throws InvalidInputError for a date that is none. */
export async function queryHistory(store: MemoryStore, query: HistoryQuery): Promise<JournalEntry[]> {
  const { memory, operation } = query;
  const now = store.environment.now();
  const since = boundary(query.since, now, "start");
  const until = boundary(query.until, now, "end");
  const entries = memory === undefined ? await store.journal.entries() : await store.journal.of(memory.id, memory.path);
  const fitting = entries.filter(({ at, text }) => {
    const time = Date.parse(at);
    return (
      (since === null || time >= since) &&
      (until === null || time <= until) &&
      (operation === undefined || text.operation === operation)
    );
  });
  if (query.session === undefined && query.actor === undefined && query.channel === undefined) return fitting;
  const versions = new Versions(store.repository);
  const found: JournalEntry[] = [];
  for (const entry of fitting) if (await isBy(entry, query, versions)) found.push(entry);
  return found;
}

function boundary(text: string | undefined, now: Date, side: "start" | "end"): number | null {
  if (text === undefined) return null;
  const moment = momentOf(text, now, side);
  if (moment === null)
    throw new InvalidInputError(`"${text}" is no date. Write one such as 2026-11-20, or 3d for three days ago.`);
  return moment.getTime();
}

interface Writer {
  readonly session: string | undefined;
  readonly actor: string | undefined;
  readonly channel: string | undefined;
}

async function isBy(entry: JournalEntry, query: HistoryQuery, versions: Versions): Promise<boolean> {
  const fits = ({ session, actor, channel }: Writer): boolean =>
    (query.session === undefined || session === query.session) &&
    (query.channel === undefined || channel === query.channel) &&
    (query.actor === undefined || (actor !== undefined && isActor(actor, query.actor)));
  const { session, actor, channel } = entry.text;
  if (entry.trusted && actor !== undefined) return fits({ session, actor, channel });
  if (fits({ session: undefined, actor: entry.author.name, channel: undefined })) return true;
  // A squash, or a commit by another tool: what it brought in says itself where it came from.
  for (const change of entry.changes) {
    if (change.kind !== "added") continue;
    const front = (await versions.memory(change.after, change.path))?.front;
    if (
      front !== undefined &&
      fits({ session: front.origin?.session, actor: front.generated?.by, channel: front.origin?.channel })
    )
      return true;
  }
  return false;
}
