/**
 * A detached approval: a file under `approvals/` in which somebody signs the digest of a claim. It is about the claim and not
 * about a commit, so it outlives squash, rebase and cherry-pick. The format is described in `memory-schema/README.md`, "Approvals".
 */
import { isMemoryId } from "../memory/id.ts";
import type { Instant, Memory, MemoryId } from "../memory/model.ts";
import { decodeUtf8 } from "../memory/parse.ts";
import { isInstant } from "../memory/time.ts";
import type { Snapshot } from "../snapshot.ts";
import { InvalidInputError } from "../errors.ts";
import { claimDigest } from "../memory/claim.ts";
import { isRulesFile, rulesDigest } from "./rules.ts";

/** Keeps a signature that was made for something else from being taken for an approval (`ssh-keygen -Y sign -n`). */
export const SIGNATURE_NAMESPACE = "agent-memory";

export const APPROVALS_FOLDER = "approvals";

const FIRST_LINE = "agent-memory approval v1";
const ARMOR = /^-----BEGIN (?:SSH|PGP) SIGNATURE-----$/m;
/** No signature of a usual key is longer. Characters. */
const LONGEST = 20_000;
/** A folder with more files makes each write slower, so what follows lies one level deeper. */
const FOLDER_FULL = 1000;

/** What is signed. */
export interface ApprovalStatement {
  /** `claimDigest` of what was shown. */
  readonly claim: string;
  /** Its id; of the store's own rules the path. */
  readonly memory: MemoryId;
  /** The signer, as the allowed signers name them. */
  readonly by: string;
  readonly at: Instant;
  /** The latest end of the memory that it permits; null: none is asked for. */
  readonly until: Instant | null;
}

export interface SignedApproval extends ApprovalStatement {
  /** The signed bytes: all that stands before the signature. */
  readonly payload: Uint8Array;
  readonly armor: string;
}

/** A memory, or a file that holds rules of the store. */
export type Signable = Memory | { readonly path: string; readonly bytes: Uint8Array };

/** What is to be signed for a memory as it stands. Throws InvalidInputError for a file without an id, or a name that is no line. */
export function statementFor(file: Signable, by: string, at: Instant): ApprovalStatement {
  if (!/^[^\s]{1,200}$/.test(by))
    throw new InvalidInputError("The signer's name must be one word, as it stands in allowed_signers.");
  if ("bytes" in file) return { claim: rulesDigest(file.bytes), memory: file.path, by, at, until: null };
  const memory = file;
  if (!isMemoryId(memory.id))
    throw new InvalidInputError(
      "This file has no id, so an approval could not name it. Save it once in the editor first.",
    );
  return { claim: claimDigest(memory), memory: memory.id, by, at, until: memory.front.expires_at ?? null };
}

/** The bytes to be signed. */
export function payloadOf({ claim, memory, by, at, until }: ApprovalStatement): Uint8Array {
  const lines = [FIRST_LINE, `claim ${claim}`, `memory ${memory}`, `by ${by}`, `at ${at}`, `until ${until ?? "never"}`];
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

/** Where a new approval goes. One file for each memory and signer, so that two people who sign at once don't collide. */
export function approvalPath(snapshot: Snapshot, { memory, by }: Pick<ApprovalStatement, "memory" | "by">): string {
  const signer =
    by
      .toLowerCase()
      .replaceAll(/[^a-z0-9.]+/g, "-")
      .replaceAll(/^[-.]+|[-.]+$/g, "")
      .slice(0, 40) || "signer";
  const name = `${memory}.${signer}.sig`;
  const flat = `${APPROVALS_FOLDER}/${name}`;
  const full = (snapshot.folders.get(APPROVALS_FOLDER)?.others.size ?? 0) >= FOLDER_FULL;
  return full && snapshot.blobAt(flat) === null ? `${APPROVALS_FOLDER}/${memory.slice(2, 4)}/${name}` : flat;
}

export function isApprovalPath(path: string): boolean {
  return path.startsWith(`${APPROVALS_FOLDER}/`) && path.endsWith(".sig");
}

/** Reads a file under `approvals/`; null for one that is none. */
export function readApproval(bytes: Uint8Array): SignedApproval | null {
  const text = decodeUtf8(bytes);
  const start = text === null || text.length > LONGEST ? -1 : text.search(ARMOR);
  if (text === null || start < 0) return null;
  const [first, ...lines] = text.slice(0, start).split("\n");
  const values = new Map(
    lines
      .filter((line) => line !== "")
      .map((line): [string, string] => {
        const space = line.indexOf(" ");
        return [line.slice(0, space), line.slice(space + 1)];
      }),
  );
  const [claim, memory, by, at, until] = ["claim", "memory", "by", "at", "until"].map((key) => values.get(key) ?? "");
  if (claim === undefined || memory === undefined || by === undefined || at === undefined || until === undefined)
    return null;
  const sound =
    first === FIRST_LINE &&
    /^[0-9a-f]{64}$/.test(claim) &&
    (isMemoryId(memory) || isRulesFile(memory)) &&
    /^[^\s-][^\s]{0,199}$/.test(by) &&
    isInstant(at) &&
    (until === "never" || isInstant(until));
  if (!sound) return null;
  const statement = { claim, memory, by, at, until: until === "never" ? null : until };
  const payload = payloadOf(statement);
  // Anything more than the statement, in another order or spelling, would be signed words that nobody reads.
  if (new TextDecoder().decode(payload) !== text.slice(0, start)) return null;
  return { ...statement, payload, armor: text.slice(start) };
}
