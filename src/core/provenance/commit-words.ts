/** What a commit says of a write, and whose it is. */
import type { Verdict } from "../gate/verdict.ts";
import type { Policy } from "../memory/policy.ts";
import type { Person } from "../ports.ts";
import type { Caller, Proposal, ProposedFile } from "../proposal.ts";
import { formatMessage } from "./trailers.ts";

export function messageOf(files: readonly ProposedFile[], proposal: Proposal, verdict: Verdict): string {
  const memories = files.flatMap((file) => file.after ?? file.before ?? []);
  const { caller } = proposal;
  // The first commit of a store has files of many kinds; any later one without memories is about the file that it names.
  const first = memories[0]?.title ?? (proposal.operation === "init" ? undefined : files[0]?.path) ?? "the store";
  return formatMessage({
    operation: proposal.operation,
    subject: proposal.subject ?? (memories.length > 1 ? `${first} and ${memories.length - 1} more` : first),
    reason: [proposal.note, proposal.reason].filter((part) => part !== undefined && part.trim() !== "").join("\n\n"),
    ids: memories.map((memory) => memory.id).filter((id) => !id.startsWith("path:")),
    actor: caller.actor,
    channel: caller.channel,
    context: caller.recalled ?? [],
    gate:
      verdict.findings.length === 0
        ? verdict.kind
        : `${verdict.kind} ${[...new Set(verdict.findings.map((finding) => finding.rule))].join(" ")}`,
    ...(caller.session === undefined ? {} : { session: caller.session }),
    ...(caller.turn === undefined ? {} : { turn: caller.turn }),
  });
}

/** Who believes it: the actor, under an address that nobody has, or by the policy the person whose machine it is. */
export function authorOf(caller: Caller, policy: Policy, committer: Person): Person {
  if (policy.author === "user" || caller.actor.startsWith("human:")) return committer;
  const name = caller.actor.replace(/[<>\n\r\0]/g, " ").trim() || "agent";
  const local =
    name
      .split("/")[0]
      ?.toLowerCase()
      .replace(/[^a-z0-9._-]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "") || "agent";
  return { name, email: `${local}@agent.invalid` };
}
