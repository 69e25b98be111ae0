/** Writes loose objects in this process: starting git for each would cost more than all the rest of a write. */
import fs from "node:fs";
import path from "node:path";
import { randomBytes } from "node:crypto";
import zlib from "node:zlib";
import type { ObjectId } from "../../core/memory/model.ts";
import { GitError } from "../../core/errors.ts";
import type { Repository } from "../repository.ts";
import { makeFolderIn, type Sharing, sharedMode } from "../sharing.ts";
import { type HashName, objectId, type ObjectKind, withHeader } from "./encode.ts";
import { hasCode } from "../system-error.ts";

export interface LooseWriter {
  readonly objectsDir: string;
  readonly hash: HashName;
  /** Whether each object is flushed to the disk before it gets its name; follows git's `core.fsync`. */
  readonly flush: boolean;
  /** Follows git's `core.sharedRepository`. */
  readonly sharing?: Sharing | null;
}

/** Writes as the repository's configuration wants it. */
export async function looseWriter({ objectsDir, hash, settings }: Repository): Promise<LooseWriter> {
  const { flushObjects, sharing } = await settings();
  return { objectsDir, hash, flush: flushObjects, sharing };
}

/** Stores an object and returns its id. An object that is there already is left alone. Throws GitError. */
export function writeObject(writer: LooseWriter, kind: ObjectKind, content: Uint8Array): ObjectId {
  const bytes = withHeader(kind, content);
  const id = objectId(bytes, writer.hash);
  const folder = path.join(writer.objectsDir, id.slice(0, 2));
  const file = path.join(folder, id.slice(2));
  try {
    if (fs.existsSync(file)) return id;
    const temporary = path.join(folder, `tmp_obj_${randomBytes(6).toString("hex")}`);
    writeWhole(temporary, zlib.deflateSync(bytes, { level: zlib.constants.Z_BEST_SPEED }), writer);
    fs.renameSync(temporary, file);
    return id;
  } catch (error) {
    throw new GitError(
      `The memory could not be written into the repository, so nothing was stored: ${error instanceof Error ? error.message : String(error)}. ${adviceOn(error)}`,
    );
  }
}

function adviceOn(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return "Make room on the disk, then try again.";
  if (code === "EROFS")
    return "The file system is read-only: memories can be read here, and written in a copy elsewhere.";
  if (code === "EACCES" || code === "EPERM")
    return "This user may not write there: memories can be read; ask the folder's owner for the right to write.";
  return "Check that the disk has room and that the folder may be written.";
}

function writeWhole(file: string, bytes: Uint8Array, { flush, sharing = null }: LooseWriter): void {
  const fd = openNew(file, sharing);
  try {
    // A disk that is nearly full takes a part, and says so by the count alone.
    for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
    if (sharing !== null) fs.fchmodSync(fd, sharedMode(fs.fstatSync(fd).mode, sharing, false) & 0o777);
    if (flush) fs.fsyncSync(fd);
  } catch (error) {
    fs.closeSync(fd);
    fs.unlinkSync(file);
    throw error;
  }
  fs.closeSync(fd);
}

function openNew(file: string, sharing: Sharing | null): number {
  try {
    return fs.openSync(file, "wx", 0o444);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    makeFolderIn(path.dirname(file), sharing);
    return fs.openSync(file, "wx", 0o444);
  }
}
