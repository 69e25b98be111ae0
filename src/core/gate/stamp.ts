/**
 * Provenance as the program writes it. A caller's words never reach `generated` or `origin`; the one thing that a payload
 * may say about itself is that it deserves less trust than its door.
 */
import type { Channel, Generated, Origin, Trust } from "../memory/model.ts";
import type { Policy } from "../memory/policy.ts";
import { lowerOf } from "../memory/trust.ts";
import type { Caller } from "../proposal.ts";

/** Doors at which nobody can tell what an agent has read before it writes. */
const UNDECLARED: ReadonlySet<Channel> = new Set(["mcp", "tool", "file-tool", "cli"]);

/** The caller as a team's policy takes it, where its door can't tell what it has read. */
export function asDeclared(caller: Caller, { trust }: Policy): Caller {
  const isUndeclared = caller.trust === "agent" && caller.gesture !== true && UNDECLARED.has(caller.channel);
  return isUndeclared && trust.undeclared === "untrusted" ? { ...caller, trust: "untrusted" } : caller;
}

/** As many recalled memories as a file names: enough for a session's context, small enough for one line of front matter. */
const MOST_CONTEXT = 50;

/** The two keys that only the program writes. */
export interface Stamp {
  readonly generated: Generated;
  readonly origin: Origin;
}

/**
 * What a new memory says of where it came from.
 *
 * @param declared a lower trust that the payload admits to, e.g. `untrusted` for text from a web page; a higher one changes nothing
 * @param now the moment of the write; stored to the second, in UTC
 */
export function stampOrigin(caller: Caller, declared: Trust | undefined, now: Date): Stamp {
  // The same memory recalled again counts from its last recall, and the newest are at the end.
  const context = [...new Set([...(caller.recalled ?? [])].reverse())].slice(0, MOST_CONTEXT).reverse();
  return {
    generated: { by: caller.actor, at: now.toISOString().replace(/\.\d+Z$/, "Z") },
    origin: {
      channel: caller.channel,
      ...(caller.session === undefined ? {} : { session: caller.session }),
      ...(caller.turn === undefined ? {} : { turn: caller.turn }),
      trust: declared === undefined ? caller.trust : lowerOf(caller.trust, declared),
      ...(context.length === 0 ? {} : { context }),
    },
  };
}
