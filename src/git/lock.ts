/**
 * A file lock that saves writers from doing work which the compare-and-swap would refuse. It is a courtesy: who can't get it
 * in time goes on without it, and nothing is lost, because the ref moves only from the version that was read.
 */
import { linkSync, rmSync, statSync, utimesSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { randomBytes } from "node:crypto";

/** How long a writer waits for its turn, in milliseconds. */
const PATIENCE_MS = 5_000;
/** A holder that has been silent for this long is taken for dead; a write takes milliseconds. */
const STALE_MS = 10_000;

/** The mark of this process for each lock that it ever wanted. */
const marks = new Map<string, string>();

export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = await acquire(file);
  try {
    return await work();
  } finally {
    if (mine !== null) release(file, mine);
  }
}

async function acquire(file: string): Promise<string | null> {
  const until = Date.now() + PATIENCE_MS;
  for (let pause = 1; Date.now() < until; pause = Math.min(pause * 2, 16)) {
    try {
      const mine = await markOf(file);
      const now = new Date();
      // At once: on a small file, the way to another thread and back costs ten times the work.
      utimesSync(mine, now, now);
      linkSync(mine, file);
      return mine;
    } catch (error) {
      // The mark, or its folder, was cleared away by somebody.
      if (hasCode(error, "ENOENT")) marks.delete(file);
      // A folder that can't be written, or a file system without links: the write itself will say what is wrong, if anything is.
      else if (!hasCode(error, "EEXIST")) return null;
    }
    await removeIfStale(file);
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
  return null;
}

/**
 * This process's own file, which says who it is; holding the lock is a second name for it. A link costs a fortieth of a
 * new file, and it appears with its content.
 */
async function markOf(file: string): Promise<string> {
  const known = marks.get(file);
  if (known !== undefined) return known;
  const mark = `${file}.${process.pid}-${randomBytes(6).toString("hex")}`;
  await fs.mkdir(path.dirname(file), { recursive: true });
  await removeMarksOfTheDead(file);
  await fs.writeFile(mark, `${process.pid} ${os.hostname()} ${randomBytes(6).toString("hex")}\n`, { flag: "wx" });
  if (!process.listeners("exit").includes(removeMarks)) process.once("exit", removeMarks);
  marks.set(file, mark);
  return mark;
}

function removeMarks(): void {
  for (const mark of marks.values()) rmSync(mark, { force: true });
}

/** Only if it is still ours: a writer that took us for dead may hold it. */
function release(file: string, mine: string): void {
  const [held, own] = [statSync(file, { throwIfNoEntry: false }), statSync(mine, { throwIfNoEntry: false })];
  if (held !== undefined && held.ino === own?.ino) rmSync(file, { force: true });
}

async function removeIfStale(file: string): Promise<void> {
  const content = await contentOf(file);
  if (content === null) return;
  const [pid, host] = content.trim().split(" ");
  const age = Date.now() - ((await fs.stat(file).catch(() => null))?.mtimeMs ?? Date.now());
  const dead = host === os.hostname() && pid !== undefined && !isAlive(Number(pid));
  // A lock in the future (the clock was set back) would never age.
  if (!dead && age < STALE_MS && age > -STALE_MS) return;
  // Moved aside first: between the look and the removal another writer may have taken the lock anew.
  const aside = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await fs.rename(file, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await contentOf(aside)) !== content) await fs.link(aside, file).catch(() => undefined);
  await fs.rm(aside, { force: true });
}

/** A process that was killed could not remove its mark. */
async function removeMarksOfTheDead(file: string): Promise<void> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  for (const entry of await fs.readdir(folder)) {
    if (!entry.startsWith(`${name}.`)) continue;
    const content = ((await contentOf(path.join(folder, entry))) ?? "").trim();
    // One that was killed before it had written who it is says so in the name alone.
    const [pid, host] = content === "" ? [/\.(\d+)-[0-9a-f]+$/.exec(entry)?.[1], os.hostname()] : content.split(" ");
    if (host === os.hostname() && !isAlive(Number(pid))) await fs.rm(path.join(folder, entry), { force: true });
  }
}

function isAlive(pid: number): boolean {
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
