/**
 * When the branch here and the one on the server stopped being one history: somebody force-pushed, or erased. Joining the two
 * would bring back what was taken out, so nothing is done until a person says which history goes on.
 */
import { RemoteError, StoreBusyError } from "../../core/errors.ts";
import type { LocalState } from "../../core/ports.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { MEMORY_BRANCH, type GitStore } from "../git-store.ts";
import type { Repository } from "../repository.ts";
import { carryOver } from "./carry.ts";
import { erasedCommits } from "./erased.ts";
import { bringsErased, commitsOf, erasedIn, isWithin, type Relation } from "./histories.ts";
import type { Remote, SyncMemo } from "./remote-choice.ts";
import type { Transport } from "./transport.ts";

export interface Parties {
  readonly own: GitStore;
  readonly repository: Repository;
  readonly remote: Remote;
  readonly transport: Transport;
  readonly memo: SyncMemo;
}

/** The state beside the repository, in which an erasure keeps its record. */
export async function stateOf(own: GitStore): Promise<LocalState> {
  return (await own.made()).state;
}

/** Where the server's branch was when it was last asked; null where that is not known. */
export async function lastSeen({
  repository,
  remote,
  memo,
}: Pick<Parties, "repository" | "remote" | "memo">): Promise<ObjectId | null> {
  const noted = await memo.seen(remote.address);
  if (noted !== null || !remote.isNamed) return noted;
  const tracking = await repository.git.run([
    "rev-parse",
    "--verify",
    "--quiet",
    `refs/remotes/${remote.name}/${MEMORY_BRANCH}^{commit}`,
  ]);
  return tracking.ok ? tracking.stdout.toString("utf8").trim() : null;
}

const CHOICE =
  "`git memory sync --keep server` goes on with the history there, `--keep here` with the one here; the other's newer writes are made anew on top. Nothing was changed.";
const NOTHING: ReadonlySet<ObjectId> = new Set();

/** What happened and what a person can do; null where the two are one history, or were never. */
export async function rewriting(
  parties: Parties,
  local: ObjectId,
  theirs: ObjectId,
  { bases, hasTheirs, isWithinTheirs }: Relation,
): Promise<string | null> {
  const { own, repository, remote } = parties;
  const { git } = repository;
  if (hasTheirs) return wasRewound(parties, local, theirs);
  const erased = await erasedCommits(await stateOf(own));
  if (
    erased.has(theirs) ||
    (await own.resolve(theirs)) === null ||
    (await bringsErased(own, git, local, theirs, erased))
  )
    return `${remote.shown} still has what was erased here. ${CHOICE}`;
  if (isWithinTheirs) return null;
  if (await bringsErased(own, git, theirs, local, NOTHING))
    return `Something was erased on ${remote.shown}, and this clone still has it. ${CHOICE}`;
  const known = await lastSeen(parties);
  const isKept = known === null || bases.includes(known) || (await isWithin(git, known, theirs));
  return isKept ? null : rewritten(remote);
}

/** The server has nothing that is not here. If it had more before, somebody took that out, and it must not go back by itself. */
async function wasRewound(parties: Parties, local: ObjectId, theirs: ObjectId): Promise<string | null> {
  const { git } = parties.repository;
  const known = await lastSeen(parties);
  if (known === theirs) return null;
  const isOurDoing = known === null || !(await isWithin(git, known, local));
  return isOurDoing || (await isWithin(git, known, theirs)) ? null : rewritten(parties.remote);
}

function rewritten({ shown }: Remote): string {
  return `The memory branch on ${shown} was rewritten: what it held before is not in it any more. ${CHOICE}`;
}

/**
 * Goes on with one history, with the other's newer writes made anew on top of it. Afterwards the two are one again, whatever
 * is still to be pushed. Returns sentences about it. Throws RemoteError, StoreBusyError.
 */
export async function resolveRewriting(
  parties: Parties,
  keep: "here" | "server",
  local: ObjectId,
  theirs: ObjectId,
): Promise<string[]> {
  const { own, repository, remote, transport, memo } = parties;
  const { git } = repository;
  const gone = await erasedCommits(await stateOf(own));
  const [kept, other] = keep === "here" ? [local, theirs] : [theirs, local];
  // A server that has nothing newer than what was erased has nothing to carry, and its old text is not fetched again.
  const isAllGone = keep === "here" && gone.has(theirs);
  if (!isAllGone && (await own.resolve(theirs)) === null) await transport.bring(MEMORY_BRANCH);
  const shared = [await lastSeen(parties), ...gone, kept].filter((commit) => commit !== null);
  const newer = isAllGone ? [] : await commitsOf(git, other, shared, "--no-merges");
  const erased = await erasedIn(own, kept);
  const carried = await carryOver(own, kept, newer, erased);
  if (keep === "here") await replaceThere(transport, carried.commit, theirs);
  if (carried.commit !== local && !(await own.exclusively(async () => own.advance(local, carried.commit))))
    throw new StoreBusyError("The store changed while the histories were joined. Nothing is lost; sync again.");
  // From here on the server's branch is the known one, or the next look would find it rewritten again.
  await memo.see(remote.address, keep === "here" ? carried.commit : theirs);
  const whose = keep === "here" ? "The history here" : `The history on ${remote.shown}`;
  return [
    `${whose} goes on, with ${carried.writes === 1 ? "1 write" : `${carried.writes} writes`} of the other made anew on top.`,
    ...(keep === "server"
      ? [`The old one stays in this clone's objects until \`git gc\` removes it; it was ${local.slice(0, 9)}.`]
      : []),
  ];
}

async function replaceThere(transport: Transport, commit: ObjectId, theirs: ObjectId): Promise<void> {
  try {
    await transport.push(commit, MEMORY_BRANCH, { lease: theirs });
  } catch (error) {
    if (!(error instanceof RemoteError) || error.trouble !== "another-first") throw error;
    throw new StoreBusyError("Somebody pushed in the same moment, so nothing was replaced. Sync again.");
  }
}
