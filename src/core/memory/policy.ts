/**
 * The store's own rules, read from `policy.yaml`. Only people change that file. What it leaves out has a default, and a
 * file that cannot be read makes the store read-only: writing under laxer rules than the team's would be worse.
 */
import { BrokenPolicyError, NewerFormatError } from "../errors.ts";
import type { SchemaError } from "./generated/validators.js";
import { validatePolicy } from "./generated/validators.js";
import type { Problem } from "./model.ts";
import { decodeUtf8 } from "./parse.ts";
import { durationOf } from "./time.ts";
import { YamlProblem, isMapping, lineOf, readYaml } from "./yaml.ts";

/** Where a store keeps its rules; what makes a branch a store of ours. */
export const POLICY_FILE = "policy.yaml";

/** The version of the format that this program writes. */
export const FORMAT = 1;

/** Rows of the gate's table that a team can make stricter. */
export const GATE_ROWS = ["dangerous", "security", "orders", "facts", "score"] as const;
export type GateRow = (typeof GATE_ROWS)[number];

export interface Policy {
  /** The version that the file states. */
  readonly format: number;
  /** True where the file is of a newer format or cannot be read: the store is read, never written. */
  readonly readOnly: boolean;
  /** What is wrong with the file; its readable defaults are in force then. */
  readonly problems: readonly Problem[];
  /** Lifetimes of new memories whose end nobody named, in milliseconds; null: no end. */
  readonly ttl: {
    readonly types: Readonly<Record<string, number | null>>;
    /** For what only an agent vouches for. */
    readonly agent: number | null;
    /** The same, where it cites code that resolves. */
    readonly agentCited: number | null;
  };
  readonly gate: {
    /** Counts only where it is stricter than the built-in verdict. */
    readonly stricter: Readonly<Partial<Record<GateRow, "confirm" | "quarantine" | "block">>>;
    /** How long something waits for review before it lapses, in milliseconds. */
    readonly waiting: number | null;
  };
  readonly trust: {
    /** What arrives from the team's own remote branch counts as reviewed. */
    readonly remote: boolean;
    /** What an agent's write counts as when its host cannot tell what the agent has read. */
    readonly undeclared: "agent" | "untrusted";
  };
  /** Upper bounds of one recall. */
  readonly budgets: { readonly tokens: number; readonly limit: number };
  /** Who is named as a commit's author: who believes it, or the user at the keyboard. */
  readonly author: "actor" | "user";
  /** Whether a way back is kept before an import, a consolidation or a change of many memories at once. */
  readonly snapshots: "automatic" | "never";
}

const DAY = 86_400_000;

/** What holds in a store without a `policy.yaml`, and for every key that one leaves out. */
export const defaultPolicy: Policy = {
  format: FORMAT,
  readOnly: false,
  problems: [],
  ttl: { types: { Episode: 90 * DAY }, agent: 90 * DAY, agentCited: 365 * DAY },
  gate: { stricter: {}, waiting: 30 * DAY },
  trust: { remote: true, undeclared: "agent" },
  budgets: { tokens: 1200, limit: 12 },
  author: "actor",
  snapshots: "automatic",
};

