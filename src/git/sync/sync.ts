/**
 * One store and one server: fetch, look at what came, put it together with what is here, push, and again where somebody else
 * was first. Every step leaves a whole store behind, so that a kill costs nothing but the steps that are left.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import {
  GitError,
  ModeError,
  NoStoreError,
  RemoteError,
  RewrittenError,
  StoreBusyError,
  TeamRemoteError,
} from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { POLICY_FILE } from "../../core/memory/policy.ts";
import type { MergeNote } from "../../core/merge/stores.ts";
import type { Caller } from "../../core/proposal.ts";
import type { HeldId } from "../../core/review/quarantine.ts";
import type { MemoryStore } from "../../core/store.ts";
import { withoutCredentials } from "../../core/trust/server-address.ts";
import { ProjectRepository } from "../branch/project-repository.ts";
import { hooksFolder } from "../commits/hooked.ts";
import { GitStore, MEMORY_BRANCH } from "../git-store.ts";
import type { Repository } from "../repository.ts";
import { changedFiles, differs, type HeldBack, judgeArrivals } from "./arrivals.ts";
import { erasedCommits } from "./erased.ts";
import { type Relation, relationOf } from "./histories.ts";
import { brokenRules, integrate, type Integrated, type SyncConflict } from "./integrate.ts";
import { type Choice, chooseRemote, type Remote, SyncMemo } from "./remote-choice.ts";
import { type Proposed, pushForReview } from "./review-branch.ts";
import { lastSeen, resolveRewriting, rewriting, stateOf } from "./rewriting.ts";
import { Transport } from "./transport.ts";

export interface SyncOptions extends Omit<Choice, "onlyNamed"> {
  readonly caller: Caller;
  /** A person sits at this process's terminal, so that git may ask for a password there. */
  readonly asks: boolean;
  /** After one of the two histories was rewritten: which one goes on. The other's newer writes are made anew on top of it. */
  readonly keep?: "here" | "server";
}

/**
 * `synced`: both sides have all. `unchanged`: they had it before. `offline`: nobody could be reached, and what is here waits.
 * `proposed`: the server takes changes by pull request only, and they are on a branch for review.
 */
export type SyncStatus = "synced" | "unchanged" | "offline" | "proposed";

export interface Synced {
  readonly status: SyncStatus;
  /** What a person calls the remote. */
  readonly remote: string;
  /** Where the store stands now. */
  readonly commit: ObjectId | null;
  /** Memories that differ from what was here before, and from what was there. */
  readonly came: number;
  readonly went: number;
  /** Of `came`: in the tree, and in no recall until a person approved it. */
  readonly heldBack: readonly HeldBack[];
  readonly conflicts: readonly SyncConflict[];
  /** What one side ended or buried while the other changed it. */
  readonly notes: readonly MergeNote[];
  /** How often it had to be tried: others were first all but the last time. */
  readonly rounds: number;
  /** Whole sentences. */
  readonly notices: readonly string[];
  readonly proposed: Proposed | null;
}

/**
 * Rounds against others who push at the same time, and the longest pause between two of them, in milliseconds.
 */
const MAX_ROUNDS = 40;
const LONGEST_PAUSE = 2_000;
/** The remote whose branch says who may vouch for a claim. */
const TEAM_REMOTE = "origin";

/** What a sync works with. */
export interface Means {
  readonly store: MemoryStore;
  readonly own: GitStore;
  readonly repository: Repository;
  readonly remote: Remote;
  readonly transport: Transport;
  readonly memo: SyncMemo;
  readonly caller: Caller;
}

/**
 * Throws RemoteError (the server refused), RewrittenError, TeamRemoteError (no remote, or its branch is no store of ours),
 * NoStoreError (nothing here nor there), StoreBusyError (others kept being first), ModeError.
 */
export async function syncStore(store: MemoryStore, options: SyncOptions): Promise<Synced> {
  const means = await meansFor(store, options);
  try {
    return await rounds(means, options);
  } catch (error) {
    if (error instanceof RemoteError && error.trouble === "offline") return offline(means, error);
    throw error;
  }
}

