/** What is believed no more, from the store's history: the newest removal of each memory that has not come back. */
import type { MemoryId } from "../memory/model.ts";
import type { BeliefChange, JournalEntry } from "../provenance/journal-entry.ts";
import type { Operation } from "../proposal.ts";
import { actorName, spokenActor } from "./actor.ts";
import { shortSpan, since, spokenSpan } from "./age.ts";
import type { Row } from "./belief.ts";

export interface Removal {
  readonly entry: JournalEntry;
  readonly change: BeliefChange;
}

/** @param isThere whether a memory or path is in the store now. */
export function removals(
  entries: readonly JournalEntry[],
  isThere: (id: MemoryId, path: string) => boolean,
): Removal[] {
  const seen = new Set<MemoryId>();
  const found: Removal[] = [];
  for (const entry of entries) {
    for (const change of entry.changes) {
      if (seen.has(change.id)) continue;
      seen.add(change.id);
      if (change.kind === "removed" && !isThere(change.id, change.path)) found.push({ entry, change });
    }
  }
  return found;
}

export function pastRow({ entry }: Removal, title: string, now: Date, store?: string): Row {
  const verb = removalVerb(entry.text.operation);
  const actor = entry.text.actor ?? entry.author.name;
  const age = since(entry.at, now) ?? 0;
  return {
    label: title,
    description: [`${verb} by ${actorName(actor)}`, shortSpan(age), ...(store === undefined ? [] : [store])].join(
      " · ",
    ),
    icon: "circle-slash",
    spoken: [
      title,
      `not in force, ${verb} by ${spokenActor(actor)} ${spokenSpan(age)} ago`,
      ...(store === undefined ? [] : [store]),
    ].join(", "),
  };
}

function removalVerb(operation: Operation | undefined): string {
  if (operation === "expire") return "expired";
  if (operation === "revert") return "reverted";
  if (operation === "supersede" || operation === "consolidate") return "superseded";
  return "removed";
}
