import { CHANNELS, isBroken } from "../../core/memory/model.ts";
import { OPERATIONS } from "../../core/proposal.ts";
import { type HistoryQuery, queryHistory } from "../../core/provenance/history-query.ts";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import type { MemoryStore } from "../../core/store.ts";
import { evidenceJson, formerApprovals, standingWords } from "../../core/trust/words.ts";
import type { Arguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { entryCells, entryJson } from "../entry.ts";
import { findAnytime, type NamedAnytime } from "../naming.ts";
import { type Line, table, type Tone, toned } from "../terminal.ts";
import { notShown } from "../words.ts";

const DEFAULT_LIMIT = 20;
const SUBJECT_COLUMN = 4;
const FILTERS = ["session", "actor", "channel", "operation", "since", "until"];

export const history: Command = {
  name: "history",
  usage: [
    "history [ID] [--limit COUNT]",
    "history [--session SESSION] [--actor NAME] [--channel DOOR] [--operation OP] [--since WHEN] [--until WHEN]",
  ],
  about:
    "Shows what was changed, when, by whom and why, newest first: in all of the store, or in one memory, past or present, under every name that it had, and below who approved it. Options narrow it down; all that are given must hold.",
  options: {
    session: { value: "SESSION", summary: "Only what this session wrote." },
    actor: { value: "NAME", summary: "Only what this writer wrote, such as copilot or copilot/gpt-5.2." },
    channel: { value: "DOOR", choices: CHANNELS, summary: "Only what came in by this door." },
    operation: { value: "OP", choices: OPERATIONS, summary: "Only this kind of change." },
    since: { value: "WHEN", summary: "Only from this date on (2026-11-20), or since so long ago (3d)." },
    until: { value: "WHEN", summary: "Only up to the end of this date, or until so long ago." },
    limit: { value: "COUNT", summary: `At most this many commits. Default: ${DEFAULT_LIMIT}.` },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 1, name: "the id of one memory" },
  examples: [
    { line: "history", says: "The latest changes of all." },
    { line: "history m_7k3q9f2d --json", says: "One memory from its beginning, as JSON." },
    { line: "history --actor copilot --since 7d", says: "What one agent changed in a week." },
  ],
  async run(context, args) {
    const stores = await storesFor(context, args);
    const name = args.operand(0);
    const memory = name === undefined ? null : await findAnytime(stores, name);
    const entries = await entriesOf(stores, memory, args);
    const standing = memory === null ? null : await standingOf(memory);
    const limit = args.count("limit") ?? DEFAULT_LIMIT;
    const told = entries.slice(0, limit);
    const more = entries.length - told.length;
    return {
      json: { entries: told.map(({ store, entry }) => entryJson(store, entry)), more, ...standing?.json },
      lines: [
        ...(told.length === 0
          ? [
              entries.length === 0 && memory === null && FILTERS.every((filter) => !args.flag(filter))
                ? "There is no history yet."
                : "Nothing fits.",
            ]
          : table(
              told.map(({ store, entry }) => entryCells(entry, store.environment.now())),
              SUBJECT_COLUMN,
              context.host.columns,
            )),
        ...(standing === null || standing.lines.length === 0 ? [] : ["", ...standing.lines]),
      ],
      aside: notShown(told.length, entries.length, "older commit is", "older commits are"),
    };
  },
};

async function entriesOf(
  stores: readonly MemoryStore[],
  memory: NamedAnytime | null,
  args: Arguments,
): Promise<{ store: MemoryStore; entry: JournalEntry }[]> {
  const operation = args.choice("operation", OPERATIONS);
  const words = ["session", "actor", "channel", "since", "until"].flatMap((key) => {
    const text = args.text(key);
    return text === undefined ? [] : [[key, text] as const];
  });
  const query: HistoryQuery = { ...Object.fromEntries(words), ...(operation === undefined ? {} : { operation }) };
  if (memory !== null) {
    const { store, id, path } = memory;
    return (await queryHistory(store, { ...query, memory: { id, path } })).map((entry) => ({ store, entry }));
  }
  const all = await Promise.all(
    stores.map(async (store) => (await queryHistory(store, query)).map((entry) => ({ store, entry }))),
  );
  const flat = all.flat();
  // A single store keeps git's own order: clocks differ between machines.
  return stores.length === 1 ? flat : flat.toSorted((a, b) => Date.parse(b.entry.at) - Date.parse(a.entry.at));
}

/** Who approved it, which no commit of its own file tells: a signature lies beside it, and a gesture in no commit at all. */
async function standingOf({ store, id, path }: NamedAnytime): Promise<{ json: object; lines: Line[] }> {
  const snapshot = await store.snapshot();
  const evidence = await store.evidence(snapshot);
  const file = snapshot.at(path);
  if (file === undefined || isBroken(file))
    return { json: { approval: null, doubts: [] }, lines: formerApprovals(evidence, id) };
  const tone: Tone = evidence.isReviewed(file) ? "good" : "warning";
  const lines = standingWords(evidence, file).map((text) => toned(text, tone));
  return { json: evidenceJson(evidence, file), lines };
}
