/**
 * Work trees that have the memory branch checked out. They follow a write as a fast-forward would: files that the user did
 * not touch are updated, and where a file that the write changes has been staged or edited there, nothing is written at all.
 */
import fs from "node:fs/promises";
import path from "node:path";
import { CheckoutDirtyError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import { GitCommand } from "./git-command.ts";
import type { Repository } from "./repository.ts";

export class Checkouts {
  readonly #repository: Repository;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Moves the ref by `swap` between a rehearsal in each checkout and the real update. Throws CheckoutDirtyError. */
  async follow(ref: string, before: ObjectId | null, after: ObjectId, swap: () => Promise<boolean>): Promise<boolean> {
    const checkouts = before === null ? [] : await this.#of(ref);
    for (const checkout of checkouts) {
      const rehearsal = await readTree(checkout, before, after, "--dry-run");
      if (!rehearsal.ok) {
        throw new CheckoutDirtyError(`The memory branch is checked out in ${checkout}, with uncommitted work on the same memory. Commit or undo that work, then try again.`);
      }
    }
    if (!(await swap())) return false;
    for (const checkout of checkouts) await readTree(checkout, before, after);
    return true;
  }

  async #of(ref: string): Promise<string[]> {
    const { commonDir } = this.#repository;
    const linked = await fs.readdir(path.join(commonDir, "worktrees")).catch(none);
    const heads = [{ head: path.join(commonDir, "HEAD"), tree: async () => path.dirname(commonDir) }].concat(
      linked.map((name) => {
        const admin = path.join(commonDir, "worktrees", name);
        return { head: path.join(admin, "HEAD"), tree: async () => path.dirname((await fs.readFile(path.join(admin, "gitdir"), "utf8")).trim()) };
      }),
    );
    const found: string[] = [];
    for (const { head, tree } of heads) {
      const text = await fs.readFile(head, "utf8").catch(() => "");
      if (text.trim() !== `ref: ${ref}`) continue;
      const folder = await tree().catch(() => null);
      // A bare repository's HEAD has no work tree, and a removed worktree leaves its record behind.
      if (folder !== null && (await fs.stat(path.join(folder, ".git")).catch(() => null)) !== null) found.push(folder);
    }
    return found;
  }
}

async function readTree(folder: string, before: ObjectId | null, after: ObjectId, ...options: string[]): Promise<{ ok: boolean }> {
  // An index that only looks dirty (a touched file) would refuse; refreshing tells it apart.
  const git = new GitCommand({ folder });
  await git.run(["update-index", "-q", "--refresh"]);
  return git.run(["read-tree", "-m", "-u", ...options, before ?? "", after]);
}

function none(error: unknown): string[] {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
  throw error;
}
