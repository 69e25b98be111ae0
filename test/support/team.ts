/** A bare server and the clones of a team, each with a person and a data directory of their own. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Draft } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { type Synced, type SyncOptions, syncStore } from "../../src/git/sync/sync.ts";
import { claim, human } from "./scratch.ts";

export const syncer: SyncOptions = { caller: { channel: "sync", actor: "cli", trust: "agent" }, asks: false };

/** One person's clone. */
export class Mate {
  readonly name: string;
  readonly folder: string;
  readonly data: string;
  #stores: Stores | undefined;

  constructor(root: string, name: string) {
    this.name = name;
    this.folder = path.join(root, name);
    this.data = path.join(root, `${name}-data`);
  }

  readonly git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

  async stores(): Promise<Stores> {
    return (this.#stores ??= await openStores({ folder: this.folder, dataDirectory: this.data }));
  }

  async store(): Promise<MemoryStore> {
    const { project } = await this.stores();
    if (project === null) throw new Error(`${this.folder} is in no repository`);
    return project;
  }

  async add(n: number | string, more: Partial<Draft> = {}): Promise<{ id: string; path: string }> {
    const act = { caller: { channel: "cli", actor: this.name, trust: "agent" }, reason: "For the team." } as const;
    const { memories } = await addMemory(await this.store(), claim(n, more), act);
    const [memory] = memories;
    if (memory === undefined) throw new Error("nothing was stored");
    return memory;
  }

  async sync(options: Partial<SyncOptions> = {}): Promise<Synced> {
    return syncStore(await this.store(), { ...syncer, ...options });
  }

  async titles(): Promise<string[]> {
    return [...(await (await this.store()).snapshot()).memories()].map(({ title }) => title).toSorted();
  }

  tip(): string {
    return this.git("rev-parse", "refs/heads/agent-memory");
  }

  tree(): string {
    return this.git("rev-parse", "refs/heads/agent-memory^{tree}");
  }

  async dispose(): Promise<void> {
    await this.#stores?.dispose();
    this.#stores = undefined;
  }
}

export class TeamWorld {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "memory-team-"));
  readonly server = path.join(this.root, "server.git");
  readonly #mates: Mate[] = [];

  constructor() {
    const seed = path.join(this.root, "seed");
    const git = (...args: readonly string[]): unknown => execFileSync("git", args, { cwd: this.root, stdio: "pipe" });
    git("init", "--quiet", "--bare", "--initial-branch=main", this.server);
    git("init", "--quiet", "--initial-branch=main", seed);
    git("-C", seed, "-c", "user.name=S", "-c", "user.email=s@example.com", "commit", "-qm", "start", "--allow-empty");
    git("-C", seed, "push", "--quiet", this.server, "main");
  }

  /** A clone with the name and address of somebody. */
  clone(name: string, ...options: readonly string[]): Mate {
    const mate = new Mate(this.root, name);
    const url = options.some((option) => option.startsWith("--depth")) ? `file://${this.server}` : this.server;
    execFileSync("git", ["clone", "--quiet", ...options, url, mate.folder], { stdio: "pipe" });
    mate.git("config", "user.name", name);
    mate.git("config", "user.email", `${name}@example.com`);
    this.#mates.push(mate);
    return mate;
  }

  /** A clone that started the store and brought it to the server. */
  async founder(name = "alice"): Promise<Mate> {
    const mate = this.clone(name);
    await initialiseStore(await mate.store(), { caller: human, reason: "" });
    await mate.sync();
    return mate;
  }

  readonly gitThere = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: this.server, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

  tip(): string {
    return this.gitThere("rev-parse", "refs/heads/agent-memory");
  }

  tree(): string {
    return this.gitThere("rev-parse", "refs/heads/agent-memory^{tree}");
  }

  /** A hook of the server, as a shell script. */
  hook(name: string, script: string): void {
    fs.writeFileSync(path.join(this.server, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  async remove(): Promise<void> {
    await Promise.all(this.#mates.map((mate) => mate.dispose()));
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}
