/** Local state in a folder: caches, receipts, the mode. Nothing of it is ever in a commit. */
import fsSync from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { LocalStateError } from "../core/errors.ts";
import type { LocalState } from "../core/ports.ts";
import type { Repository } from "./repository.ts";
import { makeFolderIn, share } from "./sharing.ts";
import { hasCode } from "./system-error.ts";

/**
 * Up to so many bytes are read and written at once: the way to another thread and back costs more than that, and a write reads
 * nine.
 */
const SMALL = 65_536;

/** What is read at once of a larger file, in bytes. */
const PART = 2 << 20;

export class FolderState implements LocalState {
  readonly folder: string;
  readonly #repository: Pick<Repository, "settings"> | undefined;

  /** @param repository the one that the folder is in, whose users may share it; without one the folder is the user's own */
  constructor(folder: string, repository?: Pick<Repository, "settings">) {
    this.folder = folder;
    this.#repository = repository;
  }

  async read(name: string, onPart?: (part: Uint8Array) => void): Promise<Uint8Array | null> {
    return contentOf(path.join(this.folder, name), onPart).catch(noneIfAbsent).catch(refused);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const temporary = path.join(this.folder, `${name}.${randomBytes(6).toString("hex")}.tmp`);
    try {
      await this.make();
      if (bytes.length <= SMALL) fsSync.writeFileSync(temporary, bytes, { mode: 0o600 });
      else await fs.writeFile(temporary, bytes, { mode: 0o600 });
      await this.#share(temporary);
      fsSync.renameSync(temporary, path.join(this.folder, name));
    } catch (error) {
      // What was wrong with the write is what is told, and not that its rest stays.
      await fs.rm(temporary, { force: true }).catch(() => undefined);
      refused(error);
    }
  }

  async append(name: string, line: string): Promise<void> {
    const file = path.join(this.folder, name);
    try {
      await this.make();
      await appendLine(file, line.replace(/\n/g, " "));
      await this.#share(file);
    } catch (error) {
      refused(error);
    }
  }

  /** Makes the folder, where it is not there. */
  async make(): Promise<void> {
    if (this.#repository === undefined) await fs.mkdir(this.folder, { recursive: true });
    else makeFolderIn(this.folder, (await this.#repository.settings()).sharing);
  }

  async #share(file: string): Promise<void> {
    if (this.#repository !== undefined) share(file, (await this.#repository.settings()).sharing);
  }

  async remove(name: string): Promise<void> {
    await fs.rm(path.join(this.folder, name), { force: true }).catch(refused);
  }

  async list(prefix: string): Promise<readonly { readonly name: string; readonly size: number }[]> {
    const names = await fs.readdir(this.folder).catch(noneIfAbsent).catch(refused);
    const sizes = (names ?? [])
      .filter((name) => name.startsWith(prefix) && !name.endsWith(".tmp"))
      .map(async (name) => ({ name, stat: await fs.stat(path.join(this.folder, name)).catch(noneIfAbsent) }));
    return (await Promise.all(sizes)).flatMap(({ name, stat }) =>
      stat?.isFile() === true ? [{ name, size: stat.size }] : [],
    );
  }

  async rename(from: string, to: string): Promise<boolean> {
    const renamed = fs.rename(path.join(this.folder, from), path.join(this.folder, to)).then(() => true);
    return (await renamed.catch(noneIfAbsent).catch(refused)) ?? false;
  }
}

async function contentOf(file: string, onPart?: (part: Uint8Array) => void): Promise<Uint8Array> {
  const fd = fsSync.openSync(file, "r");
  try {
    if (fsSync.fstatSync(fd).size <= SMALL) return fsSync.readFileSync(fd);
  } finally {
    fsSync.closeSync(fd);
  }
  return partsOf(file, onPart);
}

/** In large parts, off this thread: `readFile` goes to and fro for each half megabyte. */
async function partsOf(file: string, onPart: (part: Uint8Array) => void = () => undefined): Promise<Uint8Array> {
  const handle = await fs.open(file);
  try {
    const bytes = Buffer.allocUnsafeSlow((await handle.stat()).size);
    const readFrom = async (at: number): Promise<number> =>
      (await handle.read(bytes, at, Math.min(PART, bytes.length - at), at)).bytesRead;
    let length = await readFrom(0);
    for (let start = 0; start < length;) {
      const part = bytes.subarray(start, length);
      start = length;
      const next = length < bytes.length ? readFrom(length) : 0;
      onPart(part);
      length += await next;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/** A line that was cut short before, by a crash or a full disk, must not take this one with it. */
async function appendLine(file: string, line: string): Promise<void> {
  const handle = await fs.open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? null : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
    // One write of an appending file is not torn by other writers.
    await handle.appendFile(`${last === null || last === 0x0a ? "" : "\n"}${line}\n`);
  } finally {
    await handle.close();
  }
}

function refused(error: unknown): never {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
  throw new LocalStateError(
    `What is kept beside the repository can't be read or written: ${error.message}. Check that the disk has room and that the folder may be written, then try again.`,
  );
}

function noneIfAbsent(error: unknown): null {
  if (hasCode(error, "ENOENT")) return null;
  throw error;
}
