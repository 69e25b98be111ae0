import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../process.ts";
import { CODE } from "./code.ts";
import { importCommits } from "./fast-import.ts";
import { fillSampleStore } from "./store.ts";

const DAY_MS = 86_400_000;

/**
 * Makes a small code repository with a memory store on `agent-memory` whose history is worth looking at. Dates are
 * counted back from `now`; for the same `now` the commits are the same.
 * @param folder a path that does not exist yet or is empty
 */
export async function buildSampleWorkspace(folder: string, now: Date = new Date()): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]): string => run("git", args, { cwd: folder }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Alice");
  git("config", "user.email", "alice@example.com");
  git("config", "commit.gpgsign", "false");

  importCommits(
    folder,
    "refs/heads/main",
    CODE.map(({ daysAgo, author, message, files }) => ({
      author,
      committer: author,
      files,
      at: new Date(now.getTime() - daysAgo * DAY_MS),
      message: `${message}\n`,
    })),
  );
  git("reset", "--quiet", "--hard", "main");

  const cite = (path: string, at: Date): { commit: string; blob: string } => {
    const commit = git("rev-list", "-1", `--before=${at.toISOString()}`, "main");
    return { commit, blob: git("rev-parse", `${commit}:${path}`) };
  };
  // The user's own data directory stays out of it: the sample asks nothing of the personal store.
  const scratch = mkdtempSync(join(tmpdir(), "memory-sample-"));
  try {
    await fillSampleStore(folder, scratch, now, cite);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
