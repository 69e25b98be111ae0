/** A git repository with a memory store in it, and agents at its door. Everything is real, in a temporary folder. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Caller } from "../../src/core/proposal.ts";
import { Session } from "../../src/core/session.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import type { Stores } from "../../src/core/stores.ts";
import type { ToolAnswer } from "../../src/core/tools/answer.ts";
import { tools } from "../../src/core/tools/tools.ts";
import { openStores } from "../../src/git/open.ts";
import { Template } from "./template.ts";

/** A person at the editor. */
export const person: Caller = { channel: "editor", actor: "human:test", trust: "user", gesture: true };

const template = new Template((folder) => {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet");
  git("config", "user.name", "Test Person");
  git("config", "user.email", "test@example.invalid");
  writeFileSync(join(folder, "package.json"), '{\n  "packageManager": "pnpm@9"\n}\n');
  git("add", ".");
  git("commit", "--quiet", "-m", "Start");
});

/** A repository of one commit in a temporary folder, and a data directory beside it. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), "memory-agent-"));
  readonly folder = join(this.root, "code");
  readonly dataDirectory = join(this.root, "data");

  constructor() {
    template.copyTo(this.folder);
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", args, { cwd: this.folder, encoding: "utf8" }).trim();
  }

  /** The commits of the project's store, newest first, one line each. */
  log(): string[] {
    return this.git("log", "--format=%s", "agent-memory").split("\n");
  }

  async openStores(now: () => Date = () => new Date()): Promise<Stores> {
    return openStores({
      folder: this.folder,
      dataDirectory: this.dataDirectory,
      environment: { now, random: (length) => randomBytes(length) },
    });
  }

  /** Does what the button in the editor does. */
  async initialise(): Promise<void> {
    const stores = await this.openStores();
    await initialiseStore(projectOf(stores), { caller: person, reason: "" });
    await stores.dispose();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function projectOf(stores: Stores): MemoryStore {
  if (stores.project === null) throw new Error("The workspace is in no repository.");
  return stores.project;
}

/** One agent's session over some stores. */
export class Agent {
  readonly stores: Stores;
  readonly session: Session;

  constructor(stores: Stores, actor = "test-agent/1.0") {
    this.stores = stores;
    this.session = new Session({ channel: "mcp", actor, trust: "agent" }, { random: (length) => randomBytes(length) });
  }

  async call(name: string, input: unknown): Promise<ToolAnswer> {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`There is no tool ${name}.`);
    return tool.run({ stores: this.stores, session: this.session }, input);
  }

  /** Stores a claim and hands back its id. */
  async remember(input: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.call("memory_remember", { ...CLAIM, ...input });
    if (answer.isError) throw new Error(answer.text);
    return String(answer.structured["id"]);
  }
}

export const CLAIM = {
  title: "Use pnpm, never npm",
  body: "Run every install and script through pnpm.",
  type: "Convention",
  reason: "The user said so while CI was being repaired.",
} as const;
