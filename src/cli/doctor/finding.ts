/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable, e.g. `git-version`, `broken-file`. */
  readonly check: string;
  /** `problem`: something does not work. `notice`: something to know. */
  readonly level: "ok" | "notice" | "problem";
  readonly message: string;
  /** What to do; null where nothing needs doing. */
  readonly advice: string | null;
}

export function ok(check: string, message: string): Finding {
  return { check, level: "ok", message, advice: null };
}

export function notice(check: string, message: string, advice: string | null = null): Finding {
  return { check, level: "notice", message, advice };
}

export function problem(check: string, message: string, advice: string): Finding {
  return { check, level: "problem", message, advice };
}
