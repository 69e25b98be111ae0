/** Evidence in few words, the same wherever it is shown. */
import { actorName } from "../view/actor.ts";
import type { Doubt, Evidence, EvidenceView } from "./evidence.ts";
import type { Memory } from "../memory/model.ts";

/** `approved by alice, signed`; `came with the team's branch`. */
export function evidenceWords({ kind, by }: Evidence): string {
  if (kind === "remote") return "came with the team's branch";
  return `approved by ${actorName(by ?? undefined)}${kind === "signature" ? ", signed" : ""}`;
}

/** One sentence each, without its full stop where it has none: why a memory counts as reviewed, and what only looks like it. */
export function standingWords(view: EvidenceView, memory: Memory): string[] {
  const approval = view.of(memory);
  const words = approval === null ? "" : evidenceWords(approval);
  return [
    ...(words === "" ? [] : [`${words.charAt(0).toUpperCase()}${words.slice(1)}.`]),
    ...view.doubts(memory).map(({ message }) => message),
  ];
}

export function approvalJson(evidence: Evidence | null): object | null {
  return evidence === null ? null : { evidence: evidence.kind, by: evidence.by, at: evidence.at };
}

/** For programs: what makes a memory reviewed, and what only looks like it. */
export function evidenceJson(
  view: EvidenceView,
  memory: Memory,
): { readonly approval: object | null; readonly doubts: readonly Pick<Doubt, "code" | "message">[] } {
  return {
    approval: approvalJson(view.of(memory)),
    doubts: view.doubts(memory).map(({ code, message }) => ({ code, message })),
  };
}
