/**
 * Compare-and-swap on a ref: one that is a plain file is moved here, by git's own steps; all else by one long-lived
 * `git update-ref --stdin`, which is git's own locking, for every ref format.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";
import { GitError } from "../../core/errors.ts";
import type { Person } from "../../core/ports.ts";
import { type GitCommand, keepAlive } from "../git-command.ts";
import { signature } from "../objects/encode.ts";
import type { Repository } from "../repository.ts";
import { TABLES } from "./head.ts";
import { removeIfStale, removeLeftLocks } from "./left-locks.ts";
import { moveLooseRef } from "./loose-ref.ts";

const IDLE_MS = 60_000;
/** The last line of a transaction that went through. */
const DONE = "commit: ok\n";

/** A ref's old and new value; null is absence. */
export interface RefChange {
  readonly ref: string;
  readonly after: ObjectId | null;
  readonly before: ObjectId | null;
}

export class RefUpdater {
  readonly #repository: Repository;
  readonly #committer: () => Promise<Person>;
  readonly #git: GitCommand;
  readonly #headDir: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param committer who stands in the refs' logs
   * @param headDir the git folder whose HEAD is noted in its log where it moves along; default: that of the main work tree
   */
  constructor(repository: Repository, committer: () => Promise<Person>, headDir = repository.commonDir) {
    this.#repository = repository;
    this.#committer = committer;
    this.#git = headDir === repository.commonDir ? repository.git : repository.git.at(headDir);
    this.#headDir = headDir;
  }

  /**
   * Moves a ref from `before` (null: it must not exist) to `after`. False where another writer was first or holds the lock:
   * nothing was changed. Throws GitError on anything else.
   */
  async swap(ref: string, after: ObjectId, before: ObjectId | null): Promise<boolean> {
    return this.swapAll([{ ref, after, before }]);
  }

  /** The same for several refs in one transaction: all of them or none. */
  async swapAll(changes: readonly RefChange[]): Promise<boolean> {
    const turn = this.#queue.then(async () => (await this.#moveHere(changes)) || this.#swapNow(changes));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async dispose(): Promise<void> {
    await this.#queue;
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    clearTimeout(this.#idle);
    keepAlive(child, true);
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    child.stdin.end();
    await closed;
  }

  async #moveHere([change, ...others]: readonly RefChange[]): Promise<boolean> {
    const { refFormat, commonDir, settings } = this.#repository;
    if (change === undefined || others.length > 0 || refFormat !== "files") return false;
    const { ref, before, after } = change;
    if (before === null || after === null) return false;
    const { flushRefs: flush, sharing } = await settings();
    const who = signature(await this.#committer(), new Date());
    return moveLooseRef({ commonDir, headDir: this.#headDir, flush, sharing }, { ref, before, after, who });
  }

  async #swapNow(changes: readonly RefChange[]): Promise<boolean> {
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    keepAlive(child, true);
    const lines = changes.map(({ ref, after, before }) =>
      after === null
        ? `delete ${ref} ${before ?? ""}\n`
        : `update ${ref} ${after} ${before ?? "0".repeat(after.length)}\n`,
    );
    const answer = await this.#transact(child, `start\n${lines.join("")}prepare\ncommit\n`);
    if (answer === "done") {
      keepAlive(child, false);
      this.#idle = setTimeout(() => void this.dispose(), IDLE_MS);
      this.#idle.unref();
      return true;
    }
    this.#child = undefined;
    if (answer.said === "") return this.#afterDeath(changes);
    const lock = /cannot lock references/.test(answer.said)
      ? `${TABLES}.lock`
      : /Unable to create '(.+\.lock)'/.exec(answer.said)?.[1];
    if (lock !== undefined) await removeIfStale(path.resolve(this.#repository.commonDir, lock));
    // git's own words where the value was another one, the ref appeared, vanished, or is locked by another process.
    if (
      /but expected|reference already exists|unable to resolve reference|Unable to create .*\.lock': File exists|reference is missing|cannot lock references/i.test(
        answer.said,
      )
    )
      return false;
    throw new GitError(`The memory branch could not be moved: ${answer.said.replace(/^fatal: /, "").trim()}`);
  }

  /** git was killed in the middle. What it did is asked of another one, or a write that is stored would be called a failure. */
  async #afterDeath(changes: readonly RefChange[]): Promise<boolean> {
    await removeLeftLocks(this.#repository.commonDir, changes, this.#headDir);
    const now = await Promise.all(
      changes.map(async ({ ref }) => {
        const answer = await this.#git.run(["rev-parse", "--verify", "--quiet", ref]);
        return answer.ok ? answer.stdout.toString("utf8").trim() : null;
      }),
    );
    if (changes.every(({ after }, i) => now[i] === after)) return true;
    if (changes.every(({ before }, i) => now[i] === before)) return false;
    throw new GitError(
      "git was stopped while it moved the memory branch, and the branch moved on since. Look whether the write is there, and try again if it isn't.",
    );
  }

  async #transact(child: ChildProcessWithoutNullStreams, input: string): Promise<"done" | { said: string }> {
    return new Promise((resolve) => {
      let out = "";
      let err = "";
      const onOut = (chunk: Buffer): void => {
        out += chunk.toString("utf8");
        if (out.endsWith(DONE)) finish("done");
      };
      const onErr = (chunk: Buffer): void => {
        err += chunk.toString("utf8");
      };
      const onClose = (): void => finish({ said: err });
      const onError = (error: Error): void => finish({ said: error.message || "git could not be started" });
      const finish = (result: "done" | { said: string }): void => {
        child.stdout.off("data", onOut);
        child.stderr.off("data", onErr);
        child.off("close", onClose);
        child.off("error", onError);
        resolve(result);
      };
      child.stdout.on("data", onOut);
      child.stderr.on("data", onErr);
      child.once("close", onClose);
      child.once("error", onError);
      child.stdin.write(input);
    });
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = this.#git.start(["update-ref", "-m", "memory", "--create-reflog", "--stdin"]);
    // Its end is told by `close`; a broken pipe comes with it.
    child.stdin.on("error", () => undefined);
    child.once("close", () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }
}
