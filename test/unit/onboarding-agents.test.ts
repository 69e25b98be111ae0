import { describe, expect, test } from "vitest";
import {
  AGENTS,
  pathsOf,
  planConnection,
  planDisconnection,
  isConnected,
  type Agent,
  type ConfigurationFiles,
  type ConnectionPlan,
} from "../../src/core/onboarding/agents.ts";
import { ConnectionError } from "../../src/core/onboarding/connection.ts";
import { INSTRUCTION } from "../../src/core/onboarding/instruction.ts";

const launcher = { command: "node", args: ["/opt/editor/memory/dist/mcp.cjs"] };

function files(agent: Agent, given: ConfigurationFiles = {}): ConfigurationFiles {
  return { ...Object.fromEntries(pathsOf(agent).map((path) => [path, null])), ...given };
}

function apply(current: ConfigurationFiles, plan: ConnectionPlan): ConfigurationFiles {
  return { ...current, ...Object.fromEntries(plan.files.map(({ path, after }) => [path, after])) };
}

function afterOf(plan: ConnectionPlan, path: string): string {
  const edit = plan.files.find((file) => file.path === path);
  if (edit?.after === undefined || edit.after === null) throw new Error(`${path} is not written`);
  return edit.after;
}

describe.each(AGENTS)("connecting %s", (agent) => {
  test("from nothing and back leaves nothing", () => {
    const before = files(agent);
    const plan = planConnection(agent, before, launcher);
    const connected = apply(before, plan);
    expect(plan.files.every((file) => file.before === null && file.after !== null)).toBe(true);
    expect(isConnected(agent, connected, launcher)).toBe(true);
    expect(apply(connected, planDisconnection(agent, connected, launcher))).toEqual(before);
  });

  test("twice changes nothing more", () => {
    const before = files(agent);
    const connected = apply(before, planConnection(agent, before, launcher));
    expect(planConnection(agent, connected, launcher).files).toEqual([]);
  });

  test("an update of the instruction and the launcher replaces what was there", () => {
    const before = files(agent);
    const old = apply(
      before,
      planConnection(agent, before, { command: "node", args: ["/ext/commit-to-memory-0.0.9/dist/mcp.cjs"] }),
    );
    const aged = Object.fromEntries(
      Object.entries(old).map(([path, text]) => [path, text?.replace("## Memory\n", "## Old memory\n") ?? null]),
    );
    const now = apply(aged, planConnection(agent, aged, launcher));
    expect(now).toEqual(apply(before, planConnection(agent, before, launcher)));
  });

  test("a path that wasn't read is an error, not an absent file", () => {
    expect(() => planConnection(agent, {}, launcher)).toThrow(/is needed/);
  });
});

describe("where each agent is told", () => {
  test("Claude Code: its server in .mcp.json and the instruction in CLAUDE.md", () => {
    const plan = planConnection("claude-code", files("claude-code", { "CLAUDE.md": "# Rules\n" }), launcher);
    expect(JSON.parse(afterOf(plan, ".mcp.json"))).toEqual({ mcpServers: { memory: launcher } });
    expect(afterOf(plan, "CLAUDE.md")).toBe(
      `# Rules\n\n<!-- commit-to-memory:start -->\n${INSTRUCTION}\n<!-- commit-to-memory:end -->\n`,
    );
  });

  test("Claude Code: no CLAUDE.md is made where AGENTS.md is what it reads", () => {
    const plan = planConnection("claude-code", files("claude-code", { "AGENTS.md": "# Rules\n" }), launcher);
    expect(plan.files.map(({ path }) => path)).toEqual([".mcp.json", "AGENTS.md"]);
  });

  test("Codex: a table between two comments, TOML's escapes included", () => {
    const windows = { command: "C:\\Program Files\\node.exe", args: ['say "hi"', "ü"] };
    const plan = planConnection("codex", files("codex", { "~/.codex/config.toml": 'model = "gpt-5.2"\n' }), windows);
    expect(afterOf(plan, "~/.codex/config.toml")).toBe(
      'model = "gpt-5.2"\n\n# commit-to-memory:start\n[mcp_servers.memory]\ncommand = "C:\\\\Program Files\\\\node.exe"\nargs = ["say \\"hi\\"", "ü"]\n# commit-to-memory:end\n',
    );
    expect(plan.files.map(({ path }) => path)).toEqual(["~/.codex/config.toml", "AGENTS.md"]);
  });

  test("Codex: the file that it reads in place of AGENTS.md gets the instruction", () => {
    const plan = planConnection("codex", files("codex", { "AGENTS.override.md": "x\n", "AGENTS.md": "y\n" }), launcher);
    expect(plan.files.map(({ path }) => path)).toContain("AGENTS.override.md");
  });

  test("Cursor: a rule of our own that always applies", () => {
    const plan = planConnection("cursor", files("cursor"), launcher);
    expect(afterOf(plan, ".cursor/rules/commit-to-memory.mdc")).toMatch(
      /^---\ndescription: .+\nglobs:\nalwaysApply: true\n---\n\n<!-- /,
    );
  });

  test("VS Code: only the instruction, because the extension's tools are there", () => {
    expect(planConnection("vscode", files("vscode"), launcher).files.map(({ path }) => path)).toEqual([
      ".github/copilot-instructions.md",
    ]);
  });

  test("the instruction has at most 120 words", () => {
    expect(INSTRUCTION.split(/\s+/).length).toBeLessThanOrEqual(120);
  });
});

