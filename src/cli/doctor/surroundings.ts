/** What the store stands on: git, the repository, its configuration, and locks that somebody left behind. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { GitError, NoRepositoryError } from "../../core/errors.ts";
import { GitCommand } from "../../git/git-command.ts";
import { checkGitVersion, findRepository, type Repository } from "../../git/repository.ts";
import { type Finding, notice, ok, problem } from "./finding.ts";

/** A lock of git's lives for milliseconds; after this its process is dead or stuck. */
const STALE_LOCK_MS = 60_000;

export async function checkGit(folder: string): Promise<Finding> {
  try {
    return ok("git-version", `git ${await checkGitVersion(new GitCommand({ folder }))}.`);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return problem("git-version", error.message, "Install git 2.38 or later and make sure that it is on the PATH.");
  }
}

/** The repository with its finding; null where there is none. */
export async function checkRepository(folder: string): Promise<{ repository: Repository | null; finding: Finding }> {
  try {
    const repository = await findRepository(folder);
    const kind = repository.workTree === null ? "a bare repository" : `the work tree ${repository.workTree}`;
    return {
      repository,
      finding: ok("repository", `This is ${kind} (${repository.hash}, refs as ${repository.refFormat}).`),
    };
  } catch (error) {
    if (error instanceof NoRepositoryError) {
      return {
        repository: null,
        finding: notice(
          "repository",
          "This folder is in no git repository, so only the personal store is looked at.",
          "Go to a repository, or name one with -C.",
        ),
      };
    }
    if (!(error instanceof GitError)) throw error;
    return {
      repository: null,
      finding: problem("repository", error.message, "Run `git status` here; git says there what is wrong."),
    };
  }
}

/** @param ref the store's full ref */
export async function checkConfiguration({ git, commonDir }: Repository, ref: string): Promise<Finding[]> {
  const get = async (key: string): Promise<string> => {
    const answer = await git.run(["config", "--get-all", key]);
    return answer.ok ? answer.stdout.toString("utf8").trim() : "";
  };
  const branch = ref.replace("refs/heads/", "");
  const [name, email, signs, remotes] = [
    await get("user.name"),
    await get("user.email"),
    await get("commit.gpgSign"),
    await remotesOf(git),
  ];
  const findings: Finding[] = [];
  if (name === "" || email === "") {
    findings.push(
      notice(
        "identity",
        "git knows no name or address for you, so memory commits name an unknown committer.",
        'Set them: git config --global user.name "…" and git config --global user.email "…".',
      ),
    );
  }
  if (signs === "true") {
    findings.push(
      notice(
        "signing",
        "commit.gpgSign is on, and memory commits are not signed, because no prompt may disturb you.",
        "If a server demands signatures on every branch, exempt the memory branch.",
      ),
    );
  }
  for (const remote of remotes) {
    const refspecs = (await get(`remote.${remote}.fetch`)).split("\n");
    if (refspecs.some((refspec) => covers(refspec, ref))) continue;
    findings.push(
      notice(
        "fetch",
        `git fetch ${remote} leaves out the branch ${branch}, so the team's memory does not arrive.`,
        `Add it: git remote set-branches --add ${remote} ${branch}`,
      ),
    );
  }
  if ((await ageOf(path.join(commonDir, "shallow"))) !== null) {
    findings.push(
      notice(
        "shallow",
        "This is a shallow clone: history and blame may end early.",
        "git fetch --unshallow gets the rest.",
      ),
    );
  }
  return findings.length === 0 ? [ok("configuration", "git's configuration suits the store.")] : findings;
}

/** Locks that keep every write from the ref. Ours mends itself; git's does not. */
export async function checkLocks(commonDir: string, ref: string): Promise<Finding> {
  for (const name of [`${ref}.lock`, "packed-refs.lock"]) {
    const file = path.join(commonDir, ...name.split("/"));
    const age = await ageOf(file);
    if (age !== null && age > STALE_LOCK_MS) {
      return problem(
        "lock",
        `A git process left the lock ${file}, and nothing can be stored while it is there.`,
        "Make sure that no git runs here, then delete that file.",
      );
    }
  }
  return ok("lock", "No lock was left behind.");
}

/** Work trees on the memory branch follow each write, and edits in them make writes fail. */
export async function checkCheckouts(commonDir: string, ref: string): Promise<Finding[]> {
  const names = await readdir(path.join(commonDir, "worktrees")).catch(absent);
  const heads = [
    path.join(commonDir, "HEAD"),
    ...(names ?? []).map((name) => path.join(commonDir, "worktrees", name, "HEAD")),
  ];
  const texts = await Promise.all(heads.map((head) => readFile(head, "utf8").catch(absent)));
  if (texts.every((text) => text?.trim() !== `ref: ${ref}`)) return [];
  return [
    notice(
      "checkout",
      "The memory branch is checked out in a work tree. It follows each write.",
      "Commit or undo your edits there soon: memories that you edit there can't be changed from elsewhere.",
    ),
  ];
}

async function remotesOf(git: GitCommand): Promise<string[]> {
  return (await git.ask(["remote"])).split("\n").filter((name) => name !== "");
}

function covers(refspec: string, ref: string): boolean {
  const source = refspec.replace(/^\+/, "").split(":")[0] ?? "";
  return source === ref || (source.endsWith("*") && ref.startsWith(source.slice(0, -1)));
}

async function ageOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(absent);
  return found === null ? null : Date.now() - found.mtimeMs;
}

function absent(error: unknown): null {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
  throw error;
}
