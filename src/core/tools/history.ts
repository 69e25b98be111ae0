/** A memory's provenance and history in plain lines. Goes into a fence: reasons and names are other people's words. */
import type { Memory } from "../memory/model.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import { shortCommit } from "./written.ts";

/** The newest entries that are told; more is for a person's eyes. */
const MOST_ENTRIES = 10;
const LONGEST_REASON = 200;

/** Who first wrote a memory and who changed it last, for programs. Newest entry first, as the journal gives them. */
export function provenanceOf(entries: readonly JournalEntry[], memory?: Memory): Readonly<Record<string, unknown>> {
  const [last] = entries;
  const first = entries.at(-1);
  return {
    ...(memory?.front.origin === undefined
      ? {}
      : { channel: memory.front.origin.channel, session: memory.front.origin.session ?? null }),
    ...(memory?.front.generated === undefined ? {} : { by: memory.front.generated.by }),
    first: first === undefined ? null : recordOf(first),
    last: last === undefined ? null : recordOf(last),
    changes: entries.length,
  };
}

export function historyText(entries: readonly JournalEntry[], memory?: Memory): string {
  const told = entries.slice(0, MOST_ENTRIES);
  const more = entries.length - told.length;
  const context = memory?.front.origin?.context ?? [];
  return [
    ...(context.length === 0 ? [] : [`Written with these in context: ${context.join(", ")}`]),
    `History, newest first, ${entries.length === 1 ? "one commit" : `${entries.length} commits`}:`,
    ...told.map(entryText),
    ...(more === 0 ? [] : [`and ${more} earlier.`]),
  ].join("\n");
}

function entryText(entry: JournalEntry): string {
  const { text } = entry;
  const by = [
    text.actor ?? entry.author.name,
    ...(text.channel === undefined ? [] : [`through ${text.channel}`]),
    ...(text.session === undefined ? [] : [`session ${text.session}`]),
  ];
  const reason = shortened(text.reason === "" ? text.subject : text.reason);
  return `- ${entry.at.slice(0, 10)} ${shortCommit(entry.commit)} ${text.operation ?? "commit"} by ${by.join(", ")}: ${reason}`;
}

function recordOf(entry: JournalEntry): Readonly<Record<string, unknown>> {
  const { operation, actor, channel, session } = entry.text;
  return {
    commit: entry.commit,
    at: entry.at,
    operation: operation ?? null,
    actor: actor ?? entry.author.name,
    channel: channel ?? null,
    session: session ?? null,
  };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1).trimEnd()}…` : line;
}
