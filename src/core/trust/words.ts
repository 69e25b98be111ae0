/** Evidence in few words, the same wherever it is shown. */
import { actorName } from "../view/actor.ts";
import type { Doubt, Evidence, EvidenceView } from "./evidence.ts";
import type { Instant, Memory, MemoryId } from "../memory/model.ts";

/** `approved by alice, signed`; `came with the team's branch`. */
export function evidenceWords({ kind, by }: Evidence): string {
  if (kind === "remote") return "came with the team's branch";
  return `approved by ${actorName(by ?? undefined)}${kind === "signature" ? ", signed" : ""}`;
}

/** One sentence each: why a memory counts as reviewed and since when, and what only looks like it. */
export function standingWords(view: EvidenceView, memory: Memory): string[] {
  const approval = view.of(memory);
  return [
    ...(approval === null ? [] : [approvedSentence(approval)]),
    ...view.doubts(memory).map(({ message }) => message),
  ];
}

/** The signatures that were given for a memory which is in the store no more; one sentence each. */
export function formerApprovals({ signed }: EvidenceView, id: MemoryId): string[] {
  return signed.flatMap(({ approval, answer }) =>
    approval?.memory === id && answer === "valid"
      ? [`Was approved by ${actorName(approval.by)}'s signature, on ${dayOf(approval.at)}.`]
      : [],
  );
}

/** `Approved by alice's signature, on 2026-11-23.` */
function approvedSentence({ kind, by, at }: Evidence): string {
  if (kind === "remote") return "Came with the team's branch.";
  const who = actorName(by ?? undefined);
  return `Approved by ${who}${kind === "signature" ? "'s signature" : ""}${at === null ? "" : `, on ${dayOf(at)}`}.`;
}

function dayOf(at: Instant): string {
  return at.slice(0, 10);
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
