/** A change of the store's own rules that waits, as a person decides on it: key by key, and what less would be watched. */
import { POLICY_FILE } from "../memory/policy.ts";
import { policyChange, type PolicyChange } from "../pull-request/policy-change.ts";
import type { LookedFile } from "./look.ts";

/** Null where it is about another file, or there were no rules before. */
export function changesOfRules({ path, now, text }: Pick<LookedFile, "path" | "now" | "text">): PolicyChange | null {
  if (path !== POLICY_FILE || now === null) return null;
  const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
  return policyChange(bytes(now), bytes(text ?? ""));
}

/** `ttl.agent: never, was 90d`. */
export function keyWords({ key, before, after }: PolicyChange["keys"][number]): string {
  return `${key}: ${after}, was ${before}`;
}

/** What of it watches less or trusts more; null where nothing does. */
export function weakerWords({ weaker }: PolicyChange): string | null {
  return weaker.length === 0 ? null : `By these, less is watched or more is trusted: ${weaker.join(", ")}.`;
}
