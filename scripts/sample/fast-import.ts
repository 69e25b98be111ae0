/**
 * Writes commits of chosen authors and dates with `git fast-import`: one process for a whole history, no index, no work
 * tree, and the same commits for the same input.
 */
import { run } from "../process.ts";

export interface ImportCommit {
  readonly at: Date;
  /** `Name <address>`, as git writes a person. */
  readonly author: string;
  readonly committer: string;
  readonly message: string;
  /** Path to text; null removes the file. */
  readonly files: Readonly<Record<string, string | null>>;
}

/** Appends nothing: `ref` is created anew with these commits, oldest first. */
export function importCommits(repository: string, ref: string, commits: readonly ImportCommit[]): void {
  const parts = [`reset ${ref}\n`, ...commits.map((commit) => commitCommand(ref, commit)), "done\n"];
  run("git", ["fast-import", "--quiet", "--done", "--date-format=raw"], { cwd: repository, input: parts.join("\n") });
}

function commitCommand(ref: string, commit: ImportCommit): string {
  const when = `${Math.floor(commit.at.getTime() / 1000)} +0000`;
  const lines = [
    `commit ${ref}`,
    `author ${commit.author} ${when}`,
    `committer ${commit.committer} ${when}`,
    dataCommand(commit.message),
  ];
  for (const [path, text] of Object.entries(commit.files)) {
    lines.push(text === null ? `D ${path}` : `M 100644 inline ${path}\n${dataCommand(text)}`);
  }
  return `${lines.join("\n")}\n`;
}

function dataCommand(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
