/** The work tree that a store on a branch lives in: which branch is checked out there, as git's own files say. */
import fs from "node:fs";
import path from "node:path";
import { headOf } from "../refs/head.ts";
import type { Repository } from "../repository.ts";

export interface WorkTree {
  readonly repository: Repository;
  /** Its root. */
  readonly folder: string;
}

/** Null in a bare repository. */
export function workTreeOf(repository: Repository): WorkTree | null {
  return repository.workTree === null ? null : { repository, folder: repository.workTree };
}

/**
 * The full ref of the branch that is checked out, or that a rebase or bisect in progress will come back to; null where HEAD
 * is detached for good.
 */
export function currentBranch(repository: Repository): string | null {
  const { gitDir } = repository;
  const head = headOf(repository, gitDir);
  if (head?.startsWith("ref: refs/heads/") === true) return head.slice("ref: ".length);
  for (const name of ["rebase-merge/head-name", "rebase-apply/head-name"]) {
    const branch = lineOf(path.join(gitDir, name));
    if (branch?.startsWith("refs/heads/") === true) return branch;
  }
  const bisected = lineOf(path.join(gitDir, "BISECT_START"));
  return bisected === null || /^[0-9a-f]{40,64}$/.test(bisected) ? null : `refs/heads/${bisected}`;
}

export function shortName(branch: string): string {
  return branch.replace("refs/heads/", "");
}

/** The first line of a file; null where there is none. */
export function lineOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8").split("\n")[0]?.trim() ?? null;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

export function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
