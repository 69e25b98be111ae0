/**
 * Whether a key can sign only with a person there: it is locked by a passphrase, or lies in a device that wants a touch. An
 * open key file and an ssh-agent sign for whoever asks, and so prove nobody.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GestureNeededError } from "../../core/errors.ts";

const MAGIC = "openssh-key-v1\0";
/** The device signs only after a touch (`SSH_SK_USER_PRESENCE_REQD` in OpenSSH's PROTOCOL.u2f). */
const TOUCH_REQUIRED = 0x01;

export interface PersonKey {
  /** The private key's file. */
  readonly file: string;
  /** The public key, in base64 as a `.pub` file has it. */
  readonly key: string;
}

/** The private key file that git's `user.signingKey`, or the caller, names. Throws GestureNeededError where it proves no person. */
export async function personKey(named: string, folder: string): Promise<PersonKey> {
  if (/^(?:key::|ssh-|ecdsa-|sk-)/.test(named))
    throw refused("The signing key is held by an ssh-agent, which signs for whoever asks");
  const home = named === "~" || named.startsWith("~/") ? path.join(os.homedir(), named.slice(1)) : named;
  const file = path.resolve(folder, home.replace(/\.pub$/, ""));
  const text = await fs.readFile(file, "latin1").catch((error: unknown) => {
    throw refused(unreadable(file, error));
  });
  const lock = lockOf(text);
  if (lock === "unknown") throw refused(`${file} is not a private key that ssh-keygen can sign with`);
  if (lock === "none")
    throw refused(
      `The key ${file} has no passphrase and needs no touch, so a program could use it. Give it one with \`ssh-keygen -p -f ${file}\``,
    );
  return { file, key: publicKeyOf(text) ?? (await publicFile(file)) };
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOENT")
    return `There is no key file ${file}. Name your private key with --key FILE or in git's user.signingKey`;
  if (code === "EISDIR") return `${file} is a folder. Name your private key's file`;
  return `The key ${file} can't be read (${code}). Check its permissions`;
}

/** The public half of a key in OpenSSH's own format, which stands open in it. */
function publicKeyOf(text: string): string | null {
  const fields = fieldsOf(text);
  if (fields === null) return null;
  for (let i = 0; i < 3; i++) fields.bytes();
  fields.skip(4);
  return fields.bytes().toString("base64");
}

async function publicFile(file: string): Promise<string> {
  const text = await fs.readFile(`${file}.pub`, "utf8").catch((error: unknown) => {
    throw refused(
      `${file}.pub can't be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
    );
  });
  return text.trim().split(/\s+/)[1] ?? "";
}

/** What keeps a private key from being used by a program alone. */
export function lockOf(text: string): "passphrase" | "touch" | "none" | "unknown" {
  const fields = fieldsOf(text);
  if (fields === null) {
    if (!/-----BEGIN (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----/.test(text)) return "unknown";
    return /^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(text) ? "passphrase" : "none";
  }
  const cipher = fields.text();
  if (cipher !== "none") return cipher === "" ? "unknown" : "passphrase";
  fields.bytes();
  fields.bytes();
  fields.skip(4);
  fields.bytes();
  return touchOf(new Fields(fields.bytes()));
}

/** The fields of a key in OpenSSH's own format; null for any other text. */
function fieldsOf(text: string): Fields | null {
  const block = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  const bytes = Buffer.from((block?.[1] ?? "").replaceAll(/\s+/g, ""), "base64");
  return bytes.subarray(0, MAGIC.length).toString("latin1") === MAGIC ? new Fields(bytes.subarray(MAGIC.length)) : null;
}

/** The fields of the private part of a key without a passphrase, as far as the flags (PROTOCOL.key, PROTOCOL.u2f). */
function touchOf(fields: Fields): "touch" | "none" {
  fields.skip(8);
  const type = fields.text();
  if (!/^sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com$/.test(type)) return "none";
  if (type.startsWith("sk-ecdsa")) fields.bytes();
  fields.bytes();
  fields.bytes();
  return (fields.byte() & TOUCH_REQUIRED) === TOUCH_REQUIRED ? "touch" : "none";
}

/** Values one after the other, each with its length before it; past the end there is nothing. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(length: number): void {
    this.#at += length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  bytes(): Buffer {
    if (this.#at + 4 > this.#bytes.length) return Buffer.alloc(0);
    const length = this.#bytes.readUInt32BE(this.#at);
    const start = this.#at + 4;
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    return this.bytes().toString("latin1");
  }
}

function refused(why: string): GestureNeededError {
  return new GestureNeededError(`${why}. Nothing was approved; a person can approve it in the editor.`);
}
