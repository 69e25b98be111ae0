/** What was believed at earlier commits, for who travels to and fro: bytes at once, and memories read when they are asked for. */
import type { BrokenMemory, Memory, ObjectId } from "./memory/model.ts";
import { readMemory } from "./memory/parse.ts";
import type { StoreRepository, TreeFile } from "./ports.ts";
import { type Fresh, nextSnapshot, type Snapshot } from "./snapshot.ts";

/** From so many files on, one archive of the commit is faster than asking for blobs. */
const LOAD_AT_ONCE = 512;
const KEPT = 4;

export class PastSnapshots {
  readonly #repository: Pick<StoreRepository, "treeBeside" | "load" | "blobs">;
  /** Whatever snapshot is at hand: it shares most folders with any other. */
  readonly #atHand: () => Promise<Snapshot>;
  readonly #kept = new Map<ObjectId, Snapshot>();

  constructor(repository: Pick<StoreRepository, "treeBeside" | "load" | "blobs">, atHand: () => Promise<Snapshot>) {
    this.#repository = repository;
    this.#atHand = atHand;
  }

  async at(named: Promise<ObjectId>): Promise<Snapshot> {
    // The first time, the cache is read while git looks the name up.
    const reading = this.#kept.size === 0 ? this.#atHand() : null;
    reading?.catch(() => undefined);
    const commit = await named;
    const known = this.#kept.get(commit);
    if (known !== undefined) return known;
    const atHand = await (reading ?? this.#atHand());
    const tree = await this.#repository.treeBeside(commit, atHand.folders);
    const snapshot = await nextSnapshot(atHand, commit, tree, async (files) =>
      loadFiles(this.#repository, commit, files),
    );
    this.#kept.set(commit, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return snapshot;
  }
}

/** Some files of a commit, loaded by the faster way; each is parsed when it is asked for. */
export async function loadFiles(
  repository: Pick<StoreRepository, "load" | "blobs">,
  commit: ObjectId,
  files: readonly TreeFile[],
): Promise<Fresh> {
  const loaded = new Map<string, () => Memory | BrokenMemory>();
  const take = ({ path, blob }: TreeFile, bytes: Uint8Array): void =>
    void loaded.set(path, () => readMemory(path, blob, bytes));
  if (files.length >= LOAD_AT_ONCE) {
    await repository.load(commit, files, take);
    return loaded;
  }
  const blobs = await repository.blobs(files.map(({ blob }) => blob));
  for (const [i, file] of files.entries()) take(file, blobs[i] ?? new Uint8Array());
  return loaded;
}
