import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

const IN_MEMORY = "/dev/shm";
/** What a whole run of the tests has needed at once, several times over. */
const NEEDED_BYTES = 4 * 2 ** 30;

/**
 * Puts the tests' temporary folder into memory where Linux offers that and nobody named another (`TMPDIR`): they make some
 * thousands of repositories, and would wait for the disk half of the time. Taken away at the end.
 */
export function setup(): (() => void) | undefined {
  if (process.env["TMPDIR"] !== undefined || !roomInMemory()) return undefined;
  const folder = mkdtempSync(join(IN_MEMORY, "commit-to-memory-"));
  // As open as /tmp: some tests run git as another user.
  chmodSync(folder, 0o755);
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function roomInMemory(): boolean {
  try {
    accessSync(IN_MEMORY, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize >= NEEDED_BYTES;
  } catch {
    // Not there, or not ours: the disk does as well.
    return false;
  }
}
