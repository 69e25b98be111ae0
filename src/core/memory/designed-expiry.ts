/**
 * When a new memory ends though nobody named its end: what only an agent concluded fades unless a person confirms it, and a
 * citation of the code lengthens its life. The lengths are the policy's.
 */
import type { Instant, Memory, Source, Trust } from "./model.ts";
import type { Policy } from "./policy.ts";
import { instantOf } from "./time.ts";
import { compareTrust } from "./trust.ts";

interface NewClaim {
  readonly type: string;
  readonly trust: Trust;
  readonly sources: readonly Source[];
}

/** The earliest end that the policy gives such a claim, or undefined where it gives none. */
export function expiryByPolicy(claim: NewClaim, policy: Policy, at: Date): Instant | undefined {
  const byType = policy.ttl.types[claim.type] ?? null;
  // A blob is written only where the cited file was found in the code.
  const isCited = claim.sources.some((source) => source.resource.startsWith("repo:/") && source.blob !== undefined);
  const byTrust = compareTrust(claim.trust, "agent") > 0 ? null : isCited ? policy.ttl.agentCited : policy.ttl.agent;
  const lengths = [byType, byTrust].filter((length) => length !== null);
  return lengths.length === 0 ? undefined : instantOf(new Date(at.getTime() + Math.min(...lengths)));
}

/** Whether the memory ends only because nobody had confirmed it, so that a confirmation lifts the end. */
export function endsOnlyByPolicy(memory: Memory, policy: Policy): boolean {
  const { front } = memory;
  if (front.expires_at === undefined || front.generated === undefined || front.origin === undefined) return false;
  const claim = { type: front.type, trust: front.origin.trust, sources: front.sources ?? [] };
  const unconfirmed = expiryByPolicy(claim, policy, new Date(front.generated.at));
  const confirmed = expiryByPolicy({ ...claim, trust: "user" }, policy, new Date(front.generated.at));
  return front.expires_at === unconfirmed && unconfirmed !== confirmed;
}
