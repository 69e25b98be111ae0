/**
 * *Connect an agent*: the exact change to an agent's configuration and rule file, computed before anything is written, and
 * its inverse. A door shows the change, writes the files and keeps the plan, which is what makes it undoable to the byte.
 */
import { InvalidInputError } from "../errors.ts";
import { hasJsonServer, withJsonServer, withoutJsonServer } from "./agent-json.ts";
import { hasTomlServer, withoutTomlServer, withTomlServer } from "./agent-toml.ts";
import type { Launcher } from "./connection.ts";
import { hasInstruction, withInstruction, withoutInstruction } from "./instruction.ts";

export const AGENTS = ["claude-code", "codex", "cursor", "vscode"] as const;
export type Agent = (typeof AGENTS)[number];

/** Paths are relative to the project's root, or begin with `~/`. Null: no such file. */
export type ConfigurationFiles = Readonly<Record<string, string | null>>;

export interface FileEdit {
  readonly path: string;
  readonly before: string | null;
  /** Null: the file goes. */
  readonly after: string | null;
}

export interface ConnectionPlan {
  readonly agent: Agent;
  /** Only what changes; empty where all is in place already. */
  readonly files: readonly FileEdit[];
  /** One or two sentences for the person who decides. */
  readonly note: string;
}

interface AgentPlaces {
  readonly name: string;
  /** Where MCP servers are listed; absent for VS Code, whose agents have the extension's own tools. */
  readonly servers?: { readonly path: string; readonly container: string | null };
  /** Rule files that the agent may read, best first; the first that exists gets the instruction, else `create`. */
  readonly rules: readonly string[];
  readonly create: string;
  /** What a rule file of our own begins with. */
  readonly head?: string;
  readonly note: string;
}

/**
 * Where each agent looks, as its makers' documentation says (checked November 2026):
 *
 * - Claude Code: `.mcp.json` in the project's root, key `mcpServers` (code.claude.com/docs/en/mcp). Rules: `CLAUDE.md` or
 *   `.claude/CLAUDE.md`; since 2.1.277 it reads `AGENTS.md` where there is no `CLAUDE.md`, so making one would hide that
 *   file from it (code.claude.com/docs/en/memory).
 * - Codex: `~/.codex/config.toml`, tables `mcp_servers.<name>`; `AGENTS.md`, or `AGENTS.override.md` in its stead
 *   (developers.openai.com/codex/guides/agents-md).
 * - Cursor: `.cursor/mcp.json`, key `mcpServers` (cursor.com/docs/mcp); `.cursor/rules/*.mdc` with `alwaysApply`
 *   (cursor.com/docs/rules).
 * - VS Code: `.github/copilot-instructions.md` goes with every chat request
 *   (code.visualstudio.com/docs/agent-customization/custom-instructions). A server in `.vscode/mcp.json` would give its agents each tool twice.
 */
const PLACES: Readonly<Record<Agent, AgentPlaces>> = {
  "claude-code": {
    name: "Claude Code",
    servers: { path: ".mcp.json", container: "mcpServers" },
    rules: ["CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"],
    create: "CLAUDE.md",
    note: "Claude Code asks once whether to use the server. `.mcp.json` is often committed, and the entry names a path on this machine.",
  },
  codex: {
    name: "Codex",
    servers: { path: "~/.codex/config.toml", container: null },
    rules: ["AGENTS.override.md", "AGENTS.md"],
    create: "AGENTS.md",
    note: "The server is listed for every project that Codex opens; it does nothing where there is no memory store.",
  },
  cursor: {
    name: "Cursor",
    servers: { path: ".cursor/mcp.json", container: "mcpServers" },
    rules: [],
    create: ".cursor/rules/commit-to-memory.mdc",
    head: "---\ndescription: How to use the project's memory\nglobs:\nalwaysApply: true\n---\n\n",
    note: "Cursor asks before each call of a tool. `.cursor/mcp.json` is often committed, and the entry names a path on this machine.",
  },
  vscode: {
    name: "VS Code",
    rules: [],
    create: ".github/copilot-instructions.md",
    note: "The extension's tools are there already; this only tells agents in VS Code when to use them.",
  },
};

/** Every file that planning for an agent has to see. Those of an agent that shares a rule file are among them. */
export function pathsOf(agent: Agent): string[] {
  return [...new Set([agent, ...sharersOf(agent)].flatMap(placesOf))];
}

function placesOf(agent: Agent): string[] {
  const { servers, rules, create } = PLACES[agent];
  return [...(servers === undefined ? [] : [servers.path]), ...rules, create];
}

