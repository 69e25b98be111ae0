/** Refs below a prefix and the commits that they stand for. */
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { GitCommand } from "../git-command.ts";
import type { Repository } from "../repository.ts";
import { removeIfStale, removeLeftLocks } from "./left-locks.ts";

export interface NamedCommit {
  readonly ref: string;
  readonly commit: ObjectId;
}

export async function namedCommits(git: GitCommand, prefix: string): Promise<NamedCommit[]> {
  // An annotated tag is an object of its own; the starred fields tell what it stands for.
  const format = "%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)";
  const lines = (await git.ask(["for-each-ref", `--format=${format}`, prefix])).split("\n");
  return lines.flatMap((line) => {
    const [ref = "", type, id = "", innerType, inner = ""] = line.split(" ");
    if (type === "commit") return [{ ref, commit: id }];
    return type === "tag" && innerType === "commit" ? [{ ref, commit: inner }] : [];
  });
}

/** Makes a ref, or with null removes it. False where it stands for another commit already. Throws GitError. */
export async function setNamedCommit(
  { git, commonDir }: Pick<Repository, "git" | "commonDir">,
  ref: string,
  commit: ObjectId | null,
): Promise<boolean> {
  await removeIfStale(path.join(commonDir, `${ref}.lock`));
  // An empty old value: only where the ref does not exist.
  const how = commit === null ? ["-d", ref] : ["-m", "memory", ref, commit, ""];
  const done = await git.run(["update-ref", ...how]);
  if (done.ok) return true;
  // Killed alone: of one that dies with this process, the next writer knows by what is noted.
  if (done.code === null) await removeLeftLocks(commonDir, [{ ref, after: commit }]);
  if (commit === null) throw new GitError(`${ref} could not be removed: ${wordsOfGit(done.stderr)}`);
  const there = await git.run(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  if (!there.ok) throw new GitError(`${ref} could not be made: ${wordsOfGit(done.stderr)}`);
  return there.stdout.toString("utf8").trim() === commit;
}

function wordsOfGit(said: string): string {
  return said.replace(/^(?:fatal|error): /, "").trim() || "git was stopped. Try again";
}
