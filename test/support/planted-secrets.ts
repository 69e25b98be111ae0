/** Credentials in the shape of real ones, made from a seed of characters so that none is anybody's. Assembled at run time, so that no scanner of this repository trips over them. */
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `length` characters that follow from the seed, varied as a generator's output is. */
export function characters(seed: number, length: number, alphabet = LETTERS_AND_DIGITS): string {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return alphabet[state % alphabet.length];
  }).join("");
}

const upper = LETTERS_AND_DIGITS.slice(0, 26) + "234567";
const hex = "0123456789abcdef";

export interface Planted {
  readonly kind: string;
  /** The credential with what stands around it in real life. */
  readonly text: (seed: number) => string;
  /** The part that must never be repeated. */
  readonly secret: (seed: number) => string;
}

function planted(
  kind: string,
  secret: (seed: number) => string,
  around: (secret: string) => string = (value) => value,
): Planted {
  return { kind, secret, text: (seed) => around(secret(seed)) };
}

export const PLANTED: readonly Planted[] = [
  planted("aws-access-key", (seed) => `AKIA${characters(seed, 16, upper)}`),
  planted(
    "aws-secret-access-key",
    (seed) => characters(seed, 40),
    (value) => `aws_secret_access_key = ${value}`,
  ),
  planted("stripe-key", (seed) => `sk_${"live"}_${characters(seed, 24)}`),
  planted("google-key", (seed) => `AIza${characters(seed, 35)}`),
  planted("jwt", (seed) => `eyJ${characters(seed, 30)}.eyJ${characters(seed + 1, 60)}.${characters(seed + 2, 43)}`),
  planted("sendgrid-key", (seed) => `SG.${characters(seed, 22)}.${characters(seed + 1, 43)}`),
  planted("openai-key", (seed) => `sk-${"proj"}-${characters(seed, 48)}`),
  planted("old-openai-key", (seed) => `sk-${characters(seed, 48)}`),
  planted("anthropic-key", (seed) => `sk-${"ant"}-api03-${characters(seed, 90)}`),
  planted("npm-token", (seed) => `npm_${characters(seed, 36)}`),
  planted("github-token", (seed) => `ghp_${characters(seed, 36)}`),
  planted("slack-token", (seed) => `xoxb-123456789012-${characters(seed, 24)}`),
  planted(
    "connection-string",
    (seed) => `q${characters(seed, 11)}7`,
    (value) => `postgres://app:${value}@db.internal:5432/orders`,
  ),
  planted(
    "private-key",
    (seed) => `MIIE${characters(seed, 60)}`,
    (value) => `-----BEGIN RSA PRIVATE KEY-----\n${value}\n-----END RSA PRIVATE KEY-----`,
  ),
  planted(
    "password",
    (seed) => `K${characters(seed, 9)}3`,
    (value) => `password=${value}`,
  ),
  planted(
    "quoted-password",
    (seed) => `K${characters(seed, 9)}3!`,
    (value) => `"password": "${value}"`,
  ),
  planted(
    "spoken-password",
    (seed) => `Kq3${characters(seed, 9)}`,
    (value) => `The staging password is \`${value}\``,
  ),
  planted(
    "bearer",
    (seed) => `Kq3${characters(seed, 40)}`,
    (value) => `Authorization: Bearer ${value}`,
  ),
  planted(
    "api-key",
    (seed) => `a1${characters(seed, 30, hex)}`,
    (value) => `API_KEY=${value}`,
  ),
];
