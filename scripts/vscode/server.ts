import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../process.ts";
import { ensureBundledVsCode } from "./bundled.ts";

export type Settings = Readonly<Record<string, unknown>>;

export interface ServerOptions {
  /** The user's settings.json. */
  readonly settings?: Settings;
  /** The folder of installed extensions; default: an empty one. */
  readonly extensionsDir?: string;
  /** Extensions that may use proposed API. */
  readonly proposedApi?: readonly string[];
  /**
   * VS Code's own smoke-test driver. A built VS Code loads an extension or a test suite from the address only with it,
   * and shows no notification toasts with it: off in a window that stands for a user's.
   */
  readonly testDriver?: boolean;
  /** Whether folders start as untrusted, as they do for a user who is asked. */
  readonly workspaceTrust?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly port: number;
  readonly process: ChildProcess;
  /** Everything that the server has printed. */
  log(): string;
  /** Ends the server and all that it started, and removes its data. */
  stop(): Promise<void>;
  /** The same at once: the extensions are not asked to end, which takes them two seconds. For data that nobody needs. */
  kill(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const QUIET_SETTINGS: Settings = {
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.startupEditor": "none",
};

/** Starts the bundled VS Code's server on a free local port. Its home, data and temporary files are its own. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const code = ensureBundledVsCode();
  const data = mkdtempSync(join(tmpdir(), "vscode-server-"));
  const home = join(data, "home");
  const temporary = join(data, "tmp");
  const user = join(data, "data", "User");
  for (const folder of [home, temporary, user]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(user, "settings.json"), JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }, null, 2));

  const child = spawn(code.node, serverArguments(code.folder, data, options), {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      HOME: home,
      XDG_CACHE_HOME: join(home, ".cache"),
      XDG_CONFIG_HOME: join(home, ".config"),
      XDG_DATA_HOME: join(home, ".local/share"),
      XDG_RUNTIME_DIR: temporary,
      TMPDIR: temporary,
      ...options.env,
    },
  });
  const group = new ProcessGroup(child);
  let log = "";
  const collect = (text: Buffer): void => {
    log += text.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);

  const endAfter = async (patienceMs: number): Promise<void> => {
    await group.end(patienceMs);
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  };
  const stop = (): Promise<void> => endAfter(3000);
  const kill = (): Promise<void> => endAfter(0);
  try {
    const port = await listeningPort(child, () => log);
    return { port, process: child, log: () => log, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

function serverArguments(folder: string, data: string, options: ServerOptions): string[] {
  const args = [join(folder, "out/server-main.js"), "--host", "127.0.0.1", "--port", "0"];
  args.push("--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off");
  args.push("--force-disable-user-env", "--server-data-dir", data);
  args.push("--extensions-dir", options.extensionsDir ?? join(data, "extensions"));
  if (options.testDriver ?? false) args.push("--enable-smoke-test-driver");
  if (!(options.workspaceTrust ?? false)) args.push("--disable-workspace-trust");
  for (const id of options.proposedApi ?? []) args.push("--enable-proposed-api", id);
  return args;
}

async function listeningPort(child: ChildProcess, log: () => string): Promise<number> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const port = /Extension host agent listening on (\d+)/.exec(log())?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null) throw new Error(`VS Code's server ended with ${child.exitCode}:\n${log()}`);
    await sleep(50);
  }
  throw new Error(`VS Code's server did not start within ${START_LIMIT_MS / 1000} s:\n${log()}`);
}

/** The server with its extension hosts. A host that is caught in a loop outlives the server unless the group is ended. */
class ProcessGroup {
  readonly #id: number | undefined;
  readonly #killNow = (): void => {
    this.#signal("SIGKILL");
  };

  constructor(leader: ChildProcess) {
    this.#id = leader.pid;
    process.once("exit", this.#killNow);
  }

  async end(patienceMs: number): Promise<void> {
    if (patienceMs > 0) this.#signal("SIGTERM");
    for (let waited = 0; waited < patienceMs && this.#signal(0); waited += 100) await sleep(100);
    this.#signal("SIGKILL");
    process.removeListener("exit", this.#killNow);
  }

  /** Signal 0 asks only whether any process of the group is left. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#id === undefined) return false;
    try {
      return process.kill(-this.#id, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      throw error;
    }
  }
}
