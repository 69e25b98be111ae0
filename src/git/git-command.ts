/**
 * The one place where git is started. Every process gets an environment in which neither the user's hooks, prompts, pagers
 * and file system monitors nor a surrounding git (we may run inside a hook) can take part.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { Socket } from "node:net";
import { type SimpleGit, simpleGit } from "simple-git";
import { GitError, PartialCloneError } from "../core/errors.ts";
import { hasCode } from "./system-error.ts";

/** How a git process ended. An empty output can't be taken for an answer: a failure is another kind. */
export type Completion =
  | { readonly ok: true; readonly stdout: Buffer; readonly stderr: string }
  | { readonly ok: false; readonly code: number | null; readonly stderr: string };

/** For a process that runs something of the user's: see `runApart`. */
export interface ApartOptions {
  /** Milliseconds after which it is ended, with all that it started. */
  readonly limit: number;
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Settings of the user that would let a process of ours run something or answer in another form. */
const QUIET_CONFIG = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "log.showRoot=true",
  "log.showSignature=false",
  "log.follow=false",
  "blame.ignoreRevsFile=",
  "gc.auto=0",
  "maintenance.auto=false",
];

/** Variables that point git elsewhere; they are set when we are started from a hook or an alias. */
const REDIRECTING = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CEILING_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
  "GIT_SHALLOW_FILE",
  "GIT_GRAFT_FILE",
  "GIT_ATTR_SOURCE",
  "GIT_EXTERNAL_DIFF",
  "GIT_LITERAL_PATHSPECS",
  "GIT_GLOB_PATHSPECS",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_ICASE_PATHSPECS",
]);

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(env)) if (REDIRECTING.has(name) || name.startsWith("GIT_TRACE")) delete env[name];
  // A replace ref would show other bytes under an id that we trust, and a graft another history.
  return {
    ...env,
    LC_ALL: "C",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_GRAFT_FILE: "/nowhere/grafts",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
  };
}

/** git in one folder. `gitDir` makes it independent of work trees. */
export class GitCommand {
  readonly #binary: string;
  readonly #folder: string;
  readonly #gitDir: string | undefined;
  readonly #index: string | undefined;
  readonly #objects: Readonly<Record<string, string>>;

  constructor(place: {
    folder: string;
    gitDir?: string;
    binary?: string;
    index?: string;
    objects?: Readonly<Record<string, string>>;
  }) {
    this.#binary = place.binary ?? "git";
    this.#folder = place.folder;
    this.#gitDir = place.gitDir;
    this.#index = place.index;
    this.#objects = place.objects ?? {};
  }

