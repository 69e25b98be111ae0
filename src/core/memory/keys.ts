/** The keys that the format knows, in the order in which the writer puts them: the claim first, the machine's keys last. */
export const FRONT_MATTER_KEYS = [
  "type",
  "id",
  "title",
  "description",
  "tags",
  "scope",
  "pinned",
  "generated",
  "origin",
  "verified",
  "sources",
  "derived_from",
  "supersedes",
  "stale_after",
  "expires_at",
] as const;
export type FrontMatterKey = (typeof FRONT_MATTER_KEYS)[number];

const KNOWN: ReadonlySet<string> = new Set(FRONT_MATTER_KEYS);

export function isFrontMatterKey(key: string): key is FrontMatterKey {
  return KNOWN.has(key);
}
