/** Proposals as the gate leaves them in the review queue, without the gate: a test says what waits and why. */
import type { Finding } from "../../src/core/gate/verdict.ts";
import type { FrontMatter } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { renderMemory } from "../../src/core/memory/render.ts";
import type { Caller } from "../../src/core/proposal.ts";
import type { Held, Quarantine } from "../../src/core/review/quarantine.ts";
import type { MemoryStore } from "../../src/core/store.ts";

export const HELD_ID = "m_7k3q9f2d4cxw";
export const HELD_PATH = `semantic/fact/a-claim-${HELD_ID}.md`;

/** An agent that has read a page. */
export const outsider: Caller = {
  channel: "mcp",
  actor: "copilot/gpt-5.2",
  trust: "untrusted",
  session: "s_0u7s1d3r",
  turn: 4,
};

export function finding(rule: string, forPerson = "It comes from a page.", path = HELD_PATH): Finding {
  return { rule, verdict: "quarantine", path, forPerson, forModel: "It waits." };
}

export interface Waits {
  readonly body?: string;
  readonly front?: Partial<FrontMatter>;
  readonly findings?: readonly Finding[];
  readonly path?: string;
  readonly reason?: string;
  readonly caller?: Caller;
  readonly at?: string;
  /** The version that it would change. */
  readonly before?: { readonly path: string; readonly blob: string };
}

export function queueOf(store: MemoryStore): Quarantine {
  if (store.quarantine === null) throw new Error("The store has no queue.");
  return store.quarantine;
}

export async function hold(store: MemoryStore, waits: Waits = {}): Promise<Held> {
  const {
    body = "It is so.",
    front = {},
    findings = [finding("origin/untrusted")],
    path = HELD_PATH,
    reason = "Read on a page.",
  } = waits;
  const { caller = outsider, at = "2026-11-23T09:00:00Z", before } = waits;
  const whole = {
    type: "Fact",
    id: HELD_ID,
    title: "A claim",
    generated: { by: caller.actor, at },
    origin: { channel: caller.channel, trust: caller.trust },
    ...front,
  };
  const bytes = new TextEncoder().encode(renderMemory(whole, body));
  const after = readMemory(path, "", bytes);
  if ("problems" in after) throw new Error(JSON.stringify(after.problems));
  const was = before === undefined ? null : { ...after, blob: before.blob };
  const draft = { type: whole.type, title: whole.title, body };
  const proposal = { operation: "add", changes: [{ kind: "add", draft }], reason, caller } as const;
  return (await queueOf(store).hold(proposal, [{ path, bytes, after, before: was }], { kind: "quarantine", findings }))
    .held;
}
