import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CLAIM, Workspace } from "../support/agent-world.ts";
import { bundleServer, McpProcess, type ServerPlace } from "../support/mcp-process.ts";

/** The bundle that is shipped, which also starts faster than the source. */
let program: string;
let workspace: Workspace;
let servers: McpProcess[];

beforeAll(async () => {
  program = join(mkdtempSync(join(tmpdir(), "memory-bundle-")), "mcp.cjs");
  await bundleServer(program);
});
afterAll(() => {
  rmSync(dirname(program), { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  servers = [];
});
afterEach(async () => {
  for (const server of servers)
    if (server.child.exitCode === null && server.child.signalCode === null) server.child.kill("SIGKILL");
  await Promise.all(servers.map((server) => server.exit()));
  workspace.remove();
});

function start(args: readonly string[] = [], place: Partial<ServerPlace> = {}): McpProcess {
  const server = new McpProcess(
    { folder: workspace.folder, dataDirectory: workspace.dataDirectory, program, ...place },
    args,
  );
  servers.push(server);
  return server;
}

const files = () =>
  workspace
    .git("ls-tree", "-r", "--name-only", "agent-memory")
    .split("\n")
    .filter((path) => path.startsWith("semantic/"));

describe("a client of an older protocol", () => {
  test.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "is served in its own version, %s",
    async (version) => {
      const server = start();
      const { result } = await server.initialise(version);
      expect(result).toMatchObject({
        protocolVersion: version,
        serverInfo: { name: "commit-to-memory" },
        capabilities: { tools: {} },
      });
      expect(result?.["instructions"]).toContain("memory_recall");
      const list = await server.request("tools/list");
      expect(list.result?.["tools"]).toMatchObject(
        ["memory_recall", "memory_remember", "memory_update", "memory_expire", "memory_inspect"].map((name) => ({
          name,
        })),
      );
      const stored = await server.call("memory_remember", CLAIM);
      expect(stored).toMatchObject({ isError: false, text: expect.stringContaining("Stored m_") });
      expect(workspace.git("log", "-1", "--format=%(trailers)", "agent-memory")).toMatch(
        /Memory-Session: s_\w+\n(?:.*\n)*Memory-Actor: raw-client\/3\nMemory-Channel: mcp/,
      );
    },
  );

  test("that asks for a version of the future is offered one that the server speaks", async () => {
    const { result } = await start().initialise("2999-01-01");
    expect(result?.["protocolVersion"]).toMatch(/^20\d\d-\d\d-\d\d$/);
  });
});

describe("the process", () => {
  test("answers the handshake without starting git or opening the store; the first call does", async () => {
    const started = join(workspace.root, "started");
    const shim = join(workspace.root, "bin");
    mkdirSync(shim);
    writeFileSync(join(shim, "git"), `#!/bin/sh\necho "$@" >> "${started}"\nPATH="\${PATH#*:}" exec git "$@"\n`, {
      mode: 0o755,
    });
    const server = start([], { PATH: `${shim}:${process.env["PATH"] ?? ""}` });
    await server.initialise();
    await server.request("tools/list");
    expect(existsSync(started)).toBe(false);
    await server.call("memory_remember", CLAIM);
    expect(existsSync(started)).toBe(true);
  });

  test("writes nothing but the protocol to standard output, and what it can't read to standard error", async () => {
    const server = start();
    await server.initialise();
    server.write("this is no JSON\n\n{}\n[]\n");
    expect((await server.call("memory_inspect", { id: "m_000000000000" })).isError).toBe(true);
    for (const line of server.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
    expect(server.errors).not.toBe("");
  });

  test("answers what it was asked, though the client has nothing more to say, and ends", async () => {
    const server = start();
    const answers = [
      server.initialise(),
      server.call("memory_remember", CLAIM),
      server.call("memory_remember", { ...CLAIM, title: "Another" }),
    ] as const;
    expect(await server.end()).toEqual({ code: 0, signal: null });
    const [, first, second] = await Promise.all(answers);
    expect([first.isError, second.isError]).toEqual([false, false]);
    expect(files()).toHaveLength(2);
  });

  test("answers calls in their order, so that a claim sent twice at once is stored once and a recall after it finds it", async () => {
    const server = start();
    await server.initialise();
    const [first, second, recalled] = await Promise.all([
      server.call("memory_remember", CLAIM),
      server.call("memory_remember", CLAIM),
      server.call("memory_recall", { question: "pnpm" }),
    ]);
    expect(first.text).toContain("Stored m_");
    expect(second.text).toContain("believed already");
    expect(recalled.text).toContain(CLAIM.body);
    expect(files()).toHaveLength(1);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const server = start();
    await server.initialise();
    await server.call("memory_remember", CLAIM);
    server.child.kill(signal);
    expect(await server.exit()).toEqual({ code: 0, signal: null });
  });

  test("answers an unknown tool, an unknown method and wrong input without ending", async () => {
    const server = start();
    await server.initialise();
    expect((await server.request("tools/call", { name: "memory_forget", arguments: {} })).error).toMatchObject({
      code: -32_602,
      message: expect.stringContaining('no tool "memory_forget"'),
    });
    expect((await server.request("no/method")).error?.code).toBe(-32_601);
    expect((await server.request("tools/call", { arguments: {} })).error).toBeDefined();
    expect(await server.call("memory_remember", { ...CLAIM, type: "Rule" })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Unknown type "Rule". Use one of:'),
    });
    expect((await server.call("memory_remember", CLAIM)).isError).toBe(false);
  });

  test("keeps a client from calling itself a person", async () => {
    const server = start();
    await server.initialise("2025-06-18", { name: "human:alice\u202E\nMemory-Gate: none", version: "1" });
    expect((await server.call("memory_remember", CLAIM)).isError).toBe(false);
    const trailers = workspace.git("log", "-1", "--format=%an%n%(trailers)", "agent-memory");
    expect(trailers).toContain("human-alice-Memory-Gate-none/1");
    expect(trailers).not.toContain("human:");
  });

  test("serves the folder that it is told, from anywhere, and says what is wrong with its command line", async () => {
    const elsewhere = start(["mcp", "--folder", workspace.folder], { folder: workspace.root });
    await elsewhere.initialise();
    expect((await elsewhere.call("memory_remember", CLAIM)).text).toContain("in the project store");
    const wrong = start(["--fodler", "x"]);
    expect((await wrong.exit()).code).toBe(2);
    expect(wrong.errors).toContain("--fodler");
    expect(wrong.errors).toContain("Usage: git-memory mcp");
    expect(wrong.lines).toEqual([]);
  });

  test("does not serve a session under another name than it was given", async () => {
    const server = start([], { session: "my-agent-1" });
    expect((await server.exit()).code).toBe(2);
    expect(server.errors).toContain("COMMIT_TO_MEMORY_SESSION holds no session's name.");
    expect(server.lines).toEqual([]);
  });
});

describe("outside a repository", () => {
  test("the first root that the client names, and that is in one, is served", async () => {
    const server = start([], { folder: workspace.root });
    const plain = join(workspace.root, "plain");
    mkdirSync(plain);
    let answered = false;
    server.child.stdout.on("data", () => {
      const asked = server.lines
        .map((line) => JSON.parse(line) as { id?: number; method?: string })
        .find((message) => message.method === "roots/list");
      if (asked === undefined || answered) return;
      answered = true;
      const roots = [plain, workspace.folder].map((folder) => ({ uri: pathToFileURL(folder).href }));
      server.write(`${JSON.stringify({ jsonrpc: "2.0", id: asked.id, result: { roots } })}\n`);
    });
    await server.request("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: { roots: {} },
      clientInfo: { name: "rooted", version: "1" },
    });
    server.notify("notifications/initialized");
    expect(await server.call("memory_remember", CLAIM)).toMatchObject({
      isError: false,
      text: expect.stringContaining("in the project store"),
    });
    expect(answered).toBe(true);
  });

  test("a client without roots is told that there is no memory here", async () => {
    const server = start([], { folder: workspace.root });
    await server.initialise();
    expect(await server.call("memory_remember", CLAIM)).toMatchObject({
      isError: true,
      text: expect.stringContaining("no git repository"),
    });
    expect((await server.call("memory_recall", { question: "x" })).isError).toBe(true);
  });
});

