/** Work trees that have the memory branch checked out: they follow each write, and may have been kept from it. */
import fs from "node:fs/promises";
import path from "node:path";
import type { GitCommand } from "../../git/git-command.ts";
import { headOf } from "../../git/refs/head.ts";
import { catchUp, missedBy } from "../../git/repairs.ts";
import type { Repository } from "../../git/repository.ts";
import { finishCheckout, hasIndex } from "../../git/unfinished-checkout.ts";
import { counted } from "../words.ts";
import { namesIn, textOf } from "./files.ts";
import { type Finding, notice, problem, repairable } from "./finding.ts";

export async function checkCheckouts(repository: Repository, ref: string): Promise<Finding[]> {
  const { commonDir } = repository;
  const linked = (await namesIn(path.join(commonDir, "worktrees"))).map((name) =>
    path.join(commonDir, "worktrees", name),
  );
  const findings: Finding[] = [];
  for (const admin of [commonDir, ...linked]) {
    if (headOf(repository, admin) !== `ref: ${ref}`) continue;
    const folder = await folderOf(admin, repository);
    if (folder === null) findings.push(lostWorkTree(admin));
    else if (!hasIndex(admin)) findings.push(unfinished(repository, folder, admin));
    else findings.push(await standing(repository.git.in(folder), folder, ref));
  }
  return findings;
}

/** Null where the record of a work tree leads nowhere, or to a work tree of another repository. */
async function folderOf(admin: string, { commonDir, mainWorkTree }: Repository): Promise<string | null> {
  if (admin === commonDir) return mainWorkTree;
  const named = (await textOf(path.join(admin, "gitdir")))?.trim();
  if (named === undefined) return null;
  const file = path.resolve(admin, named);
  const link = /^gitdir: (.+)$/m.exec((await textOf(file).catch(() => null)) ?? "")?.[1];
  const target = link === undefined ? null : path.resolve(path.dirname(file), link);
  const [there, here] = await Promise.all([target ?? "", admin].map((place) => fs.realpath(place).catch(() => null)));
  return there !== null && there === here ? path.dirname(file) : null;
}

function lostWorkTree(admin: string): Finding {
  return notice(
    "checkout",
    `The work tree of ${admin} was moved, copied or removed, so it does not follow the memory branch.`,
    hasIndex(admin)
      ? "git worktree repair PATH mends it where it was moved; git worktree prune forgets it."
      : "It was never finished; git memory checkout makes it anew.",
  );
}

function unfinished(repository: Repository, folder: string, admin: string): Finding {
  const finding = problem(
    "checkout-unfinished",
    `The memory branch has a work tree in ${folder} that git has not checked out, so that nothing there follows a write.`,
    "Its files can be checked out.",
  );
  return repairable(finding, async () => {
    await finishCheckout(repository, folder, admin);
    return `Checked the memory branch out in ${folder}.`;
  });
}

async function standing(git: GitCommand, folder: string, ref: string): Promise<Finding> {
  const follows = notice(
    "checkout",
    `The memory branch is checked out in ${folder}, and follows each write.`,
    "Commit or undo your edits there soon: memories that you edit there can't be changed from elsewhere.",
  );
  const missed = await missedBy(git, ref);
  if (missed === null) return follows;
  const { from, commits } = missed;
  const finding = problem(
    "checkout-behind",
    `The checkout of the memory branch in ${folder} is ${counted(commits, "commit", "commits")} behind, so a commit made there would take them back.`,
    "It takes the step that it missed, and keeps your edits.",
  );
  return repairable(finding, async () => {
    await catchUp(git, from, ref);
    return `Brought the checkout in ${folder} up to the memory branch.`;
  });
}
