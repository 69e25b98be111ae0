/**
 * Every file of a commit in one stream: `git archive` reads the packs in their own order, twice as fast as blob by blob,
 * and while it reads on, what has come is worked on here.
 * Attributes in the tree (`export-ignore`, `export-subst`, `eol`) may hide or change bytes: compare with the blob ids.
 */
import { once } from "node:events";
import { GitError } from "../core/errors.ts";
import type { GitCommand } from "./git-command.ts";

const BLOCK = 512;

/** Hands over each file as it comes. Throws GitError where git fails. */
export async function readArchive(
  git: GitCommand,
  commit: string,
  take: (path: string, bytes: Uint8Array) => void,
): Promise<void> {
  const plain = ["core.attributesFile=/dev/null", "core.autocrlf=false", "core.eol=lf"].flatMap((setting) => [
    "-c",
    setting,
  ]);
  const child = git.start([...plain, "archive", "--format=tar", commit]);
  const tar = new TarReader(take);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  // A listener that fails must fail the reading, not the process.
  let failure: unknown;
  child.stdout.on("data", (chunk: Buffer) => {
    try {
      if (failure === undefined) tar.push(chunk);
    } catch (error) {
      failure = error;
    }
  });
  child.stdin.end();
  const [code] = (await once(child, "close")) as [number | null];
  if (failure !== undefined) throw failure;
  if (code !== 0) throw new GitError(`git archive failed: ${said.trim()}`);
}

class TarReader {
  readonly #take: (path: string, bytes: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);
  #longName: string | undefined;

  constructor(take: (path: string, bytes: Uint8Array) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let tar = chunk;
    // Only the entry that the last chunk had cut is put together; the others are read where they lie.
    while (this.#rest.length > 0 && tar.length > 0) {
      const missing = lengthOf(this.#rest, 0) - this.#rest.length;
      this.#rest = this.#read(Buffer.concat([this.#rest, tar.subarray(0, missing)]));
      tar = tar.subarray(missing);
    }
    if (this.#rest.length === 0) this.#rest = this.#read(tar);
  }

  /** Takes the entries that are whole, and returns what is left. */
  #read(tar: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const next = at + lengthOf(tar, at);
      if (next > tar.length) return tar.subarray(at);
      this.#entry(tar, at, sizeAt(tar, at));
      at = next;
    }
  }

  #entry(tar: Buffer, at: number, size: number): void {
    const name = text(tar, at, 100);
    // Blocks of zeros end an archive.
    if (name === "") return;
    const kind = String.fromCharCode(tar[at + 156] ?? 0);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (kind === "x") this.#longName = pathOfPax(content);
    else if (kind !== "g") {
      const prefix = text(tar, at + 345, 155);
      if (kind === "0" || kind === "\0")
        this.#take(this.#longName ?? (prefix === "" ? name : `${prefix}/${name}`), content);
      this.#longName = undefined;
    }
  }
}

/** How long the entry is that begins there, its head and padding included; as long as its head is cut, the head's length. */
function lengthOf(tar: Buffer, at: number): number {
  return at + BLOCK > tar.length ? BLOCK : BLOCK + Math.ceil(sizeAt(tar, at) / BLOCK) * BLOCK;
}

function sizeAt(tar: Buffer, at: number): number {
  return Number.parseInt(text(tar, at + 124, 12), 8) || 0;
}

/** Lines `<length> key=value\n` (POSIX pax); git writes `path` where a name is longer than a header holds. */
function pathOfPax(content: Buffer): string | undefined {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number.parseInt(content.toString("latin1", at, space), 10);
    if (space < 0 || !(length > 0)) return undefined;
    const record = content.toString("utf8", space + 1, at + length - 1);
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return undefined;
}

function text(tar: Buffer, at: number, length: number): string {
  const end = tar.indexOf(0, at);
  return tar.toString("utf8", at, end >= at && end < at + length ? end : at + length);
}
