/** The team's branch on its server. What it holds is asked of the server itself, and never read from a ref that others write. */
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Person, TeamRemote } from "../../core/ports.ts";
import { withoutCredentials } from "../../core/trust/server-address.ts";
import { MEMORY_BRANCH } from "../git-store.ts";
import { removeIfStale } from "../refs/left-locks.ts";
import type { Repository } from "../repository.ts";
import { troubleOf } from "../sync/troubles.ts";

const REMOTE = "origin";
const BRANCH = `refs/heads/${MEMORY_BRANCH}`;
const TRACKING = `refs/remotes/${REMOTE}/${MEMORY_BRANCH}`;
const QUEUE = "refs/memory/quarantine";
/** The server's queue as it was fetched last. */
export const SHARED_QUEUE = "refs/memory/shared-quarantine";
const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

export class GitTeam implements TeamRemote {
  readonly #repository: Repository;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async address(): Promise<string | null> {
    const answer = await this.#repository.git.run(["remote", "get-url", REMOTE]);
    return answer.ok ? withoutCredentials(answer.stdout.toString("utf8").trim()) : null;
  }

  async fetch(): Promise<ObjectId | null> {
    const { remoteGit: git } = this.#repository;
    const listed = await git.run(["ls-remote", "--exit-code", REMOTE, BRANCH]);
    if (!listed.ok) {
      // git's own exit code for "asked, and there is no such ref".
      if (listed.code === 2) return null;
      throw troubleOf(REMOTE, listed.stderr);
    }
    const tip = listed.stdout.toString("utf8").split(/\s/)[0] ?? "";
    if (!OBJECT_ID.test(tip)) throw new GitError("git ls-remote gave no answer. Run it to see why.");
    await this.#freeOfOld(TRACKING);
    const fetched = await git.run([
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      "--no-recurse-submodules",
      REMOTE,
      `+${BRANCH}:${TRACKING}`,
    ]);
    if (!fetched.ok) throw troubleOf(REMOTE, fetched.stderr);
    return tip;
  }

  async broughtBy(person: Person, since: ObjectId | null, tip: ObjectId): Promise<readonly ObjectId[]> {
    // Of a merge only what it made itself: the rest was brought by the commits that it joined.
    const answer = await this.#repository.git.ask([
      "log",
      "--raw",
      "-z",
      "--no-abbrev",
      "--no-renames",
      "--diff-merges=combined",
      "--fixed-strings",
      `--committer=<${person.email}>`,
      "--format=",
      tip,
      ...(since === null ? [] : [`^${since}`]),
      "--",
    ]);
    const brought = answer.split("\0").flatMap((token) => {
      const colons = /^\n?(:+)/.exec(token)?.[1]?.length;
      // `:` once for each parent; then one more mode and one more id than parents, the last of each being the result's.
      return colons === undefined ? [] : (token.trim().split(" ")[2 * colons + 1] ?? []);
    });
    return [...new Set(brought)].filter((id) => OBJECT_ID.test(id) && !/^0+$/.test(id));
  }

  async fetchQueue(): Promise<boolean> {
    const { remoteGit: git } = this.#repository;
    const listed = await git.run(["ls-remote", "--exit-code", REMOTE, QUEUE]);
    if (!listed.ok) {
      if (listed.code === 2) return false;
      throw troubleOf(REMOTE, listed.stderr);
    }
    await this.#freeOfOld(SHARED_QUEUE);
    const fetched = await git.run([
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-write-fetch-head",
      REMOTE,
      `+${QUEUE}:${SHARED_QUEUE}`,
    ]);
    if (!fetched.ok) throw troubleOf(REMOTE, fetched.stderr);
    return true;
  }

  async pushQueue(): Promise<boolean> {
    const pushed = await this.#repository.remoteGit.run([
      "push",
      "--quiet",
      "--no-verify",
      REMOTE,
      `${SHARED_QUEUE}:${QUEUE}`,
    ]);
    if (pushed.ok) return true;
    if (/non-fast-forward|fetch first|stale info|cannot lock ref/.test(pushed.stderr)) return false;
    throw troubleOf(REMOTE, pushed.stderr);
  }

  async recorded(): Promise<ObjectId | null> {
    const answer = await this.#repository.git.run(["rev-parse", "--verify", "--quiet", `${TRACKING}^{commit}`]);
    return answer.ok ? answer.stdout.toString("utf8").trim() : null;
  }

  /** A fetch that a crash ended leaves its lock, over which no later one gets. */
  async #freeOfOld(ref: string): Promise<void> {
    await removeIfStale(path.join(this.#repository.commonDir, `${ref}.lock`));
  }
}
