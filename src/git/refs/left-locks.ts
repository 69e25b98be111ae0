/** Locks on refs that a git process left when it was killed. git holds one for milliseconds, and never removes a stale one. */
import fs from "node:fs/promises";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";

/** A live git writes into what it has locked within microseconds; in milliseconds. */
const EMPTY_MS = 50;

/**
 * Removes the lock on a ref that a dead process was about to move to `commit`. Nobody else knew of that commit, so a lock that
 * names it is the dead one's; a lock that names nothing is, unless somebody goes on with it. Others' locks stay.
 */
export async function removeLeftLock(commonDir: string, ref: string, commit: ObjectId): Promise<void> {
  const lock = path.join(commonDir, `${ref}.lock`);
  if (!(await isLeft(lock, commit))) return;
  await fs.rm(lock, { force: true });
  // git locks HEAD beside the branch that it stands for, and writes nothing there.
  const isHead = (await textOf(path.join(commonDir, "HEAD"))) === `ref: ${ref}`;
  const head = path.join(commonDir, "HEAD.lock");
  if (isHead && (await isLeft(head, commit))) await fs.rm(head, { force: true });
}

async function isLeft(lock: string, commit: ObjectId): Promise<boolean> {
  const text = await textOf(lock);
  if (text === null || text === commit) return text !== null;
  if (text !== "") return false;
  const before = await fs.stat(lock, { bigint: true }).catch(() => null);
  await new Promise((resolve) => setTimeout(resolve, EMPTY_MS));
  const after = await fs.stat(lock, { bigint: true }).catch(() => null);
  return before !== null && after?.ino === before.ino && after.ctimeNs === before.ctimeNs;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return (await fs.readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}
