/**
 * Credentials that `@secretlint`'s recommended rules don't find in prose, or find too rarely. The shapes are those that the
 * issuers document; each pattern is linear in the text's length.
 */
import { isPlaceholder, isTemplate, isVaried, looksLikeKey, looksLikePassword } from "./placeholder.ts";

export interface SecretPattern {
  /** The finding's rule is `secret/` and this. */
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  readonly pattern: RegExp;
  /** Whether this match is a credential and no stand-in for one. The group `value`, where there is one, is the credential. */
  readonly isReal: (value: string, whole: string) => boolean;
}

const isToken = (value: string): boolean => isVaried(value) && !/example|placeholder|your[-_]|x{6}/i.test(value);

/** Tokens that say by their own prefix what they are: id, name, source of the pattern. */
const PREFIXED: readonly (readonly [string, string, string])[] = [
  ["aws-access-key", "an AWS access key", "(?:AKIA|ASIA)[A-Z0-9]{16}\\b"],
  ["stripe-key", "a Stripe key", "(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})"],
  ["google-key", "a Google key", "(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\\.[A-Za-z0-9_-]{30,})"],
  ["jwt", "a JSON web token", "eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{16,}"],
  ["sendgrid-key", "a SendGrid key", "SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}"],
  ["anthropic-key", "an Anthropic key", "sk-ant-[A-Za-z0-9_-]{20,}"],
  ["openai-key", "an OpenAI key", "sk-(?:(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})"],
  ["npm-token", "an npm token", "npm_[A-Za-z0-9]{36}"],
  ["pypi-token", "a PyPI token", "pypi-[A-Za-z0-9_-]{50,}"],
  ["github-token", "a GitHub token", "(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"],
  ["gitlab-token", "a GitLab token", "gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,}"],
  ["slack-token", "a Slack token", "(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{20,}"],
  ["telegram-token", "a Telegram bot token", "\\d{8,10}:AA[A-Za-z0-9_-]{33}\\b"],
  ["twilio-key", "a Twilio key", "SK[0-9a-f]{32}\\b"],
  ["mailgun-key", "a Mailgun key", "key-[0-9a-f]{32}\\b"],
  ["digitalocean-token", "a DigitalOcean token", "do[opr]_v1_[0-9a-f]{64}"],
  ["atlassian-token", "an Atlassian token", "ATATT3[A-Za-z0-9_=-]{60,}"],
  ["hugging-face-token", "a Hugging Face token", "hf_[A-Za-z0-9]{30,}"],
  ["groq-key", "a Groq key", "gsk_[A-Za-z0-9]{40,}"],
  ["xai-key", "an xAI key", "xai-[A-Za-z0-9]{60,}"],
  ["supabase-key", "a Supabase key", "(?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{20,})"],
  ["postman-key", "a Postman key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"],
  ["sentry-token", "a Sentry token", "sntry[su]_[A-Za-z0-9+/=_-]{40,}"],
  ["age-key", "an age secret key", "AGE-SECRET-KEY-1[0-9A-Z]{58}"],
];

const KEYWORD = "(?:pass(?:word|wd|phrase)|passwd|pwd|(?<![A-Za-z])pass)";
const KEY_KEYWORD =
  "(?:secret|token|api[ _-]?key|access[ _-]?key|auth[ _-]?key|private[ _-]?key|secret[ _-]?key|account[ _-]?key|credential)";
