/** Whether a claim is believed already, so that it isn't stored twice. */
import { lifecycle, parseExpiry } from "./memory/lifecycle.ts";
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

/**
 * What every door says of a claim that is believed already, and of what the draft says beside it.
 *
 * @param how where the memory is, in the door's words, and what changes its scope, tags or end there
 */
export function sameText(
  same: Memory,
  draft: Draft,
  now: Date,
  how: { readonly name: string; readonly change: string },
): string {
  const other = notTakenOver(same, draft, now);
  const already = `This is believed already, as ${how.name}; nothing was stored.`;
  return other === "" ? already : `${already} ${other} ${how.change}`;
}

function notTakenOver(same: Memory, draft: Draft, now: Date): string {
  const { tags = [], scope = [], expires_at: end } = same.front;
  const isOtherScope =
    (draft.scope ?? []).length > 0 &&
    (draft.scope?.length !== scope.length || draft.scope.some((glob) => !scope.includes(glob)));
  const others = [
    ...(isOtherScope ? ["scope"] : []),
    ...((draft.tags ?? []).some((tag) => !tags.includes(tag)) ? ["tags"] : []),
    ...(draft.expires_at !== undefined && parseExpiry(draft.expires_at, now) !== end ? ["end"] : []),
  ];
  if (others.length === 0) return "";
  const last = others.at(-1) ?? "";
  const names = others.length === 1 ? last : `${others.slice(0, -1).join(", ")} and ${last}`;
  return `Its ${names} ${others.length === 1 && last !== "tags" ? "is" : "are"} as before; yours ${others.length === 1 && last !== "tags" ? "was" : "were"} not taken over.`;
}

/** The words of a text, however they are spaced, and in whatever case and width. */
export function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
