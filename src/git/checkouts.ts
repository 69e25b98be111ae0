/**
 * Work trees that have the memory branch checked out. They follow a write as a fast-forward would: files that the user did
 * not touch are updated, and where a file that the write changes has been staged or edited there, nothing is written at all.
 */
import fs from "node:fs/promises";
import path from "node:path";
import { CheckoutDirtyError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import type { LocalState } from "../core/ports.ts";
import type { Repository } from "./repository.ts";

/** A step that checkouts are about to follow, noted before the ref moves: a kill in between is made good later. */
interface Step {
  readonly before: ObjectId;
  readonly after: ObjectId;
}

const STEP_FILE = "checkouts-step";

export class Checkouts {
  readonly #repository: Repository;
  readonly #state: LocalState;

  constructor(repository: Repository, state: LocalState) {
    this.#repository = repository;
    this.#state = state;
  }

  /** Moves the ref by `swap` between a rehearsal in each checkout and the real update. Throws CheckoutDirtyError. */
  async follow(ref: string, before: ObjectId | null, after: ObjectId, swap: () => Promise<boolean>): Promise<boolean> {
    const checkouts = before === null ? [] : await this.#of(ref);
    if (before === null || checkouts.length === 0) return swap();
    await this.repair(ref, before);
    for (const checkout of checkouts) {
      if (!(await this.#readTree(checkout, { before, after }, "--dry-run"))) {
        throw new CheckoutDirtyError(`The memory branch is checked out in ${checkout}, with uncommitted work on the same memory. Commit or undo that work, then try again.`);
      }
    }
    await this.#state.write(STEP_FILE, new TextEncoder().encode(`${before} ${after}\n`));
    const moved = await swap();
    if (moved) await this.repair(ref, after);
    else await this.#state.remove(STEP_FILE);
    return moved;
  }

  /**
   * Takes the step that was noted, where the ref has taken it. Doing so twice changes nothing. A checkout that can't follow
   * now (its index is locked) keeps the note for the next time.
   */
  async repair(ref: string, tip: ObjectId | null): Promise<void> {
    const bytes = await this.#state.read(STEP_FILE);
    if (bytes === null) return;
    const [before = "", after = ""] = new TextDecoder().decode(bytes).trim().split(" ");
    const step: Step = { before, after };
    const followed = tip === after ? await Promise.all((await this.#of(ref)).map((checkout) => this.#readTree(checkout, step))) : [];
    if (followed.every((done) => done)) await this.#state.remove(STEP_FILE);
  }

  async #readTree(folder: string, { before, after }: Step, ...options: string[]): Promise<boolean> {
    const git = this.#repository.git.in(folder);
    // An index that only looks dirty (a touched file) would refuse; refreshing tells it apart.
    await git.run(["update-index", "-q", "--refresh"]);
    return (await git.run(["read-tree", "-m", "-u", ...options, before, after])).ok;
  }

  async #of(ref: string): Promise<string[]> {
    const { commonDir, mainWorkTree } = this.#repository;
    const linked = await fs.readdir(path.join(commonDir, "worktrees")).catch(() => []);
    const places = [
      { admin: commonDir, folder: mainWorkTree },
      ...(await Promise.all(
        linked.map(async (name) => {
          const admin = path.join(commonDir, "worktrees", name);
          const gitFile = await textOf(path.join(admin, "gitdir"));
          return { admin, folder: gitFile === "" ? null : path.dirname(path.resolve(admin, gitFile)) };
        }),
      )),
    ];
    const found = await Promise.all(
      places.map(async ({ admin, folder }) => {
        if (folder === null || (await textOf(path.join(admin, "HEAD"))) !== `ref: ${ref}`) return [];
        // A removed worktree leaves its record behind.
        const there = await fs.stat(path.join(folder, ".git")).catch(() => null);
        return there === null ? [] : [folder];
      }),
    );
    return found.flat();
  }
}

/** Empty where there is none: a record that can't be read is of no work tree that could follow. */
async function textOf(file: string): Promise<string> {
  return (await fs.readFile(file, "utf8").catch(() => "")).trim();
}
