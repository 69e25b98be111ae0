/**
 * What is left of an erased claim: one slow salted digest of the whole of it, so that the same claim is recognised when it
 * comes again, and no quick one, nor one of its parts, from which it could be guessed sentence by sentence.
 */
import { scryptSync, timingSafeEqual } from "node:crypto";
import type { Memory, MemoryId } from "../memory/model.ts";
import type { Environment } from "../ports.ts";

/** RFC 7914; 32 MiB and about a tenth of a second for each guess. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const SALT_LENGTH = 16;
const DIGEST_LENGTH = 32;

/** The file that marks an erased claim. */
export function erasedTombstone(id: MemoryId, memory: Memory, { now, random }: Pick<Environment, "now" | "random">): { path: string; text: string } {
  const salt = Buffer.from(random(SALT_LENGTH));
  const digest = digestOf(memory, salt);
  const name = id.replace(/^path:/, "").replace(/[^\w-]+/g, "-");
  const lines = [
    "---",
    "type: Tombstone",
    ...(id.startsWith("m_") ? [`id: ${id}`] : []),
    'kind: "erased"',
    `at: ${now().toISOString().slice(0, 19)}Z`,
    `digest: "scrypt:${COST.N}:${COST.r}:${COST.p}:${salt.toString("hex")}:${digest.toString("hex")}"`,
    "---",
    "",
    "A memory was erased here. Its text is in no commit any more; the digest recognises it if it comes back.",
    "",
  ];
  return { path: `tombstones/${name}.md`, text: lines.join("\n") };
}

/** Whether a claim is the one that a tombstone's digest stands for. Takes about a tenth of a second. */
export function isErasedClaim(digest: string, memory: Memory): boolean {
  const [scheme, n, r, p, salt = "", wanted = ""] = digest.split(":");
  if (scheme !== "scrypt" || Number(n) !== COST.N || Number(r) !== COST.r || Number(p) !== COST.p) return false;
  const [own, other] = [digestOf(memory, Buffer.from(salt, "hex")), Buffer.from(wanted, "hex")];
  return own.length === other.length && timingSafeEqual(own, other);
}

/** Case, spacing and punctuation don't make another claim of it. */
function digestOf(memory: Memory, salt: Uint8Array): Buffer {
  const words = `${memory.title}\n${memory.body}`.normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return scryptSync(words.join(" "), salt, DIGEST_LENGTH, COST);
}
