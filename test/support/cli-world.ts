/** `git-memory` called as a shell would call it, in this process or in one of its own, on real repositories. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { run } from "../../src/cli/run.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { openStores } from "../../src/git/open.ts";
import { Template } from "./template.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
export const PROGRAM = path.join(ROOT, "src/cli/main.ts");

const schema: object = JSON.parse(readFileSync(path.join(ROOT, "memory-schema/cli.schema.json"), "utf8"));
const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addSchema(schema);

export interface Called {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface Call {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
}

const template = new Template((folder) => {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Test Person");
  git("config", "user.email", "test@example.invalid");
  git("commit", "--quiet", "--allow-empty", "-m", "Start");
});

/** A temporary folder with a repository `code` of one commit and a data directory. */
export class CliWorld {
  readonly root = mkdtempSync(path.join(tmpdir(), "memory-cli-"));
  readonly code = path.join(this.root, "code");
  readonly env = { COMMIT_TO_MEMORY_DATA: path.join(this.root, "data"), NO_COLOR: "1" };

  constructor() {
    template.copyTo(this.code);
  }

  /** The project's store as the editor would have it open, for as long as the work takes. */
  async inStore<T>(work: (store: MemoryStore) => Promise<T>): Promise<T> {
    const stores = await openStores({ folder: this.code, dataDirectory: this.env.COMMIT_TO_MEMORY_DATA });
    try {
      if (stores.project === null) throw new Error("The world has no project.");
      return await work(stores.project);
    } finally {
      await stores.dispose();
    }
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.code, encoding: "utf8" }).trim();
  }

  async call(args: readonly string[], options: Call = {}): Promise<Called> {
    let [out, err] = ["", ""];
    const exit = await run(args, {
      env: { ...this.env, ...options.env },
      cwd: options.cwd ?? this.code,
      columns: options.columns ?? null,
      errorsToTerminal: false,
      program: pathToFileURL(PROGRAM),
      out: (text) => (out += text),
      error: (text) => (err += text),
      input: async () => new TextEncoder().encode(options.input ?? ""),
    });
    return { exit, out, err };
  }

  /** Calls with `--json`, checks the answer against its schema (`error` where the call failed), and hands both back. */
  async json(args: readonly string[], options: Call = {}): Promise<{ exit: number; answer: Answer }> {
    const { exit, out, err } = await this.call([...args, "--json"], options);
    if (err !== "") throw new Error(`With --json, stderr stays empty, but: ${err}`);
    if (!/^[^\n]*\n$/.test(out)) throw new Error(`Not one line of JSON: ${out}`);
    const answer: Answer = JSON.parse(out);
    const name = "error" in answer ? "error" : (args[0] ?? "");
    checkAnswer(name, answer);
    return { exit, answer };
  }

  /** A process of its own, as from a shell. */
  async spawn(args: readonly string[], options: Call = {}): Promise<Called> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, ...this.env, ...options.env };
      const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: options.cwd ?? this.code, env });
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
      child.once("error", reject);
      child.once("close", (code) => resolve({ exit: code ?? -1, out, err }));
      child.stdin.end(options.input ?? "");
    });
  }

  /** Starts the project's store. */
  async init(): Promise<void> {
    const { exit, err } = await this.call(["init"]);
    if (exit !== 0) throw new Error(err);
  }

  /** Stores a claim and hands back its id. */
  async add(title: string, ...more: readonly string[]): Promise<string> {
    const words = [
      "add",
      "--title",
      title,
      "--type",
      "Fact",
      "--body",
      `${title}.`,
      "--reason",
      "Seen in a test.",
      ...more,
    ];
    const { exit, answer } = await this.json(words);
    if (exit !== 0) throw new Error(JSON.stringify(answer));
    return firstOf(answer.memories).id;
  }

  /** Puts a file onto the memory branch by hand. */
  commitFile(file: string, text: string): void {
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      cwd: this.code,
      input: text,
      encoding: "utf8",
    }).trim();
    const index = { ...process.env, GIT_INDEX_FILE: path.join(this.root, "by-hand.index") };
    const git = (...args: readonly string[]) =>
      execFileSync("git", args, { cwd: this.code, env: index, encoding: "utf8" }).trim();
    git("read-tree", "agent-memory");
    git("update-index", "--add", "--cacheinfo", `100644,${blob},${file}`);
    const commit = git("commit-tree", git("write-tree"), "-p", "agent-memory", "-m", `Put ${file} there by hand`);
    git("update-ref", "refs/heads/agent-memory", commit);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What the tests read of any answer; the schema says what is really there. */
export interface Answer {
  readonly status: string;
  readonly store: string;
  readonly commit: string;
  readonly reverts: string;
  readonly id: string;
  readonly blob: string;
  readonly text: string;
  readonly body: string;
  readonly trust: string;
  readonly present: boolean;
  readonly front: Readonly<Record<string, unknown>>;
  readonly history: { readonly changes: number };
  readonly memories: readonly AnsweredMemory[];
  readonly broken: readonly { readonly path: string; readonly problems: readonly { readonly line: number }[] }[];
  readonly past: readonly {
    readonly id: string;
    readonly title: string;
    readonly ended: { readonly reason: string; readonly operation: string };
  }[];
  readonly files: readonly { readonly action: string }[];
  readonly chosen: readonly { readonly id: string }[];
  readonly entries: readonly {
    readonly operation: string;
    readonly actor: string;
    readonly channel: string;
    readonly session: string;
    readonly author: { readonly name: string };
  }[];
  readonly more: number;
  readonly waiting: readonly { readonly id: string; readonly title: string }[];
  readonly lines: readonly { readonly text: string; readonly reason: string }[];
  readonly healthy: boolean;
  readonly findings: readonly { readonly check: string; readonly level: string; readonly message: string }[];
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly suggestion: string;
    readonly base: string;
    readonly theirs: string;
    readonly mine: string;
    readonly findings: readonly { readonly rule: string }[];
  };
}

interface AnsweredMemory {
  readonly id: string;
  readonly title: string;
  readonly path: string;
  readonly blob: string;
  readonly tags: readonly string[];
  readonly scope: readonly string[];
  readonly trust: string;
  readonly by: string;
  readonly type: string;
  readonly expires_at: string | null;
}

export function checkAnswer(name: string, answer: unknown): void {
  const validate = ajv.getSchema(`urn:agent-memory:cli:1#/$defs/${name}`);
  if (validate === undefined) throw new Error(`cli.schema.json has no schema "${name}".`);
  if (validate(answer) !== true)
    throw new Error(
      `The answer of ${name} does not fit its schema: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(answer)}`,
    );
}

export function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error("The list is empty.");
  return first;
}
