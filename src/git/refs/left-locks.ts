/** Locks on refs that a git process left when it was killed. git holds one for milliseconds, and never removes a stale one. */
import fs from "node:fs/promises";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";
import { TABLES } from "./head.ts";

/** A live git writes into what it has locked within microseconds; in milliseconds. */
const EMPTY_MS = 50;

/** The same where many refs are in one file (tables, packed refs), which a live git may be writing anew. */
const MANY_MS = 1_000;

/** By then a lock is left, whatever it names and whoever made it; in milliseconds. */
const STALE_MS = 10_000;

/** A ref and what a process is about to move it to; null: to its end. */
export interface Move {
  readonly ref: string;
  readonly after: ObjectId | null;
}

/** For a line that says what a process is about to do. */
export function wordsOf(moves: readonly Move[]): string {
  return moves.map(({ ref, after }) => `${ref}=${after ?? ""}`).join(" ");
}

export function movesIn(words: string): Move[] {
  return words.split(" ").flatMap((word) => {
    const [, ref, after = ""] = /^(refs\/.+)=([0-9a-f]*)$/.exec(word) ?? [];
    return ref === undefined ? [] : [{ ref, after: after === "" ? null : after }];
  });
}

/**
 * Removes the locks on refs that a dead process was about to move. Nobody else knew of the commits, so a lock that names one
 * is the dead one's; a lock that names nothing is, unless somebody goes on with it. Others' locks stay.
 * @param headDir the git folder whose HEAD may stand for one of the refs; default: that of the main work tree
 */
export async function removeLeftLocks(commonDir: string, moves: readonly Move[], headDir = commonDir): Promise<void> {
  const tables = path.join(commonDir, `${TABLES}.lock`);
  if (await isUntouched(tables, MANY_MS)) await fs.rm(tables, { force: true });
  if (moves.some(({ after }) => after === null)) await removeLeftPacking(commonDir);
  const head = await textOf(path.join(headDir, "HEAD"));
  for (const { ref, after } of moves) {
    await removeIfLeft(path.join(commonDir, `${ref}.lock`), after);
    // git locks HEAD after the branch that it stands for, writes nothing there, and lets go of it last.
    if (head === `ref: ${ref}`) await removeIfLeft(path.join(headDir, "HEAD.lock"), after);
  }
}

/**
 * Removes the lock that a dead process left on a ref's log, where it was about to write that anew. Whoever it was had less
 * to say than a second takes.
 */
export async function removeLeftLogLock(commonDir: string, ref: string): Promise<void> {
  const lock = path.join(commonDir, "logs", `${ref}.lock`);
  if (await isUntouched(lock, MANY_MS)) await fs.rm(lock, { force: true });
}

/** git locks the packed refs while a ref goes, which may be among them, and writes them anew beside the lock. */
async function removeLeftPacking(commonDir: string): Promise<void> {
  const lock = path.join(commonDir, "packed-refs.lock");
  const fresh = path.join(commonDir, "packed-refs.new");
  const isWritten = fs.stat(fresh).then(
    async () => !(await isUntouched(fresh, MANY_MS)),
    () => false,
  );
  if (!(await isUntouched(lock, MANY_MS)) || (await isWritten)) return;
  await fs.rm(fresh, { force: true });
  await fs.rm(lock, { force: true });
}

/** Removes a lock of which nobody knows whose it was, where it is too old to be held. */
export async function removeIfStale(lock: string): Promise<void> {
  const stat = await fs.stat(lock).catch(() => null);
  if (stat !== null && Math.abs(Date.now() - stat.mtimeMs) > STALE_MS) await fs.rm(lock, { force: true });
}

async function removeIfLeft(lock: string, commit: ObjectId | null): Promise<void> {
  if (await isLeft(lock, commit)) await fs.rm(lock, { force: true });
}

async function isLeft(lock: string, commit: ObjectId | null): Promise<boolean> {
  const text = await textOf(lock);
  if (text === null || text === "") return text === "" && isUntouched(lock, EMPTY_MS);
  // A kill can part the writing of it, too.
  return commit?.startsWith(text) === true;
}

async function isUntouched(lock: string, milliseconds: number): Promise<boolean> {
  const before = await fs.stat(lock, { bigint: true }).catch(() => null);
  if (before === null) return false;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const after = await fs.stat(lock, { bigint: true }).catch(() => null);
  return after?.ino === before.ino && after.ctimeNs === before.ctimeNs;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return (await fs.readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}
