/** What connecting an agent means, whichever agent it is. */
import { MemoryError } from "../errors.ts";

/** How the agent starts the memory server. Both are what its configuration will say, word for word. */
export interface Launcher {
  readonly command: string;
  readonly args: readonly string[];
}

/** The name of our server in every agent's configuration; agents put it before the tools' names. */
export const SERVER_NAME = "memory";

/** An agent's configuration can't be changed safely; it was left as it is. */
export class ConnectionError extends MemoryError {
  readonly code = "agent-configuration";
}

/**
 * Whether an entry starts this product's server: it says exactly what we would write, or names a file of ours (an earlier
 * version of the extension lives in another folder, so its entry has to be brought up to date).
 */
export function isOurs(entry: unknown, launcher: Launcher): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const { command, args } = { command: undefined, args: undefined, ...entry };
  const words: unknown[] = [command, ...(Array.isArray(args) ? args : [])];
  if (words.some((word) => typeof word === "string" && /commit-to-memory|git-memory/.test(word))) return true;
  return JSON.stringify(words) === JSON.stringify([launcher.command, ...launcher.args]);
}
