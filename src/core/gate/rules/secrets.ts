/**
 * Credentials. A commit is for ever, so a secret is refused before a byte of it reaches the object database, and no
 * sentence, span or path that leaves this file says what it was.
 *
 * The recommended rules of `@secretlint` are run by themselves. Its engine is left out: it keeps a timeline of every run
 * for the life of the process, and it lets a comment in the text (`secretlint-disable`) switch the rules off.
 */
import { rules as secretlintRules } from "@secretlint/secretlint-rule-preset-recommend";
import type { SecretShape } from "../../memory/policy.ts";
import { Candidates } from "../effects/candidates.ts";
import { sighting, type Rule, type ScannedText, type Sighting } from "../rule.ts";
import { SECRET_PATTERNS, valueOf } from "./secret-patterns.ts";

type SecretlintRule = (typeof secretlintRules)[number];
type Context = Parameters<SecretlintRule["create"]>[0];
type Source = Parameters<NonNullable<ReturnType<SecretlintRule["create"]>["file"]>>[0];

/** Not run: comments that switch rules off, files on the disk, and two that our connection strings cover with fewer false alarms. */
const LEFT_OUT = new Set(
  ["filter-comments", "gcp", "basicauth", "database-connection-string"].map(
    (name) => `@secretlint/secretlint-rule-${name}`,
  ),
);
/** The rules that are run. */
export const USED = secretlintRules.filter(({ meta }) => !LEFT_OUT.has(meta.id));

/**
 * What every secret holds that one of those rules finds, as the source of an expression; a rule that isn't named is always run.
 * `test/property/gate-prefilter.test.ts` holds each against the rule's own patterns.
 */
export const HOLDS: Readonly<Record<string, string>> = {
  aws: "(?:A3T|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)|secret[^]*key[^]*[:=]|account[^]*[:=]",
  npm: ":x-oauth-basic@|_authToken=|npm_",
  slack: "(?:xox[bpaor]|xapp)-|https://hooks.slack.com/",
  openai: "T3BlbkFJ",
  anthropic: "sk-ant-api0",
  groq: "gsk_",
  huggingface: "hf_",
  linear: "lin_api_",
  notion: "ntn_",
  privatekey: "-----BEGIN[^]*PRIVATE KEY",
  sendgrid: "SG\\.",
  shopify: "shp(?:pa|ca|at|ss)_",
  github: "gh[pousr]_|github_pat_",
  gitlab: "glpat-",
  grafana: "glc_|glsa_",
  "1password": "ops_ey",
  "hashicorp-vault": "hv[sbr]\\.",
  vercel: "vc[piark]_",
  databricks: "dapi",
  docker: "dckr_pat_",
  figma: "figd_",
};

let candidates: Candidates | undefined;

/** Numbers of the patterns and then of the rules that may find something in a text. */
export function possibleIn(text: string): number[] {
  candidates ??= new Candidates(
    [
      ...SECRET_PATTERNS.map(({ pattern }) => pattern.source),
      ...USED.map(({ meta }) => HOLDS[meta.id.replace("@secretlint/secretlint-rule-", "")] ?? ""),
    ],
    { folded: true },
  );
  return candidates.in(text);
}

interface Seen {
  readonly id: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Finds credentials; one sighting for each kind in each text, with no span. */
export const secrets: Rule = ({ texts }) => texts.flatMap(inText);

/** Secrets of shapes that a team's policy names. A line is searched up to the length that a secret can have with room to spare. */
export function secretsByPolicy(texts: readonly ScannedText[], shapes: readonly SecretShape[]): Sighting[] {
  return shapes.flatMap(({ name, pattern }) => {
    const expression = new RegExp(pattern, "gu");
    return texts.flatMap((scanned) => {
      const places = placesOf(expression, scanned.text);
      const [first] = places;
      if (first === undefined) return [];
      const where = (place: string): { forPerson: string; forModel: string } => ({
        forPerson: `${place} holds what this team's policy calls a secret (${name}); take it out and say where it is kept instead.`,
        forModel: `${place} contains a secret (${name}). Never store a credential: name the variable or the vault that holds it, without the value.`,
      });
      return [
        sighting(`secret/policy-${name}`, scanned, { ...first, others: places.length - 1 }, where, { span: false }),
      ];
    });
  });
}

const LONGEST_LINE = 4000;

function placesOf(expression: RegExp, text: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    for (const { index, 0: match } of line.slice(0, LONGEST_LINE).matchAll(expression))
      if (match !== "") places.push({ start: at + index, end: at + index + match.length });
    at += line.length + 1;
  }
  return places;
}

function inText(scanned: ScannedText): Sighting[] {
  const possible = possibleIn(scanned.text);
  if (possible.length === 0) return [];
  const kinds = new Map<string, Seen[]>();
  const taken = new Uint8Array(scanned.text.length);
  for (const seen of [...byPatterns(scanned.text, possible), ...bySecretlint(scanned.text, possible)]) {
    // The first to name a place names it: what is a Stripe key is not reported again as some credential.
    if (taken[seen.start] === 1 || taken[seen.end - 1] === 1) continue;
    taken.fill(1, seen.start, seen.end);
    const kind = kinds.get(seen.id);
    if (kind === undefined) kinds.set(seen.id, [seen]);
    else kind.push(seen);
  }
  return [...kinds].map(([id, places]) => {
    const first = places.reduce((earliest, place) => (place.start < earliest.start ? place : earliest));
    return sighting(
      `secret/${id}`,
      scanned,
      { ...first, others: places.length - 1 },
      (where) => ({
        forPerson: `${where} holds what looks like ${first.name}; take it out and say where it is kept instead.`,
        forModel: `${where} contains what looks like ${first.name}. Never store a credential: name the variable or the vault that holds it, without the value.`,
      }),
      { span: false },
    );
  });
}

function* byPatterns(text: string, possible: readonly number[]): Generator<Seen> {
  for (const { id, name, pattern, isReal } of possible.flatMap((number) => SECRET_PATTERNS[number] ?? [])) {
    for (const match of text.matchAll(pattern)) {
      if (isReal(valueOf(match), match[0])) yield { id, name, start: match.index, end: match.index + match[0].length };
    }
  }
}

function bySecretlint(text: string, possible: readonly number[]): Seen[] {
  const rules = possible.flatMap((number) => USED[number - SECRET_PATTERNS.length] ?? []);
  if (rules.length === 0) return [];
  const seen: Seen[] = [];
  const context: Context = {
    sharedOptions: {},
    // The message that a rule would build repeats the secret, so only its id is kept.
    createTranslator: () => (messageId) => ({ message: "", messageId: String(messageId), data: undefined }),
    report: ({ message, range: [start, end] }) => {
      const words = message.messageId
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .replaceAll("_", " ")
        .toLowerCase();
      seen.push({ id: words.replaceAll(" ", "-"), name: `a credential (${words})`, start, end });
    },
    ignore: notAsked,
  };
  const source: Source = {
    content: text,
    contentType: "text",
    hasBOM: false,
    ext: "",
    filePath: undefined,
    physicalFilePath: undefined,
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: notAsked,
    rangeToLocation: notAsked,
    positionToIndex: notAsked,
    indexToPosition: notAsked,
  };
  for (const rule of rules) {
    if (rule.create(context, {}).file?.(source) instanceof Promise)
      throw new Error(`The secret rule ${rule.meta.id} is asynchronous, so its answer would be missed.`);
  }
  return seen;
}

function notAsked(): never {
  throw new Error("The secret rules that are run here ask for no lines and columns, and none may ignore another.");
}
