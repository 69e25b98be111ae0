import { sleep } from "../../../scripts/process.ts";

/**
 * How long a test waits for what nobody promised to be quick. Many times what it takes where the machine is free: a busy
 * machine is no fault of the product's, and a wait that succeeds ends as soon as it does.
 */
export const WAIT_MS = 60_000;

/** The same for `expect.poll`. */
export const LIMIT = { timeout: WAIT_MS, interval: 50 };

/** Waits for what only several looks together can tell. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not seen within ${WAIT_MS / 1000} s: ${what}.`);
    await sleep(LIMIT.interval);
  }
}