/** Reads `policy.yaml`. Never throws for what the file holds: see `readOnly` and `problems`. */
export function readPolicy(bytes: Uint8Array): Policy {
  const text = decodeUtf8(bytes);
  if (text === null)
    return unreadable([{ code: "not-utf8", line: 1, message: "policy.yaml is not valid UTF-8; save it as UTF-8." }]);
  let values: Record<string, unknown>;
  try {
    values = readYaml(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    return unreadable([{ code: error.code, line: error.line, message: error.message }]);
  }
  const format = integer(values["format"]);
  if (typeof format === "number" && format > FORMAT) {
    const message = `policy.yaml is of format ${format}, and this version knows format ${FORMAT}; the store is read-only until Commit to Memory is updated.`;
    return { ...unreadable([{ code: "newer-format", line: lineOf(text, ["format"]), message }]), format };
  }
  const typed = withTypes(values);
  if (!isPolicyFile(typed)) {
    return unreadable((validatePolicy.errors ?? []).map((error) => problemOf(error, text)));
  }
  return policyOf(typed);
}

/** Throws NewerFormatError or BrokenPolicyError where the policy file makes the store read-only. */
export function assertWritable(policy: Policy): void {
  if (!policy.readOnly) return;
  if (policy.format > FORMAT) throw new NewerFormatError("This memory store was written by a newer version. Update Commit to Memory to write to it.");
  const [problem] = policy.problems;
  throw new BrokenPolicyError(`The store's policy.yaml can't be read, so nothing is written. Line ${problem?.line ?? 1}: ${problem?.message ?? "It is not valid."}`);
}

/** policy.yaml as its schema describes it. */
interface PolicyFile {
  readonly format: number;
  readonly ttl?: {
    readonly types?: Readonly<Record<string, string>>;
    readonly agent?: string;
    readonly agent_cited?: string;
  };
  readonly gate?: { readonly stricter?: Policy["gate"]["stricter"]; readonly waiting?: string };
  readonly trust?: Partial<Policy["trust"]>;
  readonly budgets?: Partial<Policy["budgets"]>;
  readonly author?: Policy["author"];
  readonly snapshots?: Policy["snapshots"];
}

function isPolicyFile(value: unknown): value is PolicyFile {
  return validatePolicy(value);
}

function policyOf(file: PolicyFile): Policy {
  const { ttl, gate, trust, budgets, author, snapshots } = file;
  const types = Object.fromEntries(Object.entries(ttl?.types ?? {}).map(([type, text]) => [type, lifetime(text)]));
  return {
    ...defaultPolicy,
    ttl: {
      types: { ...defaultPolicy.ttl.types, ...types },
      agent: ttl?.agent === undefined ? defaultPolicy.ttl.agent : lifetime(ttl.agent),
      agentCited: ttl?.agent_cited === undefined ? defaultPolicy.ttl.agentCited : lifetime(ttl.agent_cited),
    },
    gate: {
      stricter: gate?.stricter ?? {},
      waiting: gate?.waiting === undefined ? defaultPolicy.gate.waiting : lifetime(gate.waiting),
    },
    trust: { ...defaultPolicy.trust, ...trust },
    budgets: { ...defaultPolicy.budgets, ...budgets },
    author: author ?? defaultPolicy.author,
    snapshots: snapshots ?? defaultPolicy.snapshots,
  };
}

/** `never`, and what is longer than a century, is no end. */
function lifetime(text: string): number | null {
  return text === "never" ? null : durationOf(text);
}

/** Gives the few numbers and booleans their types, and takes away sections without content. */
function withTypes(values: Record<string, unknown>): Record<string, unknown> {
  const typed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === null) continue;
    if (key === "format") typed[key] = integer(value);
    else if (key === "budgets" && isMapping(value)) typed[key] = mapped(value, integer);
    else if (key === "trust" && isMapping(value)) typed[key] = mapped(value, boolean);
    else typed[key] = isMapping(value) ? mapped(value, (item) => item) : value;
  }
  return typed;
}

function mapped(values: Record<string, unknown>, type: (value: unknown) => unknown): Record<string, unknown> {
  const present = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([key, value]) => [key, type(value)]));
}

function integer(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

function boolean(value: unknown): unknown {
  return value === "true" ? true : value === "false" ? false : value;
}

function unreadable(problems: readonly Problem[]): Policy {
  return { ...defaultPolicy, readOnly: true, problems };
}

function problemOf(error: SchemaError, text: string): Problem {
  const unknown = error.params["additionalProperty"];
  const path = error.instancePath.split("/").slice(1);
  if (typeof unknown === "string") {
    const at = [...path, unknown];
    return {
      code: "unknown-key",
      line: lineOf(text, at),
      message: `policy.yaml has no key \`${at.join(".")}\`; remove it, or see memory-schema/README.md for the keys.`,
    };
  }
  if (error.keyword === "required") {
    return {
      code: "missing-format",
      line: 1,
      message: "policy.yaml does not say its format; put `format: 1` on its first line.",
    };
  }
  const allowed = error.params["allowedValues"];
  const hint = Array.isArray(allowed)
    ? `one of ${allowed.join(", ")}`
    : (HINTS[error.keyword] ?? "written in another way");
  return {
    code: "wrong-type",
    line: lineOf(text, path),
    message: `\`${path.join(".")}\` in policy.yaml must be ${hint}.`,
  };
}

const HINTS: Readonly<Record<string, string>> = {
  pattern: "a time such as 12h, 30d or 6w, or never",
  const: `${FORMAT}`,
  minimum: "a larger number",
  maximum: "a smaller number",
  type: "of the kind that memory-schema/README.md describes",
};
