/** What the store stands on: git, the repository and its configuration. */
import path from "node:path";
import { GitError, NoRepositoryError } from "../../core/errors.ts";
import { GitCommand } from "../../git/git-command.ts";
import { askForRepository, checkGitVersion, type Repository } from "../../git/repository.ts";
import type { CommitManner } from "../../core/ports.ts";
import { ageOf, namesIn } from "./files.ts";
import { type Finding, notice, ok, problem } from "./finding.ts";

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
    const repository = await askForRepository(folder);
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

/**
 * What of git's configuration does not suit a store.
 *
 * @param ref the store's full ref
 * @param manner how the store's policy wants its commits
 */
export async function checkConfiguration(
  { git, commonDir }: Repository,
  ref: string,
  manner: CommitManner,
): Promise<Finding[]> {
  const findings = [
    ...(await unnamed(git)),
    ...(await unlikeOtherCommits(git, commonDir, manner)),
    ...(await unfetched(git, ref)),
  ];
  if ((await ageOf(path.join(commonDir, "shallow"))) !== null)
    findings.push(
      notice(
        "shallow",
        "This is a shallow clone: history and blame may end early.",
        "git fetch --unshallow gets the rest.",
      ),
    );
  return findings.length === 0 ? [ok("configuration", "git's configuration suits the store.")] : findings;
}

async function unnamed(git: GitCommand): Promise<Finding[]> {
  if ((await valuesOf(git, "user.name")) !== "" && (await valuesOf(git, "user.email")) !== "") return [];
  return [
    notice(
      "identity",
      "git knows no name or address for you, so memory commits name an unknown committer.",
      'Set them: git config --global user.name "…" and git config --global user.email "…".',
    ),
  ];
}

/** What the user's own commits have and the store's policy does not ask for. */
async function unlikeOtherCommits(git: GitCommand, commonDir: string, manner: CommitManner): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (manner.sign === "never" && (await valuesOf(git, "commit.gpgSign")) === "true")
    findings.push(
      notice(
        "signing",
        "commit.gpgSign is on, and memory commits are not signed, because the store's policy does not ask for it.",
        "A person can put `commits: { sign: always }` into policy.yaml; a write then waits while the key is locked.",
      ),
    );
  const hooks = await hooksIn(commonDir);
  if (manner.hooks === "skip" && hooks.length > 0)
    findings.push(
      notice(
        "hooks",
        `The repository's ${hooks.join(", ")} ${hooks.length === 1 ? "does" : "do"} not see memory commits, because the store's policy does not ask for it.`,
        "If it has to, a person can put `commits: { hooks: run }` into policy.yaml; each write is slower then.",
      ),
    );
  return findings;
}

/** Remotes whose fetch leaves the store's branch out. */
async function unfetched(git: GitCommand, ref: string): Promise<Finding[]> {
  const branch = ref.replace("refs/heads/", "");
  const findings: Finding[] = [];
  for (const remote of await remotesOf(git)) {
    const refspecs = (await valuesOf(git, `remote.${remote}.fetch`)).split("\n");
    if (refspecs.some((refspec) => covers(refspec, ref))) continue;
    findings.push(
      notice(
        "fetch",
        `git fetch ${remote} leaves out the branch ${branch}, so the team's memory does not arrive.`,
        `Add it: git remote set-branches --add ${remote} ${branch}`,
      ),
    );
  }
  return findings;
}

/** All values of a key in git's configuration, one a line. */
async function valuesOf(git: GitCommand, key: string): Promise<string> {
  const answer = await git.run(["config", "--get-all", key]);
  return answer.ok ? answer.stdout.toString("utf8").trim() : "";
}

/** Commit hooks that the repository has, not counting git's own samples. */
async function hooksIn(commonDir: string): Promise<string[]> {
  const names = await namesIn(path.join(commonDir, "hooks"));
  return ["pre-commit", "commit-msg"].filter((name) => names.includes(name));
}

async function remotesOf(git: GitCommand): Promise<string[]> {
  return (await git.ask(["remote"])).split("\n").filter((name) => name !== "");
}

function covers(refspec: string, ref: string): boolean {
  const source = refspec.replace(/^\+/, "").split(":")[0] ?? "";
  return source === ref || (source.endsWith("*") && ref.startsWith(source.slice(0, -1)));
}
