/** Whether a memory speaks of a file of the code: its scope covers it, or it cites it. */
import type { Memory } from "../memory/model.ts";
import { globMatches } from "../recall/glob.ts";

/** @param path relative to the repository's root, with `/`. */
export function isAbout(memory: Memory, path: string): boolean {
  const { scope, sources } = memory.front;
  return (
    (scope ?? []).some((glob) => globMatches(glob, path)) ||
    (sources ?? []).some(({ resource }) => resource === `repo:/${path}`)
  );
}
