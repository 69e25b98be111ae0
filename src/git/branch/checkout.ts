/**
 * Plain files of a store that is on a branch of its own: a linked work tree, outside the code's, because `git clean -ffdx`, a
 * second work tree or an old commit that tracks the folder would lose data there.
 */
import fs from "node:fs";
import path from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { MEMORY_BRANCH } from "../git-store.ts";
import { headOf } from "../refs/head.ts";
import type { Repository } from "../repository.ts";
import { finishCheckout, forgetUnmade, hasIndex } from "../unfinished-checkout.ts";
import { lineOf } from "./work-tree.ts";

export interface CheckedOut {
  readonly folder: string;
  /** False where it was there already. */
  readonly made: boolean;
}

/**
 * @param wish where; default: in the git folder, where nothing of git's or the user's cleans up
 * @throws InvalidInputError where the folder is inside the code's work tree, is not empty, or belongs to another repository
 */
export async function checkOutStore(repository: Repository, wish?: string): Promise<CheckedOut> {
  const { commonDir, workTree, git } = repository;
  const folder = wish ?? path.join(commonDir, "memory", "tree");
  const gitFile = path.join(folder, ".git");
  if (fs.existsSync(gitFile)) {
    // A repository of its own has a folder of that name.
    const admin = fs.statSync(gitFile).isFile() ? adminOf(folder) : gitFile;
    const isOurs =
      fs.existsSync(admin) && fs.realpathSync(path.dirname(path.dirname(admin))) === fs.realpathSync(commonDir);
    const head = isOurs ? headOf(repository, admin) : null;
    if (head === `ref: refs/heads/${MEMORY_BRANCH}`) {
      tie(folder, admin);
      return { folder, made: await finishCheckout(repository, folder, admin) };
    }
    // git was killed before it had a branch: its link stands there alone.
    const isUnbegun = head !== null && /^0+$/.test(head) && !hasIndex(admin);
    if (!isUnbegun) throw new InvalidInputError(`${folder} is a work tree of something else. Name another folder.`);
    fs.rmSync(gitFile);
  }
  if (workTree !== null && isInside(folder, workTree) && !isInside(folder, commonDir))
    throw new InvalidInputError(
      `${folder} is inside the code's work tree, where cleaning up would take it away. Name a folder outside of it.`,
    );
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0)
    throw new InvalidInputError(`${folder} is not empty. Name a new folder.`);
  // Where a repository was moved or a folder removed, git still has the record of it.
  await forgetUnmade(repository, `refs/heads/${MEMORY_BRANCH}`, folder);
  const other = folderOf(MEMORY_BRANCH, await git.ask(["worktree", "list", "--porcelain"]));
  if (other !== null)
    throw new InvalidInputError(
      `The memory is checked out in ${other} already, and git checks a branch out in one folder only. Use that one, or run \`git worktree remove ${other}\` and try again.`,
    );
  await git.ask(["worktree", "add", "--quiet", folder, MEMORY_BRANCH]);
  tie(folder, adminOf(folder));
  return { folder, made: true };
}

/** The work tree that has a branch checked out, of what `git worktree list --porcelain` says. */
function folderOf(branch: string, list: string): string | null {
  const entry = list.split("\n\n").find((one) => one.split("\n").includes(`branch refs/heads/${branch}`));
  return /^worktree (.+)$/m.exec(entry ?? "")?.[1] ?? null;
}

/** Where git keeps the HEAD and index of a linked work tree. */
function adminOf(folder: string): string {
  return path.resolve(folder, lineOf(path.join(folder, ".git"))?.replace(/^gitdir: /, "") ?? "");
}

/** Each names the other; inside the git folder by the way from one to the other, so that both can be moved together. */
function tie(folder: string, admin: string): void {
  const isTogether = isInside(folder, path.dirname(path.dirname(admin)));
  fs.writeFileSync(path.join(folder, ".git"), `gitdir: ${isTogether ? path.relative(folder, admin) : admin}\n`);
  fs.writeFileSync(path.join(admin, "gitdir"), `${path.join(folder, ".git")}\n`);
}

function isInside(folder: string, other: string): boolean {
  const [inner, outer] = [realPathOf(folder), realPathOf(other)];
  return inner === outer || inner.startsWith(`${outer}${path.sep}`);
}

/** Of a folder that may not be there yet. */
function realPathOf(folder: string): string {
  if (fs.existsSync(folder)) return fs.realpathSync(folder);
  const above = path.dirname(folder);
  return above === folder ? folder : path.join(realPathOf(above), path.basename(folder));
}