describe("other people's entries", () => {
  const mcp = `{
  // servers of the team
  "mcpServers": {
    "docs": { "command": "npx", "args": ["-y", "docs-mcp"] }, /* keep */
  },
  "other": [1,2],
}
`;

  test("comments, trailing commas and formatting stay, and disconnecting restores them", () => {
    const before = files("claude-code", { ".mcp.json": mcp });
    const connected = apply(before, planConnection("claude-code", before, launcher));
    const text = connected[".mcp.json"] ?? "";
    for (const kept of [
      "// servers of the team",
      '{ "command": "npx", "args": ["-y", "docs-mcp"] }',
      "/* keep */",
      '"other": [1,2],',
    ])
      expect(text).toContain(kept);
    expect(isConnected("claude-code", connected, launcher)).toBe(true);
    const plan = planConnection("claude-code", before, launcher);
    expect(apply(connected, planDisconnection("claude-code", connected, launcher, plan))).toEqual(before);
  });

  test("what was added after connecting stays when ours goes", () => {
    const before = files("claude-code", { ".mcp.json": '{\n  "mcpServers": {}\n}\n', "CLAUDE.md": "# Rules\n" });
    const plan = planConnection("claude-code", before, launcher);
    const connected = apply(before, plan);
    const edited = {
      ...connected,
      ".mcp.json": (connected[".mcp.json"] ?? "").replace(
        '"mcpServers": {',
        '"mcpServers": {\n    "later": { "command": "x" },',
      ),
      "CLAUDE.md": `${connected["CLAUDE.md"] ?? ""}\nA later rule.\n`,
    };
    const after = apply(edited, planDisconnection("claude-code", edited, launcher, plan));
    expect(JSON.parse(after[".mcp.json"] ?? "")).toEqual({ mcpServers: { later: { command: "x" } } });
    expect(after["CLAUDE.md"]).toBe("# Rules\n\nA later rule.\n");
  });

  test("another server of our name is refused, not replaced", () => {
    const json = {
      ".mcp.json": '{"mcpServers":{"memory":{"command":"npx","args":["-y","@modelcontextprotocol/server-memory"]}}}',
    };
    expect(() => planConnection("claude-code", files("claude-code", json), launcher)).toThrow(ConnectionError);
    expect(planDisconnection("claude-code", files("claude-code", json), launcher).files).toEqual([]);
    for (const toml of [
      "[mcp_servers.memory]\ncommand = 'x'\n",
      '[mcp_servers."memory"]\ncommand = "x"\n',
      "[ mcp_servers . memory . env ]\nA = 'b'\n",
      'mcp_servers.memory.command = "x"\n',
      'mcp_servers = { memory = { command = "x" } }\n',
      '[mcp_servers]\nother = { command = "y" }\nmemory = { command = "x" }\n',
    ]) {
      expect(() => planConnection("codex", files("codex", { "~/.codex/config.toml": toml }), launcher)).toThrow(
        ConnectionError,
      );
    }
  });

  test("a server whose name only begins like ours is no obstacle", () => {
    for (const toml of [
      "[mcp_servers.memory2]\ncommand = 'x'\n",
      "[other]\nmemory = 1\n",
      "[mcp_servers]\n[mcp_servers.docs]\nmemory = 1\n",
    ]) {
      expect(planConnection("codex", files("codex", { "~/.codex/config.toml": toml }), launcher).files).toHaveLength(2);
    }
  });

  test("broken JSON is refused", () => {
    for (const text of ['{"mcpServers": {', "[]", '{"mcpServers": []}', '{"mcpServers": {"memory": 1, "memory": 2}}']) {
      expect(() => planConnection("claude-code", files("claude-code", { ".mcp.json": text }), launcher)).toThrow(
        ConnectionError,
      );
    }
  });

  test("a rule file that another connected agent reads keeps its instruction", () => {
    const before = {
      ...files("claude-code", { "AGENTS.md": "# Rules\n" }),
      ...files("codex", { "AGENTS.md": "# Rules\n" }),
    };
    const one = apply(before, planConnection("codex", before, launcher));
    const both = apply(one, planConnection("claude-code", one, launcher));
    const alone = apply(both, planDisconnection("codex", both, launcher));
    expect(alone["AGENTS.md"]).toBe(both["AGENTS.md"]);
    expect(apply(alone, planDisconnection("claude-code", alone, launcher))).toEqual(before);
  });
});
