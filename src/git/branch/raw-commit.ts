/** A commit's own bytes, so that a write is carried to another parent with its authors, dates and message as they were. */
import type { ObjectId } from "../../core/memory/model.ts";

export interface RawCommit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  /** The lines `author …` and `committer …`. */
  readonly people: readonly string[];
  /** Other header lines, without signatures: those were given for other bytes. */
  readonly rest: readonly string[];
  readonly message: Buffer;
}

/** A commit as it was read. */
export interface ReadCommit extends RawCommit {
  readonly isSigned: boolean;
}

/** Whether the policy wanted a signature on it that could not be made yet. */
export function isUnsigned({ rest }: RawCommit): boolean {
  return rest.includes(UNSIGNED);
}

export function asUnsigned(content: Buffer): Buffer {
  const raw = decodeCommit(content);
  return encodeRaw({ ...raw, rest: [...raw.rest, UNSIGNED] });
}

/**
 * A header line of a commit that waits for its signature. git passes it over; it follows the commit wherever it is carried,
 * and goes when the commit is signed.
 */
const UNSIGNED = "memory-sign always";

const SIGNATURE = /^gpgsig(?:-sha256)? /;

export function decodeCommit(content: Buffer): ReadCommit {
  const blank = content.indexOf("\n\n");
  const end = blank < 0 ? content.length : blank;
  // Latin-1 keeps each byte, whatever it means.
  const header = content.toString("latin1", 0, end).split("\n");
  const valuesOf = (key: string): string[] =>
    header.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const people = header.filter((line) => /^(?:author|committer) /.test(line));
  const isSigned = header.some((line) => SIGNATURE.test(line));
  let inSignature = false;
  const rest = header.filter((line) => {
    if (!line.startsWith(" ")) inSignature = SIGNATURE.test(line);
    return !inSignature && !/^(?:tree|parent|author|committer) /.test(line);
  });
  return {
    tree: valuesOf("tree")[0] ?? "",
    parents: valuesOf("parent"),
    people,
    rest,
    message: content.subarray(end + 2),
    isSigned,
  };
}

export function encodeRaw({ tree, parents, people, rest, message }: RawCommit): Buffer {
  const header = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), ...people, ...rest];
  return Buffer.concat([Buffer.from(`${header.join("\n")}\n\n`, "latin1"), message]);
}
