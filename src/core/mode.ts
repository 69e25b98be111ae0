/** How memory is used in a repository, or by one session of it. Set by a person, honoured at every door. */
import { ModeError } from "./errors.ts";
import type { LocalState } from "./ports.ts";
import type { Caller } from "./proposal.ts";

/** `full` reads and writes, `read-only` reads, `off` does neither. */
export const MODES = ["full", "read-only", "off"] as const;
export type Mode = (typeof MODES)[number];

/** The name of the repository's own mode in local state. */
const MODE = "mode";

/** The strictest of some modes. */
export function lowerMode(...modes: readonly [Mode, ...Mode[]]): Mode {
  return MODES[Math.max(...modes.map((mode) => MODES.indexOf(mode)))] ?? "off";
}

/** `full` where nobody has set one. */
export async function readMode(state: Pick<LocalState, "read">): Promise<Mode> {
  const bytes = await state.read(MODE);
  const text = bytes === null ? "full" : new TextDecoder().decode(bytes).trim();
  // A word that only a newer version knows must not open what it may have closed.
  return MODES.find((mode) => mode === text) ?? "read-only";
}

export async function writeMode(state: Pick<LocalState, "write">, mode: Mode): Promise<void> {
  await state.write(MODE, new TextEncoder().encode(`${mode}\n`));
}

/** Throws ModeError where a mode does not let a caller write. */
export function assertMayWrite(mode: Mode, caller: Caller): void {
  // The mode is about agents: what a person does in the editor, by a gesture or in a document, is theirs to do.
  if (mode === "full" || caller.gesture === true || caller.channel === "editor") return;
  throw new ModeError(
    `Memory is ${mode === "off" ? "off" : "read-only"} in this repository, so nothing was stored. A person can change that in the status bar.`,
  );
}
