/** The digest that an approval binds: exactly what was shown, whoever wrote it and whenever. */
import { createHash } from "node:crypto";
import type { Instant, Memory } from "./model.ts";

/**
 * SHA-256, in hex, of the canonical JSON of a claim: type, title, description, scope, pinned, sources, derived_from,
 * supersedes, body and the latest permitted expiry (`memory-schema/README.md`, "The claim digest"). What says the same is
 * the same: absent, empty and `pinned: false` don't count, nor do line-ending styles and blank lines around the body.
 *
 * @param latestExpiry the end that the approval allows; by default the memory's own. Whoever checks an approval with a
 * later end passes that one, and separately that the memory ends no later.
 */
export function claimDigest(memory: Memory, latestExpiry: Instant | null = memory.front.expires_at ?? null): string {
  const { front } = memory;
  const claim = {
    v: 1,
    type: front.type,
    title: front.title,
    description: front.description,
    scope: front.scope,
    pinned: front.pinned === true ? true : undefined,
    sources: front.sources,
    derived_from: front.derived_from,
    supersedes: front.supersedes,
    body: withoutOuterBreaks(memory.body.replaceAll("\r\n", "\n")),
    expires_at: latestExpiry === null ? undefined : new Date(latestExpiry).toISOString(),
  };
  return createHash("sha256").update(canonicalJson(claim), "utf8").digest("hex");
}

/** By hand, because a regular expression for the end takes quadratic time where a body has many blank lines inside. */
function withoutOuterBreaks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === "\n") start += 1;
  while (end > start && text[end - 1] === "\n") end -= 1;
  return text.slice(start, end);
}

/**
 * JSON with sorted keys and no white space, in which absent values, nulls and empty lists are left out of objects: one
 * text for one meaning. Values are those that front matter can hold.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined && item !== null && !(Array.isArray(item) && item.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(",")}}`;
}
