/** Takes text out of a store's history: commits written anew, refs and reflogs moved, objects removed, the rest told. */
import { ErasePushedError, StoreBusyError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Erasure, ErasureRequest, LocalState } from "../../core/ports.ts";
import type { Checkouts } from "../checkouts.ts";
import type { LooseWriter } from "../objects/loose.ts";
import type { ObjectReader } from "../objects/reader.ts";
import { namedCommits } from "../refs/named-commits.ts";
import type { RefUpdater } from "../refs/update-ref.ts";
import type { Repository } from "../repository.ts";
import { finishErasure, forgetErasure, noteErasure } from "./finish.ts";
import { holdersOf, refsWith } from "./holders.ts";
import { recordErased } from "../sync/erased.ts";
import { objectsBetween } from "./purge.ts";
import { rewriteHistory } from "./rewrite.ts";

export interface EraseMeans {
  readonly repository: Repository;
  readonly ref: string;
  readonly tip: ObjectId;
  readonly objects: ObjectReader;
  readonly writer: LooseWriter;
  readonly updater: RefUpdater;
  readonly checkouts: Checkouts;
  readonly state: LocalState;
  /** Puts the last commit on top of the new history, and returns it. */
  readonly close: (tip: ObjectId) => Promise<ObjectId>;
  /** Told where the branch is about to move. */
  readonly noteMove: (commit: ObjectId) => void;
}

/** Named snapshots, and those that the program made before large changes. */
const SNAPSHOTS = ["refs/tags/memory/", "refs/memory/before/"];

/** Throws ErasePushedError before anything is changed where a remote has it and the request does not say so. */
export async function eraseFromHistory(means: EraseMeans, request: ErasureRequest): Promise<Erasure> {
  const { repository, ref, tip, objects, writer, updater, checkouts, state, close, noteMove } = means;
  const { git, hash } = repository;
  const snapshots = (await Promise.all(SNAPSHOTS.map((prefix) => namedCommits(git, prefix)))).flat();
  const tips = [...new Set([tip, ...snapshots.map(({ commit }) => commit)])];
  const commits = (await git.ask(["rev-list", "--topo-order", "--reverse", ...tips, "--"]))
    .split("\n")
    .filter((line) => line !== "");
  const { commits: renamed, origins } = await rewriteHistory(commits, {
    objects,
    hash,
    writer,
    blobs: request.blobs,
    redact: request.redact,
  });
  const remotes = (await refsWith(git, origins)).filter((holder) => holder.startsWith("refs/remotes/"));
  if (remotes.length > 0 && !request.pushedToo) {
    const names = remotes.map((remote) => remote.replace("refs/remotes/", "")).join(", ");
    throw new ErasePushedError(
      `This was pushed (${names}), and what others have can't be taken back from here. With --pushed-too it leaves this repository, and you are told what to do about the rest. Nothing was changed.`,
    );
  }

  const cleaned = renamed.get(tip) ?? tip;
  const after = await close(cleaned);
  const now = tips.map((old) => renamed.get(old) ?? old);
  const candidates = await objectsBetween(git, tips, now);
  for (const blob of request.blobs) if ((await objects.resolve(blob)) !== null) candidates.add(blob);
  const moves = snapshots.flatMap(({ ref, commit }) => {
    const to = renamed.get(commit);
    return to === undefined ? [] : [{ ref, from: commit, to }];
  });
  await request.beforehand?.();
  const steps = {
    ref,
    before: tip,
    snapshots: moves,
    remotes,
    renamed: [...renamed.keys()],
    candidates: [...candidates],
  };
  // Before the branch moves: a record of commits that are still here says nothing wrong.
  await recordErased(state, renamed.keys());
  const intent = await noteErasure(state, steps);
  noteMove(after);
  if (after !== tip && !(await checkouts.follow(ref, tip, after, () => updater.swap(ref, after, tip)))) {
    await forgetErasure(state);
    throw new StoreBusyError(
      "Another writer changed the memory store meanwhile. Nothing was erased; try again in a moment.",
    );
  }
  const purged = await finishErasure(repository, state, intent);
  await objects.dispose();
  return {
    before: tip,
    after,
    rewritten: renamed.size,
    moved: moves.map((move) => move.ref.replace(/^refs\/(?:tags\/)?memory\//, "")),
    purged,
    pushedTo: remotes,
    heldBy: await stillHeldBy(means, [...request.blobs], origins),
  };
}

async function stillHeldBy(
  { repository, objects }: EraseMeans,
  blobs: readonly ObjectId[],
  origins: readonly ObjectId[],
): Promise<string[]> {
  const left: ObjectId[] = [];
  for (const id of [...blobs, ...origins]) if ((await objects.resolve(id)) !== null) left.push(id);
  if (left.length === 0) return [];
  const isLeft = (id: ObjectId): boolean => left.includes(id);
  return holdersOf(repository, blobs.filter(isLeft), origins.filter(isLeft));
}
