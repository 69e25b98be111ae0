import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tools } from "../../src/core/tools/tools.ts";
import { CLAIM, Workspace } from "../support/agent-world.ts";
import { serverCommand } from "../support/mcp-process.ts";

let workspace: Workspace;
let client: Client;

async function connect(mode: "legacy" | "auto"): Promise<void> {
  client = new Client({ name: "sdk-client", version: "2.4.0" }, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ ...serverCommand(workspace), stderr: "pipe" }));
}

async function call(name: string, input: Record<string, unknown>): Promise<{ text: string; isError: boolean }> {
  const result = await client.callTool({ name, arguments: input });
  const [first] = result.content;
  return { text: first?.type === "text" ? first.text : "", isError: result.isError ?? false };
}

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
});
afterEach(async () => {
  await client.close();
  workspace.remove();
});

describe.each([
  ["legacy", /^2025-/],
  ["auto", /^2026-/],
] as const)("the SDK's own client (%s)", (mode, version) => {
  test("negotiates its era, and is told when to recall and remember", async () => {
    await connect(mode);
    expect(client.getNegotiatedProtocolVersion()).toMatch(version);
    expect(client.getInstructions()).toContain("memory_remember");
  });

  test("finds the five tools as they are defined, with their annotations", async () => {
    await connect(mode);
    const listed = (await client.listTools()).tools;
    expect(
      listed.map(({ name, title, description, inputSchema }) => ({ name, title, description, inputSchema })),
    ).toEqual(tools.map(({ name, title, description, inputSchema }) => ({ name, title, description, inputSchema })));
    expect(listed.map(({ annotations }) => annotations?.readOnlyHint)).toEqual([true, false, false, false, true]);
    expect(listed.map(({ annotations }) => annotations?.destructiveHint)).toEqual([false, false, true, true, false]);
    expect(new Set(listed.map(({ annotations }) => annotations?.openWorldHint))).toEqual(new Set([false]));
  });

  test("remembers, recalls, updates, inspects and expires in one session", async () => {
    await connect(mode);
    const id = /m_[0-9a-z]{12}/.exec((await call("memory_remember", CLAIM)).text)?.[0] ?? "none";
    expect((await call("memory_recall", { question: "pnpm or npm" })).text).toContain(CLAIM.body);
    expect((await call("memory_update", { id, body: "Run pnpm.", reason: "Shorter." })).isError).toBe(false);
    expect((await call("memory_inspect", { id })).text).toContain("Run pnpm.");
    expect((await call("memory_expire", { id, cause: "wrong", reason: "A test." })).isError).toBe(false);
    expect((await call("memory_recall", { question: "pnpm or npm" })).text).not.toContain("Run pnpm.");
    const sessions = new Set(
      workspace
        .git(
          "log",
          "--format=%(trailers:key=Memory-Session,valueonly,separator=)%x20%(trailers:key=Memory-Actor,valueonly,separator=)",
          "agent-memory",
        )
        .split("\n")
        .filter((line) => line.includes("s_")),
    );
    expect([...sessions]).toEqual([expect.stringMatching(/^s_\w+ sdk-client\/2\.4\.0$/)]);
  });
});
