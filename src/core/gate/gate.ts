/**
 * The check that every write passes, whatever door it came by. Rules look at everything that would reach the object
 * database; the table below turns what they saw, and how far the text is trusted, into a verdict.
 */
import type { Trust } from "../memory/model.ts";
import { lowerOf } from "../memory/trust.ts";
import type { Caller, Operation, ProposedFile } from "../proposal.ts";
import type { Rule, RuleInput, ScannedText, Sighting } from "./rule.ts";
import { claimsOfTrust } from "./rules/claims-of-trust.ts";
import { forgedFences } from "./rules/forged-fences.ts";
import { hiddenCharacters } from "./rules/hidden-characters.ts";
import { oneLineFields } from "./rules/one-line-fields.ts";
import { secrets } from "./rules/secrets.ts";
import type { Finding, Verdict, VerdictKind } from "./verdict.ts";

/** A change set as it would be stored, with every word that its commit would carry. */
export interface GateInput {
  readonly files: readonly ProposedFile[];
  readonly caller: Caller;
  readonly operation: Operation;
  readonly reason: string;
  readonly subject?: string;
  readonly note?: string;
  /** How far the text is trusted. Default: the least of the caller's trust and what the new files are stamped with. */
  readonly tier?: Trust;
}

/** What is done about each row at each tier. A team's policy may make a cell stricter, never milder than the first row. */
const VERDICTS = {
  refused: { untrusted: "block", agent: "block", user: "block", reviewed: "block" },
  reported: { untrusted: "allow", agent: "allow", user: "allow", reviewed: "allow" },
} as const satisfies Record<string, Record<Trust, VerdictKind>>;

const RULES: readonly { readonly check: Rule; readonly row: keyof typeof VERDICTS }[] = [
  { check: secrets, row: "refused" },
  { check: hiddenCharacters, row: "refused" },
  { check: oneLineFields, row: "refused" },
  { check: forgedFences, row: "refused" },
  { check: claimsOfTrust, row: "reported" },
];

const SEVERITY: readonly VerdictKind[] = ["allow", "confirm", "quarantine", "block"];

/**
 * Judges a change set. Pure and synchronous: the same input gives the same verdict, nothing is read or written, and no
 * finding repeats a secret.
 */
export function judge(input: GateInput): Verdict {
  const tier = input.tier ?? tierOf(input);
  const seen: RuleInput = { texts: textsOf(input), files: input.files, caller: input.caller };
  const findings = RULES.flatMap(({ check, row }) =>
    onePerPlace(check(seen)).map((sighting): Finding => ({ ...sighting, verdict: VERDICTS[row][tier] })),
  );
  const kind = findings.reduce<VerdictKind>(
    (worst, { verdict }) => (SEVERITY.indexOf(verdict) > SEVERITY.indexOf(worst) ? verdict : worst),
    "allow",
  );
  return { kind, findings: withoutTellingPaths(findings, input.files) };
}

function tierOf(input: GateInput): Trust {
  const stamped = input.files.flatMap(({ before, after }) =>
    before === null && after?.front.origin !== undefined ? [after.front.origin.trust] : [],
  );
  return stamped.reduce(lowerOf, input.caller.trust);
}

/** Everything that would reach the object database: whole files, values that YAML can disguise, and the commit's words. */
function textsOf(input: GateInput): ScannedText[] {
  const { caller } = input;
  const message = {
    reason: input.reason,
    subject: input.subject,
    note: input.note,
    actor: caller.actor,
    session: caller.session,
    context: caller.recalled?.join("\n"),
  };
  return [
    ...input.files.flatMap(fileTexts),
    ...Object.entries(message).flatMap(([name, text]): ScannedText[] =>
      text === undefined || text === "" ? [] : [{ path: `<${name}>`, text, kind: "message" }],
    ),
  ];
}

function fileTexts({ path, bytes, after }: ProposedFile): ScannedText[] {
  if (bytes === null) return [];
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const disguised = after === null ? [] : stringsIn(after.front).filter((value) => !text.includes(value));
  return [
    { path, text, kind: "file" },
    ...disguised.map((value): ScannedText => ({ path, text: value, kind: "value" })),
  ];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsIn(inner)]);
}

/** What is seen in the file and again in a parsed value is one finding: the file's text comes first. */
function onePerPlace(sightings: readonly Sighting[]): Sighting[] {
  const first = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const key = `${sighting.rule}\n${sighting.path}`;
    if (!first.has(key)) first.set(key, sighting);
  }
  return [...first.values()];
}

/** A new file is named after its title, so where the text holds a secret its name may too; nobody has seen that name yet. */
function withoutTellingPaths(findings: readonly Finding[], files: readonly ProposedFile[]): Finding[] {
  const telling = new Set(findings.filter(({ rule }) => rule.startsWith("secret/")).map(({ path }) => path));
  const isNew = new Set(files.filter(({ before }) => before === null).map(({ path }) => path));
  return findings.map((finding) =>
    telling.has(finding.path) && isNew.has(finding.path)
      ? { ...finding, path: `${finding.path.slice(0, finding.path.lastIndexOf("/") + 1)}…` }
      : finding,
  );
}
