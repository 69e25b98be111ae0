/**
 * Work trees that have the memory branch checked out. They follow a write as a fast-forward would: files that the user did
 * not touch are updated, and where a file that the write changes has been staged or edited there, nothing is written at all.
 */
import fsSync from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { CheckoutDirtyError, LocalStateError } from "../core/errors.ts";
import type { ObjectId } from "../core/memory/model.ts";
import type { LocalState } from "../core/ports.ts";
import { type Checkout, indexLockOf, onIndexCopy, type RunOnCopy } from "./index-step.ts";
import { headOf } from "./refs/head.ts";
import type { Repository } from "./repository.ts";
import { beingMade, hasIndex, isBeingMade } from "./unfinished-checkout.ts";

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
      if (!(await this.#rehearse(checkout, { before, after }))) throw await refusal(checkout);
    }
    await this.#state.write(STEP_FILE, new TextEncoder().encode(`${before} ${after}\n`));
    const moved = await swap();
    // The write is stored, whatever becomes of the checkouts: the note is kept, and the next open tries again.
    if (moved) await this.repair(ref, after).catch(() => undefined);
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
    const checkouts = tip === after ? await this.#of(ref) : [];
    const followed = await Promise.all(checkouts.map(async (checkout) => this.#take(checkout, step)));
    if (followed.every((done) => done)) await this.#state.remove(STEP_FILE);
  }

  async #rehearse(checkout: Checkout, step: Step): Promise<boolean> {
    if (isBeingMade(checkout.admin)) return false;
    try {
      return await onIndexCopy(this.#repository, checkout, "rehearse", (run) => readTree(run, step, "--dry-run"));
    } catch (error) {
      if (!isRefusalOfSystem(error)) throw error;
      throw new LocalStateError(
        `The memory branch is checked out in ${checkout.folder}, and its index can't be copied: ${error.message}. Check that the disk has room and that ${checkout.admin} may be written, then try again.`,
      );
    }
  }

  async #take(checkout: Checkout, step: Step): Promise<boolean> {
    if (isBeingMade(checkout.admin)) return false;
    const work = async (run: RunOnCopy): Promise<boolean> =>
      (await readTree(run, step)) || this.#finish(checkout, step, run);
    try {
      return await onIndexCopy(this.#repository, checkout, "take", work);
    } catch (error) {
      if (isRefusalOfSystem(error)) return false;
      throw error;
    }
  }

  /**
   * Where git was killed between the files and the index, files that are new already stand in its way. The index takes the
   * step alone, then each file that is still the old one; what somebody changed since stays theirs.
   */
  async #finish({ folder }: Checkout, { before, after }: Step, run: RunOnCopy): Promise<boolean> {
    const git = this.#repository.git.in(folder);
    if (!(await run(["read-tree", "-i", "-m", before, after]))) return false;
    const diff = await git.ask(["diff-tree", "-r", "-z", "--no-renames", before, after]);
    for (const [, was = "", becomes = "", file = ""] of diff.matchAll(
      /:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) \w\0([^\0]+)\0/g,
    )) {
      const isThere = await git.run(["hash-object", "--", file]);
      const now = isThere.ok ? isThere.stdout.toString("utf8").trim() : "0".repeat(was.length);
      if (now !== was) continue;
      if (/^0+$/.test(becomes)) await fs.rm(path.join(folder, file), { force: true });
      else await run(["checkout-index", "--force", "--", file]);
    }
    return run(["update-index", "-q", "--refresh"]);
  }

  async #of(ref: string): Promise<Checkout[]> {
    const { commonDir, mainWorkTree } = this.#repository;
    const linked = foldersIn(path.join(commonDir, "worktrees"));
    const places = [
      { admin: commonDir, folder: mainWorkTree },
      ...linked.map((name) => {
        const admin = path.join(commonDir, "worktrees", name);
        const gitFile = textOf(path.join(admin, "gitdir"));
        return { admin, folder: gitFile === "" ? null : path.dirname(path.resolve(admin, gitFile)) };
      }),
    ];
    const found = await Promise.all(
      places.map(async ({ admin, folder }) => {
        if (folder === null || headOf(this.#repository, admin) !== `ref: ${ref}`) return [];
        // One that git was killed over has nothing yet that could follow; one that is being made has, in a moment.
        if (!hasIndex(admin) && !isBeingMade(admin)) return [];
        return (await leadsTo(folder, admin)) ? [{ admin, folder }] : [];
      }),
    );
    return found.flat();
  }
}

async function readTree(run: RunOnCopy, { before, after }: Step, ...options: string[]): Promise<boolean> {
  // An index that only looks dirty (a touched file) would refuse; refreshing tells it apart.
  await run(["update-index", "-q", "--refresh"]);
  return run(["read-tree", "-m", "-u", ...options, before, after]);
}

function isRefusalOfSystem(error: unknown): error is Error {
  return error instanceof Error && "code" in error && "syscall" in error;
}

/**
 * Whether the work tree there is of this record. A removed one leaves its record behind, and the records of a repository
 * that was copied name the work trees of the original.
 */
async function leadsTo(folder: string, admin: string): Promise<boolean> {
  const own = path.join(folder, ".git");
  const link = /^gitdir: (.+)$/m.exec(textOf(own))?.[1];
  const [there, here] = await Promise.all(
    [link === undefined ? own : path.resolve(folder, link), admin].map((place) => fs.realpath(place).catch(() => null)),
  );
  return there !== null && there === here;
}

async function refusal(checkout: Checkout): Promise<CheckoutDirtyError> {
  const { folder, admin } = checkout;
  if (isBeingMade(admin)) return beingMade(folder);
  const lock = indexLockOf(checkout);
  const isLocked = (await fs.stat(lock).catch(() => null)) !== null;
  return new CheckoutDirtyError(
    isLocked
      ? `The memory branch is checked out in ${folder}, where another git is at work. Try again when it is done; if none is running, remove ${lock}.`
      : `The memory branch is checked out in ${folder}, with uncommitted work on the same memory. Commit or undo that work, then try again.`,
  );
}

/** Read at once, as a ref is: each write asks. */
function foldersIn(folder: string): readonly string[] {
  try {
    return fsSync.readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

/** Empty where there is none: a record that can't be read is of no work tree that could follow. */
function textOf(file: string): string {
  try {
    return fsSync.readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
