/**
 * A step of a work tree's index, taken on a copy of it. git's own lock on the index says nothing of who holds it, so that one
 * whose git was killed with all else (a crash of the machine) can't be told from a live one's, and git never removes it. The
 * lock that stands here meanwhile is ours, says whose it is, and goes where its process is dead.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { FolderState } from "./local-state.ts";
import { isAlive } from "./lock.ts";
import type { Repository } from "./repository.ts";
import { hasCode } from "./system-error.ts";

export interface Checkout {
  readonly folder: string;
  /** Where git keeps this work tree's HEAD and index. */
  readonly admin: string;
}

/** Runs git on the copy; false where it refuses. */
export type RunOnCopy = (args: readonly string[]) => Promise<boolean>;

const SCRATCH = "step-";
const MARK = "git-memory";
/** A step takes milliseconds; an older lock is nobody's, even where its process number is in use again. */
const STALE_MS = 60_000;

/** The locks that this process holds. */
const held = new Set<string>();

export function indexLockOf({ admin }: Checkout): string {
  return path.join(admin, "index.lock");
}

/**
 * @param how the copy takes the index's place where the work succeeds, or it was only a rehearsal
 * @returns whether the work succeeded; false, too, where another git holds the index
 * @throws what the file system refuses with; nothing was changed
 */
export async function onIndexCopy(
  repository: Repository,
  checkout: Checkout,
  how: "rehearse" | "take",
  work: (run: RunOnCopy) => Promise<boolean>,
): Promise<boolean> {
  const lock = indexLockOf(checkout);
  const index = path.join(checkout.admin, "index");
  removeLeft(lock);
  if (how === "rehearse" && fs.existsSync(lock)) return false;
  const scratch = await makeScratch(repository, checkout);
  const copy = path.join(scratch, "index");
  const mark = `${MARK} ${process.pid} ${os.hostname()} ${Date.now()} ${path.basename(scratch)}\n`;
  let isOurs = false;
  try {
    isOurs = how === "take" && hold(lock, path.join(scratch, "lock"), mark);
    if (how === "take" && !isOurs) return false;
    copyIndex(index, copy);
    const git = repository.git.in(checkout.folder).onIndex(copy);
    const run: RunOnCopy = async (args) => {
      const answer = await git.run(args);
      // What git left on the copy when it alone was killed stands in nobody's way but ours.
      if (!answer.ok && answer.code === null) fs.rmSync(`${copy}.lock`, { force: true });
      return answer.ok;
    };
    if (!(await work(run))) return false;
    if (how === "take" && fs.existsSync(copy)) fs.renameSync(copy, index);
    return true;
  } finally {
    if (isOurs) held.delete(lock);
    if (isOurs && textOf(lock) === mark) fs.rmSync(lock, { force: true });
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** In the work tree's own git folder, so that a rename is all that brings the copy to its place. */
async function makeScratch(repository: Repository, { admin }: Checkout): Promise<string> {
  const state = new FolderState(path.join(admin, "memory"), repository);
  await state.make();
  for (const name of fs.readdirSync(state.folder)) {
    const pid = name.startsWith(SCRATCH) ? Number.parseInt(name.slice(SCRATCH.length), 10) : process.pid;
    if (!isAlive(pid)) fs.rmSync(path.join(state.folder, name), { recursive: true, force: true });
  }
  const scratch = path.join(state.folder, `${SCRATCH}${process.pid}-${randomBytes(6).toString("hex")}`);
  fs.mkdirSync(scratch);
  return scratch;
}

/** Under its name with its text at once, or not at all. */
function hold(lock: string, beside: string, mark: string): boolean {
  fs.writeFileSync(beside, mark);
  try {
    linkOrCopy(beside, lock);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
  held.add(lock);
  return true;
}

function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (!hasCode(error, "EPERM") && !hasCode(error, "ENOTSUP")) throw error;
    // A file system without links.
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL);
  }
}

/** The copy is as old as the index: git takes an entry for clean only where its file is older than the index. */
function copyIndex(index: string, copy: string): void {
  const stat = fs.statSync(index, { throwIfNoEntry: false });
  if (stat === undefined) return;
  fs.copyFileSync(index, copy);
  // Never later than the real one.
  const seconds = Math.floor(stat.mtimeMs) / 1000;
  fs.utimesSync(copy, seconds, seconds);
}

function removeLeft(lock: string): void {
  const text = textOf(lock);
  if (text === null || !isLeft(lock, text)) return;
  // Moved aside first: between the look and the removal somebody may have taken the lock anew.
  const aside = `${lock}.${randomBytes(6).toString("hex")}`;
  try {
    fs.renameSync(lock, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if (textOf(aside) !== text) linkOrCopy(aside, lock);
  fs.rmSync(aside, { force: true });
}

/** git's own locks hold an index or nothing, never our mark. */
function isLeft(lock: string, text: string): boolean {
  const [mark, pid, host, at] = text.split(" ");
  if (mark !== MARK || host !== os.hostname()) return false;
  if (Number(pid) === process.pid) return !held.has(lock);
  return !isAlive(Number(pid)) || Math.abs(Date.now() - Number(at)) > STALE_MS;
}

/** Null where there is no such file. */
function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "latin1");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
