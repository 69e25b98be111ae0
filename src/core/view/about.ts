/** Whether a memory speaks of a file of the code: its scope covers it, or it cites it. */
import type { Memory } from "../memory/model.ts";

/** @param path relative to the repository's root, with `/`. */
export function isAbout(memory: Memory, path: string): boolean {
  const { scope, sources } = memory.front;
  return (scope ?? []).some((glob) => matchesGlob(glob, path)) || (sources ?? []).some(({ resource }) => resource === `repo:/${path}`);
}

const compiled = new Map<string, RegExp>();

/**
 * Globs as developers write them in scopes: `*` and `?` within a folder, `**` over folders, `{a,b}`; a folder's name
 * covers what is in it; a pattern without a slash fits at any depth, as in `.gitignore`.
 */
export function matchesGlob(glob: string, path: string): boolean {
  let pattern = compiled.get(glob);
  if (pattern === undefined) {
    pattern = patternOf(glob);
    compiled.set(glob, pattern);
  }
  return pattern.test(path);
}

function patternOf(glob: string): RegExp {
  const trimmed = glob.replace(/^\.?\//, "").replace(/\/+$/, "");
  const anywhere = trimmed.includes("/") ? "" : "(?:.*/)?";
  let depth = 0;
  const body = trimmed.replace(/\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token === "{") {
      depth++;
      return "(?:";
    }
    if (token === "}" && depth > 0) {
      depth--;
      return ")";
    }
    if (token === "," && depth > 0) return "|";
    return token === "," ? token : `\\${token}`;
  });
  return new RegExp(`^${anywhere}${body}${")".repeat(depth)}(?:/.*)?$`, "s");
}