/** The store's repository, a remote and the way to it. Throws as `syncStore` does. */
export async function meansFor(store: MemoryStore, options: SyncOptions): Promise<Means> {
  if ((await store.mode()) !== "full" && options.caller.channel !== "editor")
    throw new ModeError(
      "Memory is off or read-only in this repository, so nothing was synced. A person can change that in the status bar.",
    );
  const own = gitStoreOf(store);
  const { repository } = await own.made();
  const memo = new SyncMemo(store.state);
  const remote = await chooseRemote(repository.git, memo, { ...options, onlyNamed: store.placement === "personal" });
  if (remote === null)
    throw new TeamRemoteError(
      "This repository has no remote, so there is nobody to sync with. Add one with `git remote add origin ADDRESS`.",
    );
  const transport = new Transport(repository.remoteGit, remote, options.asks);
  return { store, own, repository, remote, transport, memo, caller: options.caller };
}

function gitStoreOf({ repository }: MemoryStore): GitStore {
  const own = repository instanceof ProjectRepository ? repository.dedicated : repository;
  if (!(own instanceof GitStore)) throw new GitError("Only a store in a git repository can be synced.");
  return own;
}

async function rounds(means: Means, options: SyncOptions): Promise<Synced> {
  const { own, remote, store } = means;
  const unsigned = (await own.land(true)).waiting.length;
  const start = await own.localTip();
  // Throws where the branch here is none of ours, so that nothing foreign is merged or pushed.
  if (start !== null) await store.snapshot();
  const conflicts: SyncConflict[] = [];
  const notes: MergeNote[] = [];
  const notices = new Set<string>();
  if (unsigned > 0)
    notices.add(
      `${unsigned} more here ${unsigned === 1 ? "waits" : "wait"} for the key that signs, and will go once signed.`,
    );
  const held = new Set<HeldId>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round > 0) await pause(round);
    const local = await own.localTip();
    const theirs = await arrived(means, local);
    const relation = theirs === null ? null : await relationOf(own, local, theirs);
    const rewritten =
      theirs === null || local === null || relation === null ? null : await rewriting(means, local, theirs, relation);
    if (theirs !== null && local !== null && rewritten !== null) {
      if (options.keep === undefined) throw new RewrittenError(rewritten);
      for (const notice of await resolveRewriting(means, options.keep, local, theirs)) notices.add(notice);
      continue;
    }
    const { commit, ...joined } = await join(means, local, theirs, relation);
    for (const id of joined.fresh) held.add(id);
    const isNewThere = theirs === null || (await differs(own, theirs, commit));
    const outcome = isNewThere ? await push(means, local, commit) : "level";
    // Nothing has moved yet: what is here meets what is there now, as if this round had not been.
    if (outcome === "another-first") continue;
    conflicts.push(...joined.conflicts);
    notes.push(...joined.notes);
    if (!(await follow(own, local, commit))) continue;
    await forget(means, held, conflicts);
    const there = outcome === "pushed" ? commit : theirs;
    if (there !== null) for (const notice of await remember(means, there)) notices.add(notice);
    if (outcome === "pushed") for (const notice of await unrunHook(means)) notices.add(notice);
    for (const notice of await brokenRules(own, commit)) notices.add(notice);
    const [came, went] = [await changedFiles(own, start, commit), await changedFiles(own, theirs, commit)];
    const { heldBack, unjudged } = await judgeArrivals(store, came);
    if (unjudged > 0) notices.add(`${unjudged} more that came are judged when they are recalled first.`);
    const proposed = outcome === "protected" ? await pushForReview(means, commit, { changes: went.length }) : null;
    const isNews = commit !== start || outcome === "pushed";
    return {
      status: proposed !== null ? "proposed" : isNews ? "synced" : "unchanged",
      remote: remote.shown,
      commit,
      came: came.length,
      went: went.length,
      heldBack,
      conflicts,
      notes,
      rounds: round + 1,
      notices: [...notices],
      proposed,
    };
  }
  throw new StoreBusyError(
    `Others kept pushing to ${remote.shown} at the same time. All that is here is kept; sync again in a moment.`,
  );
}

/** The server's tip, with its commits in this repository and on no ref yet; null where the branch is not there. */
export async function arrived(
  { own, repository, remote, transport }: Means,
  local: ObjectId | null,
): Promise<ObjectId | null> {
  const theirs = await transport.tipOf(MEMORY_BRANCH);
  if (theirs === null) return null;
  // Text that was erased here is not fetched again only to be refused.
  if ((await erasedCommits(await stateOf(own))).has(theirs) && local !== null) return theirs;
  if ((await own.resolve(theirs)) === null) await transport.bring(MEMORY_BRANCH);
  const isShallow = existsSync(path.join(repository.commonDir, "shallow"));
  if (isShallow && local !== null && (await own.mergeBases(local, theirs)).length === 0)
    await transport.bring(MEMORY_BRANCH, true);
  if ((await own.blobAt(theirs, POLICY_FILE)) === null)
    throw new TeamRemoteError(
      `The branch ${MEMORY_BRANCH} on ${remote.shown} has no policy.yaml, so it is somebody's own branch and no memory store. Nothing was merged or pushed. Rename it there, or name another remote.`,
    );
  return theirs;
}

