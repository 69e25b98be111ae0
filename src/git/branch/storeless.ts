/**
 * The commits that are known to have no store in their folder. A commit never changes, so that the next process need not start
 * git to ask again: where the store is on a branch of its own, nothing else would have to be asked before the cache is read.
 */
import fs from "node:fs";
import type { ObjectId } from "../../core/memory/model.ts";
import type { FolderState } from "../local-state.ts";

const FILE = "storeless";
/** One for each branch that is gone to and fro between. */
const MOST = 16;

export class StorelessCommits {
  readonly #state: FolderState;
  #known: Promise<readonly ObjectId[]> | undefined;

  constructor(state: FolderState) {
    this.#state = state;
  }

  async has(commit: ObjectId): Promise<boolean> {
    return (await (this.#known ??= this.#read())).includes(commit);
  }

  async note(commit: ObjectId): Promise<void> {
    const known = [commit, ...(await (this.#known ??= this.#read()))].slice(0, MOST);
    this.#known = Promise.resolve(known);
    // Looking at a repository that has no memory leaves nothing in it.
    if (!fs.existsSync(this.#state.folder)) return;
    // Where it can't be kept, it is asked again.
    await this.#state.write(FILE, new TextEncoder().encode(`${known.join("\n")}\n`)).catch(() => undefined);
  }

  async #read(): Promise<readonly ObjectId[]> {
    const bytes = await this.#state.read(FILE).catch(() => null);
    // A damaged line names no commit that is ever asked for.
    return bytes === null ? [] : new TextDecoder().decode(bytes).trimEnd().split("\n");
  }
}
