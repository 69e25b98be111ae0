/** Whether a claim is believed already, so that it isn't stored twice. */
import { lifecycle } from "./memory/lifecycle.ts";
import type { Memory } from "./memory/model.ts";
import type { Draft } from "./proposal.ts";
import type { MemoryStore } from "./store.ts";

/**
 * The memory in force that says the same: title and body, but for white space, letter case and width. What came from
 * outside isn't believed, so it doesn't keep an agent's own finding out.
 */
export async function believedAlready(store: MemoryStore, draft: Draft): Promise<Memory | undefined> {
  const now = store.environment.now();
  const [title, body] = [folded(draft.title), folded(draft.body)];
  for (const memory of (await store.snapshot()).memories()) {
    if (folded(memory.title) !== title || folded(memory.body) !== body || !lifecycle(memory, now).inForce) continue;
    if (memory.front.origin?.trust !== "untrusted" || draft.trust === "untrusted") return memory;
  }
  return undefined;
}

/** The words of a text, however they are spaced, and in whatever case and width. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
