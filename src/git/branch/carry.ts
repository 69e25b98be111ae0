/** Carries the writes that wait over to another commit of the branch, as a rebase would: file by file, each write by itself. */
import { SigningError } from "../../core/errors.ts";
import { isBroken, type ObjectId } from "../../core/memory/model.ts";
import { isMemoryPath, readMemory } from "../../core/memory/parse.ts";
import type { FileChange, FileDelta } from "../../core/ports.ts";
import type { Signer } from "../commits/signed.ts";
import { mergeText } from "../merge-text.ts";
import { type LooseWriter, writeObject } from "../objects/loose.ts";
import type { Opened } from "../opened.ts";
import { contentOf, type Pending } from "./pending.ts";
import { asUnsigned, decodeCommit, encodeRaw } from "./raw-commit.ts";

/** Where a store's files are in the tree of a commit, and what differs between two; paths are the store's. */
export interface StoreFiles {
  readonly pathOf: (path: string) => string;
  readonly steps: (before: ObjectId, after: ObjectId) => Promise<FileDelta[]>;
}

export interface CarryMeans extends Pick<Opened, "repository" | "objects" | "trees" | "writer" | "signer"> {
  readonly folder: StoreFiles;
}

/** What became of the writes. `now` has, for each old commit that was carried or set aside, the one that stands for it. */
export interface Carried extends Pending {
  readonly now: ReadonlyMap<ObjectId, ObjectId>;
}

/** The same writes on another commit of the branch. Those that it has taken already are left out. */
export async function carryTo(means: CarryMeans, pending: Pending, base: ObjectId): Promise<Carried> {
  const all = [...pending.writes, ...pending.aside];
  const taken = await reachable(means, all, base);
  return carryWrites(
    means,
    all.filter((write) => !taken.has(write)),
    base,
  );
}

/** Puts writes on a commit, in their order. What doesn't fit is set aside as it is; what is there already vanishes. */
export async function carryWrites(means: CarryMeans, all: readonly ObjectId[], base: ObjectId): Promise<Carried> {
  const writes: ObjectId[] = [];
  const aside: ObjectId[] = [];
  const now = new Map<ObjectId, ObjectId>();
  for (const write of all) {
    const onto = writes.at(-1) ?? base;
    const carried = await carryOne(means, write, onto);
    if (carried === "conflict") aside.push(write);
    else if (carried !== onto) writes.push(carried);
    now.set(write, carried === "conflict" ? write : carried);
  }
  return { base, writes, aside, now };
}

/** The commit that does on `onto` what the write did; `onto` itself where that is done already. */
async function carryOne(means: CarryMeans, write: ObjectId, onto: ObjectId): Promise<ObjectId | "conflict"> {
  const { objects, trees, folder, signer } = means;
  const raw = decodeCommit(await contentOf(objects, write));
  const [parent, ...joined] = raw.parents;
  if (parent === onto) return write;
  const changes: FileChange[] = [];
  for (const step of parent === undefined ? [] : await folder.steps(parent, write)) {
    const merged = await merge(means, step, await objects.resolve(`${onto}:${folder.pathOf(step.path)}`));
    if (merged === "conflict") return merged;
    if (merged !== "same") changes.push({ path: folder.pathOf(step.path), content: merged });
  }
  if (changes.length === 0 && joined.length === 0) return onto;
  const writer = await means.writer();
  const { tree } = await trees.write(await trees.rootOf(onto), changes, writer);
  const bytes = encodeRaw({ ...raw, tree, parents: [onto, ...joined] });
  const commit = raw.isSigned ? await signAgain(signer, writer, bytes) : writeObject(writer, "commit", bytes);
  trees.noteRoot(commit, tree);
  return commit;
}

/** A signature holds for one commit alone; without the key, the write waits for it. */
async function signAgain(signer: Signer, writer: LooseWriter, bytes: Buffer): Promise<ObjectId> {
  try {
    return await signer.sign(bytes);
  } catch (error) {
    if (error instanceof SigningError) return writeObject(writer, "commit", asUnsigned(bytes));
    throw error;
  }
}

async function merge(
  { repository, objects }: CarryMeans,
  { path, before, after }: FileDelta,
  there: ObjectId | null,
): Promise<FileChange["content"] | "same" | "conflict"> {
  if (there === after) return "same";
  if (there === before) return after === null ? null : { blob: after };
  const [base, ours, theirs] = await Promise.all(
    [before, there, after].map(async (blob) => (blob === null ? null : ((await objects.read(blob))?.content ?? null))),
  );
  if (!base || !ours || !theirs) return "conflict";
  const { clean, bytes } = await mergeText(repository.git, base, ours, theirs);
  const isWhole = clean && !(isMemoryPath(path) && isBroken(readMemory(path, "", bytes)));
  return isWhole ? bytes : "conflict";
}

/** Those of some commits that another one has in its history. */
async function reachable(
  { repository }: CarryMeans,
  commits: readonly ObjectId[],
  from: ObjectId,
): Promise<ReadonlySet<ObjectId>> {
  const missing = await repository.git.ask(["rev-list", ...commits, `^${from}`, "--"]);
  const not = new Set(missing.split("\n"));
  return new Set(commits.filter((commit) => !not.has(commit)));
}
