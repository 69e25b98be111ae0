/**
 * Gets what a partial clone left out, all that one question needs at once. git itself would fetch object by object, each by
 * a connection of its own.
 */
import fs from "node:fs";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";
import { unfetched } from "../git-command.ts";
import type { Repository } from "../repository.ts";
import type { Promisor } from "../settings.ts";

/** One fetch brings what lies below a missing tree too, unless the remote sends less than it was asked for. */
const MOST_FETCHES = 3;

/** Everything below a tree or the tree of a commit, in any name that git understands. Throws PartialCloneError where the remote can't be reached. */
export async function fetchFilesOf(repository: Repository, tree: string): Promise<void> {
  const promisor = await promisorOf(repository);
  if (promisor !== null) await fetchMissing(repository, promisor.remote, ["--no-walk", tree]);
}

/** The trees of all commits of a history, where the clone left them out. Throws PartialCloneError as above. */
export async function fetchTreesOf(repository: Repository, from: ObjectId, until?: ObjectId): Promise<void> {
  const promisor = await promisorOf(repository);
  if (promisor?.lacksTrees !== true) return;
  const range = ["--filter=blob:none", from, ...(until === undefined ? [] : [`^${until}`])];
  await fetchMissing(repository, promisor.remote, range, "--filter=blob:none");
}

/** Asked without a process, since nearly every repository is whole: git marks the packs of a partial clone. */
async function promisorOf(repository: Repository): Promise<Promisor | null> {
  const packs = path.join(repository.objectsDir, "pack");
  const isPartial = fs.existsSync(packs) && fs.readdirSync(packs).some((name) => name.endsWith(".promisor"));
  return isPartial ? (await repository.settings()).promisor : null;
}

async function fetchMissing(
  repository: Repository,
  remote: string,
  range: readonly string[],
  filter = "--no-filter",
): Promise<void> {
  for (let fetches = 0; fetches < MOST_FETCHES; fetches++) {
    const listed = await repository.git.ask(["rev-list", "--objects", "--missing=print", ...range]);
    const missing = listed.split("\n").filter((line) => line.startsWith("?"));
    if (missing.length === 0) return;
    const ids = missing.map((line) => line.slice(1)).join("\n");
    // The options that git's own fetching of missing objects uses (promisor-remote.c).
    const fetch = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
    const options = ["--no-auto-maintenance", "--recurse-submodules=no", filter, "--stdin", remote];
    const answer = await repository.remoteGit.run([...fetch, ...options], new TextEncoder().encode(`${ids}\n`));
    if (!answer.ok) throw unfetched();
  }
}
