/** Two versions of a store's rules, where one of them has nobody's word: whatever either watches is watched. */
import { canonicalJson } from "./claim.ts";
import { GATE_ROWS, type Policy } from "./policy.ts";
import type { Trust } from "./model.ts";
import { compareTrust } from "./trust.ts";

const VERDICTS = ["confirm", "quarantine", "block"] as const;
type Verdict = (typeof VERDICTS)[number];

/**
 * The rules that somebody vouched for, made stricter by what was found. What is neither stricter nor milder (budgets, whose
 * name a commit bears, whether hooks see it, how long something waits) stays as it was vouched for.
 */
export function stricterOf(vouched: Policy, found: Policy): Policy {
  const { gate, trust, ttl, commits } = vouched;
  return {
    ...vouched,
    format: found.format,
    readOnly: found.readOnly,
    problems: found.problems,
    ttl: {
      types: ttl.types,
      agent: shorter(ttl.agent, found.ttl.agent),
      agentCited: shorter(ttl.agentCited, found.ttl.agentCited),
    },
    gate: {
      ...gate,
      stricter: Object.fromEntries(
        GATE_ROWS.flatMap((row) => {
          const verdict = graver(gate.stricter[row], found.gate.stricter[row]);
          return verdict === undefined ? [] : [[row, verdict]];
        }),
      ),
      budget: gate.budget === 5 || found.gate.budget === 5 ? 5 : 1,
      allowed: common(gate.allowed, found.gate.allowed),
      secrets: [...found.gate.secrets, ...without(gate.secrets, found.gate.secrets)],
      limits: {
        bytes: Math.min(gate.limits.bytes, found.gate.limits.bytes),
        files: Math.min(gate.limits.files, found.gate.limits.files),
        burst: Math.min(gate.limits.burst, found.gate.limits.burst),
      },
    },
    trust: {
      remote: trust.remote && found.trust.remote,
      undeclared: trust.undeclared === "untrusted" ? "untrusted" : found.trust.undeclared,
      needed: {
        types: higher(trust.needed.types, found.trust.needed.types),
        scopes: higher(trust.needed.scopes, found.trust.needed.scopes),
      },
    },
    commits: { ...commits, sign: commits.sign === "always" ? "always" : found.commits.sign },
  };
}

/** Whether two files say the same, however they are written. */
export function saySame(a: Policy, b: Policy): boolean {
  const sorted = ({ gate, ...rest }: Policy): unknown => ({
    ...rest,
    gate: {
      ...gate,
      allowed: gate.allowed.map(canonicalJson).toSorted(),
      secrets: gate.secrets.map(canonicalJson).toSorted(),
    },
  });
  return canonicalJson(sorted(a)) === canonicalJson(sorted(b));
}

function shorter(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function graver(a: Verdict | undefined, b: Verdict | undefined): Verdict | undefined {
  return VERDICTS.findLast((verdict) => verdict === a || verdict === b);
}

function common<T>(a: readonly T[], b: readonly T[]): T[] {
  const there = new Set(b.map(canonicalJson));
  return a.filter((one) => there.has(canonicalJson(one)));
}

function without<T>(a: readonly T[], b: readonly T[]): T[] {
  const there = new Set(b.map(canonicalJson));
  return a.filter((one) => !there.has(canonicalJson(one)));
}

function higher(a: Readonly<Record<string, Trust>>, b: Readonly<Record<string, Trust>>): Record<string, Trust> {
  const all = new Map(Object.entries(a));
  for (const [name, trust] of Object.entries(b)) {
    const known = all.get(name);
    if (known === undefined || compareTrust(trust, known) > 0) all.set(name, trust);
  }
  return Object.fromEntries(all);
}
