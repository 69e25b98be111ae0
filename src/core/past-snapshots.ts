/** What was believed at earlier commits, for who travels to and fro: bytes at once, and memories read when they are asked for. */
import type { BrokenMemory, Memory, ObjectId } from "./memory/model.ts";
import { readMemory } from "./memory/parse.ts";
import type { StoreRepository, TreeFile } from "./ports.ts";
import { nextSnapshot, type Snapshot } from "./snapshot.ts";

/** From so many new files on, it is as with a first open. */
const MANY = 512;
const KEPT = 4;

type SnapshotSource = Pick<StoreRepository, "whole" | "treeBeside" | "blobs">;

export class PastSnapshots {
  readonly #repository: SnapshotSource;
  /** Whatever snapshot is at hand: it shares most folders with any other. */
  readonly #atHand: () => Promise<Snapshot>;
  readonly #kept = new Map<ObjectId, Snapshot>();

  constructor(repository: SnapshotSource, atHand: () => Promise<Snapshot>) {
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
    const { snapshot } = await readSnapshot(this.#repository, await (reading ?? this.#atHand()), commit);
    this.#kept.set(commit, snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return snapshot;
  }
}

/** The snapshot of a commit, from another one that shares files with it; and how many files had to be read. */
export async function readSnapshot(
  repository: SnapshotSource,
  previous: Snapshot,
  commit: ObjectId,
): Promise<{ snapshot: Snapshot; read: number }> {
  const first = previous.tree === null ? await repository.whole(commit) : null;
  const tree = first?.tree ?? (await repository.treeBeside(commit, previous.folders));
  const fresh = new Map<string, () => Memory | BrokenMemory>();
  const snapshot = await nextSnapshot(previous, commit, tree, async (files) => {
    const take = ({ path, blob }: TreeFile, bytes: Uint8Array): void =>
      void fresh.set(path, () => readMemory(path, blob, bytes));
    if (first !== null || files.length >= MANY) {
      await (first ?? (await repository.whole(commit))).load(files, take);
      return fresh;
    }
    const blobs = await repository.blobs(files.map(({ blob }) => blob));
    for (const [i, file] of files.entries()) take(file, blobs[i] ?? new Uint8Array());
    return fresh;
  });
  return { snapshot, read: fresh.size };
}
