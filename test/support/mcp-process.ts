/** The server's process, spoken to by hand: lines of JSON-RPC in, lines out. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";

const SERVER = join(import.meta.dirname, "../../src/mcp/main.ts");

/** Where a server is started. */
export interface ServerPlace {
  /** Its current folder. */
  readonly folder: string;
  /** Its data directory, and its home. */
  readonly dataDirectory: string;
  readonly PATH?: string;
  /** The name that whoever starts the agent gave its session. */
  readonly session?: string;
  /** The program; default: from source. */
  readonly program?: string;
}

/** How a client starts the server. */
export function serverCommand(
  place: ServerPlace,
  args: readonly string[] = [],
): { command: string; args: string[]; cwd: string; env: Record<string, string> } {
  const { folder, dataDirectory, session, program = SERVER, PATH = process.env["PATH"] ?? "" } = place;
  const { NODE_COMPILE_CACHE } = process.env;
  return {
    command: process.execPath,
    args: [program, ...args],
    cwd: folder,
    env: {
      PATH,
      COMMIT_TO_MEMORY_DATA: dataDirectory,
      HOME: dataDirectory,
      ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
      ...(session === undefined ? {} : { COMMIT_TO_MEMORY_SESSION: session }),
    },
  };
}

/** Bundles the server as the build does. */
export async function bundleServer(outfile: string): Promise<void> {
  const { bundles } = (await import(pathToFileURL(join(import.meta.dirname, "../../esbuild.mjs")).href)) as {
    bundles: () => BuildOptions[];
  };
  const options = bundles().find(({ entryPoints }) => JSON.stringify(entryPoints).includes("src/mcp/main.ts"));
  if (options === undefined) throw new Error("No bundle is made of the server.");
  await build({ ...options, outfile });
}

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One answer to a tool's call. */
export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

export class McpProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Every line of standard output, as it came. */
  readonly lines: string[] = [];
  errors = "";
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #exit: Promise<unknown>;
  #next = 1;
  #rest = "";

  constructor(place: ServerPlace, args: readonly string[] = []) {
    const { command, args: words, cwd, env } = serverCommand(place, args);
    this.child = spawn(command, words, { cwd, env });
    this.#exit = once(this.child, "exit");
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    // Killed in the middle of a word: that is what some tests are for.
    this.child.stdin.on("error", (error) => {
      this.errors += `${error.message}\n`;
    });
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  notify(method: string, params: object = {}): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", method, params })}\n`);
  }

  async request(method: string, params: object = {}): Promise<Message> {
    const id = this.#next++;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return answer;
  }

  async initialise(
    protocolVersion = "2025-06-18",
    clientInfo: object = { name: "raw-client", version: "3" },
  ): Promise<Message> {
    const answer = await this.request("initialize", { protocolVersion, capabilities: {}, clientInfo });
    this.notify("notifications/initialized");
    return answer;
  }

  async call(name: string, input: object): Promise<ToolResult> {
    return toolResult(await this.request("tools/call", { name, arguments: input }));
  }

  async exit(): Promise<{ code: number | null; signal: string | null }> {
    await this.#exit;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  async end(): Promise<{ code: number | null; signal: string | null }> {
    this.child.stdin.end();
    return this.exit();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.lines.push(line);
      const message = JSON.parse(line) as Message;
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
    }
  }
}

export function toolResult(message: { readonly result?: Readonly<Record<string, unknown>> }): ToolResult {
  const { content, isError } = (message.result ?? {}) as { content?: readonly { text: string }[]; isError?: boolean };
  return { text: content?.[0]?.text ?? "", isError: isError ?? false };
}
