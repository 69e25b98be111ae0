/** git's own object encodings: what goes into the hash, and back. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Person } from "../../core/ports.ts";

export type ObjectKind = "blob" | "tree" | "commit";
export type HashName = "sha1" | "sha256";

export interface TreeEntry {
  /** Octal as git writes it: `40000` a folder, `100644` a file. */
  readonly mode: string;
  readonly name: string;
  readonly id: ObjectId;
  /** The name's own bytes, where they are not UTF-8; `name` then spells them as `%E9`. */
  readonly rawName?: Buffer;
}

export const FOLDER_MODE = "40000";
export const FILE_MODE = "100644";

const ZERO = Buffer.from([0]);

/** The bytes that are stored and hashed: `<kind> <length>\0<content>`. */
export function withHeader(kind: ObjectKind, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
}

export function objectId(bytes: Uint8Array, hash: HashName): ObjectId {
  return createHash(hash).update(bytes).digest("hex");
}

/** Throws RangeError on bytes that are no tree. */
export function decodeTree(bytes: Buffer, hash: HashName): TreeEntry[] {
  const idLength = hash === "sha1" ? 20 : 32;
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + idLength >= bytes.length + 1) throw new RangeError("not a git tree");
    entries.push({
      mode: bytes.toString("latin1", at, space),
      ...nameOf(bytes.subarray(space + 1, end)),
      id: bytes.toString("hex", end + 1, end + 1 + idLength),
    });
    at = end + 1 + idLength;
  }
  return entries;
}

/** Written back as it was, or a change beside it would rename another tool's file. */
function nameOf(bytes: Buffer): Pick<TreeEntry, "name" | "rawName"> {
  if (isUtf8(bytes)) return { name: bytes.toString("utf8") };
  const spelled = bytes
    .toString("latin1")
    .replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  return { name: spelled, rawName: Buffer.from(bytes) };
}

/** git's order: by bytes of the name, a folder's name counting with a slash at its end. */
export function inTreeOrder(entries: Iterable<TreeEntry>): TreeEntry[] {
  const keyed = Array.from(entries, (entry) => ({ entry, key: orderKey(entry) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ entry }) => entry);
}

/** What that order goes by: the name's bytes, each as one character, which compare faster so than as bytes. */
export function orderKey(entry: TreeEntry): string {
  let key = keys.get(entry);
  if (key === undefined) {
    const name = (entry.rawName ?? Buffer.from(entry.name)).toString("latin1");
    keys.set(entry, (key = entry.mode === FOLDER_MODE ? `${name}/` : name));
  }
  return key;
}

const keys = new WeakMap<TreeEntry, string>();

/** Entries in git's order. */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ mode, name, id, rawName }) => [
      Buffer.from(`${mode} `),
      rawName ?? Buffer.from(name),
      ZERO,
      Buffer.from(id, "hex"),
    ]),
  );
}

/** How many bytes an entry takes in its tree. */
export function encodedLength({ mode, name, id, rawName }: TreeEntry): number {
  return mode.length + 1 + (rawName?.length ?? Buffer.byteLength(name)) + 1 + id.length / 2;
}

export interface CommitContent {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Person;
  readonly committer: Person;
  readonly at: Date;
  readonly message: string;
}

export function encodeCommit(commit: CommitContent): Buffer {
  return Buffer.from(
    [
      `tree ${commit.tree}`,
      ...commit.parents.map((parent) => `parent ${parent}`),
      `author ${signature(commit.author, commit.at)}`,
      `committer ${signature(commit.committer, commit.at)}`,
      "",
      commit.message,
    ].join("\n"),
  );
}

/** Who and when, as git writes it in commits and logs. */
export function signature(person: Person, at: Date): string {
  return `${identity(person)} ${Math.floor(at.getTime() / 1000)} ${zone(at)}`;
}

/** git drops these characters from names and addresses, and `fsck` refuses them (ident.c, `crud`). */
function identity({ name, email }: Person): string {
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, "").replace(/^[\s.,:;"\\']+|[\s.,:;"\\']+$/g, "");
  return `${clean(name) || "unknown"} <${clean(email)}>`;
}

function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}${String(size % 60).padStart(2, "0")}`;
}
