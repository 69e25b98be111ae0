/** Connecting agents on disk: plans are computed from the files as they are, and carried out whole or not at all. */
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type Agent,
  AGENTS,
  type ConfigurationFiles,
  type ConnectionPlan,
  isConnected,
  pathsOf,
  planConnection,
  planDisconnection,
} from "../../core/onboarding/agents.ts";
import { applyEdits, type FileEdit, readText } from "./file-edits.ts";
import { type Launcher, launcherEdit, makeRunnable } from "./launcher.ts";

export const AGENT_NAMES: Readonly<Record<Agent, string>> = {
  "claude-code": "Claude Code",
  codex: "Codex",
  cursor: "Cursor",
  vscode: "VS Code",
};

/** What would be written where, for showing it first. */
export interface Change {
  readonly plan: ConnectionPlan;
  /** With absolute paths; the launcher among them where it has to be written. */
  readonly edits: readonly FileEdit[];
}

export interface ConnectionParts {
  /** The project's root. */
  readonly root: string;
  readonly home?: string;
  readonly launcher: Launcher;
}

export class Connections {
  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** The agents whose configuration names our server, or has our instruction where that is all there is to connect. */
  async connected(): Promise<Agent[]> {
    const states = await Promise.all(
      AGENTS.map(async (agent) => isConnected(agent, await this.#read(agent), this.#parts.launcher.command)),
    );
    return AGENTS.filter((_, i) => states[i]);
  }

  /** Throws ConnectionError where a file can't be changed safely. */
  async planToConnect(agent: Agent): Promise<Change> {
    const plan = planConnection(agent, await this.#read(agent), this.#parts.launcher.command);
    // The editor's own agents have the extension's tools and start nothing.
    const launcher = agent === "vscode" ? null : await launcherEdit(this.#parts.launcher);
    return { plan, edits: [...this.#absolute(plan), ...(launcher === null ? [] : [launcher])] };
  }

  /** @param made the change that connected it, where it is at hand: then what was there before returns byte for byte. */
  async planToDisconnect(agent: Agent, made?: Change): Promise<Change> {
    const plan = planDisconnection(agent, await this.#read(agent), this.#parts.launcher.command, made?.plan);
    return { plan, edits: this.#absolute(plan) };
  }

  /** Throws FileChangedError where a file is not as it was shown; nothing is written then. */
  async carryOut({ edits }: Change): Promise<void> {
    await applyEdits(edits);
    if (edits.some(({ path }) => path === this.#parts.launcher.path)) await makeRunnable(this.#parts.launcher);
  }

  async #read(agent: Agent): Promise<ConfigurationFiles> {
    const texts = await Promise.all(
      pathsOf(agent).map(async (path) => [path, await readText(this.#place(path))] as const),
    );
    return Object.fromEntries(texts);
  }

  #absolute(plan: ConnectionPlan): FileEdit[] {
    return plan.files.map((file) => ({ ...file, path: this.#place(file.path) }));
  }

  #place(path: string): string {
    return path.startsWith("~/") ? join(this.#parts.home ?? homedir(), path.slice(2)) : join(this.#parts.root, path);
  }
}
