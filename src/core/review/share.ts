/**
 * The queue between clones. Nothing that waits leaves this machine by itself: a person pushes it and another fetches it, and
 * what is fetched is read as what it is, words of somebody else.
 */
import { StoreBusyError, TeamRemoteError } from "../errors.ts";
import type { Caller } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import type { Team } from "../trust/team.ts";
import type { Quarantine } from "./quarantine.ts";
import { stillWaiting } from "./waiting.ts";

/** Tries against others who push at the same time. */
const MAX_TRIES = 5;

export interface Shared {
  /** How many were brought, there or here. */
  readonly brought: number;
  /** How many that were decided on here were taken away there. */
  readonly settled: number;
}

/** Puts what waits here onto the server, and takes away there what was decided on here. Throws GitError, TeamRemoteError, StoreBusyError. */
export async function pushQueue(store: MemoryStore, caller: Caller): Promise<Shared> {
  const { team, own } = await partsOf(store);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    await team.remote.fetchQueue();
    const waiting = (await stillWaiting(store)).filter(({ found }) => found === undefined);
    const there = new Set((await team.queue.waiting(null)).map(({ id }) => id));
    const here = new Set(waiting.map(({ id }) => id));
    const known = await own.known();
    const fresh = waiting.filter(({ id }) => !there.has(id));
    const decided = [...there].filter((id) => known.has(id) && !here.has(id));
    for (const held of fresh) await team.queue.bring(held, caller);
    for (const id of decided)
      await team.queue.settle(id, { operation: "expire", reason: "Decided on in another clone.", caller });
    const done = { brought: fresh.length, settled: decided.length };
    if (done.brought + done.settled === 0 || (await team.remote.pushQueue())) return done;
  }
  throw new StoreBusyError(
    "Others kept pushing to the queue on the server. Nothing was pushed; try again in a moment.",
  );
}

/** Takes over what waits on the server and was never seen here. Throws GitError, TeamRemoteError. */
export async function fetchQueue(store: MemoryStore, caller: Caller): Promise<Shared> {
  const { team, own } = await partsOf(store);
  if (!(await team.remote.fetchQueue())) return { brought: 0, settled: 0 };
  const known = await own.known();
  const fresh = (await team.queue.waiting(null)).filter(({ id }) => !known.has(id));
  for (const held of fresh) await own.bring(held, caller);
  return { brought: fresh.length, settled: 0 };
}

async function partsOf({ team, quarantine }: MemoryStore): Promise<{ readonly team: Team; readonly own: Quarantine }> {
  if (team === null || quarantine === null || (await team.remote.address()) === null)
    throw new TeamRemoteError("This store has no remote named origin, so there is nobody to share the queue with.");
  return { team, own: quarantine };
}
