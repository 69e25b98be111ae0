/** Local state in a folder: caches, receipts, the mode. Nothing of it is ever in a commit. */
import fs from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import type { LocalState } from "../core/ports.ts";
import type { Repository } from "./repository.ts";
import { makeFolderIn, share } from "./sharing.ts";

export class FolderState implements LocalState {
  readonly folder: string;
  readonly #repository: Pick<Repository, "settings"> | undefined;

  /** @param repository the one that the folder is in, whose users may share it; without one the folder is the user's own */
  constructor(folder: string, repository?: Pick<Repository, "settings">) {
    this.folder = folder;
    this.#repository = repository;
  }

  async read(name: string): Promise<Uint8Array | null> {
    return fs.readFile(path.join(this.folder, name)).catch(noneIfAbsent);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.make();
    const temporary = path.join(this.folder, `${name}.${randomBytes(6).toString("hex")}.tmp`);
    try {
      await fs.writeFile(temporary, bytes, { mode: 0o600 });
      await this.#share(temporary);
      await fs.rename(temporary, path.join(this.folder, name));
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  }

  async append(name: string, line: string): Promise<void> {
    await this.make();
    // One write of an appending file is not torn by other writers.
    await fs.appendFile(path.join(this.folder, name), `${line.replace(/\n/g, " ")}\n`, { mode: 0o600 });
    await this.#share(path.join(this.folder, name));
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
    await fs.rm(path.join(this.folder, name), { force: true });
  }

  async list(prefix: string): Promise<readonly { readonly name: string; readonly size: number }[]> {
    const names = await fs.readdir(this.folder).catch(noneIfAbsent);
    const sizes = (names ?? [])
      .filter((name) => name.startsWith(prefix) && !name.endsWith(".tmp"))
      .map(async (name) => ({ name, stat: await fs.stat(path.join(this.folder, name)).catch(noneIfAbsent) }));
    return (await Promise.all(sizes)).flatMap(({ name, stat }) =>
      stat?.isFile() === true ? [{ name, size: stat.size }] : [],
    );
  }

  async rename(from: string, to: string): Promise<boolean> {
    const renamed = fs.rename(path.join(this.folder, from), path.join(this.folder, to)).then(() => true);
    return (await renamed.catch(noneIfAbsent)) ?? false;
  }
}

function noneIfAbsent(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
