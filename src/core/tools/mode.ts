import { ModeError } from "../errors.ts";
import type { Mode } from "../store.ts";
import type { Stores } from "../stores.ts";

/** @throws ModeError where memory is off here. */
export async function requireReading(stores: Stores): Promise<void> {
  if ((await modeOf(stores)) !== "off") return;
  throw new ModeError(
    "Memory is off in this repository, so nothing is shown. A person can change that in the status bar.",
  );
}

/**
 * Each store refuses a write in its own mode; this holds the personal store to the repository's as well.
 *
 * @throws ModeError where memory is off or read-only here.
 */
export async function requireWriting(stores: Stores): Promise<void> {
  const mode = await modeOf(stores);
  if (mode === "full") return;
  throw new ModeError(
    `Memory is ${mode} in this repository, so nothing was stored. A person can change that in the status bar.`,
  );
}

/** The repository's mode; outside of one, the personal store's. */
async function modeOf(stores: Stores): Promise<Mode> {
  const [first] = await stores.existing();
  return first === undefined ? "full" : first.mode();
}