async function join(
  { store, own, caller, remote }: Means,
  local: ObjectId | null,
  theirs: ObjectId | null,
  relation: Relation | null,
): Promise<Integrated> {
  if (theirs !== null && relation !== null)
    return integrate({ store, own, caller, remote: remote.shown }, local, theirs, relation);
  if (local === null)
    throw new NoStoreError(
      `There is no memory store here, and none on ${remote.shown}. A person can start one with \`git memory init\`.`,
    );
  return { commit: local, conflicts: [], notes: [], fresh: [] };
}

async function push(
  means: Means,
  local: ObjectId | null,
  commit: ObjectId,
): Promise<"pushed" | "another-first" | "protected"> {
  const { transport, store, repository, own } = means;
  const runsHooks = local !== null && (await store.policy()).commits.hooks === "run";
  try {
    await transport.push(commit, MEMORY_BRANCH, runsHooks ? { hooks: await hooksFolder(repository) } : {});
    return "pushed";
  } catch (error) {
    if (error instanceof RemoteError && (error.trouble === "another-first" || error.trouble === "protected"))
      return error.trouble;
    // What came is kept, whatever the server says to what goes. Where a writer here was first, the next sync brings it.
    await follow(own, local, commit);
    throw error;
  }
}

/** False where another writer moved the branch here meanwhile. Throws CheckoutDirtyError. */
async function follow(own: GitStore, local: ObjectId | null, commit: ObjectId): Promise<boolean> {
  return local === commit || own.exclusively(async () => own.advance(local, commit));
}

/** What was held in a round that came to nothing, and is no conflict any more. */
async function forget({ store, caller }: Means, held: Set<HeldId>, conflicts: readonly SyncConflict[]): Promise<void> {
  for (const id of held)
    if (!conflicts.some((one) => one.held === id))
      await store.quarantine?.settle(id, { operation: "expire", reason: "Both sides say the same by now.", caller });
}

/** Notes where the server stands, for the next sync, for whoever reads the remote's branch, and for what counts as reviewed. */
async function remember({ store, repository, remote, memo }: Means, there: ObjectId): Promise<string[]> {
  await memo.see(remote.address, there);
  if (remote.isNamed)
    await repository.git.run([
      "update-ref",
      "-m",
      "memory sync",
      `refs/remotes/${remote.name}/${MEMORY_BRANCH}`,
      there,
    ]);
  // Whose word counts is the matter of one server alone.
  if (store.team === null || remote.name !== TEAM_REMOTE) return [];
  const base = await store.team.base.read();
  if (base?.via === "remote" && base.commit === there) return [];
  const address = withoutCredentials(remote.address);
  if (base !== null && base.address !== null && base.address !== address)
    return [
      "The remote's address is another than the one that you trusted, so what came counts as an agent's. If it is right, a person can trust it in the editor: Memory: Trust This Store's Signers.",
    ];
  await store.team.base.fetched(address, there);
  return [];
}

/** A pre-push hook that a person wrote is not passed over in silence. */
async function unrunHook({ store, repository }: Means): Promise<string[]> {
  if ((await store.policy()).commits.hooks === "run") return [];
  const hook = path.join(await hooksFolder(repository), "pre-push");
  return existsSync(hook)
    ? ["Your pre-push hook was not run; policy.yaml can have hooks run with `commits: { hooks: run }`."]
    : [];
}

/** Nothing is lost by being away: says how much waits. */
async function offline({ own, remote, repository, memo }: Means, error: RemoteError): Promise<Synced> {
  const commit = await own.localTip();
  const seen = await lastSeen({ repository, remote, memo });
  const waits = commit === null ? [] : await changedFiles(own, seen, commit);
  return {
    status: "offline",
    remote: remote.shown,
    commit,
    came: 0,
    went: waits.length,
    heldBack: [],
    conflicts: [],
    notes: [],
    rounds: 1,
    notices: error.message === `${remote.shown} can't be reached.` ? [] : [error.message],
    proposed: null,
  };
}

/** With chance in it, so that those who met once don't meet again. */
async function pause(round: number): Promise<void> {
  const longest = Math.min(25 * 2 ** round, LONGEST_PAUSE);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.25 + 0.75 * Math.random())));
}