/**
 * The change that connects an agent. Connecting twice changes nothing; after an update of the launcher it brings the entry
 * up to date.
 *
 * @param current the text of each of `pathsOf(agent)`
 * @throws ConnectionError where a file is broken or has another server of our name; nothing should be written then
 */
export function planConnection(agent: Agent, current: ConfigurationFiles, launcher: Launcher): ConnectionPlan {
  const { name, servers, head, note } = PLACES[agent];
  const rule = ruleFileOf(agent, current);
  const edits = [
    ...(servers === undefined ? [] : [edited(servers.path, current, (text) => connected(servers, text, launcher))]),
    edited(rule, current, (text) => withInstruction(text, head)),
  ];
  return { agent, files: changed(edits), note: changed(edits).length === 0 ? `${name} is connected already.` : note };
}

/**
 * The change that takes an agent's connection away. A file that is still as connecting left it becomes what it was before,
 * byte for byte; from one that was changed since, only our own entries go. A rule file that another connected agent
 * reads too keeps its instruction.
 *
 * @param made the plan that was carried out, where the door kept it
 */
export function planDisconnection(
  agent: Agent,
  current: ConfigurationFiles,
  launcher: Launcher,
  made?: ConnectionPlan,
): ConnectionPlan {
  const { name, servers, rules, create, head } = PLACES[agent];
  const undo = (path: string, remove: (text: string) => string | null): FileEdit =>
    edited(path, current, (text) => {
      const then = made?.files.find((file) => file.path === path);
      if (then !== undefined && then.after === text) return then.before;
      return text === null ? null : remove(text);
    });
  const kept = new Set(
    sharersOf(agent)
      .filter((other) => isConnected(other, current, launcher))
      .map((other) => ruleFileOf(other, current)),
  );
  const edits = [
    ...(servers === undefined ? [] : [undo(servers.path, (text) => disconnected(servers, text, launcher))]),
    ...[...new Set([...rules, create])]
      .filter((path) => !kept.has(path))
      .map((path) => undo(path, (text) => withoutInstruction(text, head))),
  ];
  return {
    agent,
    files: changed(edits),
    note: changed(edits).length === 0 ? `${name} is not connected.` : `${name} no longer reads or writes this memory.`,
  };
}

/** Whether the agent's configuration has our server (for VS Code: whether its rule file has the instruction). */
export function isConnected(agent: Agent, current: ConfigurationFiles, launcher: Launcher): boolean {
  const { servers } = PLACES[agent];
  if (servers === undefined) return hasInstruction(textOf(ruleFileOf(agent, current), current));
  const text = textOf(servers.path, current);
  return servers.container === null
    ? hasTomlServer(text)
    : hasJsonServer(servers.path, text, servers.container, launcher);
}

/** The best rule file that exists, else the one to create. */
function ruleFileOf(agent: Agent, current: ConfigurationFiles): string {
  const { rules, create } = PLACES[agent];
  const existing = rules.filter((path) => textOf(path, current) !== null);
  return existing[0] ?? create;
}

/** The other agents that read one of this agent's rule files. */
function sharersOf(agent: Agent): Agent[] {
  const { rules, create } = PLACES[agent];
  const mine = new Set([...rules, create]);
  return AGENTS.filter(
    (other) => other !== agent && [...PLACES[other].rules, PLACES[other].create].some((path) => mine.has(path)),
  );
}

function connected(
  { path, container }: NonNullable<AgentPlaces["servers"]>,
  text: string | null,
  launcher: Launcher,
): string {
  return container === null ? withTomlServer(path, text, launcher) : withJsonServer(path, text, container, launcher);
}

function disconnected(
  { path, container }: NonNullable<AgentPlaces["servers"]>,
  text: string,
  launcher: Launcher,
): string | null {
  return container === null ? withoutTomlServer(text) : withoutJsonServer(path, text, container, launcher);
}

function edited(path: string, current: ConfigurationFiles, change: (text: string | null) => string | null): FileEdit {
  const before = textOf(path, current);
  return { path, before, after: change(before) };
}

function changed(edits: readonly FileEdit[]): FileEdit[] {
  return edits.filter(({ before, after }) => before !== after);
}

/** A path that the caller didn't read isn't an absent file: taking it for one would overwrite it. */
function textOf(path: string, current: ConfigurationFiles): string | null {
  const text = current[path];
  if (text === undefined)
    throw new InvalidInputError(
      `The text of ${path} is needed (null where there is no such file). Read every path that pathsOf names.`,
    );
  return text;
}
