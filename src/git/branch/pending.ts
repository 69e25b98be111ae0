/**
 * The writes that wait for a branch: commits on top of it that the branch has not taken yet. One ref,
 * `refs/memory/pending/<branch>`, names them all, so that they change together or not at all. It points to a commit that says
 * how many wait: its first parent is the newest of them, and the others are writes that were set aside, because the branch
 * has changed the same memory since.
 */
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { type LooseWriter, writeObject } from "../objects/loose.ts";
import type { ObjectReader } from "../objects/reader.ts";
import { decodeCommit, encodeRaw } from "./raw-commit.ts";

export interface Pending {
  /** The commit of the branch that the writes stand on. */
  readonly base: ObjectId;
  /** Oldest first, each the first parent of the next; the first stands on `base`. */
  readonly writes: readonly ObjectId[];
  /** Writes that don't fit the branch as it is now. Never lost; tried again whenever the branch moves. */
  readonly aside: readonly ObjectId[];
}

export const PENDING = "refs/memory/pending/";
const WAITING = /^Memory-Waiting: (\d{1,6})$/m;

export function pendingRef(branch: string): string {
  return branch.replace("refs/heads/", PENDING);
}

export function branchOfPending(ref: string): string {
  return ref.replace(PENDING, "refs/heads/");
}

/** The commit that the newest write made, or the base where all were set aside. */
export function pendingTip({ base, writes }: Pending): ObjectId {
  return writes.at(-1) ?? base;
}

/** Throws GitError where the ref holds something else. */
export async function readPending(objects: ObjectReader, id: ObjectId): Promise<Pending> {
  const { parents, message } = decodeCommit(await contentOf(objects, id));
  const count = WAITING.exec(message.toString("latin1"))?.[1];
  let [at] = parents;
  if (at === undefined || count === undefined) throw notOurs(id);
  const writes: ObjectId[] = [];
  for (let n = Number(count); n > 0; n--) {
    writes.unshift(at);
    at = decodeCommit(await contentOf(objects, at)).parents[0];
    if (at === undefined) throw notOurs(id);
  }
  return { base: at, writes, aside: parents.slice(1) };
}

/** Stores the commit that names them all; null where nothing waits, which is told by there being no ref. */
export async function writePending(
  objects: ObjectReader,
  writer: LooseWriter,
  pending: Pending,
): Promise<ObjectId | null> {
  const { writes, aside } = pending;
  const newest = writes.at(-1) ?? aside.at(-1);
  if (newest === undefined) return null;
  const tip = pendingTip(pending);
  const { tree } = decodeCommit(await contentOf(objects, tip));
  // Who and when come from the newest write: two processes that carry the same writes over then make the same commit.
  const { people } = decodeCommit(await contentOf(objects, newest));
  const count = writes.length + aside.length;
  const says = count === 1 ? "1 write waits" : `${count} writes wait`;
  const message = Buffer.from(`memory: ${says} for the branch\n\nMemory-Waiting: ${writes.length}\n`);
  return writeObject(writer, "commit", encodeRaw({ tree, parents: [tip, ...aside], people, rest: [], message }));
}

export async function contentOf(objects: ObjectReader, commit: ObjectId): Promise<Buffer> {
  const found = await objects.read(commit);
  if (found?.kind !== "commit") throw new GitError(`The repository lacks the commit ${commit}. Run \`git fsck\`.`);
  return found.content;
}

function notOurs(id: ObjectId): GitError {
  return new GitError(
    `A ref below ${PENDING} holds ${id}, which names no writes that wait. Remove that ref with \`git update-ref -d\` if nothing of it is wanted.`,
  );
}
