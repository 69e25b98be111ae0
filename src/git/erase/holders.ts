/** What still keeps erased text alive here, told so that a person can let go of it. */
import fs from "node:fs/promises";
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { GitCommand } from "../git-command.ts";
import type { Repository } from "../repository.ts";

/** The refs from which one of the commits can be reached. */
export async function refsWith(git: GitCommand, commits: readonly ObjectId[]): Promise<string[]> {
  const holders = new Set<string>();
  for (const commit of commits) {
    const answer = await git.run(["for-each-ref", "--format=%(refname)", `--contains=${commit}`]);
    // Once the commit itself is gone, nothing holds it.
    const refs = answer.ok ? answer.stdout.toString("utf8").split("\n") : [];
    for (const ref of refs) if (ref !== "") holders.add(ref);
  }
  return [...holders].toSorted();
}

/**
 * @param blobs those of the erased ones that are still there
 * @param origins the commits that were written anew
 */
export async function holdersOf(
  repository: Repository,
  blobs: readonly ObjectId[],
  origins: readonly ObjectId[],
): Promise<string[]> {
  const { git, objectsDir } = repository;
  const holders = new Set(await refsWith(git, origins));
  let isLogged = false;
  for (const blob of blobs) {
    const commits = await git.run(["log", "--all", "--reflog", "-m", `--find-object=${blob}`, "--format=%H"]);
    if (!commits.ok) throw new GitError(`git log failed: ${commits.stderr.trim()}`);
    const oldest = commits.stdout.toString("utf8").trim().split("\n").at(-1) ?? "";
    for (const ref of oldest === "" ? [] : await refsWith(git, [oldest])) holders.add(ref);
    isLogged ||= oldest !== "";
  }
  for (const holder of await checkoutsWith(git, blobs, origins)) holders.add(holder);
  // The log of a ref that is named already goes with it.
  for (const { ref, advice } of await logsWith(repository, origins)) if (!holders.has(ref)) holders.add(advice);
  if (holders.size > 0) return [...holders].toSorted();
  if (isLogged) return ["a reflog"];
  const alternates = await fs.readFile(path.join(objectsDir, "info/alternates"), "utf8").catch(() => "");
  const folders = alternates.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return folders.length > 0 ? folders : ["an index of a work tree"];
}

/** Work trees that stand on an old commit with no branch, which no ref tells of, or have a text staged. */
async function checkoutsWith(
  git: GitCommand,
  blobs: readonly ObjectId[],
  origins: readonly ObjectId[],
): Promise<string[]> {
  const listed = await git.run(["worktree", "list", "--porcelain", "-z"]);
  if (!listed.ok) return [];
  const found: string[] = [];
  for (const lines of listed.stdout
    .toString("utf8")
    .split("\0\0")
    .map((entry) => entry.split("\0"))) {
    const told = (key: string): string | undefined =>
      lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
    const [folder, head] = [told("worktree"), told("HEAD")];
    if (folder === undefined || head === undefined) continue;
    if (lines.includes("detached") && (await reachesAny(git, head, origins)))
      found.push(
        `the old commit that is checked out in ${folder} (there: git checkout BRANCH, git reflog expire --expire=all HEAD)`,
      );
    const [staged, committed] = [
      await namesIn(git.in(folder), ["ls-files", "--stage", "-z"]),
      await namesIn(git, ["ls-tree", "-r", "-z", head]),
    ];
    // What is committed there is told by its commit.
    if (blobs.some((blob) => staged.includes(blob) && !committed.includes(blob)))
      found.push(`the index of the work tree in ${folder}`);
  }
  return found;
}

async function namesIn(git: GitCommand, words: readonly string[]): Promise<string> {
  const answer = await git.run(words);
  return answer.ok ? answer.stdout.toString("utf8") : "";
}

async function reachesAny(git: GitCommand, head: ObjectId, commits: readonly ObjectId[]): Promise<boolean> {
  for (const commit of commits) if ((await git.run(["merge-base", "--is-ancestor", commit, head])).ok) return true;
  return false;
}

interface LogHolder {
  readonly ref: string;
  readonly advice: string;
}

/** Logs that name one of the commits. Where they are no files of their own, git is the only one who knows. */
async function logsWith({ commonDir, refFormat }: Repository, commits: readonly ObjectId[]): Promise<LogHolder[]> {
  if (refFormat === "reftable") return [];
  const linked = await fs.readdir(path.join(commonDir, "worktrees")).catch(() => []);
  const folders = ["", ...linked.map((name) => path.join("worktrees", name))];
  const found: LogHolder[] = [];
  for (const folder of folders) {
    const logs = path.join(commonDir, folder, "logs");
    for (const name of await fs.readdir(logs, { recursive: true }).catch(() => [])) {
      const text = await fs.readFile(path.join(logs, name), "utf8").catch(() => "");
      if (!commits.some((commit) => text.includes(commit))) continue;
      const ref = folder === "" ? name : path.join(folder, name);
      found.push({ ref, advice: `the log of ${ref} (git reflog expire --expire=all ${ref})` });
    }
  }
  return found;
}
