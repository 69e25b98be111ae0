/**
 * Moves a ref that is a file of its own, by git's own steps (refs/files-backend.c): the lock file, the old value, the line in
 * its log, the rename. That is the ref of nearly every write, and no process need be asked. Whatever is unusual is left to git.
 */
import fs from "node:fs";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";
import { share, type Sharing } from "../sharing.ts";

export interface RefFolder {
  /** Where refs and their logs are. */
  readonly commonDir: string;
  /** The folder whose HEAD git would note the move in, too, if it stands for the ref. */
  readonly headDir: string;
  /** Whether the new value is flushed to the disk before it gets the ref's name; follows git's `core.fsync`. */
  readonly flush: boolean;
  readonly sharing: Sharing | null;
}

export interface LooseMove {
  readonly ref: string;
  readonly before: ObjectId;
  readonly after: ObjectId;
  /** Who and when, as git writes it in a log. */
  readonly who: string;
}

/**
 * True once the ref has moved. False where this is not the everyday case, and nothing was changed: the ref or its log is no
 * file of its own, has another value, is locked, is what HEAD stands for, or the disk refused. git then does it, or says why not.
 */
export function moveLooseRef(folder: RefFolder, { ref, before, after, who }: LooseMove): boolean {
  const file = path.join(folder.commonDir, ref);
  const log = path.join(folder.commonDir, "logs", ref);
  const lock = `${file}.lock`;
  if (isHead(folder, ref) || !succeeds(() => writeNew(lock, `${after}\n`, folder))) return false;
  const hasMoved = succeeds(() => {
    // Looked at while nobody else can move it.
    if (!fs.lstatSync(file).isFile() || fs.readFileSync(file, "latin1") !== `${before}\n`) return false;
    appendLine(log, `${before} ${after} ${who}\tmemory\n`);
    fs.renameSync(lock, file);
    return true;
  });
  if (!hasMoved) succeeds(() => fs.unlinkSync(lock));
  return hasMoved;
}

/** git notes such a move in the log of HEAD, too. */
function isHead({ headDir }: RefFolder, ref: string): boolean {
  let head = "";
  const isThere = succeeds(() => (head = fs.readFileSync(path.join(headDir, "HEAD"), "utf8")));
  return !isThere || head.trim() === `ref: ${ref}`;
}

function writeNew(file: string, text: string, { flush, sharing }: RefFolder): void {
  const fd = fs.openSync(file, "wx", 0o666);
  try {
    fs.writeFileSync(fd, text);
    if (flush) fs.fsyncSync(fd);
  } catch (error) {
    succeeds(() => fs.unlinkSync(file));
    throw error;
  } finally {
    fs.closeSync(fd);
  }
  share(file, sharing);
}

/** To a log that is there: git decides whether a ref gets one. What a full disk cut short would spoil the next line too. */
function appendLine(file: string, line: string): void {
  const fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_APPEND);
  try {
    const { size } = fs.fstatSync(fd);
    try {
      fs.writeFileSync(fd, line);
    } catch (error) {
      fs.ftruncateSync(fd, size);
      throw error;
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Whether the work was done; false where it says so itself, or the system refused. */
function succeeds(work: () => unknown): boolean {
  try {
    return work() !== false;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
