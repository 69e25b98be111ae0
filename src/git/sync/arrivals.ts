/** What differs between two states of a store, counted in memories, and what of it the gate keeps out of every prompt. */
import { isBroken, type MemoryId, type ObjectId } from "../../core/memory/model.ts";
import { isMemoryPath } from "../../core/memory/parse.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { GitStore } from "../git-store.ts";

/** A memory that came and that the gate would have held or refused at one of our doors. It is in the tree, and in no recall. */
export interface HeldBack {
  readonly id: MemoryId;
  readonly path: string;
  readonly title: string;
}

/** So many are judged at once; the rest when they are recalled first, as anything that came by no door of ours. */
const MOST_JUDGED = 500;

/** The files of memories that differ; null is a store without any. */
export async function changedFiles(own: GitStore, before: ObjectId | null, after: ObjectId): Promise<string[]> {
  const paths =
    before === null
      ? (await own.tree(after)).folders.flatMap(({ files }) => files.map(({ path }) => path))
      : (await own.changes(before, after)).map(({ path }) => path);
  return paths.filter(isMemoryPath);
}

/** Whether anything at all differs, rules and tombstones included. */
export async function differs(own: GitStore, one: ObjectId, other: ObjectId): Promise<boolean> {
  return one !== other && (await own.changes(one, other)).length > 0;
}

export interface Judged {
  readonly heldBack: readonly HeldBack[];
  /** How many were left for later. */
  readonly unjudged: number;
}

/** Has the gate judge what came, by the store's rules as they are now. */
export async function judgeArrivals(store: MemoryStore, paths: readonly string[]): Promise<Judged> {
  const snapshot = await store.snapshot();
  const arrived = paths.flatMap((path) => {
    const memory = snapshot.at(path);
    return memory === undefined || isBroken(memory) ? [] : [memory];
  });
  const [admits, trustOf] = [await store.admission(), await store.trustAt(snapshot)];
  const heldBack: HeldBack[] = [];
  for (const memory of arrived.slice(0, MOST_JUDGED)) {
    if (!admits(memory, trustOf(memory))) heldBack.push({ id: memory.id, path: memory.path, title: memory.title });
  }
  await store.admissions.save();
  return { heldBack, unjudged: Math.max(arrived.length - MOST_JUDGED, 0) };
}
