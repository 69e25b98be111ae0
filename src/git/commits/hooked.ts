/**
 * Commits that the repository's own hooks see first, made by `git commit` in a work tree of the store that is thrown away.
 * That work tree has a HEAD and an index of its own and is on no record, so the user's are out of reach; the ref moves
 * afterwards, as for any write.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GitError, HookError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { decodeCommit } from "../branch/raw-commit.ts";
import type { GitCommand } from "../git-command.ts";
import type { Repository } from "../repository.ts";
import { peopleIn } from "./signed.ts";

/** Milliseconds that all hooks of one commit may take together. */
const HOOKS_LIMIT = 120_000;
/** Lines of a hook's words that an answer carries. */
const MOST_LINES = 12;

/** Unsigned. Throws HookError where a hook refuses or changes what was judged. */
export async function hookedCommit(repository: Repository, bytes: Buffer): Promise<ObjectId> {
  const { tree, parents, people, message } = decodeCommit(bytes);
  const [parent] = parents;
  if (parent === undefined || parents.length > 1 || repository.refFormat === "reftable")
    throw new GitError(
      "Hooks can't be run for this commit (a first commit, a merge, or refs kept as a reftable). Take `commits.hooks` out of policy.yaml.",
    );
  const scratch = await fs.mkdtemp(path.join(os.tmpdir(), "memory-hooks-"));
  try {
    const git = await workTreeIn(scratch, repository, parent);
    await git.ask(["read-tree", "--reset", "-u", tree]);
    const hooks = await hooksFolder(repository);
    const config = [`core.hooksPath=${hooks}`, "i18n.commitEncoding=UTF-8"].flatMap((setting) => ["-c", setting]);
    const options = ["--quiet", "--allow-empty", "--cleanup=verbatim", "--no-gpg-sign", "--file=-"];
    const made = await git.runApart([...config, "commit", ...options], {
      limit: HOOKS_LIMIT,
      input: message,
      env: peopleIn(people),
    });
    if (!made.ok) throw refusal(made.stderr, made.late === true);
    const commit = (await git.ask(["rev-parse", "HEAD"])).trim();
    const stored = (await git.ask(["rev-parse", "HEAD^{tree}"])).trim();
    if (stored !== tree)
      throw new HookError(
        "A hook of this repository changed what was to be stored after it had been checked, so nothing was stored. Have the hook refuse instead.",
      );
    return commit;
  } finally {
    await fs.rm(scratch, { recursive: true, force: true });
  }
}

async function workTreeIn(scratch: string, repository: Repository, head: ObjectId): Promise<GitCommand> {
  const [gitDir, folder] = [path.join(scratch, "git"), path.join(scratch, "store")];
  await Promise.all([fs.mkdir(gitDir), fs.mkdir(folder)]);
  await fs.writeFile(path.join(gitDir, "HEAD"), `${head}\n`);
  await fs.writeFile(path.join(gitDir, "commondir"), `${repository.commonDir}\n`);
  await fs.writeFile(path.join(gitDir, "gitdir"), `${path.join(folder, ".git")}\n`);
  await fs.writeFile(path.join(folder, ".git"), `gitdir: ${gitDir}\n`);
  return repository.git.in(folder);
}

/** Where the user's own hooks are. A relative path is meant from the work tree that the hooks were written for. */
export async function hooksFolder(repository: Repository): Promise<string> {
  const { commonDir, mainWorkTree, workTree } = repository;
  const named = await repository.git.run(["config", "--type=path", "--get-all", "core.hooksPath"]);
  // The last value is our own, which keeps hooks out of every other process.
  const values = named.ok ? named.stdout.toString("utf8").trim().split("\n").slice(0, -1) : [];
  const own = values.at(-1);
  return own === undefined ? path.join(commonDir, "hooks") : path.resolve(mainWorkTree ?? workTree ?? commonDir, own);
}

function refusal(said: string, late: boolean): HookError {
  if (late)
    return new HookError(
      "A hook of this repository did not end in time, so nothing was stored. Run it by hand to see why.",
    );
  const words = said.trim().split("\n").slice(-MOST_LINES).join("\n");
  return new HookError(
    `A hook of this repository refused the write, so nothing was stored. ${words === "" ? "It gave no reason." : `It said: ${words}`}`,
  );
}
