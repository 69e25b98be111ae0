/** Telling a real credential from the stand-ins that documentation is full of. */

/** Words that stand-ins are made of. A value that consists of nothing else, digits and punctuation aside, is no secret. */
const STAND_IN_WORDS = `
  my your our the some any this that here goes put insert enter add set use change changeme me it replace with and
  for from in to of or not is at least only per test tests testing tester example sample dummy fake mock stub demo
  default placeholder foo bar baz qux abc abcd abcdef xyz asdf qwerty todo tbd foobar user users username admin
  administrator root guest login account email name host hostname port db database app application api secret
  secrets supersecret super password passwords passwd passw pass pwd passphrase token tokens key keys value values
  string text number boolean null none nil undefined true false object array type field input output env
  environment variable var config required optional nullable min max length confirmed sometimes regex unique valid
  invalid wrong correct incorrect right bad good new old current next previous same different strong weak secure
  insecure random generated long short chars characters hash hashed hashing salt salted encrypted encoded encode
  plain plaintext redacted hidden masked access auth authorization bearer basic client private public session
  refresh prod production dev development staging local localhost openai anthropic google github stripe aws azure
  postgres postgresql mysql mariadb mongo mongodb redis rabbitmq minio minioadmin mssql neo elastic kafka bcrypt
  scrypt argon id pbkdf hmac sha md base utf ascii hex uuid guid jwt oauth oidc saml totp rsa aes gcm cbc hs rs es
  ed int uint float varchar nvarchar char let const i o
`;
const LONGEST_FIRST = STAND_IN_WORDS.trim()
  .split(/\s+/)
  .toSorted((a, b) => b.length - a.length);

const TEMPLATE = /\$\{|\{\{|\$\(|^\$|^%[\w]+%$|<[^<>\s]*>|\[[A-Za-z_ -]+\]|^\{[\w.]+\}$|\.\.\.|…|\*{3}|•{2}/;
/** `config.password`, `getToken(…)`, `tokens[index]`, `a && b`. A name before a dot has no digits: `Pa55w.rd` is a password. */
const CODE =
  /^[A-Za-z_$]+(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+(?!@)\b|^(?:await|new|return|process|import|os)\b|[A-Za-z_$][\w$]*[([]|\)$|=>|&&|\|\|/;
/** `design-tokens-v2`, `prod/db/2024`: words and small numbers, joined. */
const JOINED_WORDS =
  /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+|v?\d{1,4})(?:[-_.:/](?:[a-z]+\d?|[A-Z]+\d?|[A-Z][a-z]+\d?|v?\d{1,4}))+$/;
const LOCATION =
  /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/|arn:|vault:|ssm:|op:|env:|file:|secretref:)|^[a-z0-9_.-]+(?:\/[a-z0-9_.-]+)+$/;
const SAID_ALOUD =
  /example|your[-_ ]|placeholder|change[-_]?me|dummy|redacted|replace[-_]?(?:me|with|this)|insert[-_]|fake|sample|not[-_]?a?[-_]?real/i;
const SEQUENCES = [
  "0123456789012345678901234567890",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "9876543210",
];

/** True for `your-api-key`, `${TOKEN}`, `xxxxxxxx`, `password123`, `config.password`: what nobody could log in with. */
export function isPlaceholder(value: string): boolean {
  return isTemplate(value) || SAID_ALOUD.test(value) || isMasked(value) || isSequence(value) || isMadeOfStandIns(value);
}

/** True where the value is a way to get a secret (a variable, a call, a path) and not the secret. */
export function isTemplate(value: string): boolean {
  return TEMPLATE.test(value) || CODE.test(value) || LOCATION.test(value);
}

/**
 * True where one character over and over stands for what was left out: a sign or an x five times in a row, or anything else
 * over a quarter of the value. Of random keys of 64 hexadecimal digits one in a thousand has five alike in a row.
 */
function isMasked(value: string): boolean {
  const runs = value.matchAll(/(.)\1{4,}/gu);
  return [...runs].some(([run, sign = ""]) => !/[A-WYZa-wyz0-9]/.test(sign) || run.length * 4 >= value.length);
}

function isSequence(value: string): boolean {
  const plain = value.toLowerCase().replace(/[^a-z0-9]/g, "");
  return plain.length > 0 && SEQUENCES.some((sequence) => sequence.includes(plain));
}

function isMadeOfStandIns(value: string): boolean {
  let rest = value.toLowerCase();
  for (;;) {
    rest = rest.replace(/^[^\p{L}]+/u, "");
    if (rest === "") return /\p{L}/u.test(value);
    const word = LONGEST_FIRST.find((standIn) => rest.startsWith(standIn));
    if (word === undefined) return false;
    rest = rest.slice(word.length);
  }
}

/** True for a value that a person or a generator could have chosen as a password. */
export function looksLikePassword(value: string): boolean {
  if (value.length < 6 || isPlaceholder(value)) return false;
  if (/^\d+$/.test(value)) return true;
  return /\p{L}/u.test(value) && (/\d/.test(value) || /[^\p{L}\d\s\-_.,:;/'"]/u.test(value));
}

/** True for a value with enough variety to be a generated key: letters and digits mixed, sixteen or more. */
export function looksLikeKey(value: string): boolean {
  return (
    value.length >= 16 &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    isVaried(value) &&
    !JOINED_WORDS.test(value) &&
    !isPlaceholder(value)
  );
}

/** Generated tokens use many different characters; `sk_test_xxxxxxxxxxxx` and `ghp_000...` don't. */
export function isVaried(value: string): boolean {
  return new Set(value).size >= 8 && !isMasked(value);
}
