/**
 * The store's own rules, read from `policy.yaml`. Only people change that file. What it leaves out has a default, and a
 * file that cannot be read makes the store read-only: writing under laxer rules than the team's would be worse.
 */
import type { CommitManner } from "../ports.ts";
import { BrokenPolicyError, NewerFormatError } from "../errors.ts";
import type { SchemaError } from "./generated/validators.js";
import { validatePolicy } from "./generated/validators.js";
import type { Instant, Problem, Trust } from "./model.ts";
import { decodeUtf8 } from "./parse.ts";
import { durationOf, isInstant } from "./time.ts";
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
    /** Of a hundred ordinary memories, how many may wait because of the model's score alone. */
    readonly budget: 1 | 5;
    /** Wording that a team has looked at and lets pass; never for what is refused, nor for what nobody vouches for. */
    readonly allowed: readonly AllowedPhrase[];
    /** Secrets that only this team knows the shape of. */
    readonly secrets: readonly SecretShape[];
    readonly limits: {
      /** The largest memory that nobody has to look at, in UTF-8 bytes. */
      readonly bytes: number;
      /** The most memories that one change may touch unseen. */
      readonly files: number;
      /** The most memories that one session may write in ten minutes unseen. */
      readonly burst: number;
    };
  };
  readonly trust: {
    /** What arrives from the team's own remote branch counts as reviewed. */
    readonly remote: boolean;
    /** What an agent's write counts as when its host cannot tell what the agent has read. */
    readonly undeclared: "agent" | "untrusted";
    /** The least trust that a memory of a type, or about some code (globs), needs to be stored unseen. */
    readonly needed: {
      readonly types: Readonly<Record<string, Trust>>;
      readonly scopes: Readonly<Record<string, Trust>>;
    };
  };
  /** Upper bounds of one recall. */
  readonly budgets: { readonly tokens: number; readonly limit: number };
  /** Who is named as a commit's author: who believes it, or the user at the keyboard. */
  readonly author: "actor" | "user";
  /** What is done with each commit besides storing it; what the user's own configuration says of commits does not count. */
  readonly commits: CommitManner;
  /** Whether a way back is kept before an import, a consolidation or a change of many memories at once. */
  readonly snapshots: "automatic" | "never";
}

/** Words that are let pass until a day, and why. */
export interface AllowedPhrase {
  readonly phrase: string;
  readonly reason: string;
  readonly expires: Instant;
}

/** A kind of secret: what a person calls it, and a regular expression (JavaScript, flags `u`) that finds one. */
export interface SecretShape {
  readonly name: string;
  readonly pattern: string;
}

const DAY = 86_400_000;

/** What holds in a store without a `policy.yaml`, and for every key that one leaves out. */
export const defaultPolicy: Policy = {
  format: FORMAT,
  readOnly: false,
  problems: [],
  ttl: { types: { Episode: 90 * DAY }, agent: 90 * DAY, agentCited: 365 * DAY },
  gate: {
    stricter: {},
    waiting: 30 * DAY,
    budget: 5,
    allowed: [],
    secrets: [],
    limits: { bytes: 8192, files: 25, burst: 30 },
  },
  trust: { remote: true, undeclared: "agent", needed: { types: {}, scopes: {} } },
  budgets: { tokens: 1200, limit: 12 },
  author: "actor",
  commits: { sign: "never", hooks: "skip" },
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
  const unusable = unusableIn(typed, text);
  return unusable.length > 0 ? unreadable(unusable) : policyOf(typed);
}

/** What a schema can't see: an end that no calendar has, and a pattern that doesn't compile or could run for ever. */
function unusableIn({ gate }: PolicyFile, text: string): Problem[] {
  const allowed = (gate?.allowed ?? []).flatMap(({ expires }, place) =>
    isInstant(expires)
      ? []
      : [wrongValue(text, ["gate", "allowed", String(place), "expires"], "a date such as 2027-01-31")],
  );
  const secrets = (gate?.secrets ?? []).flatMap(({ pattern }, place) =>
    isUsablePattern(pattern)
      ? []
      : [
          wrongValue(
            text,
            ["gate", "secrets", String(place), "pattern"],
            "a regular expression without a repeated repetition",
          ),
        ],
  );
  return [...allowed, ...secrets];
}

