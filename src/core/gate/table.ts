/** The gate's table: what is done about each kind of content at each tier, and what a team's policy may change about it. */
import type { Trust } from "../memory/model.ts";
import { GATE_ROWS, type GateRow, type Policy } from "../memory/policy.ts";
import type { VerdictKind } from "./verdict.ts";

type Cells = Readonly<Record<Trust, VerdictKind>>;

/**
 * `refused` and `tampering` are the same for everyone and can't be made milder. `rules` are the store's own: a person accepts
 * each change of them, and no policy says otherwise. The five that a policy names follow; then
 * what the state of the store raises; `reported` is only said.
 */
export const TABLE = {
  refused: { untrusted: "block", agent: "block", user: "block", reviewed: "block" },
  tampering: { untrusted: "block", agent: "block", user: "block", reviewed: "block" },
  rules: { untrusted: "quarantine", agent: "quarantine", user: "quarantine", reviewed: "confirm" },
  dangerous: { untrusted: "quarantine", agent: "quarantine", user: "quarantine", reviewed: "confirm" },
  security: { untrusted: "quarantine", agent: "quarantine", user: "quarantine", reviewed: "confirm" },
  orders: { untrusted: "quarantine", agent: "allow", user: "allow", reviewed: "allow" },
  facts: { untrusted: "quarantine", agent: "allow", user: "allow", reviewed: "allow" },
  score: { untrusted: "allow", agent: "quarantine", user: "allow", reviewed: "allow" },
  anomaly: { untrusted: "quarantine", agent: "quarantine", user: "allow", reviewed: "allow" },
  waits: { untrusted: "quarantine", agent: "quarantine", user: "quarantine", reviewed: "allow" },
  reported: { untrusted: "allow", agent: "allow", user: "allow", reviewed: "allow" },
} as const satisfies Readonly<Record<string, Cells>>;

export type Row = keyof typeof TABLE;

const SEVERITY: readonly VerdictKind[] = ["allow", "confirm", "quarantine", "block"];

/** The graver of two verdicts. */
export function graver(a: VerdictKind, b: VerdictKind): VerdictKind {
  return SEVERITY.indexOf(a) >= SEVERITY.indexOf(b) ? a : b;
}

/** The verdict of a row at a tier. A policy counts where it is stricter than the table, and never where it is milder. */
export function verdictOf(row: Row, tier: Trust, policy: Policy): VerdictKind {
  const built: VerdictKind = TABLE[row][tier];
  return isGateRow(row) ? graver(built, policy.gate.stricter[row] ?? "allow") : built;
}

/** Whether an allowed phrase of the policy may speak for text of this row at this tier. */
export function canBeAllowed(row: Row, tier: Trust): boolean {
  return isGateRow(row) && tier !== "untrusted";
}

function isGateRow(row: Row): row is GateRow {
  return (GATE_ROWS as readonly string[]).includes(row);
}
