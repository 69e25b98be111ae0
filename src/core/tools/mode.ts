import { ModeError } from "../errors.ts";
import { lowerMode, type Mode } from "../mode.ts";
import type { ToolContext } from "./context.ts";

/** @throws ModeError where memory is off here, or for this session. */
export async function requireReading(context: ToolContext): Promise<void> {
  if (!(await isOff(context))) return;
  throw new ModeError(
    "Memory is off in this repository, so nothing is shown. A person can change that in the status bar.",
  );
}

/**
 * Each store refuses a write in its own mode; this holds the personal store to the repository's as well, and the session to
 * its own.
 *
 * @throws ModeError where memory is off or read-only here.
 */
export async function requireWriting(context: ToolContext): Promise<void> {
  const mode = await modeOf(context);
  if (mode === "full") return;
  throw new ModeError(
    `Memory is ${mode} in this repository, so nothing was stored. A person can change that in the status bar.`,
  );
}

export async function isOff(context: ToolContext): Promise<boolean> {
  return (await modeOf(context)) === "off";
}

/** The repository's mode; outside of one, the personal store's. A session's own may be stricter. */
async function modeOf({ stores, session }: ToolContext): Promise<Mode> {
  const [first] = await stores.existing();
  return lowerMode(first === undefined ? "full" : await first.mode(), session.mode);
}
