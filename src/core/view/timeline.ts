/** The history of stores as people read it: newest first, what one session did together. */
import type { ObjectId } from "../memory/model.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import { spokenActor } from "./actor.ts";
import { shortSpan, since, spokenSpan } from "./age.ts";
import { changeVerb, entryActor, entryReason } from "./change.ts";

/** A commit with where it is; `S` is the face's own notion of a store. */
export interface Dated<S> {
  readonly store: S;
  readonly entry: JournalEntry;
}

/** What one session did to one store, newest first. A commit that names no session stands alone. */
export interface Stretch<S> {
  readonly store: S;
  readonly session: string | undefined;
  readonly entries: readonly [JournalEntry, ...JournalEntry[]];
}

export interface TimelineRow {
  readonly label: string;
  readonly description: string;
  readonly spoken: string;
}

/** @param shelves each store's entries, newest first. */
export function timelineOf<S>(
  shelves: readonly { readonly store: S; readonly entries: readonly JournalEntry[] }[],
): Stretch<S>[] {
  const stretches = shelves.flatMap(({ store, entries }) => {
    const bySession = new Map<string, [JournalEntry, ...JournalEntry[]]>();
    for (const entry of entries) {
      const key = entry.text.session ?? entry.commit;
      const known = bySession.get(key);
      if (known === undefined) bySession.set(key, [entry]);
      else known.push(entry);
    }
    return Array.from(bySession.values(), (own): Stretch<S> => ({ store, session: own[0].text.session, entries: own }));
  });
  return stretches.sort((a, b) => Date.parse(b.entries[0].at) - Date.parse(a.entries[0].at));
}

/** What came after a commit; nothing where the history no longer has it. */
export function entriesSince(entries: readonly JournalEntry[], seen: ObjectId | undefined): readonly JournalEntry[] {
  const position = seen === undefined ? -1 : entries.findIndex(({ commit }) => commit === seen);
  return position < 0 ? [] : entries.slice(0, position);
}

/** What it was about, then what was done and by whom; the reason is spoken. */
export function entryRow(entry: JournalEntry, now: Date, store?: string): TimelineRow {
  const what = whatWasDone(entry);
  const age = since(entry.at, now) ?? 0;
  const where = store === undefined ? [] : [store];
  const label = entry.text.subject === "" ? entryReason(entry) : entry.text.subject;
  const reason = entry.text.reason === "" ? [] : [entryReason(entry)];
  return {
    label,
    description: [`${what} by ${entryActor(entry)}`, shortSpan(age), ...where].join(" · "),
    spoken: [label, `${what} by ${speaker(entry)} ${spokenSpan(age)} ago`, ...reason, ...where].join(", "),
  };
}

/** Who it was and how much they did. */
export function stretchRow({ entries }: Stretch<unknown>, now: Date, store?: string): TimelineRow {
  const [newest] = entries;
  const age = since(newest.at, now) ?? 0;
  const where = store === undefined ? [] : [store];
  const count = `${entries.length} ${entries.length === 1 ? "change" : "changes"}`;
  return {
    label: `${entryActor(newest)}, ${count}`,
    description: [shortSpan(age), ...where].join(" · "),
    spoken: [`Session of ${speaker(newest)}`, count, `${spokenSpan(age)} ago`, ...where].join(", "),
  };
}

function speaker({ text, author }: JournalEntry): string {
  return spokenActor(text.actor ?? `human:${author.name}`);
}

function whatWasDone(entry: JournalEntry): string {
  const [first, ...others] = entry.changes;
  if (first === undefined) return entry.text.operation === "init" ? "started" : "changed";
  const verb = changeVerb(entry, first);
  return others.length === 0 ? verb : `${others.length + 1} ${verb}`;
}
