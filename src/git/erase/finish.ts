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
import { isAlive } from "../lock.ts";
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
  await state.write(INTENT, new TextEncoder().encode(JSON.stringify(intent)));
  return intent;
}

export async function forgetErasure(state: LocalState): Promise<void> {
  await state.remove(INTENT);
}

/** Returns how many objects were removed. Throws GitError; what is left then is done at the next open. */
export async function finishErasure(repository: Repository, state: LocalState, intent: Intent): Promise<number> {
  const { git } = repository;
  try {
    // One that was moved by somebody since is left where they put it.
    for (const { ref, from, to } of intent.snapshots) await git.run(["update-ref", ref, to, from]);
    for (const remote of intent.remotes) await git.ask(["update-ref", "-d", remote]);
    await git.run(["reflog", "expire", "--expire=all", intent.ref]);
    await forgetInHeads(repository, new Set(intent.renamed));
    const purged = await purgeObjects(repository, await withoutReachable(git, new Set(intent.candidates)));
    await forgetErasure(state);
    return purged;
  } catch (error) {
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
  await finishErasure(repository, state, intent);
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
