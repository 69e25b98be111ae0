/** A commit of a store's history, as JSON and as a line. */
import type { JournalEntry } from "../core/provenance/journal-entry.ts";
import type { MemoryStore } from "../core/store.ts";
import { actorName } from "../core/view/actor.ts";
import type { Line, Piece } from "./terminal.ts";
import { ageOf, shortCommit } from "./words.ts";

/** One key for one thing; null where the commit doesn't say it. */
export function entryJson(store: MemoryStore, entry: JournalEntry): object {
  const { commit, at, author, text, trusted, changes } = entry;
  return {
    store: store.label,
    commit,
    at,
    author: { name: author.name, email: author.email },
    operation: text.operation ?? null,
    subject: text.subject,
    reason: text.reason,
    actor: text.actor ?? null,
    channel: text.channel ?? null,
    session: text.session ?? null,
    turn: text.turn ?? null,
    trailers_match: trusted,
    changes: changes.map(({ kind, id, path, before, after }) => ({ kind, id, path, before, after })),
  };
}

/** Cells for a table: commit, age, act, who, and subject with the reason. */
export function entryCells(entry: JournalEntry, now: Date): Piece[] {
  const { commit, at, text } = entry;
  const reason = oneLine(text.reason);
  return [
    { text: shortCommit(commit), tone: "accent" },
    { text: ageOf(at, now), tone: "quiet" },
    text.operation ?? "commit",
    { text: actorName(whoOf(entry)), tone: "quiet" },
    reason === "" ? text.subject : `${text.subject}: ${reason}`,
  ];
}

/** `copilot, 3d ago: "The user said so." (9fceb02de, add)`. */
export function entryLine(
  lead: "Written by " | "Last changed by " | "Ended by " | "",
  entry: JournalEntry,
  now: Date,
): Line {
  const { commit, at, text } = entry;
  const age = ageOf(at, now);
  const reason = oneLine(text.reason);
  return [
    `${lead}${whoOf(entry)}${age === "" ? "" : age === "now" ? ", just now" : `, ${age} ago`}${reason === "" ? "" : `: ${reason}`} `,
    { text: `(${shortCommit(commit)}${text.operation === undefined ? "" : `, ${text.operation}`})`, tone: "quiet" },
  ];
}

/** The actor that the commit names, where its trailers fit its files; else its author. */
export function whoOf(entry: JournalEntry): string {
  return entry.text.actor ?? entry.author.name;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
