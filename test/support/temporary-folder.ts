import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IN_MEMORY = "/dev/shm";
/** What a whole run of the tests has needed at once, several times over. */
const NEEDED_BYTES = 4 * 2 ** 30;

/**
 * A folder of one run, taken away at its end, for what the tests write. It is in memory where Linux offers that and nobody
 * named another (`TMPDIR`): they make some thousands of repositories, and would wait for the disk half of the time.
 *
 * What Node compiles is kept there as well: they start our programs some hundreds of times, each of which would otherwise
 * spend most of its time on reading the same sources again.
 */
export function setup(): () => void {
  const isInMemory = process.env["TMPDIR"] === undefined && roomInMemory();
  const folder = mkdtempSync(join(isInMemory ? IN_MEMORY : tmpdir(), "commit-to-memory-"));
  // As open as /tmp: some tests run git as another user.
  chmodSync(folder, 0o755);
  if (isInMemory) process.env["TMPDIR"] = folder;
  process.env["NODE_COMPILE_CACHE"] ??= join(folder, "compiled");
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
