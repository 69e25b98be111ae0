/** Narrowing a history down by choosing: what there is to choose, and what was chosen, in words. */
import { CHANNELS } from "../memory/model.ts";
import { OPERATIONS, type Operation } from "../proposal.ts";
import type { HistoryQuery } from "../provenance/history-query.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import { actorName } from "./actor.ts";
import { shortSpan, since } from "./age.ts";
import { DOORS, entryActor } from "./change.ts";

export interface FilterChoice {
  readonly group: "Written by" | "Came through" | "What was done" | "When" | "Session";
  readonly label: string;
  readonly description: string;
  /** What it sets; the rest of a filter stays as it is. */
  readonly query: HistoryQuery;
  /** A day is to be asked for, for this side of the span. */
  readonly asks?: "since" | "until";
}

/** Older sessions are found by who wrote in them, or by their day. */
const MOST_SESSIONS = 20;

const DONE: Readonly<Record<Operation, string>> = {
  init: "started",
  add: "added",
  update: "changed",
  expire: "expired",
  renew: "renewed",
  approve: "confirmed",
  reject: "rejected",
  supersede: "superseded",
  revert: "reverted",
  consolidate: "consolidated",
  import: "imported",
  erase: "erased",
};

const SPANS: readonly (readonly [since: string, words: string])[] = [
  ["1d", "the last 24 hours"],
  ["7d", "the last 7 days"],
  ["30d", "the last 30 days"],
];

/** Only what occurs in the history can be chosen. @param entries newest first */
export function filterChoices(entries: readonly JournalEntry[], now: Date): FilterChoice[] {
  const writers = countedBy(entries, ({ text, author }) => text.actor?.split("/")[0] ?? author.name);
  const doors = countedBy(entries, ({ text }) => text.channel);
  const kinds = countedBy(entries, ({ text }) => text.operation);
  return [
    ...byCount(writers).map(([actor, { length }]): FilterChoice => {
      return { group: "Written by", label: actorName(actor), description: changes(length), query: { actor } };
    }),
    ...byCount(doors).map(([channel, { length }]): FilterChoice => {
      return { group: "Came through", label: doorOf(channel), description: changes(length), query: { channel } };
    }),
    ...OPERATIONS.flatMap((operation): FilterChoice[] => {
      const length = kinds.get(operation)?.length ?? 0;
      if (length === 0) return [];
      return [{ group: "What was done", label: DONE[operation], description: changes(length), query: { operation } }];
    }),
    ...SPANS.map(([span, label]): FilterChoice => ({ group: "When", label, description: "", query: { since: span } })),
    { group: "When", label: "from a day on…", description: "", query: {}, asks: "since" },
    { group: "When", label: "up to a day…", description: "", query: {}, asks: "until" },
    ...[...countedBy(entries, ({ text }) => text.session)]
      .slice(0, MOST_SESSIONS)
      .map(([session, [newest, ...others]]): FilterChoice => ({
        group: "Session",
        label: `${entryActor(newest)}, ${shortSpan(since(newest.at, now) ?? 0)}`,
        description: `${changes(others.length + 1)} · ${session}`,
        query: { session },
      })),
  ];
}

/** `by copilot · through an MCP client · the last 7 days`; empty where nothing narrows. */
export function filterWords({ actor, channel, operation, session, since: from, until }: HistoryQuery): string {
  const span = SPANS.find(([each]) => each === from)?.[1];
  return [
    ...(actor === undefined ? [] : [`by ${actorName(actor)}`]),
    ...(channel === undefined ? [] : [`through ${doorOf(channel)}`]),
    ...(operation === undefined ? [] : [DONE[operation]]),
    ...(session === undefined ? [] : [`session ${session}`]),
    ...(from === undefined ? [] : [span ?? `from ${from} on`]),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(" · ");
}

function doorOf(channel: string): string {
  const known = CHANNELS.find((one) => one === channel);
  return known === undefined ? channel : DOORS[known];
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

type Group = [JournalEntry, ...JournalEntry[]];

/** In the order in which they first occur. */
function countedBy(
  entries: readonly JournalEntry[],
  keyOf: (entry: JournalEntry) => string | undefined,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (key === undefined || key === "") continue;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [entry]);
    else known.push(entry);
  }
  return groups;
}

function byCount(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}
