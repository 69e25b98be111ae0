/** The branch of a remote that a team works from: nothing lands there by itself. */
import fs from "node:fs";
import path from "node:path";
import type { Repository } from "../repository.ts";
import { lineOf, shortName } from "./work-tree.ts";

/** What a remote's default branch is called where the remote doesn't say. */
const USUAL = new Set(["main", "master"]);

/** One repository's configuration, asked again after its file changed. */
export class DefaultBranches {
  readonly #repository: Repository;
  #known: { readonly stamp: string; readonly settings: readonly (readonly [key: string, value: string])[] } | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The remote whose default branch this one is, or goes to; null where there is none. */
  async remoteOf(branch: string): Promise<string | null> {
    const settings = await this.#settings();
    const name = shortName(branch);
    const valueOf = (key: string): string | undefined => settings.findLast(([known]) => known === key)?.[1];
    const remotes = new Set(settings.flatMap(([key]) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []));
    const upstream = {
      remote: valueOf(`branch.${name}.remote`),
      name: shortName(valueOf(`branch.${name}.merge`) ?? ""),
    };
    for (const remote of remotes) {
      const said = await this.#saidBy(remote);
      const isDefault = (local: string): boolean => (said === null ? USUAL.has(local) : local === said);
      if (isDefault(name) || (upstream.remote === remote && isDefault(upstream.name))) return remote;
    }
    return null;
  }

  /** What the remote calls its default branch, as far as it was told when it was cloned. */
  async #saidBy(remote: string): Promise<string | null> {
    const { commonDir, git, refFormat } = this.#repository;
    const [ref, prefix] = [`refs/remotes/${remote}/HEAD`, `refs/remotes/${remote}/`];
    const head =
      refFormat === "files"
        ? (lineOf(path.join(commonDir, ref))?.replace(/^ref: /, "") ?? "")
        : await git
            .run(["symbolic-ref", "--quiet", ref])
            .then((done) => (done.ok ? done.stdout.toString("utf8").trim() : ""));
    return head.startsWith(prefix) ? head.slice(prefix.length) : null;
  }

  async #settings(): Promise<readonly (readonly [string, string])[]> {
    const stat = fs.statSync(path.join(this.#repository.commonDir, "config"), { bigint: true, throwIfNoEntry: false });
    const stamp = `${stat?.mtimeNs} ${stat?.size} ${stat?.ino}`;
    if (this.#known?.stamp === stamp) return this.#known.settings;
    const answer = await this.#repository.git.run(["config", "--null", "--get-regexp", "^(remote|branch)\\."]);
    const text = answer.ok ? answer.stdout.toString("utf8") : "";
    const settings = text.split("\0").flatMap((entry) => {
      const end = entry.indexOf("\n");
      return end < 0 ? [] : [[entry.slice(0, end), entry.slice(end + 1)] as const];
    });
    this.#known = { stamp, settings };
    return settings;
  }
}
