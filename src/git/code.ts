/** The code beside the store, through the work tree that the user is in: each linked worktree has a HEAD of its own. */
import type { ObjectId } from "../core/memory/model.ts";
import type { CodeReader } from "../core/ports.ts";
import { GitCommand } from "./git-command.ts";
import { ObjectReader } from "./objects/reader.ts";

export class GitCode implements CodeReader {
  readonly #objects: ObjectReader;

  constructor(workTree: string, binary?: string) {
    this.#objects = new ObjectReader(new GitCommand({ folder: workTree, ...(binary === undefined ? {} : { binary }) }));
  }

  async head(): Promise<ObjectId | null> {
    return this.#objects.resolve("HEAD^{commit}");
  }

  async blobAt(commit: ObjectId, path: string): Promise<ObjectId | null> {
    return this.#objects.resolve(`${commit}:${path}`);
  }

  async read(blob: ObjectId): Promise<Uint8Array | null> {
    return (await this.#objects.read(blob))?.content ?? null;
  }

  async dispose(): Promise<void> {
    await this.#objects.dispose();
  }
}
