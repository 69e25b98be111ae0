/**
 * What was believed at a commit, a tag or a date. The question is then answered as it would have been at that moment:
 * by that commit's memories and policy, with expiries and approvals as they stood. The code of then is not known, so
 * citations are not compared.
 */
import { InvalidInputError } from "../errors.ts";
import { isInstant } from "../memory/time.ts";
import { firstParents, momentOf } from "../provenance/moment.ts";
import { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import type { View } from "./ask.ts";

export interface Past {
  readonly moment: Date;
  readonly views: readonly View[];
}

/**
 * @param stores those that exist; a commit or tag is looked for in the first, and its moment holds for the others.
 * @param name as `commitAt` takes it: a commit, tag or named snapshot, a date (its end, in UTC), or so long ago (`3d`).
 * @throws InvalidInputError for a name that stands for nothing, and for a moment that is still to come.
 */
export async function pastOf(stores: readonly MemoryStore[], name: string, now: Date): Promise<Past> {
  const [first, ...others] = stores;
  if (first === undefined) return { moment: now, views: [] };
  const named = await dateNamed(first, name.trim(), now);
  if (named !== null)
    return { moment: named, views: await Promise.all(stores.map((store) => viewAtMoment(store, named))) };
  const snapshot = await first.snapshotAt(name);
  const moment = await dateOf(first, snapshot);
  const views = await Promise.all(others.map((store) => viewAtMoment(store, moment)));
  return { moment, views: [await viewOf(first, snapshot, moment), ...views] };
}

/** Today's end is still to come, and means now. */
async function dateNamed(store: MemoryStore, name: string, now: Date): Promise<Date | null> {
  const end = momentOf(name, now, "end");
  if (end === null || (!isInstant(name) && (await store.repository.resolve(name)) !== null)) return null;
  const start = momentOf(name, now, "start") ?? end;
  if (start.getTime() > now.getTime())
    throw new InvalidInputError(`${name} is still to come; name a moment of the past.`);
  return new Date(Math.min(end.getTime(), now.getTime()));
}

async function dateOf(store: MemoryStore, { commit }: Snapshot): Promise<Date> {
  const [info] = commit === null ? [] : await store.repository.log({ from: commit, limit: 1 });
  return new Date(info?.at ?? store.environment.now());
}

async function viewAtMoment(store: MemoryStore, moment: Date): Promise<View> {
  const line = firstParents(await store.journal.entries());
  const entry = line.find(({ at }) => Date.parse(at) <= moment.getTime());
  return viewOf(store, entry === undefined ? Snapshot.empty : await store.snapshotAt(entry.commit), moment);
}

async function viewOf(store: MemoryStore, snapshot: Snapshot, moment: Date): Promise<View> {
  const evidence = await store.evidence(snapshot, moment);
  return {
    store,
    snapshot,
    index: store.pastIndex,
    code: null,
    isReviewed: (memory) => evidence.isReviewed(memory),
    admits: await store.admission(),
  };
}
