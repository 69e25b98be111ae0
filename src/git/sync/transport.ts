/**
 * The way to one remote. Credentials are git's own: its helpers and ssh as the user has them set up. Where nobody can be
 * asked, nothing asks, and each step has an end.
 */
import type { ObjectId } from "../../core/memory/model.ts";
import type { Completion, GitCommand } from "../git-command.ts";
import type { Remote } from "./remote-choice.ts";
import { troubleOf } from "./troubles.ts";

/** Milliseconds: asking costs one round trip; what is carried may be a store of years over a slow line. */
const ASKING_LIMIT = 30_000;
const CARRYING_LIMIT = 600_000;
const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

export interface PushOptions {
  /** The branch must still be at this commit on the server; null: it must not be there. For a branch that is replaced. */
  readonly lease?: ObjectId | null;
  /** The folder of the user's hooks, where the policy has them run. */
  readonly hooks?: string;
}

export class Transport {
  readonly #git: GitCommand;
  readonly #remote: Remote;
  readonly #asks: boolean;

  /** @param asks whether a person sits at this process's terminal */
  constructor(git: GitCommand, remote: Remote, asks: boolean) {
    this.#git = git;
    this.#remote = remote;
    this.#asks = asks;
  }

  /** The commit of a branch on the server; null where there is none. Throws RemoteError. */
  async tipOf(branch: string): Promise<ObjectId | null> {
    const answer = await this.#run(["ls-remote", "--exit-code", "--", this.#remote.name, ref(branch)], ASKING_LIMIT);
    // git's own exit code for "asked, and there is no such ref".
    if (!answer.ok && answer.code === 2) return null;
    if (!answer.ok) throw this.#trouble(answer);
    const tip = answer.stdout.toString("utf8").split(/\s/)[0] ?? "";
    if (!OBJECT_ID.test(tip)) throw troubleOf(this.#remote.shown, "git ls-remote gave no answer");
    return tip;
  }

  /** Brings a branch's commits and moves no ref, so that they can be looked at first. `whole`: with what a shallow clone lacks. */
  async bring(branch: string, whole = false): Promise<void> {
    const options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="];
    const depth = whole ? ["--unshallow"] : [];
    const answer = await this.#run(
      ["fetch", ...options, ...depth, "--", this.#remote.name, ref(branch)],
      CARRYING_LIMIT,
    );
    if (!answer.ok) throw this.#trouble(answer);
  }

  /** Brings a branch and moves the ref under which this repository knows it, as `git fetch` does. */
  async track(branch: string, tracking: string): Promise<void> {
    const options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
    const answer = await this.#run(
      ["fetch", ...options, "--", this.#remote.name, `+${ref(branch)}:${tracking}`],
      CARRYING_LIMIT,
    );
    if (!answer.ok) throw this.#trouble(answer);
  }

  /** Puts a commit onto a branch of the server. Returns what the server had to say besides. Throws RemoteError. */
  async push(commit: ObjectId, branch: string, { lease, hooks }: PushOptions = {}): Promise<string> {
    const answer = await this.#run(
      [
        ...(hooks === undefined ? [] : ["-c", `core.hooksPath=${hooks}`]),
        "push",
        ...(hooks === undefined ? ["--no-verify"] : []),
        "--no-follow-tags",
        "--recurse-submodules=no",
        "--signed=if-asked",
        ...(lease === undefined ? [] : [`--force-with-lease=${ref(branch)}:${lease ?? ""}`]),
        "--",
        this.#remote.name,
        `${commit}:${ref(branch)}`,
      ],
      CARRYING_LIMIT,
    );
    if (!answer.ok) throw this.#trouble(answer);
    return answer.stderr;
  }

  #trouble({ stderr, late }: Answer): Error {
    return troubleOf(this.#remote.shown, stderr, late === true);
  }

  async #run(args: readonly string[], limit: number): Promise<Answer> {
    if (this.#asks) return this.#git.runAsking(args);
    // A credential helper with windows of its own (Git Credential Manager) opens none then.
    return this.#git.runApart(["-c", "credential.interactive=false", ...args], { limit });
  }
}

type Answer = Completion & { readonly late?: true };

function ref(branch: string): string {
  return `refs/heads/${branch}`;
}
