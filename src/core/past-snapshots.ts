/** What was believed at earlier commits, for who travels to and fro: bytes at once, and memories read when they are asked for. */
import type { BrokenMemory, Memory, ObjectId } from "./memory/model.ts";
import { readMemory } from "./memory/parse.ts";
import type { StoreRepository, TreeFile } from "./ports.ts";
import { nextSnapshot, type Snapshot } from "./snapshot.ts";

/** From so many files on, one archive of the commit is faster than asking for blobs. */
const LOAD_AT_ONCE = 512;
const KEPT = 4;

export class PastSnapshots {
  readonly #repository: Pick<StoreRepository, "tree" | "load" | "blobs">;
  /** Whatever snapshot is at hand: it shares most folders with any other. */
  readonly #atHand: () => Promise<Snapshot>;
  readonly #kept = new Map<ObjectId, Snapshot>();

  constructor(repository: Pick<StoreRepository, "tree" | "load" | "blobs">, atHand: () => Promise<Snapshot>) {
    this.#repository = repository;
    this.#atHand = atHand;
  }

  async at(commit: ObjectId): Promise<Snapshot> {
    const known = this.#kept.get(commit);
    if (known !== undefined) return known;
    const tree = await this.#repository.tree(commit);
    const snapshot = await nextSnapshot(await this.#atHand(), commit, tree, async (files) => {
      const unread = new Map<string, () => Memory | BrokenMemory>();
      await loadFiles(this.#repository, commit, files, ({ path, blob }, bytes) =>
        unread.set(path, () => readMemory(path, blob, bytes)),
      );
      return unread;
    });
    this.#kept.set(commit, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return snapshot;
  }
}

/** The bytes of some files of a commit, by the faster way. */
export async function loadFiles(
  repository: Pick<StoreRepository, "load" | "blobs">,
  commit: ObjectId,
  files: readonly TreeFile[],
  take: (file: TreeFile, bytes: Uint8Array) => void,
): Promise<void> {
  if (files.length >= LOAD_AT_ONCE) return repository.load(commit, files, take);
  const blobs = await repository.blobs(files.map(({ blob }) => blob));
  for (const [i, file] of files.entries()) take(file, blobs[i] ?? new Uint8Array());
}
