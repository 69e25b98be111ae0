/** Locks that somebody left behind. Ours mend themselves; git's do not. */
import fs from "node:fs/promises";
import path from "node:path";
import type { Repository } from "../../git/repository.ts";
import { gitProcessesIn } from "../../git/processes.ts";
import { headOf, TABLES } from "../../git/refs/head.ts";
import { ageOf, namesIn } from "./files.ts";
import { type Finding, ok, problem, repairable } from "./finding.ts";

/** A lock of git's lives for milliseconds, in milliseconds; after this its process is dead or stuck. */
const STALE_LOCK_MS = 60_000;

/** Locks that keep writes from the store's refs, or from the work trees that follow them. */
export async function checkLocks(repository: Repository, refs: readonly string[]): Promise<Finding[]> {
  const { commonDir, workTree } = repository;
  const names = [...refs.map((ref) => `${ref}.lock`), "packed-refs.lock", `${TABLES}.lock`];
  const linked = (await namesIn(path.join(commonDir, "worktrees"))).map((name) =>
    path.join(commonDir, "worktrees", name),
  );
  const following = [commonDir, ...linked].filter((admin) =>
    refs.some((ref) => headOf(repository, admin) === `ref: ${ref}`),
  );
  const files = [
    ...names.map((name) => path.join(commonDir, ...name.split("/"))),
    ...following.map((admin) => path.join(admin, "index.lock")),
  ];
  const ages = await Promise.all(files.map(ageOf));
  const left = files.filter((_, i) => (ages[i] ?? 0) > STALE_LOCK_MS);
  if (left.length === 0) return [ok("lock", "No lock was left behind.")];
  const running = gitProcessesIn([commonDir, ...(workTree === null ? [] : [workTree])]);
  return left.map((file) => {
    const message = `A git process left the lock ${file}, and nothing can be stored while it is there.`;
    const [first] = running ?? [];
    if (first !== undefined)
      return problem("lock", message, `Wait for git to end (\`${first}\` is running), or end it, and look again.`);
    const finding = problem("lock", message, "If no git is running here, delete that file.");
    return running === null ? finding : repairable(finding, () => removeLock(file));
  });
}

/** Only where the lock is still as old: one that is new belongs to somebody. */
async function removeLock(file: string): Promise<string> {
  const age = await ageOf(file);
  if (age === null || age <= STALE_LOCK_MS) return `The lock ${file} is gone already.`;
  await fs.rm(file, { force: true });
  return `Removed the lock ${file}, which no git process held.`;
}
