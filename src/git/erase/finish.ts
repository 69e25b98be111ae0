/**
 * The steps of an erasure after the branch has its new history. They are noted before the branch moves, and each may be done
 * twice, so that a kill leaves either the old history or one that the next open finishes.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import { jsonOf } from "../../core/json.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { LocalState } from "../../core/ports.ts";
import type { GitCommand } from "../git-command.ts";
import { isAlive } from "../lock.ts";
import { removeLeftLocks, removeLeftLogLock } from "../refs/left-locks.ts";
import type { Repository } from "../repository.ts";
import { purgeObjects, withoutReachable } from "./purge.ts";

const INTENT = "erasing";

export interface Intent {
  readonly ref: string;
  /** The tip of the old history. */
  readonly before: ObjectId;
  /** Named snapshots to be moved. */
  readonly snapshots: readonly { readonly ref: string; readonly from: ObjectId; readonly to: ObjectId }[];
  /** Remote branches that this repository is to forget. */
  readonly remotes: readonly string[];
  /** Commits that were written anew: no log may name them. */
  readonly renamed: readonly ObjectId[];
  /** Objects to be removed, where nothing else reaches them. */
  readonly candidates: readonly ObjectId[];
  /** Who is at it: nobody else goes on with it while they live. */
  readonly pid: number;
  readonly host: string;
}

export async function noteErasure(state: LocalState, steps: Omit<Intent, "pid" | "host">): Promise<Intent> {
  const intent = { ...steps, pid: process.pid, host: os.hostname() };
  await noteIntent(state, intent);
  return intent;
}

async function noteIntent(state: LocalState, intent: Intent): Promise<void> {
  await state.write(INTENT, new TextEncoder().encode(JSON.stringify(intent)));
}

export async function forgetErasure(state: LocalState): Promise<void> {
  await state.remove(INTENT);
}

/** Returns how many objects were removed. Throws GitError; what is left then is done at the next open. */
export async function finishErasure(repository: Repository, state: LocalState, intent: Intent): Promise<number> {
  const { git } = repository;
  try {
    for (const snapshot of intent.snapshots) await moveSnapshot(git, snapshot);
    for (const remote of intent.remotes) await git.ask(["update-ref", "-d", remote]);
    await forgetLog(git, intent.ref);
    await forgetInHeads(repository, new Set(intent.renamed));
    const purged = await purgeObjects(repository, await withoutReachable(git, new Set(intent.candidates)));
    await forgetErasure(state);
    return purged;
  } catch (error) {
    // A git that was killed alone leaves locks, too.
    await removeLocksOf(repository, intent);
    // Nobody is at it any more, so that the next open in this very process goes on; where the disk refuses, another's does.
    await noteIntent(state, { ...intent, pid: 0 }).catch(() => undefined);
    throw new GitError(
      `The memory left the history, but not all of its bytes could be removed: ${error instanceof Error ? error.message : String(error)}. The rest is removed when the store is opened next.`,
    );
  }
}

/** Goes on with what a killed process had begun, where the branch has left the old history; else all is as it was. */
export async function resumeErasure(repository: Repository, state: LocalState, ref: string): Promise<void> {
  const bytes = await state.read(INTENT);
  if (bytes === null) return;
  const intent = jsonOf(new TextDecoder().decode(bytes), isIntent);
  if (intent === null) return forgetErasure(state);
  if (intent.ref !== ref || (intent.host === os.hostname() && isAlive(intent.pid))) return;
  const isOld = await repository.git.run(["merge-base", "--is-ancestor", intent.before, ref]);
  if (isOld.ok) return forgetErasure(state);
  if (isOld.code === null) throw new GitError(`git was stopped: ${isOld.stderr.trim()}`);
  await removeLocksOf(repository, intent);
  await finishErasure(repository, state, intent);
}

/** What a git left that was killed at one of the steps, over which no other git would get. */
async function removeLocksOf({ commonDir }: Repository, intent: Intent): Promise<void> {
  const ended = [intent.ref, ...intent.remotes].map((ref) => ({ ref, after: null }));
  const moved = intent.snapshots.map(({ ref, to }) => ({ ref, after: to }));
  await removeLeftLocks(commonDir, [...ended, ...moved]);
  await removeLeftLogLock(commonDir, intent.ref);
}

/** One that was moved by somebody since is left where they put it. */
async function moveSnapshot(git: GitCommand, { ref, from, to }: Intent["snapshots"][number]): Promise<void> {
  const moved = await git.run(["update-ref", ref, to, from]);
  if (moved.ok) return;
  const now = await git.run(["rev-parse", "--verify", "--quiet", ref]);
  if (!now.ok && now.code !== null) return;
  if (!now.ok || now.stdout.toString("utf8").trim() === from)
    throw new GitError(`the snapshot ${ref} could not be moved: ${moved.stderr.trim()}`);
}

/** Its lines name the old commits, and would keep them. */
async function forgetLog(git: GitCommand, ref: string): Promise<void> {
  const there = await git.run(["reflog", "exists", ref]);
  if (!there.ok && there.code !== null) return;
  await git.ask(["reflog", "expire", "--expire=all", ref]);
}

function isIntent(value: unknown): value is Intent {
  const { ref, before, snapshots, remotes, renamed, candidates } = (value ?? {}) as Partial<Intent>;
  const areLists = [snapshots, remotes, renamed, candidates].every((list) => Array.isArray(list));
  return typeof ref === "string" && typeof before === "string" && areLists;
}

/** A checkout's HEAD log names commits too, and would keep them alive. Other lines stay as they are. */
async function forgetInHeads(repository: Repository, gone: ReadonlySet<ObjectId>): Promise<void> {
  if (repository.refFormat === "reftable") return;
  const linked = await fs.readdir(path.join(repository.commonDir, "worktrees")).catch(() => []);
  const logs = ["", ...linked.map((name) => path.join("worktrees", name))].map((folder) =>
    path.join(repository.commonDir, folder, "logs/HEAD"),
  );
  for (const log of logs) {
    const text = await fs.readFile(log, "utf8").catch(() => null);
    if (text === null) continue;
    const lines = text.split("\n");
    const kept = lines.filter((line) => !line.split(" ", 2).some((id) => gone.has(id)));
    if (kept.length === lines.length) continue;
    const temporary = `${log}.memory-tmp`;
    await fs.writeFile(temporary, kept.join("\n"));
    await fs.rename(temporary, log);
  }
}