/** From a name to its value: `password: "…"`, `PASSWORD=…`, `"token" => '…'`. */
const ASSIGN = "[\"'`]?\\s{0,4}(?::=|=>|[:=])\\s{0,4}";
const QUOTED = "\"(?<double>[^\"\\n]{4,300})\"|'(?<single>[^'\\n]{4,300})'|`(?<tick>[^`\\n]{4,300})`";
const PASSWORD_VALUE = `(?:${QUOTED}|(?<bare>[^\\s"'\`,;]{4,300}))`;
/** Generated keys hold no brackets, so a link's closing one ends them. */
const KEY_VALUE = `(?:${QUOTED}|(?<bare>[^\\s"'\`,;()[\\]{}<>&]{4,300}))`;

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  ...PREFIXED.map(([id, name, source]): SecretPattern => ({
    id,
    name,
    pattern: new RegExp(`(?<![A-Za-z0-9])${source}`, "g"),
    isReal: isToken,
  })),
  {
    id: "private-key",
    name: "a private key",
    pattern: /-----BEGIN ?(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?<value>[\s\S]{0,600})/g,
    isReal: holdsKeyMaterial,
  },
  {
    id: "connection-string",
    name: "a connection string with a password",
    pattern:
      /(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@"'`<>]{0,100}:(?<value>[^\s/?#@"'`<>]{3,200})@[^\s"'`<>]/gi,
    isReal: (value) => !isPlaceholder(value),
  },
  {
    id: "slack-webhook",
    name: "a Slack webhook",
    pattern: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/(?<value>[A-Za-z0-9/]{20,})/g,
    isReal: isToken,
  },
  {
    id: "discord-webhook",
    name: "a Discord webhook",
    pattern: /https:\/\/discord(?:app)?\.com\/api\/webhooks\/\d{10,}\/(?<value>[A-Za-z0-9_-]{40,})/g,
    isReal: isToken,
  },
  {
    id: "authorization-header",
    name: "an authorization header",
    pattern:
      /\b(?:bearer|authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|token|apikey))\s+(?<value>[A-Za-z0-9._~+/=-]{16,2000})/gi,
    isReal: (value) =>
      looksLikeKey(value) ||
      (value.length >= 24 && isVaried(value) && /[A-Z]/.test(value) && /[a-z]/.test(value) && !isPlaceholder(value)),
  },
  {
    id: "npm-token",
    name: "an npm token",
    pattern: /\b_(?:authToken|auth|password)\s{0,3}=\s{0,3}(?<value>[^\s$<{]{8,500})/g,
    isReal: (value) => isVaried(value) && !isPlaceholder(value),
  },
  {
    id: "password",
    name: "a password",
    pattern: new RegExp(`${KEYWORD}${ASSIGN}${PASSWORD_VALUE}`, "gi"),
    isReal: looksLikePassword,
  },
  {
    id: "password",
    name: "a password",
    pattern: new RegExp(`${KEYWORD}=(?<bare>[a-z]{12,64})(?![\\w.(\\[-])`, "gi"),
    isReal: (value) => !isPlaceholder(value) && !/[a-z][A-Z]/.test(value),
  },
  {
    id: "password",
    name: "a password",
    pattern: new RegExp(
      `\\b(?:${KEYWORD}|pin|secret|token)\\b[^.\\n:=]{0,40}?\\b(?:is|was|to)\\s{1,3}${PASSWORD_VALUE}`,
      "gi",
    ),
    isReal: (value, whole) =>
      looksLikePassword(value) && !/[[\]()]/.test(value) && (/["'`]$/.test(whole) || isOddWord(value)),
  },
  {
    id: "credential",
    name: "a credential",
    pattern: new RegExp(`${KEY_KEYWORD}s?${ASSIGN}${KEY_VALUE}`, "gi"),
    isReal: (value) => looksLikeKey(value) || (SIGN.test(value) && isOddWord(value)),
  },
  {
    id: "password",
    name: "a password",
    pattern: /\b(?:curl|wget|http)\b[^\n]{0,200}?\s(?:-u|--user)[ =]["']?[^\s:"']{1,60}:(?<value>[^\s"']{6,100})/g,
    isReal: looksLikePassword,
  },
  {
    id: "password",
    name: "a password",
    pattern: /\bsshpass\s{1,3}-p\s{0,3}["']?(?<value>[^\s"']{4,100})/g,
    isReal: (value) => !isTemplate(value) && !isPlaceholder(value),
  },
];

const SIGN = /[!@#$%^&*+=?~]/;

/** Three kinds of character in one unbroken word: nobody writes prose like that. */
function isOddWord(value: string): boolean {
  if (value.length < 8 || isPlaceholder(value) || /\s/.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, SIGN].filter((kind) => kind.test(value)).length;
  return kinds >= 3 && (SIGN.test(value) || !/[-_./]/.test(value));
}

/** A header alone, or one with dots under it, is documentation; base64 under it is a key. */
function holdsKeyMaterial(following: string): boolean {
  const body = following
    .replace(/\\[nrt]/g, "\n")
    .replace(/^[ \t>|+"']*[A-Za-z-]{3,20}: [^\n]*$/gm, "")
    .replace(/[\s>|+"',\\]/g, (sign) => (sign === "+" ? "+" : ""));
  const material = /^[A-Za-z0-9+/]{40,}/.exec(body)?.[0] ?? "";
  return material.length >= 40 && isVaried(material);
}

/** The credential inside a match: the named group that took part, else all of it. */
export function valueOf(match: RegExpExecArray): string {
  const { double, single, tick, bare, value } = match.groups ?? {};
  // A bare value ends before the punctuation of its sentence.
  return double ?? single ?? tick ?? bare?.replace(/[.,;:!?)\]}>]+$/, "") ?? value ?? match[0];
}
