/**
 * Moves a project's store between a branch of its own and `.memory/` of the code's branch, with its history. Each step can be
 * cut off: done again, the move goes on where it was.
 */
import { NoStoreError, NotAStoreError, StoreBusyError, StoreExistsError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { POLICY_FILE } from "../../core/memory/policy.ts";
import type { CommitInfo, Person } from "../../core/ports.ts";
import { MEMORY_BRANCH } from "../git-store.ts";
import { decodeTree, encodeCommit, encodeTree, FOLDER_MODE, inTreeOrder } from "../objects/encode.ts";
import { writeObject } from "../objects/loose.ts";
import type { Opened } from "../opened.ts";
import type { Move } from "../refs/left-locks.ts";
import type { RefUpdater } from "../refs/update-ref.ts";
import { FOLDER, type FolderTrees } from "./folder.ts";
import { contentOf, pendingTip } from "./pending.ts";
import { decodeCommit, encodeRaw } from "./raw-commit.ts";
import type { Here, WaitingWrites } from "./waiting.ts";

export interface MoveMeans {
  readonly opened: Opened;
  readonly folder: FolderTrees;
  readonly updater: RefUpdater;
  readonly waiting: WaitingWrites;
  /** Told what is about to be moved, for whoever has to tidy up after a kill. */
  readonly note: (moves: readonly Move[]) => void;
}

/** Who moves it, and when. */
export interface Mover {
  readonly who: Person;
  readonly at: Date;
}

/** The commit at which the store is now, and the ref that keeps the branch as it was, if there was one. */
export interface Moved {
  readonly commit: ObjectId;
  readonly kept: string | null;
}

export const MEMORY_REF = `refs/heads/${MEMORY_BRANCH}`;
const MOVED = "refs/memory/moved/";
/** A branch can be moved away more than once. */
const MOST_KEPT = 99;

/**
 * One merge commit: the branch on one side, the memory branch on the other, whose files now lie in the folder. The memory
 * branch is kept under `refs/memory/moved/`.
 * @param from the tip of the store on its own branch
 * @throws NotAStoreError where the folder is somebody else's, StoreExistsError where both places have a store of their own
 */
export async function bringIntoBranch(means: MoveMeans, here: Here, from: ObjectId, by: Mover): Promise<Moved> {
  const { opened, folder, waiting } = means;
  const tip = pendingTip(here.pending);
  if ((await folder.storeAt(tip)) !== null) {
    if (!(await isAncestor(opened, from, tip)))
      throw new StoreExistsError(
        `The checked-out branch has a store of its own in ${FOLDER}/. Decide for one of the two: \`git memory doctor\` shows both.`,
      );
    return { commit: tip, kept: await keepMemoryBranch(means) };
  }
  if (await folder.isTaken(tip)) throw takenFolder();
  const writer = await opened.writer();
  const tree = await withFolder(opened, tip, await opened.trees.rootOf(from));
  const content = {
    tree,
    parents: [tip, from],
    author: by.who,
    committer: by.who,
    at: by.at,
    message: `memory: Move the store into ${FOLDER}/\n\nUntil now it was the branch ${MEMORY_BRANCH}, whose history this joins.\n`,
  };
  const commit = writeObject(writer, "commit", encodeCommit(content));
  const moved = await waiting.replace(here, { ...here.pending, writes: [...here.pending.writes, commit] });
  if (moved === null) throw busy();
  return { commit, kept: await keepMemoryBranch(means) };
}

/**
 * The memory branch with the folder's history, commit by commit with the same authors, dates and messages, and then one commit
 * that takes the folder off the branch.
 * @param history every commit of the store, newest first, each with the one before it as its parent
 */
export async function takeOutOfBranch(
  means: MoveMeans,
  here: Here,
  history: readonly CommitInfo[],
  by: Mover,
): Promise<Moved> {
  const { opened, folder, updater, waiting } = means;
  const tip = pendingTip(here.pending);
  if ((await folder.storeAt(tip)) === null)
    throw new NoStoreError(`The checked-out branch has no store in ${FOLDER}/.`);
  const rewritten = await rewriteHistory(means, history);
  const there = await opened.refs.read(MEMORY_REF);
  if (there !== null && !(await isAncestor(opened, there, rewritten)))
    throw new StoreExistsError(
      `The branch ${MEMORY_BRANCH} has a store of its own. Decide for one of the two: \`git memory doctor\` shows both.`,
    );
  means.note([{ ref: MEMORY_REF, after: rewritten }]);
  if (there !== rewritten && !(await updater.swap(MEMORY_REF, rewritten, there))) throw busy();
  const writer = await opened.writer();
  const content = {
    tree: await withFolder(opened, tip, null),
    parents: [tip],
    author: by.who,
    committer: by.who,
    at: by.at,
    message: `memory: Move the store out of ${FOLDER}/\n\nFrom now on it is the branch ${MEMORY_BRANCH}, with all of its history.\n`,
  };
  const commit = writeObject(writer, "commit", encodeCommit(content));
  const moved = await waiting.replace(here, { ...here.pending, writes: [...here.pending.writes, commit] });
  if (moved === null) throw busy();
  return { commit: rewritten, kept: null };
}

export function takenFolder(): NotAStoreError {
  return new NotAStoreError(
    `This branch has a folder ${FOLDER}/ without a ${POLICY_FILE}, so it is somebody else's and is left alone. Rename that folder, or use another placement.`,
  );
}

async function rewriteHistory({ opened, folder }: MoveMeans, history: readonly CommitInfo[]): Promise<ObjectId> {
  const { objects } = opened;
  const writer = await opened.writer();
  const now = new Map<ObjectId, ObjectId>();
  let tip: ObjectId | undefined;
  for (const { commit, parents } of history.toReversed()) {
    // What was on a memory branch before it came into the folder is as it was.
    const wasApart = (await objects.resolve(`${commit}:${FOLDER}`)) === null && (await isStore(opened, commit));
    if (wasApart) now.set(commit, commit);
    else {
      const tree = (await folder.folders(commit))?.tree ?? writeObject(writer, "tree", Buffer.alloc(0));
      const raw = decodeCommit(await contentOf(objects, commit));
      const mapped = parents.map((parent) => now.get(parent) ?? parent);
      now.set(commit, writeObject(writer, "commit", encodeRaw({ ...raw, tree, parents: mapped })));
    }
    tip = now.get(commit);
  }
  if (tip === undefined) throw new NoStoreError(`${FOLDER}/ has no history here, so there is nothing to move.`);
  return tip;
}

async function isStore({ objects }: Opened, commit: ObjectId): Promise<boolean> {
  return (await objects.resolve(`${commit}:${POLICY_FILE}`)) !== null;
}

/** The tree of a commit with another folder in the store's place; null takes it out. */
async function withFolder(
  { objects, repository, trees, writer }: Opened,
  commit: ObjectId,
  folder: ObjectId | null,
): Promise<ObjectId> {
  const root = await objects.read(await trees.rootOf(commit));
  const others = decodeTree(root?.content ?? Buffer.alloc(0), repository.hash).filter(({ name }) => name !== FOLDER);
  const entries = folder === null ? others : [...others, { mode: FOLDER_MODE, name: FOLDER, id: folder }];
  return writeObject(await writer(), "tree", encodeTree(inTreeOrder(entries)));
}

/** Gives the memory branch a name that no door writes to. Null where there is no such branch (any more). */
async function keepMemoryBranch({ opened, updater, note }: MoveMeans): Promise<string | null> {
  const there = await opened.refs.read(MEMORY_REF);
  if (there === null) return null;
  for (let n = 1; n <= MOST_KEPT; n++) {
    const ref = `${MOVED}${MEMORY_BRANCH}${n === 1 ? "" : `-${n}`}`;
    const taken = await opened.refs.read(ref);
    if (taken !== null && taken !== there) continue;
    const keep = taken === null ? [{ ref, after: there, before: null }] : [];
    const changes = [...keep, { ref: MEMORY_REF, after: null, before: there }];
    note(changes);
    if (await updater.swapAll(changes)) return ref;
    throw busy();
  }
  throw busy();
}

async function isAncestor({ repository }: Opened, older: ObjectId, newer: ObjectId): Promise<boolean> {
  return (await repository.git.run(["merge-base", "--is-ancestor", older, newer])).ok;
}

function busy(): StoreBusyError {
  return new StoreBusyError("Another process changed the memory store meanwhile. Run the same command again.");
}
