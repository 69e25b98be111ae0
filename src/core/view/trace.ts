/** How beliefs follow from each other, in words and as rows: the way back of a suspect, and the tree of what followed. */
import type { EdgeKind, Tainted, Washed } from "../provenance/contamination.ts";
import type { Reach, Spared } from "../provenance/take-back.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import type { Step, Suspect } from "../provenance/why.ts";
import { spokenActor } from "./actor.ts";
import { shortSpan, since, spokenSpan } from "./age.ts";
import { shortTitle } from "./belief.ts";
import { entryActor } from "./change.ts";

/** Why one change follows from another, after what it did. */
export const EDGE_WORDS: Readonly<Record<EdgeKind, string>> = {
  derived_from: "derived from it",
  supersedes: "took its place",
  reworded: "put into other words by a program",
  "made-way": "ended in its favour",
  repeats: "says the same in a session that had read it",
  context: "only written while it was in context",
};

/** How a stop on the way back stands to the one before it. */
export const STEP_WORDS: Readonly<Record<NonNullable<Step["by"]>, string>> = {
  derived_from: "derived from",
  supersedes: "in the place of",
  context: "written after reading",
};

/** Why a memory is left alone. */
export const SPARED_WORDS: Readonly<Record<Spared["why"], string>> = {
  derived: "was derived from it",
  context: "was only written while it was in context",
  rewritten: "was rewritten by a person since",
};

export const REACH_WORDS: Readonly<Record<Reach, string>> = {
  roots: "",
  derived: " with what was derived from it",
  context: " with all that was written while it was in context",
};

/** As the editor's list shows it: what it is called, what stands beside it, and what a screen reader says. */
export interface TraceRow {
  /** Cut where what stands beside it would not be seen in a narrow side bar. */
  readonly label: string;
  readonly title: string;
  readonly description: string;
  readonly spoken: string;
}

export function suspectRow({ memory, trust, present }: Suspect, rank: number): TraceRow {
  const state = [...(present ? [] : ["not believed now"]), `trust: ${trust}`];
  const description = state.join(" · ");
  return {
    label: shortTitle(memory.title, description),
    title: memory.title,
    description,
    spoken: [`${rank}`, memory.title, ...state].join(", "),
  };
}

/** The stop is the belief itself where `by` is null. */
export function stepRow({ title, by, entry, trust, sources }: Step, now: Date): TraceRow {
  const writer = entry === null ? "" : ` by ${entryActor(entry)}`;
  const label = by === null ? `Written${writer}` : `${capital(STEP_WORDS[by])} ${title}`;
  const facts = [
    ...(trust === "untrusted" ? ["untrusted"] : []),
    ...sources.map(({ resource }) => resource.replace(/^(?:repo:\/|https?:\/\/)/, "")),
  ];
  const [written, spoken] =
    entry === null ? ["not in this history", "not in this history"] : [byWhom(entry, now), spokenByWhom(entry, now)];
  return {
    label,
    title: label,
    description: [...facts.slice(0, 1), written, ...facts.slice(1)].join(" · "),
    spoken: [label, spoken, ...facts].join(", "),
  };
}

export function taintedRow(
  { title, because, change, entry, relation }: Tainted,
  present: boolean,
  now: Date,
): TraceRow {
  const [edge] = because;
  const reason = edge === undefined ? "where it began" : EDGE_WORDS[edge.kind];
  // Those stand under a heading that says it.
  const beside = relation === "context" ? [] : [reason];
  const done = change.kind === "added" ? [] : [change.kind];
  const gone = present ? [] : ["not believed now"];
  return {
    label: shortTitle(title, beside.join("")),
    title,
    description: [...beside, ...done, ...gone, byWhom(entry, now)].join(" · "),
    spoken: [
      title,
      reason,
      ...(relation === "context" ? ["merely in context"] : []),
      ...done,
      spokenByWhom(entry, now),
      ...gone,
    ].join(", "),
  };
}

/** A memory whose words a person has replaced since. */
export function washedRow({ title, by }: Washed): TraceRow {
  const why = "rewritten by a person since";
  return { label: title, title, description: `${why} · ${by.commit.slice(0, 8)}`, spoken: `${title}, ${why}` };
}

/** What followed from each change first of all; under null, where it all began. */
export function followersOf(nodes: readonly Tainted[]): ReadonlyMap<Tainted | null, readonly Tainted[]> {
  const children = new Map<Tainted | null, Tainted[]>();
  for (const node of nodes) {
    const parent = node.because[0]?.node ?? null;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  return children;
}

function byWhom(entry: JournalEntry, now: Date): string {
  return `${entryActor(entry)} · ${shortSpan(since(entry.at, now) ?? 0)}`;
}

function spokenByWhom({ text, author, at }: JournalEntry, now: Date): string {
  const session = text.session === undefined ? "" : ` in session ${text.session}`;
  return `by ${spokenActor(text.actor ?? `human:${author.name}`)}${session} ${spokenSpan(since(at, now) ?? 0)} ago`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
