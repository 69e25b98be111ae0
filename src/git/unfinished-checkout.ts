/**
 * A linked work tree that git never finished making. `git worktree add` locks its record meanwhile, checks everything out, and
 * only then writes the index; where it is killed, git itself never looks at the record again, nor lets it be removed.
 */
import fs from "node:fs";
import fsPromises from "node:fs/promises";
import path from "node:path";
import { CheckoutDirtyError } from "../core/errors.ts";
import { lineOf } from "./branch/work-tree.ts";
import { headOf } from "./refs/head.ts";
import { removeIfStale } from "./refs/left-locks.ts";
import type { Repository } from "./repository.ts";

/** Longer than git takes for any store. Nobody says which process makes a work tree, so that only its age tells. */
const STALE_MS = 60_000;
const LOCK = "locked";
/** What git's own lock says. A person's says something else, or nothing. */
const MAKING = "initializing";

/** Without an index, nothing is checked out there. @param admin where git keeps the work tree's HEAD and index */
export function hasIndex(admin: string): boolean {
  return fs.existsSync(path.join(admin, "index"));
}

/** Whether some git may still be at work on it. */
export function isBeingMade(admin: string): boolean {
  const lock = fs.statSync(path.join(admin, LOCK), { throwIfNoEntry: false });
  return lock !== undefined && !hasIndex(admin) && Math.abs(Date.now() - lock.mtimeMs) <= STALE_MS;
}

/**
 * Forgets work trees of a branch that have a record and no folder, because git was killed in between.
 * @param folder one that is about to be made; a record of it may have no branch yet
 */
export async function forgetUnmade(repository: Repository, ref: string, folder: string): Promise<void> {
  const records = path.join(repository.commonDir, "worktrees");
  for (const name of fs.existsSync(records) ? fs.readdirSync(records) : []) {
    const admin = path.join(records, name);
    const gitFile = lineOf(path.join(admin, "gitdir"));
    const isOfInterest = gitFile === path.join(folder, ".git") || headOf(repository, admin) === `ref: ${ref}`;
    const isGone = gitFile === null || !fs.existsSync(path.resolve(admin, gitFile));
    if (isOfInterest && isGone && (!hasIndex(admin) || isLockedByGit(admin))) await unlock(admin);
  }
  await repository.git.ask(["worktree", "prune"]);
}

export function beingMade(folder: string): CheckoutDirtyError {
  return new CheckoutDirtyError(
    `git is about to check the memory branch out in ${folder}. Try again when that is done; if it was cut short, in a minute.`,
  );
}

/**
 * Checks out what is not there yet.
 * @returns false where all was there. Throws CheckoutDirtyError where another git may be at work on it.
 */
export async function finishCheckout({ git }: Repository, folder: string, admin: string): Promise<boolean> {
  const wasUnfinished = !hasIndex(admin);
  const isLeftLocked = wasUnfinished || isLockedByGit(admin);
  if (wasUnfinished) {
    const lock = path.join(admin, "index.lock");
    await removeIfStale(lock);
    if (fs.existsSync(lock)) throw beingMade(folder);
    await git.in(folder).ask(["reset", "--quiet", "--hard"]);
  }
  if (isLeftLocked) await unlock(admin);
  return wasUnfinished;
}

function isLockedByGit(admin: string): boolean {
  return lineOf(path.join(admin, LOCK)) === MAKING;
}

async function unlock(admin: string): Promise<void> {
  await fsPromises.rm(path.join(admin, LOCK), { force: true });
}