/** Whether a pattern compiles, and repeats nothing that repeats itself, which could take time without end. */
function isUsablePattern(pattern: string): boolean {
  if (/[*+}]\??\)[*+{]/.test(pattern)) return false;
  try {
    return !new RegExp(pattern, "u").test("");
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function wrongValue(text: string, path: readonly string[], hint: string): Problem {
  return {
    code: "wrong-type",
    line: lineOf(text, path),
    message: `\`${path.join(".")}\` in policy.yaml must be ${hint}.`,
  };
}

/** Throws NewerFormatError or BrokenPolicyError where the policy file makes the store read-only. */
export function assertWritable(policy: Policy): void {
  if (!policy.readOnly) return;
  if (policy.format > FORMAT)
    throw new NewerFormatError(
      "This memory store was written by a newer version. Update Commit to Memory to write to it.",
    );
  const [problem] = policy.problems;
  throw new BrokenPolicyError(
    `The store's policy.yaml can't be read, so nothing is written. Line ${problem?.line ?? 1}: ${problem?.message ?? "It is not valid."}`,
  );
}

/** policy.yaml as its schema describes it. */
interface PolicyFile {
  readonly format: number;
  readonly ttl?: {
    readonly types?: Readonly<Record<string, string>>;
    readonly agent?: string;
    readonly agent_cited?: string;
  };
  readonly gate?: Partial<Omit<Policy["gate"], "waiting" | "limits">> & {
    readonly waiting?: string;
    readonly limits?: Partial<Policy["gate"]["limits"]>;
  };
  readonly trust?: Partial<Omit<Policy["trust"], "needed">> & { readonly needed?: Partial<Policy["trust"]["needed"]> };
  readonly budgets?: Partial<Policy["budgets"]>;
  readonly author?: Policy["author"];
  readonly commits?: Partial<Policy["commits"]>;
  readonly snapshots?: Policy["snapshots"];
}

function isPolicyFile(value: unknown): value is PolicyFile {
  return validatePolicy(value);
}

function policyOf(file: PolicyFile): Policy {
  const { ttl, gate, trust, budgets, author, commits, snapshots } = file;
  const types = Object.fromEntries(Object.entries(ttl?.types ?? {}).map(([type, text]) => [type, lifetime(text)]));
  return {
    ...defaultPolicy,
    ttl: {
      types: { ...defaultPolicy.ttl.types, ...types },
      agent: ttl?.agent === undefined ? defaultPolicy.ttl.agent : lifetime(ttl.agent),
      agentCited: ttl?.agent_cited === undefined ? defaultPolicy.ttl.agentCited : lifetime(ttl.agent_cited),
    },
    gate: {
      ...defaultPolicy.gate,
      ...gate,
      waiting: gate?.waiting === undefined ? defaultPolicy.gate.waiting : lifetime(gate.waiting),
      limits: { ...defaultPolicy.gate.limits, ...gate?.limits },
    },
    trust: { ...defaultPolicy.trust, ...trust, needed: { ...defaultPolicy.trust.needed, ...trust?.needed } },
    budgets: { ...defaultPolicy.budgets, ...budgets },
    author: author ?? defaultPolicy.author,
    commits: { ...defaultPolicy.commits, ...commits },
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
    else if (key === "gate" && isMapping(value)) typed[key] = mapped(value, gateValue);
    else typed[key] = isMapping(value) ? mapped(value, (item) => item) : value;
  }
  return typed;
}

function mapped(
  values: Record<string, unknown>,
  type: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  const present = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([key, value]) => [key, type(value, key)]));
}

/** `gate` holds numbers in two of its keys. */
function gateValue(value: unknown, key: string): unknown {
  if (key === "budget") return integer(value);
  return key === "limits" && isMapping(value) ? mapped(value, integer) : value;
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
  return wrongValue(text, path, hint);
}

const HINTS: Readonly<Record<string, string>> = {
  pattern: "a time such as 12h, 30d or 6w, or never",
  const: `${FORMAT}`,
  minimum: "a larger number",
  maximum: "a smaller number",
  type: "of the kind that memory-schema/README.md describes",
};
