/**
 * What is known of a git repository before anything is read from it: found once, valid for as long as the repository stays
 * where it is.
 */
import fs from "node:fs";
import path from "node:path";
import { GitError, NoRepositoryError } from "../core/errors.ts";
import { GitCommand } from "./git-command.ts";
import { plainBareRepository, plainRepositoryAround } from "./plain-repository.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The oldest git whose plumbing we rely on (`cat-file --batch-command` is 2.36, `merge-tree --write-tree` 2.38). */
const OLDEST_GIT = [2, 38] as const;

export interface Repository {
  /** The folder that all worktrees share, where objects and refs are. */
  readonly commonDir: string;
  /** Where git keeps HEAD and the index of the work tree that was opened; `commonDir` unless that is a linked one. */
  readonly gitDir: string;
  readonly objectsDir: string;
  /** The work tree's root; null in a bare repository. */
  readonly workTree: string | null;
  /** The root of the work tree that the repository was made with, which no record of a linked one names. */
  readonly mainWorkTree: string | null;
  readonly hash: "sha1" | "sha256";
  /** Where refs are kept; `files` can be read without a process. */
  readonly refFormat: "files" | "reftable";
  /** git on this repository, whatever the work tree is. */
  readonly git: GitCommand;
  /** The same, standing where git stands for its user: a remote's address such as ../server.git counts from there. */
  readonly remoteGit: GitCommand;
  /** What the configuration says; asked for once, when it is first needed. */
  readonly settings: () => Promise<Settings>;
}

/**
 * The repository that a folder is in or, where `gitDir` is named, exactly that one. git is asked only where the layout is out
 * of the ordinary. Throws NoRepositoryError where there is none, GitError where git is missing or refuses the folder.
 */
export async function findRepository(folder: string, binary?: string, gitDir?: string): Promise<Repository> {
  const plain = gitDir === undefined ? plainRepositoryAround(folder) : plainBareRepository(gitDir);
  if (plain === null) return askForRepository(folder, binary, gitDir);
  const { gitDir: commonDir, workTree } = plain;
  return repositoryAt(
    { commonDir, gitDir: commonDir, objectsDir: path.join(commonDir, "objects"), workTree, hash: "sha1" },
    binary,
  );
}

/** The same by git's own word, always: for who wants to know whether git is content with the repository. */
export async function askForRepository(folder: string, binary?: string, gitDir?: string): Promise<Repository> {
  const here = new GitCommand({
    folder,
    ...(binary === undefined ? {} : { binary }),
    ...(gitDir === undefined ? {} : { gitDir }),
  });
  const questions = [
    "--git-common-dir",
    "--git-path",
    "objects",
    "--is-inside-work-tree",
    "--show-object-format",
    "--show-cdup",
    "--git-dir",
  ];
  const answer = await here.ask(["rev-parse", ...questions]).catch((error: unknown) => {
    throw error instanceof GitError && /not a git repository/.test(error.message)
      ? new NoRepositoryError(
          "This folder is in no git repository. Run `git init` first, or open a folder that is in one.",
        )
      : error;
  });
  const lines = answer.split("\n");
  const ask = async (...question: readonly string[]): Promise<string> =>
    (await here.ask(["rev-parse", ...question])).replace(/\n$/, "");
  // A folder's name may hold a line break; then each question has to be asked alone.
  const [common, objects, inside, hash, up, own] =
    lines.length <= questions.length
      ? lines
      : await Promise.all([
          ask("--git-common-dir"),
          ask("--git-path", "objects"),
          ask("--is-inside-work-tree"),
          ask("--show-object-format"),
          ask("--show-cdup"),
          ask("--git-dir"),
        ]);
  if (common === undefined || objects === undefined)
    throw new GitError("git rev-parse gave no answer. Run `git rev-parse --git-common-dir` to see why.");
  const place = {
    commonDir: path.resolve(folder, common),
    gitDir: path.resolve(folder, own ?? ""),
    objectsDir: path.resolve(folder, objects),
    workTree: inside === "true" ? path.resolve(folder, up ?? "") : null,
    hash: hash === "sha256" ? ("sha256" as const) : ("sha1" as const),
  };
  return repositoryAt(place, binary);
}

function repositoryAt(
  found: Pick<Repository, "commonDir" | "gitDir" | "objectsDir" | "workTree" | "hash">,
  binary: string | undefined,
): Repository {
  const { commonDir, gitDir, workTree } = found;
  const isMain = gitDir === commonDir;
  const place = { gitDir: commonDir, ...(binary === undefined ? {} : { binary }) };
  const git = new GitCommand({ ...place, folder: commonDir });
  let settings: Promise<Settings> | undefined;
  return {
    ...found,
    // A submodule's main work tree is elsewhere; from a linked one the usual place is the only guess.
    mainWorkTree: isMain ? workTree : path.basename(commonDir) === ".git" ? path.dirname(commonDir) : null,
    // git keeps reftables in a folder of that name, since 2.45.
    refFormat: fs.existsSync(path.join(commonDir, "reftable")) ? "reftable" : "files",
    git,
    remoteGit: new GitCommand({ ...place, folder: workTree ?? commonDir }),
    settings: () => (settings ??= readSettings(git)),
  };
}

/** Throws GitError where git is missing or older than 2.38. */
export async function checkGitVersion(git: GitCommand): Promise<string> {
  const text = await git.ask(["version"]);
  const match = /(\d+)\.(\d+)/.exec(text);
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1])) {
    throw new GitError(`git ${major}.${minor} is too old. Install git ${OLDEST_GIT.join(".")} or later.`);
  }
  return `${major}.${minor}`;
}