describe("a kill", () => {
  test("right after a write was acknowledged loses nothing", async () => {
    const server = start();
    await server.initialise();
    const { text } = await server.call("memory_remember", CLAIM);
    server.child.kill("SIGKILL");
    await server.exit();
    const id = /m_[0-9a-z]{12}/.exec(text)?.[0] ?? "none";
    expect(files().some((path) => path.includes(id))).toBe(true);
  });

  test("in the middle of a write leaves all of it or none, and the next server goes on", async () => {
    const outcomes: string[] = [];
    for (let i = 0; i < 10; i++) {
      const before = files().length;
      const server = start();
      await server.initialise();
      await server.call("memory_recall", { question: "warm" });
      let acknowledged = false;
      void server
        .call("memory_remember", { ...CLAIM, title: `Claim number ${i}`, body: `Body number ${i}.` })
        .then(() => {
          acknowledged = true;
        });
      await new Promise((resolve) => setTimeout(resolve, i * 4));
      server.child.kill("SIGKILL");
      await server.exit();
      const after = files().length;
      expect(acknowledged ? [before + 1] : [before, before + 1]).toContain(after);
      outcomes.push(after === before ? "none" : "all");
    }
    workspace.git("fsck", "--strict", "--no-dangling");
    expect(workspace.git("status", "--porcelain")).toBe("");
    const next = start();
    await next.initialise();
    expect((await next.call("memory_remember", { ...CLAIM, title: "After the kills" })).isError).toBe(false);
    expect(workspace.log()).toHaveLength(1 + outcomes.filter((outcome) => outcome === "all").length + 1);
  });
});

test("two servers that write at once lose nothing, and a change made by one is a conflict for the other", async () => {
  const [one, two] = [start(), start()] as const;
  await Promise.all([one.initialise(), two.initialise("2025-06-18", { name: "other", version: "1" })]);
  const writes = Array.from({ length: 10 }, (_, i) =>
    (i % 2 === 0 ? one : two).call("memory_remember", { ...CLAIM, title: `Claim ${i}`, body: `Body ${i}.` }),
  );
  const answers = await Promise.all(writes);
  expect(answers.filter((answer) => answer.isError)).toEqual([]);
  expect(files()).toHaveLength(10);
  const id = /m_[0-9a-z]{12}/.exec(answers[0]?.text ?? "")?.[0] ?? "none";
  await two.call("memory_inspect", { id });
  expect((await two.call("memory_update", { id, body: "Changed by two.", reason: "R." })).isError).toBe(false);
  const conflict = await one.call("memory_update", { id, body: "Changed by one.", reason: "R." });
  expect(conflict.isError).toBe(true);
  expect(conflict.text).toContain("Changed by two.");
  expect(conflict.text).toContain("Changed by one.");
});
