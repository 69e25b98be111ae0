/**
 * What is left of a claim that was rejected or erased, so that it can't come back by another door or in other spelling.
 * The format is described in `memory-schema/README.md`, "Tombstones".
 */
import { createHash, scryptSync } from "node:crypto";
import { newMemoryId } from "../memory/id.ts";
import { readFrontMatter } from "../memory/frontmatter.ts";
import { validateTombstone } from "../memory/generated/validators.js";
import { decodeUtf8 } from "../memory/parse.ts";
import type { Instant, Memory, MemoryId } from "../memory/model.ts";
import { renderLine } from "../memory/render.ts";
import { instantOf } from "../memory/time.ts";
import {
  type Minhash,
  minhashFrom,
  minhashOf,
  minhashText,
  similarity,
  skeletonDigest,
  skeletonsOf,
  type Skeletons,
} from "./skeleton.ts";

interface Common {
  readonly id: MemoryId;
  readonly at: Instant;
  readonly reason: string;
}

/** A claim that a person refused. Its text is in git anyway, so its parts may be recognised too. */
export interface RejectedTombstone extends Common {
  readonly kind: "rejected";
  /** Digests of the title, of the body and of all sentences together. */
  readonly claim: readonly string[];
  readonly sentences: readonly string[];
  /** Of all sentences together, then of each. */
  readonly minhashes: readonly Minhash[];
}

/** A claim that was taken out of history: one slow salted digest of the whole, from which parts can't be guessed. */
export interface ErasedTombstone extends Common {
  readonly kind: "erased";
  /** 16 bytes in hex. Tombstones of one store share theirs, so that checking a claim costs one digest. */
  readonly salt: string;
  readonly digest: string;
}

export type Tombstone = RejectedTombstone | ErasedTombstone;

/** A file to be stored. */
export interface TombstoneFile {
  readonly path: string;
  readonly text: string;
}

/** How a claim resembles a tombstone: it says the same, or nearly. */
export interface TombstoneMatch {
  readonly tombstone: Tombstone;
  readonly kind: "same" | "near";
}

/** Costs of scrypt (RFC 7914): about 50 ms and 16 MB a digest. */
const SCRYPT = { N: 16_384, r: 8, p: 1 };
const DIGEST_BYTES = 32;
/** A title or body of fewer letters is too common to be recognised by alone. */
const SHORTEST_CLAIM = 12;
/** Of the whole and its first sentences: a claim is short, and a tombstone needn't be longer than it was. */
const MOST_MINHASHES = 12;
/**
 * From this share of common pieces on, a claim waits. The same words in another order, and the claim denied, lie above
 * (.6 to .9); different claims about the same thing lie below (.1 to .4).
 */
const NEAR = 0.5;

/** The tombstone of a refused claim. The reason is shown to whoever brings it again. */
export function makeTombstone(memory: Memory, reason: string, at: Date): TombstoneFile {
  const skeletons = skeletonsOf(memory);
  return fileOf(idOf(memory, ""), "rejected", reason, at, [
    renderLine("claim", claimDigests(skeletons)),
    renderLine("sentences", skeletons.sentences.map(skeletonDigest)),
    renderLine(
      "minhashes",
      [skeletons.all, ...skeletons.sentences].slice(0, MOST_MINHASHES).map((text) => minhashText(minhashOf(text))),
    ),
  ]);
}

/**
 * The tombstone of an erased claim. The reason must not repeat the claim. A digest of what can be guessed can be guessed:
 * for secrets and short values leave none.
 *
 * @param salt that of the store's other tombstones (`saltOf`), or 16 random bytes in hex.
 */
export function makeErasedTombstone(memory: Memory, reason: string, at: Date, salt: string): TombstoneFile {
  return fileOf(idOf(memory, salt), "erased", reason, at, [
    renderLine("salt", salt),
    renderLine("digest", slowDigest(skeletonsOf(memory), salt)),
  ]);
}

/** The salt that the store's tombstones of erased claims share; undefined where there is none yet. */
export function saltOf(tombstones: Iterable<Tombstone>): string | undefined {
  for (const tombstone of tombstones) if (tombstone.kind === "erased") return tombstone.salt;
  return undefined;
}

