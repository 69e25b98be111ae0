/**
 * A file lock that saves writers from doing work which the compare-and-swap would refuse. It is a courtesy: who can't get it
 * in time goes on without it, and nothing is lost, because the ref moves only from the version that was read.
 */
import { closeSync, existsSync, linkSync, openSync, rmSync, statSync, utimesSync, writeSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { hasCode } from "./system-error.ts";

/** How long a writer waits for its turn, in milliseconds. */
const PATIENCE_MS = 5_000;
/** A holder that has been silent for this long is taken for dead; a write takes milliseconds. */
const STALE_MS = 10_000;

/** The mark of this process for each lock that it ever wanted. */
const marks = new Map<string, string>();

/** A mark's first line, filled up with spaces, is so long; a note follows it. */
const WHO_BYTES = 400;

export interface LockCare {
  /** Makes the lock's folder, where it is not there. */
  readonly makeFolder?: () => Promise<void>;
  /** Told what the holder before had noted, where it died with the lock in its hands. */
  readonly takeOver?: (note: string) => Promise<void>;
}

export async function withLock<T>(file: string, work: () => Promise<T>, care: LockCare = {}): Promise<T> {
  const mine = await acquire(file, care);
  try {
    return await work();
  } finally {
    if (mine !== null) release(file, mine);
  }
}

/** Takes a lock away whose holder died, and does what it had noted; of no effect on one that is held, or not there. */
export async function takeOverLeft(file: string, takeOver: (note: string) => Promise<void>): Promise<void> {
  const note = existsSync(file) ? await removeIfStale(file) : null;
  if (note !== null) await takeOver(note);
}

/**
 * Says in the lock what its holder is about to do, for whoever finds it dead: a line, which takes the place of the one before;
 * what a longer one leaves behind it counts no more.
 */
export function noteInLock(file: string, note: string): void {
  const mark = marks.get(file);
  if (mark === undefined) return;
  leaveIfImpossible(() => {
    const fd = openSync(mark, "r+");
    try {
      writeSync(fd, `${note}\n`, WHO_BYTES);
    } finally {
      closeSync(fd);
    }
  });
}

async function acquire(
  file: string,
  {
    makeFolder = async () => void (await fs.mkdir(path.dirname(file), { recursive: true })),
    takeOver = async () => undefined,
  }: LockCare,
): Promise<string | null> {
  const until = Date.now() + PATIENCE_MS;
  for (let pause = 1; Date.now() < until; pause = Math.min(pause * 2, 16)) {
    try {
      const mine = await markOf(file, makeFolder);
      const now = new Date();
      // At once: on a small file, the way to another thread and back costs ten times the work.
      utimesSync(mine, now, now);
      linkSync(mine, file);
      return mine;
    } catch (error) {
      // The mark, or its folder, was cleared away by somebody. Where all is gone, there is nothing to wait for.
      if (hasCode(error, "ENOENT") && existsSync(path.dirname(path.dirname(file)))) marks.delete(file);
      // A folder that can't be written, or a file system without links: the write itself will say what is wrong, if anything is.
      else if (!hasCode(error, "EEXIST")) return null;
    }
    const note = await removeIfStale(file);
    if (note !== null) await takeOver(note);
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
  return null;
}

/**
 * This process's own file, which says who it is; holding the lock is a second name for it. A link costs a fortieth of a
 * new file, and it appears with its content.
 */
async function markOf(file: string, makeFolder: () => Promise<void>): Promise<string> {
  const known = marks.get(file);
  if (known !== undefined) return known;
  const mark = `${file}.${process.pid}-${randomBytes(6).toString("hex")}`;
  await makeFolder();
  await removeMarksOfTheDead(file);
  const who = `${process.pid} ${os.hostname()} ${randomBytes(6).toString("hex")} ${folderOf(file)}`;
  await fs.writeFile(mark, `${who.padEnd(WHO_BYTES - 1)}\n`, { flag: "wx" });
  // Whoever shares the repository must be able to read who holds the lock.
  await fs.chmod(mark, 0o644);
  if (!process.listeners("exit").includes(removeMarks)) process.once("exit", removeMarks);
  marks.set(file, mark);
  return mark;
}

/** Which folder it is, wherever it is moved: the locks in a copy of it are not its own. */
function folderOf(file: string): string {
  return String(statSync(path.dirname(file)).ino);
}

function removeMarks(): void {
  for (const mark of marks.values()) leaveIfImpossible(() => rmSync(mark, { force: true }));
}

/** Only if it is still ours: a writer that took us for dead may hold it. */
function release(file: string, mine: string): void {
  leaveIfImpossible(() => {
    const [held, own] = [statSync(file, { throwIfNoEntry: false }), statSync(mine, { throwIfNoEntry: false })];
    if (held !== undefined && held.ino === own?.ino) rmSync(file, { force: true });
  });
}

/** The write is stored by now, whatever becomes of its lock: one that stays is taken away as any dead process's is. */
function leaveIfImpossible(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** Returns what a dead holder had noted; null where the lock is somebody's, or gone. */
async function removeIfStale(file: string): Promise<string | null> {
  const content = await contentOf(file);
  if (content === null) return null;
  const [who = "", note = ""] = content.split("\n");
  const [pid, host, , folder] = who.trim().split(" ");
  const age = Date.now() - ((await fs.stat(file).catch(() => null))?.mtimeMs ?? Date.now());
  const dead = host === os.hostname() && pid !== undefined && (!isAlive(Number(pid)) || isCopied(folder, file));
  // A lock in the future (the clock was set back) would never age.
  if (!dead && age < STALE_MS && age > -STALE_MS) return null;
  // Moved aside first: between the look and the removal another writer may have taken the lock anew.
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await fs.rename(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const isAnother = (await contentOf(aside)) !== content;
  if (isAnother) await fs.link(aside, file).catch(() => undefined);
  await fs.rm(aside, { force: true });
  // One that was only silent may still do what it had noted.
  return isAnother || !dead ? null : note;
}

/** A process that was killed could not remove its mark. */
async function removeMarksOfTheDead(file: string): Promise<void> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  for (const entry of await fs.readdir(folder)) {
    if (!entry.startsWith(`${name}.`)) continue;
    const content = ((await contentOf(path.join(folder, entry))) ?? "").split("\n", 1).join().trim();
    // One that was killed before it had written who it is says so in the name alone.
    const [pid, host, , made] =
      content === "" ? [/\.(\d+)-[0-9a-f]+$/.exec(entry)?.[1], os.hostname()] : content.split(" ");
    if (host === os.hostname() && (!isAlive(Number(pid)) || isCopied(made, file)))
      await fs.rm(path.join(folder, entry), { force: true });
  }
}

function isCopied(folder: string | undefined, file: string): boolean {
  return folder !== undefined && folder !== folderOf(file);
}

/** Whether there is such a process on this machine. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

async function contentOf(file: string): Promise<string | null> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
