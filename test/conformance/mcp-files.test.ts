/** The memory as files over a real connection, from the released command line: an agent that keeps its memory so, and the next one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { fileTool } from "../../src/core/files/file-tool.ts";
import { tools } from "../../src/core/tools/tools.ts";
import { Workspace } from "../support/agent-world.ts";
import { bundleCli } from "../support/bundled-cli.ts";
import { bundleServer, serverCommand } from "../support/mcp-process.ts";

let folder: string;
let program: string;
let workspace: Workspace;
let clients: Client[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "memory-bundle-"));
  program = await bundleCli(folder);
  await bundleServer(join(dirname(program), "mcp.cjs"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  clients = [];
});
afterEach(async () => {
  for (const client of clients) await client.close();
  workspace.remove();
});

async function connect(...args: readonly string[]): Promise<Client> {
  const client = new Client({ name: "file-agent", version: "1.0" });
  const { folder: code, dataDirectory } = workspace;
  const command = serverCommand({ folder: code, dataDirectory, program }, ["mcp", ...args]);
  await client.connect(new StdioClientTransport({ ...command, stderr: "pipe" }));
  clients.push(client);
  return client;
}

async function memory(client: Client, input: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = await client.callTool({ name: "memory", arguments: input });
  const [first] = content;
  return { text: first?.type === "text" ? first.text : "", isError: isError ?? false };
}

test("is offered where it was asked for, and nowhere else", async () => {
  const names = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
  expect(await names(await connect())).toEqual(tools.map(({ name }) => name));
  expect(await names(await connect("--files"))).toEqual([...tools, fileTool].map(({ name }) => name));
});

test("keeps what one session wrote for the next, and tells of what changed meanwhile", async () => {
  const first = await connect("--files");
  expect((await memory(first, { command: "view", path: "/memories" })).text).toContain("There are no files");
  const text = "# Run the tests with pnpm\n\nUse `pnpm test`.\n";
  const made = await memory(first, {
    command: "create",
    path: "/memories/project/procedure/tests.md",
    file_text: text,
  });
  const path = /File created successfully at: (\S+)/.exec(made.text)?.[1] ?? "";
  expect(path).toMatch(/^\/memories\/project\/procedure\/run-the-tests-with-pnpm-m_\w{12}\.md$/);

  const second = await connect("--files");
  expect((await memory(second, { command: "view", path: "/memories" })).text).toContain(path);
  expect((await memory(second, { command: "view", path })).text).toContain("     3\tUse `pnpm test`.");
  const swap = { command: "str_replace", path, old_str: "pnpm test", new_str: "pnpm test --run" };
  expect(await memory(second, { ...swap, reason: "It watched for ever." })).toMatchObject({ isError: false });

  const late = await memory(first, { command: "insert", path, insert_line: 3, insert_text: "Twice." });
  expect(late).toMatchObject({ isError: true, text: expect.stringMatching(/Nothing was stored\.[^]*pnpm test --run/) });
  const again = await memory(first, { command: "insert", path, insert_line: 3, insert_text: "Twice." });
  expect(again).toMatchObject({ isError: false, text: expect.stringContaining("     4\tTwice.") });
  expect(await memory(second, { command: "delete", path: "/memories/project" })).toMatchObject({ isError: true });

  const moved = await memory(first, { command: "rename", old_path: path, new_path: "/memories/test-with-pnpm.md" });
  expect(moved.text).toMatch(/^Successfully renamed \S+ to \/memories\/project\/procedure\/test-with-pnpm-m_\w+\.md\n/);
  expect(await memory(first, { command: "delete", path: "/memories/test-with-pnpm.md" })).toMatchObject({
    isError: false,
    text: expect.stringMatching(/^Successfully deleted /),
  });
  expect(await memory(first, { command: "view", path })).toMatchObject({ isError: true });

  const log = workspace.git(
    "log",
    "--format=%s|%(trailers:key=Memory-Channel,valueonly,separator=)|%(trailers:key=Memory-Actor,valueonly,separator=)",
    "agent-memory",
  );
  const mine = log.split("\n").filter((line) => line.includes("|file-tool|file-agent/1.0"));
  expect(mine.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    "memory(expire)",
    "memory(update)",
    "memory(update)",
    "memory(update)",
    "memory(add)",
  ]);
});
