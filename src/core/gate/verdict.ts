import { MemoryError } from "../errors.ts";
import type { ObjectId } from "../memory/model.ts";

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
  /** How much the wording resembles known attacks (log-odds); orders the queue of what waits, and decides nothing there. */
  readonly score?: number;
}

/**
 * What is worth saying of a write that was stored, one sentence each. That a rule which a person stored by their own gesture
 * is a rule is no news to them.
 */
export function noticesOf({ findings }: Verdict, isOwnGesture: boolean): string[] {
  const told = isOwnGesture ? findings.filter(({ rule }) => !rule.startsWith("order/")) : findings;
  return [...new Set(told.map(({ forPerson }) => forPerson))];
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

/** The gate held the write: it waits in the review queue for a person, and is believed by nobody until then. */
export class HeldForReviewError extends MemoryError {
  readonly code = "held";
  /** Under which it waits (`q_7k3q9f2d4cxw`), the commit on the queue's ref, and the store's label. */
  readonly held: { readonly id: string; readonly commit: ObjectId; readonly store: string };
  readonly findings: readonly Finding[];
  constructor(held: HeldForReviewError["held"], findings: readonly Finding[]) {
    const why = [
      ...new Set(findings.filter((finding) => finding.verdict === "quarantine").map((finding) => finding.forPerson)),
    ];
    super(
      `This waits for review, as ${held.id}, and is not believed until a person approves it. ${why.join(" ")}`.trim(),
    );
    this.held = held;
    this.findings = findings;
  }
}

/** The gate wants a person's yes on the spot, for what they are about to store by their own gesture. Nothing was stored. */
export class ConfirmationNeededError extends MemoryError {
  readonly code = "confirm";
  readonly findings: readonly Finding[];
  /** The words that raised them, as they stand in the text. */
  readonly quotes: readonly string[];
  constructor(findings: readonly Finding[], textAt: (path: string) => string | undefined = () => undefined) {
    const raised = findings.filter(({ verdict }) => verdict !== "allow");
    super(raised.map(({ forPerson }) => forPerson).join(" "));
    this.findings = findings;
    this.quotes = [
      ...new Set(
        raised.flatMap(({ path, span }) =>
          span === undefined ? [] : (textAt(path)?.slice(span.start, span.end) ?? []),
        ),
      ),
    ];
  }
}