/** Reads a file under `tombstones/`; null for one that is no tombstone of this format, which is then no bar to anything. */
export function readTombstone(bytes: Uint8Array): Tombstone | null {
  const text = decodeUtf8(bytes);
  const read = text === null ? undefined : readFrontMatter(text);
  if (read === undefined || !read.ok || !isTombstone(read.values)) return null;
  const { id, at, reason = "" } = read.values;
  if (read.values.kind === "erased")
    return { kind: "erased", id, at, reason, salt: read.values.salt, digest: read.values.digest };
  const { claim, sentences = [], minhashes } = read.values;
  return { kind: "rejected", id, at, reason, claim, sentences, minhashes: minhashes.map(minhashFrom) };
}

/**
 * Which tombstones a claim resembles, the same before the near, each tombstone once.
 *
 * @param nearToo false: only the same, at a small part of the price.
 */
export function matchTombstones(
  memory: Pick<Memory, "title" | "front" | "body">,
  tombstones: Iterable<Tombstone>,
  nearToo = true,
): TombstoneMatch[] {
  const skeletons = skeletonsOf(memory);
  const parts = new Set([...skeletons.sentences.map(skeletonDigest), ...claimDigests(skeletons)]);
  const slow = new Map<string, string>();
  let minhashes: Minhash[] | undefined;
  const matches: TombstoneMatch[] = [];
  for (const tombstone of tombstones) {
    if (tombstone.kind === "erased") {
      const digest = slow.get(tombstone.salt) ?? slowDigest(skeletons, tombstone.salt);
      slow.set(tombstone.salt, digest);
      if (digest === tombstone.digest) matches.push({ tombstone, kind: "same" });
      continue;
    }
    const common = tombstone.sentences.filter((sentence) => parts.has(sentence)).length;
    if (tombstone.claim.some((digest) => parts.has(digest)) || (common > 0 && common === tombstone.sentences.length)) {
      matches.push({ tombstone, kind: "same" });
      continue;
    }
    if (!nearToo) continue;
    minhashes ??= [skeletons.all, skeletons.body, ...skeletons.sentences].map(minhashOf);
    const isNear =
      common > 0 || minhashes.some((ours) => tombstone.minhashes.some((theirs) => similarity(ours, theirs) >= NEAR));
    if (isNear) matches.push({ tombstone, kind: "near" });
  }
  return matches.sort((a, b) => Number(a.kind === "near") - Number(b.kind === "near"));
}

function claimDigests({ title, body, sorted, all }: Skeletons): string[] {
  return [...new Set([title, body, sorted, all])]
    .filter((skeleton) => skeleton.length >= SHORTEST_CLAIM)
    .map(skeletonDigest);
}

function slowDigest({ all }: Skeletons, salt: string): string {
  return scryptSync(all, Buffer.from(salt, "hex"), DIGEST_BYTES, SCRYPT).toString("hex");
}

/** The memory's own id. A file without one gets a name that says nothing of its path. */
function idOf({ id, path }: Memory, salt: string): MemoryId {
  if (id.startsWith("m_")) return id;
  const digest = createHash("sha256").update(`${salt}${path}`, "utf8").digest();
  return newMemoryId((length) => digest.subarray(0, length));
}

function fileOf(
  id: MemoryId,
  kind: Tombstone["kind"],
  reason: string,
  at: Date,
  lines: readonly string[],
): TombstoneFile {
  const text = [
    "---",
    "type: Tombstone",
    renderLine("id", id),
    renderLine("kind", kind),
    renderLine("at", instantOf(at)),
    renderLine("reason", reason.replace(/\s+/g, " ").trim()),
    ...lines,
    "---",
    "",
  ].join("\n");
  return { path: `tombstones/${id}.md`, text };
}

type TombstoneValues =
  | (Omit<RejectedTombstone, "minhashes" | "sentences" | "reason"> & {
      readonly minhashes: readonly string[];
      readonly sentences?: readonly string[];
      readonly reason?: string;
    })
  | (Omit<ErasedTombstone, "reason"> & { readonly reason?: string });

function isTombstone(values: unknown): values is TombstoneValues {
  return validateTombstone(values);
}
