/** Who vouches for a memory. Trust is derived from evidence and lineage, never read from what a file claims alone. */
import { TRUST_LEVELS } from "./model.ts";
import type { Memory, MemoryId, Trust } from "./model.ts";

/** Negative where `a` is trusted less than `b`, 0 where they are equal. */
export function compareTrust(a: Trust, b: Trust): number {
  return TRUST_LEVELS.indexOf(a) - TRUST_LEVELS.indexOf(b);
}

/** The less trusted of two. */
export function lowerOf(a: Trust, b: Trust): Trust {
  return compareTrust(a, b) <= 0 ? a : b;
}

export function isTrust(text: string): text is Trust {
  return (TRUST_LEVELS as readonly string[]).includes(text);
}

/**
 * What the memory's own stamp is worth. At most `user`: `reviewed` needs evidence, and a file is none. A file without a
 * stamp, written by hand or by another tool, counts as an agent's: it passed the gate when it was first seen, and nobody
 * is known to have vouched for it.
 */
export function stampedTrust(memory: Memory): Trust {
  return lowerOf(memory.front.origin?.trust ?? "agent", "user");
}

/** The ids that a memory rests on: what it was derived from, and what had been recalled when it was written. */
export function lineageOf(memory: Memory): readonly MemoryId[] {
  return [...(memory.front.derived_from ?? []), ...(memory.front.origin?.context ?? [])];
}

/**
 * The trust that counts: `reviewed` where there is evidence for this very memory; otherwise the minimum over its own
 * stamp and its whole lineage, in which a reviewed ancestor vouches for all that lies behind it.
 *
 * An ancestor that is no longer in the store counts as an agent's. It cannot be known to be better, and it must not sink
 * to `untrusted`, or each expiry would silence what was once built on it; what came from an untrusted ancestor was
 * stamped `untrusted` itself when it was written, so its ancestor's end does not raise it.
 *
 * @param lookup the memory of an id in the snapshot at hand.
 * @param isReviewed whether there is evidence (ledger, signature, the team's own branch) for a memory.
 */
export function effectiveTrust(
  memory: Memory,
  lookup: (id: MemoryId) => Memory | undefined,
  isReviewed: (memory: Memory) => boolean,
): Trust {
  if (isReviewed(memory)) return "reviewed";
  let trust = stampedTrust(memory);
  const seen = new Set<MemoryId>([memory.id]);
  const waiting = [...lineageOf(memory)];
  for (let id = waiting.pop(); id !== undefined && trust !== "untrusted"; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const ancestor = lookup(id);
    if (ancestor === undefined) {
      trust = lowerOf(trust, "agent");
    } else if (!isReviewed(ancestor)) {
      trust = lowerOf(trust, stampedTrust(ancestor));
      waiting.push(...lineageOf(ancestor));
    }
  }
  return trust;
}
