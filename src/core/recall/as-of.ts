/**
 * What was believed at a commit, a tag or a date. The question is then answered as it would have been at that moment:
 * by that commit's memories and policy, with expiries and approvals as they stood. The code of then is not known, so
 * citations are not compared.
 */
import { InvalidInputError } from "../errors.ts";
import type { ObjectId } from "../memory/model.ts";
import { isInstant } from "../memory/time.ts";
import { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { approvedBy, type View } from "./ask.ts";

export interface Past {
  readonly moment: Date;
  readonly views: readonly View[];
}

/**
 * A date alone means its last moment, in UTC: all that was written on that day is in.
 *
 * @param stores those that exist; a commit or tag is looked for in the first, and its moment holds for the others.
 * @throws InvalidInputError for a name that stands for nothing, and for a moment that is still to come.
 */
export async function pastOf(stores: readonly MemoryStore[], name: string, now: Date): Promise<Past> {
  const named = momentOfDate(name, now);
  const [first, ...others] = stores;
  if (first === undefined) return { moment: named ?? now, views: [] };
  if (named !== null) return { moment: named, views: await Promise.all(stores.map((store) => viewAtMoment(store, named))) };
  const snapshot = await first.snapshotAt(name);
  const moment = await dateOf(first, snapshot);
  const views = await Promise.all(others.map((store) => viewAtMoment(store, moment)));
  return { moment, views: [await viewOf(first, snapshot, moment), ...views] };
}

function momentOfDate(name: string, now: Date): Date | null {
  const text = name.trim();
  if (!isInstant(text)) return null;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  if (Date.parse(text) > now.getTime()) throw new InvalidInputError(`${text} is still to come; name a moment of the past.`);
  return new Date(Math.min(Date.parse(isDay ? `${text}T23:59:59.999Z` : text), now.getTime()));
}

async function dateOf(store: MemoryStore, { commit }: Snapshot): Promise<Date> {
  const [info] = commit === null ? [] : await store.repository.log({ from: commit, limit: 1 });
  return new Date(info?.at ?? store.environment.now());
}

async function viewAtMoment(store: MemoryStore, moment: Date): Promise<View> {
  const commit = await tipAt(store, moment);
  return viewOf(store, commit === null ? Snapshot.empty : await store.snapshotAt(commit), moment);
}

/** The commit that the store stood at: along first parents, because what a merge brought in was not there before it. */
async function tipAt(store: MemoryStore, moment: Date): Promise<ObjectId | null> {
  const entries = await store.journal.entries();
  const byCommit = new Map(entries.map((entry) => [entry.commit, entry]));
  let entry = entries[0];
  while (entry !== undefined && Date.parse(entry.at) > moment.getTime()) entry = byCommit.get(entry.parents[0] ?? "");
  return entry?.commit ?? null;
}

async function viewOf(store: MemoryStore, snapshot: Snapshot, moment: Date): Promise<View> {
  const isReviewed = approvedBy(await store.approvals.digests(moment));
  return { store, snapshot, index: store.pastIndex, code: null, isReviewed };
}