  /** The same git in another folder. */
  in(folder: string): GitCommand {
    return new GitCommand({ folder, binary: this.#binary });
  }

  /** The same git on another index file: `run` and `start` read and write that one. */
  onIndex(index: string): GitCommand {
    return new GitCommand({
      folder: this.#folder,
      binary: this.#binary,
      index,
      ...(this.#gitDir === undefined ? {} : { gitDir: this.#gitDir }),
    });
  }

  /** The same git with variables that say where objects are: a server's hook finds what is being pushed only there. */
  withObjects(objects: Readonly<Record<string, string>>): GitCommand {
    return new GitCommand({
      folder: this.#folder,
      binary: this.#binary,
      objects,
      ...(this.#gitDir === undefined ? {} : { gitDir: this.#gitDir }),
    });
  }

  /** The same git on one git folder, whichever folder it runs in. */
  at(gitDir: string): GitCommand {
    return new GitCommand({ folder: gitDir, gitDir, binary: this.#binary });
  }

  /** Everyday questions with answers in text: simple-git runs them. Throws GitError with git's own last line. */
  async ask(args: readonly string[]): Promise<string> {
    try {
      return await this.#everyday().raw([...this.#place(), ...args]);
    } catch (error) {
      throw gitError(args, error instanceof Error ? error.message : String(error));
    }
  }

  /** Runs to the end, with bytes out; for answers that are not text. Never throws on git's failure. */
  async run(args: readonly string[], input?: Uint8Array): Promise<Completion> {
    return completion(args, this.start(args), input);
  }

  /**
   * Runs git with programs of the user's in it, a signer or hooks: without a terminal or a window to ask in, and not for
   * ever. `late` where the limit was reached.
   */
  async runApart(args: readonly string[], options: ApartOptions): Promise<Completion & { readonly late?: true }> {
    const child = this.#spawn(args, { ...apart(environment()), ...options.env }, true);
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      endGroup(child);
    }, options.limit);
    try {
      const ended = await completion(args, child, options.input);
      return late.signal.aborted ? { ok: false, code: null, stderr: ended.ok ? "" : ended.stderr, late: true } : ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs git where a person sits at the terminal: it may ask them for a password there, and they can stop it. */
  async runAsking(args: readonly string[]): Promise<Completion> {
    return completion(args, this.#spawn(args, { ...environment(), GIT_TERMINAL_PROMPT: "1" }, false), undefined);
  }

  /** The line that git answers a small question with, before anything else goes on; null where it says no. */
  askAtOnce(args: readonly string[]): string | null {
    const config = QUIET_CONFIG.flatMap((setting) => ["-c", setting]);
    const done = spawnSync(this.#binary, [...config, ...this.#place(), ...args], {
      cwd: this.#folder,
      env: environment(),
      encoding: "utf8",
      windowsHide: true,
    });
    return done.status === 0 ? done.stdout.trim() : null;
  }

  /** A process that stays, for many questions. */
  start(args: readonly string[]): ChildProcessWithoutNullStreams {
    return this.#spawn(args, { ...environment(), ...this.#objects }, false);
  }

  #spawn(args: readonly string[], env: NodeJS.ProcessEnv, isApart: boolean): ChildProcessWithoutNullStreams {
    const config = QUIET_CONFIG.flatMap((setting) => ["-c", setting]);
    return spawn(this.#binary, [...config, ...this.#place(), ...args], {
      cwd: this.#folder,
      env: this.#index === undefined ? env : { ...env, GIT_INDEX_FILE: this.#index },
      windowsHide: true,
      // A session of its own has no terminal, and can be ended as one.
      detached: isApart,
    });
  }

  #place(): string[] {
    return this.#gitDir === undefined ? [] : [`--git-dir=${this.#gitDir}`];
  }

  #everyday(): SimpleGit {
    const env = { ...environment(), ...this.#objects };
    return simpleGit({
      baseDir: this.#folder,
      binary: this.#binary,
      config: QUIET_CONFIG,
      maxConcurrentProcesses: 2,
      trimmed: false,
      // By itself it takes a process that failed without a word, or was killed, for one that had nothing to say.
      errors: (error, { exitCode, stdErr }) =>
        error ?? (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString("utf8") || "git was stopped")),
      allowEnvironment: Object.keys(env),
      // simple-git asks for these by name, since each could make git run a program. Our settings switch such programs off; the
      // variables are the user's own, as git would honour them: `git memory` sets GIT_EXEC_PATH, VS Code's terminal GIT_ASKPASS, a
      // container GIT_CONFIG_COUNT.
      unsafe: {
        allowUnsafeAlias: true,
        allowUnsafeAskPass: true,
        allowUnsafeCommandBinaries: true,
        allowUnsafeConfigEnvCount: true,
        allowUnsafeConfigPaths: true,
        allowUnsafeCredentialHelper: true,
        allowUnsafeCustomBinary: true,
        allowUnsafeDiffExternal: true,
        allowUnsafeDiffTextConv: true,
        allowUnsafeEditor: true,
        allowUnsafeExec: true,
        allowUnsafeFilter: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeGitProxy: true,
        allowUnsafeGpgProgram: true,
        allowUnsafeHooksPath: true,
        allowUnsafeInclude: true,
        allowUnsafeMergeDriver: true,
        allowUnsafePack: true,
        allowUnsafePager: true,
        allowUnsafeProtocolOverride: true,
        allowUnsafeSshCommand: true,
        allowUnsafeSubmodule: true,
        allowUnsafeTemplateDir: true,
        allowUnsafeUrlRewrite: true,
      },
    }).env(env);
  }
}

/** A process that waits for the next question must not keep a finished command alive; one that owes an answer must. */
export function keepAlive(child: ChildProcessWithoutNullStreams, owesAnswer: boolean): void {
  const pipes = [child.stdin, child.stdout, child.stderr].filter((pipe) => pipe instanceof Socket);
  for (const handle of [child, ...pipes]) {
    if (owesAnswer) handle.ref();
    else handle.unref();
  }
}

async function completion(
  args: readonly string[],
  child: ChildProcessWithoutNullStreams,
  input: Uint8Array | undefined,
): Promise<Completion> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
    // A process that ends early closes its input; its exit code tells why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  }).catch((error: unknown) => {
    throw gitError(args, error instanceof Error ? error.message : String(error));
  });
  const stderr = Buffer.concat(err).toString("utf8");
  return code === 0 ? { ok: true, stdout: Buffer.concat(out), stderr } : { ok: false, code, stderr };
}

/** Without what a program could open a window or a terminal by to ask for a passphrase. */
function apart(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, GPG_TTY: _tty, GIT_ASKPASS: _git, SSH_ASKPASS: _ssh, ...rest } = env;
  return { ...rest, SSH_ASKPASS_REQUIRE: "never" };
}

function endGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || process.platform === "win32") {
    child.kill("SIGKILL");
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // It ended by itself in this moment.
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

function gitError(args: readonly string[], message: string): GitError {
  const explained = explanationOf(message);
  if (explained !== null) return explained;
  const lines = message.trim().split("\n");
  const said = lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "";
  return new GitError(`git ${args[0] ?? ""} failed: ${said.replace(/^(fatal|error): /, "")}`);
}

/** What git says of some troubles tells a user neither what it means here nor what to do. Null: git's own words are enough. */
export function explanationOf(said: string): GitError | null {
  if (/\bspawn .*ENOENT/.test(said))
    return new GitError("git was not found. Install git 2.38 or later, or set `git.path` to where it is.");
  const owned = /detected dubious ownership in repository at '([\s\S]+?)'\n/.exec(`${said}\n`)?.[1];
  if (owned !== undefined)
    return new GitError(
      `This repository belongs to somebody else, so git refuses to work in it. If you trust it, run: git config --global --add safe.directory ${quoted(owned)}`,
    );
  return /promisor remote/.test(said) ? unfetched() : null;
}

export function unfetched(): PartialCloneError {
  return new PartialCloneError(
    "This is a partial clone, and what is missing here could not be fetched from its remote. Connect to the remote, then try again.",
  );
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
