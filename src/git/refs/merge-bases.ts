import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { GitCommand } from "../git-command.ts";

/** The best common ancestors of two commits; none where their histories are unrelated. Throws GitError. */
export async function mergeBases(git: GitCommand, a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]> {
  const answer = await git.run(["merge-base", "--all", a, b]);
  if (answer.ok)
    return answer.stdout
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
  // git ends with 1 and says nothing where there is none.
  if (answer.code === 1 && answer.stderr.trim() === "") return [];
  throw new GitError(`git merge-base failed: ${answer.stderr.trim()}`);
}
