/**
 * How one language says the few things that the gate looks for. Every entry is the source of a regular expression over
 * canonical text (`canonical.ts`): lower case, no accents on Latin letters. Stems stand for their inflections.
 */
export interface Language {
  /** Controls that protect something: checks, validation, sign-in, review. */
  readonly controls: string;
  /** Words that take a control away. A denial beside one turns it round. */
  readonly off: string;
  /** Words that say a control is not needed or does not apply. They hold their denial themselves. */
  readonly unneeded: string;
  /** Denials, as they stand before or between the words above. */
  readonly denial: string;
  /** Denials that follow the verb, for the languages that have them. */
  readonly denialAfter?: string;
  /** Where a missing control is in order: tests, fixtures, a developer's own machine. */
  readonly testing: string;
  /** Where it is not, whatever else the sentence says. */
  readonly production: string;
  /** Keeping something from the user. */
  readonly concealment: readonly string[];
  /** Setting earlier instructions or rules aside. */
  readonly override: readonly string[];
  /** Acting without asking, or agreeing to everything. */
  readonly consent: readonly string[];
  /** Taking somebody for an administrator, or giving all rights. */
  readonly privilege: readonly string[];
}

/** One character of the same sentence. A full stop inside a word or a number ends none. */
export const SAME = "(?:[^.!?;\\n。！？；]|\\.(?=[^\\s]))";

/** `a` and then `b`, at most `gap` characters apart, in one sentence. */
export function near(a: string, b: string, gap = 40): string {
  return `(?:${a})${SAME}{0,${gap}}?(?:${b})`;
}

/** The two in either order. */
export function together(a: string, b: string, gap = 40): string {
  return `(?:${near(a, b, gap)}|${near(b, a, gap)})`;
}
