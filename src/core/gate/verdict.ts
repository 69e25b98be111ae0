import { MemoryError } from "../errors.ts";

/** `allow` stores; `confirm` asks a person on the spot; `quarantine` holds for review; `block` refuses. */
export type VerdictKind = "allow" | "confirm" | "quarantine" | "block";

/** One thing that a rule saw. `span` is never set for secrets, and no sentence ever repeats one. */
export interface Finding {
  /** Stable, e.g. `secret/aws-access-key`, `hidden/bidi`. */
  readonly rule: string;
  readonly verdict: VerdictKind;
  /** The file and the place in it, by UTF-16 offset into the file's text and by 1-based line. */
  readonly path: string;
  readonly line?: number;
  readonly span?: { readonly start: number; readonly end: number };
  /** One sentence for the person who decides. */
  readonly forPerson: string;
  /** One sentence that a model can act on. */
  readonly forModel: string;
}

export interface Verdict {
  readonly kind: VerdictKind;
  readonly findings: readonly Finding[];
}

/** The gate refused the write; nothing was stored and nothing reached the object database. */
export class BlockedError extends MemoryError {
  readonly code = "blocked";
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(findings.map((finding) => finding.forPerson).join(" "));
    this.findings = findings;
  }
}
