/** What HEAD says, in whichever format a repository keeps its refs. */
import fs from "node:fs";
import path from "node:path";
import type { Repository } from "../repository.ts";

/** Where git writes down anew which tables there are, whenever a ref of theirs moves. */
export const TABLES = path.join("reftable", "tables.list");

/** Per git folder and question: what git said, and the tables that it said it of. */
const known = new Map<string, { readonly stamp: string; readonly answer: string | null }>();

/**
 * HEAD of a work tree, in the words of git's own file: `ref: refs/heads/main`, or a commit; null where there is none.
 * @param gitDir where git keeps that work tree's HEAD
 */
export function headOf(repository: Pick<Repository, "git" | "refFormat">, gitDir: string): string | null {
  if (repository.refFormat === "files") return firstLine(path.join(gitDir, "HEAD"));
  // The file is a stand-in there.
  const branch = ofTables(repository, gitDir, ["symbolic-ref", "--quiet", "HEAD"]);
  return branch === null
    ? ofTables(repository, gitDir, ["rev-parse", "--verify", "--quiet", "HEAD"])
    : `ref: ${branch}`;
}

/** Whether a work tree has a ref such as `CHERRY_PICK_HEAD`, by which git remembers what it is in the middle of. */
export function hasOwnRef(repository: Repository, name: string): boolean {
  if (repository.refFormat === "files") return fs.existsSync(path.join(repository.gitDir, name));
  return ofTables(repository, repository.gitDir, ["rev-parse", "--verify", "--quiet", name]) !== null;
}

/** git is asked only once the tables have changed. */
function ofTables({ git }: Pick<Repository, "git">, gitDir: string, question: readonly string[]): string | null {
  const stat = fs.statSync(path.join(gitDir, TABLES), { bigint: true, throwIfNoEntry: false });
  const stamp = `${stat?.mtimeNs} ${stat?.size} ${stat?.ino}`;
  const name = [gitDir, ...question].join("\n");
  const found = known.get(name);
  if (found?.stamp === stamp) return found.answer;
  const answer = git.at(gitDir).askAtOnce(question);
  known.set(name, { stamp, answer });
  return answer;
}

function firstLine(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8").split("\n")[0]?.trim() ?? null;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}
