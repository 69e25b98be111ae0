/** A folder for what a command of somebody else's is to look at, and the running of that command. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** What ends a program at a terminal, or by whoever started it. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const THOROUGHLY = { recursive: true, force: true, maxRetries: 3 } as const;

/**
 * Removed afterwards, also where a signal ends this process: it holds memories in plain text, which a later erasure would
 * not find there.
 */
export async function inScratchFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), prefix));
  const leave = (signal: NodeJS.Signals): void => {
    for (const ending of ENDINGS) process.off(ending, leave);
    rmSync(folder, THOROUGHLY);
    process.kill(process.pid, signal);
  };
  for (const ending of ENDINGS) process.on(ending, leave);
  try {
    return await work(folder);
  } finally {
    for (const ending of ENDINGS) process.off(ending, leave);
    await rm(folder, THOROUGHLY);
  }
}

export interface ShellCommand {
  readonly command: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given on stdin. */
  readonly input: string;
}

/** The exit code; null where a signal ended it. A signal that ends us ends it too. */
export async function exitOfShell({ command, folder, env, input }: ShellCommand): Promise<number | null> {
  const child = spawn(command, { cwd: folder, shell: true, stdio: ["pipe", "ignore", "inherit"], env });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  // Before the folder's own listener, after which this process is gone unless another one is left.
  for (const ending of ENDINGS) process.prependOnceListener(ending, pass);
  try {
    // A command that doesn't read its input may close it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [status] = await once(child, "close");
    return typeof status === "number" ? status : null;
  } finally {
    for (const ending of ENDINGS) process.off(ending, pass);
  }
}
