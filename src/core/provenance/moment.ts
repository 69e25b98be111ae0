/** From how a person names a point in time (a commit, a named snapshot, a date, a while ago) to a commit of the store. */
import { InvalidInputError } from "../errors.ts";
import type { ObjectId } from "../memory/model.ts";
import { durationOf, isInstant } from "../memory/time.ts";
import type { Environment, StoreRepository } from "../ports.ts";
import type { Journal } from "./journal.ts";
import type { JournalEntry } from "./journal-entry.ts";

/** What a store is asked in order to find a point of its past. */
interface PastStore {
  readonly repository: Pick<StoreRepository, "resolve">;
  readonly journal: Pick<Journal, "entries">;
  readonly environment: Pick<Environment, "now">;
}

const DAY = 86_400_000;

/** Where git keeps the named snapshots of a store. */
export const SNAPSHOT_TAGS = "refs/tags/memory/";
/**
 * The commit that stood at a point: a commit, tag, branch or named snapshot; a date, which means the end of that day in UTC;
 * a moment; or a while ago such as `3d`. Throws InvalidInputError where it names nothing, or the store did not exist yet.
 */
export async function commitAt(store: PastStore, point: string): Promise<ObjectId> {
  const name = point.trim();
  const refs = isInstant(name)
    ? []
    : [SNAPSHOT_TAGS + name, ...(name.startsWith("before/") ? [`refs/memory/${name}`] : []), name];
  let named: ObjectId | null = null;
  for (const ref of refs) named ??= await store.repository.resolve(ref);
  if (named !== null) return named;
  const until = momentOf(name, store.environment.now(), "end");
  if (until === null) {
    throw new InvalidInputError(
      `"${name}" is no commit, snapshot or date of this store. Write one that \`git memory history\` or \`git memory snapshots\` shows, a date such as 2026-11-20, or 3d for three days ago.`,
    );
  }
  const entry = standingAt(await store.journal.entries(), until);
  if (entry === undefined)
    throw new InvalidInputError(
      `There was no memory store here yet at ${until.toISOString().slice(0, 16)}Z. \`git memory history\` shows its beginning.`,
    );
  return entry.commit;
}

/**
 * The moment that a text names, or null. A date alone is the first moment of that day in UTC, or with `end` its last; a
 * duration such as `12h`, `3d` or `2w` is so long ago.
 */
export function momentOf(text: string, now: Date, side: "start" | "end"): Date | null {
  const wanted = text.trim().replace(/\s+ago$/, "");
  const duration = durationOf(wanted);
  if (duration !== null) return new Date(now.getTime() - duration);
  if (!isInstant(wanted)) return null;
  const date = new Date(wanted);
  return wanted.length > "2026-11-20".length || side === "start" ? date : new Date(date.getTime() + DAY - 1);
}

/** The newest entry of the store's own line that is no later than a moment. What was merged counts from its merge on. */
function standingAt(entries: readonly JournalEntry[], until: Date): JournalEntry | undefined {
  return firstParents(entries).find((entry) => Date.parse(entry.at) <= until.getTime());
}

/** The store's own line of commits, newest first: from each to its first parent. */
export function firstParents(entries: readonly JournalEntry[]): JournalEntry[] {
  const line: JournalEntry[] = [];
  let wanted = entries[0]?.commit;
  // Parents come after their children, so that one pass meets the whole line.
  for (const entry of entries) {
    if (entry.commit !== wanted) continue;
    line.push(entry);
    wanted = entry.parents[0];
  }
  return line;
}
