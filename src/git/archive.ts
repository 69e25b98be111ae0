/**
 * Every file of a commit in one stream: `git archive` reads the packs in their own order, twice as fast as blob by blob.
 * Attributes in the tree (`export-ignore`, `export-subst`, `eol`) may hide or change bytes: compare with the blob ids.
 */
import { GitError } from "../core/errors.ts";
import type { GitCommand } from "./git-command.ts";

const BLOCK = 512;

export async function archiveOf(git: GitCommand, commit: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const plain = ["core.attributesFile=/dev/null", "core.autocrlf=false", "core.eol=lf"].flatMap((setting) => ["-c", setting]);
  const done = await git.run([...plain, "archive", "--format=tar", commit]);
  if (!done.ok) throw new GitError(`git archive failed: ${done.stderr.trim()}`);
  return filesOfTar(done.stdout);
}

function filesOfTar(tar: Buffer): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = text(tar, at, 100);
    if (name === "") break;
    const size = Number.parseInt(text(tar, at + 124, 12), 8);
    const kind = String.fromCharCode(tar[at + 156] ?? 0);
    const prefix = text(tar, at + 345, 155);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (kind === "x") longName = pathOfPax(content);
    else {
      if (kind === "0" || kind === "\0") files.set(longName ?? (prefix === "" ? name : `${prefix}/${name}`), content);
      if (kind !== "g") longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** Lines `<length> key=value\n` (POSIX pax); git writes `path` where a name is longer than a header holds. */
function pathOfPax(content: Buffer): string | undefined {
  for (let at = 0; at < content.length; ) {
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
