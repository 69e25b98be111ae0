/**
 * Globs of code paths, as `scope` holds them. Our own rather than a library's, because scopes are text that others wrote
 * and libraries turn globs into regular expressions, which a crafted one makes slow; this takes at most pattern times
 * path steps. `*` and `?` stay within a folder, `**` crosses folders, `{a,b}` chooses. Everything else is literal,
 * square brackets too: `app/[id]/page.tsx` is an ordinary path.
 */

/** More alternatives than this are a mistake or an attack: the rest is not looked at. */
const MAX_ALTERNATIVES = 64;

/** Walks a sequence with a pattern in which some entries stand for any run; going back to the latest is enough. */
function walk(
  patternLength: number,
  length: number,
  isRun: (at: number) => boolean,
  fits: (patternAt: number, at: number) => boolean,
): boolean {
  let patternAt = 0;
  let at = 0;
  let runAt = -1;
  let runTook = 0;
  while (at < length) {
    if (patternAt < patternLength && isRun(patternAt)) {
      runAt = patternAt++;
      runTook = at;
    } else if (patternAt < patternLength && fits(patternAt, at)) {
      patternAt++;
      at++;
    } else if (runAt >= 0) {
      patternAt = runAt + 1;
      at = ++runTook;
    } else return false;
  }
  while (patternAt < patternLength && isRun(patternAt)) patternAt++;
  return patternAt === patternLength;
}

function nameMatches(pattern: string, name: string): boolean {
  return walk(
    pattern.length,
    name.length,
    (at) => pattern[at] === "*",
    (patternAt, at) => pattern[patternAt] === "?" || pattern[patternAt] === name[at],
  );
}

/** `a{b,c}d` as `abd`, `acd`; nested braces too. A brace that isn't closed is literal. */
function alternatives(glob: string): string[] {
  const done: string[] = [];
  const waiting = [glob];
  for (
    let next = waiting.pop();
    next !== undefined && done.length + waiting.length < MAX_ALTERNATIVES;
    next = waiting.pop()
  ) {
    const group = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (group === null) done.push(next);
    else
      for (const choice of (group[1] ?? "").split(","))
        waiting.push(next.slice(0, group.index) + choice + next.slice(group.index + group[0].length));
  }
  return done;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}

/**
 * Whether a path, relative to the code's root with `/` between names, is one that the glob speaks of. A glob without a
 * slash means a name in any folder, and one that names a folder means all that is in it.
 */
export function globMatches(glob: string, path: string): boolean {
  const names = segmentsOf(path);
  return alternatives(glob).some((alternative) => {
    const pattern = segmentsOf(alternative);
    if (pattern.length === 0) return false;
    if (!alternative.includes("/")) pattern.unshift("**");
    pattern.push("**");
    return walk(
      pattern.length,
      names.length,
      (at) => pattern[at] === "**",
      (patternAt, at) => nameMatches(pattern[patternAt] ?? "", names[at] ?? ""),
    );
  });
}

/** Whether any of the files is in the scope. No scope is everywhere. */
export function inScope(scope: readonly string[] | undefined, files: readonly string[]): boolean {
  return (
    scope === undefined || scope.length === 0 || files.some((file) => scope.some((glob) => globMatches(glob, file)))
  );
}

/** Whether each bracket and brace of a glob has its partner, as in every one that somebody meant. */
export function isBalanced(glob: string): boolean {
  const open: string[] = [];
  for (const sign of glob) {
    if (sign === "[") open.push("]");
    else if (sign === "{") open.push("}");
    else if ((sign === "]" || sign === "}") && open.pop() !== sign) return false;
  }
  return open.length === 0;
}
