/** One commit's change of one memory as people read it: the reason before the hash. */
import { CHANNELS, type Channel } from "../memory/model.ts";
import type { BeliefChange, JournalEntry } from "../provenance/journal-entry.ts";
import type { Evidence } from "../trust/evidence.ts";
import { evidenceWords } from "../trust/words.ts";
import { actorName } from "./actor.ts";
import { shortSpan, since } from "./age.ts";

/** Longer reasons are cut for a line; the whole stands in the history. */
const REASON_LENGTH = 72;

/** Who is behind an entry, by its trailers where they can be relied on, else by the commit's author. */
export function entryActor(entry: JournalEntry): string {
  return actorName(entry.text.actor ?? entry.author.name);
}

/** Why, in one line; where no reason was given, what was done. */
export function entryReason(entry: JournalEntry): string {
  // The name of the commit that was taken back is for programs; what it was is in the history.
  const reason = entry.text.reason
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^This reverts commit [0-9a-f]{7,64}\.\s*/, "");
  const text = reason === "" ? whatWasDone(entry) : reason;
  const short = text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH - 1).trimEnd()}…` : text;
  return short.replace(/\.$/, "");
}

/** `expired`, `added`, …; for a change that no operation names, from the difference itself. */
export function changeVerb(entry: JournalEntry, change: BeliefChange): string {
  const named = {
    expire: "expired",
    renew: "renewed",
    approve: "confirmed",
    supersede: "superseded",
    revert: "reverted",
    import: "imported",
    consolidate: "consolidated",
  };
  const operation = entry.text.operation;
  return operation !== undefined && operation in named ? named[operation as keyof typeof named] : change.kind;
}

export const DOORS: Readonly<Record<Channel, string>> = {
  tool: "a tool of the editor",
  mcp: "an MCP client",
  chat: "the chat",
  "file-tool": "its memory files",
  cli: "the command line",
  editor: "the editor",
  import: "an import",
  sync: "another repository",
};

/** The door that a change came through, after "through". A commit without a channel was made by hand, with git alone. */
export function doorWords({ text: { channel } }: Pick<JournalEntry, "text">): string {
  const known = CHANNELS.find((one) => one === channel);
  return known === undefined ? (channel ?? "git alone") : DOORS[known];
}

/** `copilot: The user said so · 3d · approved by alice`, drawn after the line that the cursor is on. */
export function blameText(entry: JournalEntry, now: Date, approval: Evidence | null): string {
  return [
    `${entryActor(entry)}: ${entryReason(entry)}`,
    shortSpan(since(entry.at, now) ?? 0),
    ...(approval === null ? [] : [evidenceWords(approval)]),
  ].join(" · ");
}

function whatWasDone(entry: JournalEntry): string {
  if (entry.text.operation === "revert") return "an earlier change was taken back";
  return entry.text.subject === "" ? "no reason given" : entry.text.subject;
}
