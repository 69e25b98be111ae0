/** One thing that the doctor looked at. */
export interface Finding {
  /** Stable, e.g. `git-version`, `broken-file`. */
  readonly check: string;
  /** `problem`: something does not work. `notice`: something to know. */
  readonly level: "ok" | "notice" | "problem";
  readonly message: string;
  /** What to do; null where nothing needs doing. */
  readonly advice: string | null;
  /** Puts it right without losing anything, and says in one sentence what it did. Absent where only a person can decide. */
  readonly repair?: () => Promise<string>;
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

/** The same finding with its repair, which the advice then names. */
export function repairable(finding: Finding, repair: () => Promise<string>): Finding {
  const advice = [finding.advice, "git memory doctor --fix does it."].filter((part) => part !== null).join(" ");
  return { ...finding, advice, repair };
}
