/** What puts a repository right for a store without losing anything: for a person who asks for it. */
import fs from "node:fs/promises";
import path from "node:path";
import type { ObjectId } from "../core/memory/model.ts";
import type { GitCommand } from "./git-command.ts";
import type { Repository } from "./repository.ts";

/** How far back the commit is looked for that a work tree stands at. */
const MOST_COMMITS = 10_000;
const OBJECT_ID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Whether a ref's file holds something that is neither a commit nor another ref, as a power cut leaves it. */
export async function isDamaged({ commonDir }: Repository, ref: string): Promise<boolean> {
  const value = (await textOf(path.join(commonDir, ...ref.split("/"))))?.trim();
  return value !== undefined && !value.startsWith("ref: ") && !OBJECT_ID.test(value);
}

/** The last value in a ref's log whose commit and tree are there; null where there is none. */
export async function lastLogged({ commonDir, git }: Repository, ref: string): Promise<ObjectId | null> {
  const log = (await textOf(path.join(commonDir, "logs", ...ref.split("/")))) ?? "";
  const ids = log.split("\n").map((line) => line.split(" ")[1] ?? "");
  const last = ids.findLast((id) => OBJECT_ID.test(id) && !/^0+$/.test(id));
  if (last === undefined) return null;
  return (await git.run(["cat-file", "-e", `${last}^{tree}`])).ok ? last : null;
}

/** False where the ref is whole again already. */
export async function putBackRef(repository: Repository, ref: string, value: ObjectId): Promise<boolean> {
  if (!(await isDamaged(repository, ref))) return false;
  // git itself can't write over a ref that it can't read.
  await fs.rm(path.join(repository.commonDir, ...ref.split("/")), { force: true });
  await repository.git.ask(["update-ref", "--create-reflog", "-m", "memory: put back", ref, value, ""]);
  return true;
}

/**
 * What the index of a work tree on a ref has missed: it is exactly that of an older commit. Null where it is the ref's own, or
 * somebody's work.
 */
export async function missedBy(git: GitCommand, ref: string): Promise<{ from: ObjectId; commits: number } | null> {
  const tree = await git.run(["write-tree"]);
  // A merge that is not done yet has no tree.
  if (!tree.ok) return null;
  const staged = tree.stdout.toString("utf8").trim();
  const log = await git.ask(["log", "--first-parent", `--max-count=${MOST_COMMITS}`, "--format=%H %T", ref]);
  const lines = log.split("\n");
  const commits = lines.findIndex((line) => line.endsWith(` ${staged}`));
  return commits <= 0 ? null : { from: (lines[commits] ?? "").split(" ")[0] ?? "", commits };
}

/** Takes a work tree and its index from one commit to another as a fast-forward would. Throws GitError where edits forbid it. */
export async function catchUp(git: GitCommand, from: ObjectId, to: string): Promise<void> {
  await git.run(["update-index", "-q", "--refresh"]);
  await git.ask(["read-tree", "-m", "-u", from, to]);
}

async function textOf(file: string): Promise<string | undefined> {
  return fs.readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EISDIR"].includes(String(error.code)))
      return undefined;
    throw error;
  });
}
