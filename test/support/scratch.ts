/** Real git repositories in a temporary folder, with stores opened on them. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Environment } from "../../src/core/ports.ts";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import { openStores } from "../../src/git/open.ts";
import { Template } from "./template.ts";

// The configuration of whoever runs the tests must not decide how they end.
Object.assign(process.env, { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: os.devNull });

export const agent: Caller = { channel: "mcp", actor: "copilot/gpt-5.2", trust: "agent", session: "s_9d2k4m7x" };
export const human: Caller = { channel: "editor", actor: "human:alice", trust: "user", gesture: true };
export const act = { caller: agent, reason: "It came up in a test." };

export function claim(n: number | string, more: Partial<Draft> = {}): Draft {
  return {
    type: "Fact",
    title: `Claim number ${n}`,
    body: `The value of setting ${n} was read from the settings.`,
    ...more,
  };
}

const template = new Template((folder) => makeRepository(folder, [], true));

function makeRepository(folder: string, init: readonly string[], withCommit: boolean): void {
  const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet", "--template=", "--initial-branch=main", ...init);
  git("config", "user.name", "Test Person");
  git("config", "user.email", "person@example.com");
  if (withCommit) git("commit", "--quiet", "--allow-empty", "--message=start");
}

/** A repository with one commit, and a data directory beside it, in a folder that `remove` takes away. */
export class Scratch {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "memory-scratch-"));
  readonly folder: string;
  readonly data = path.join(this.root, "data");
  readonly #opened: Stores[] = [];

  constructor(options: { readonly name?: string; readonly init?: readonly string[]; readonly empty?: boolean } = {}) {
    this.folder = path.join(this.root, options.name ?? "repository");
    if (options.init === undefined && options.empty !== true) {
      template.copyTo(this.folder);
    } else {
      fs.mkdirSync(this.folder);
      makeRepository(this.folder, options.init ?? [], options.empty !== true);
    }
  }

  /** git in the repository; what it printed, without the last line break. */
  readonly git = (...args: string[]): string => this.gitIn(this.folder, ...args);

  gitIn(folder: string, ...args: string[]): string {
    const output = execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return output.replace(/\n$/, "");
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  write(file: string, text: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(this.path(file)), { recursive: true });
    fs.writeFileSync(this.path(file), text);
  }

  async stores(folder = this.folder, now: () => Date = () => new Date()): Promise<Stores> {
    const environment: Environment = { now, random: (length) => randomBytes(length) };
    const stores = await openStores({ folder, dataDirectory: this.data, environment });
    this.#opened.push(stores);
    return stores;
  }

  /** The project's store as a door sees it from a folder. */
  async open(folder = this.folder, now?: () => Date): Promise<MemoryStore> {
    const { project } = await this.stores(folder, now);
    if (project === null) throw new Error(`${folder} is in no repository`);
    return project;
  }

  /** The project's store, started. */
  async start(folder = this.folder): Promise<MemoryStore> {
    const store = await this.open(folder);
    await initialiseStore(store, { caller: human, reason: "" });
    return store;
  }

  /** Makes a bare repository, the remote `origin`, and pushes the memory branch to it; its folder. */
  serve(): string {
    const server = path.join(this.root, "server.git");
    this.gitIn(this.root, "init", "--quiet", "--bare", server);
    this.git("remote", "add", "origin", server);
    this.git("push", "--quiet", "origin", "agent-memory");
    return server;
  }

  /** Commits files to the memory branch as somebody would who has it checked out elsewhere. */
  commitOutside(files: Readonly<Record<string, string | null>>, message = "by hand"): string {
    return this.commitsOutside([files], message);
  }

  /** The same with several commits, one after the other; returns the last. */
  commitsOutside(commits: readonly Readonly<Record<string, string | null>>[], message = "by hand"): string {
    const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const change = ([file, text]: [string, string | null]): string => {
      const quoted = `"${file.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
      return text === null ? `D ${quoted}\n` : `M 100644 inline ${quoted}\n${data(text)}`;
    };
    const who = `committer By Hand <hand@example.com> ${Math.floor(Date.now() / 1000)} +0000\n`;
    const input = commits
      .map((files, i) => {
        const from = i === 0 ? "from refs/heads/agent-memory^0\n" : "";
        return `commit refs/heads/agent-memory\n${who}${data(message)}${from}${Object.entries(files).map(change).join("")}`;
      })
      .join("");
    execFileSync("git", ["fast-import", "--quiet"], { cwd: this.folder, input, stdio: ["pipe", "pipe", "pipe"] });
    return this.git("rev-parse", "refs/heads/agent-memory");
  }

  /** Throws with git's own words where the object database is not in order. */
  fsck(): void {
    const output = this.git("fsck", "--strict", "--full", "--no-dangling");
    if (/error|missing|broken|warning/.test(output)) throw new Error(output);
  }

  async remove(): Promise<void> {
    await Promise.all(this.#opened.map((stores) => stores.dispose()));
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A memory file as another tool or a person might write it. */
export function fileText(id: string, title: string, body = "Written by hand."): string {
  return `---\ntype: Fact\nid: ${id}\ntitle: "${title}"\n---\n\n${body}\n`;
}

/** The titles of what is believed, in order. */
export async function believed(store: MemoryStore): Promise<string[]> {
  return Array.from((await store.snapshot()).memories(), ({ title }) => title).toSorted();
}

/** Waits until `holds`, and tells how long it took, in milliseconds; throws after two seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > 2_000) throw new Error("it did not happen within two seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}
