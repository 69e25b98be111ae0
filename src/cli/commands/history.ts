import type { JournalEntry } from "../../core/provenance/journal.ts";
import type { MemoryStore } from "../../core/store.ts";
import { type Command, STORE_OPTION } from "../command.ts";
import { storesFor } from "../context.ts";
import { entryCells, entryJson } from "../entry.ts";
import { findAnytime } from "../naming.ts";
import { table } from "../terminal.ts";
import { counted } from "../words.ts";

const DEFAULT_LIMIT = 20;
const SUBJECT_COLUMN = 4;

export const history: Command = {
  name: "history",
  usage: ["history [ID] [--limit COUNT]"],
  about:
    "Shows what was changed, when, by whom and why, newest first: in all of the store, or in one memory, past or present.",
  options: {
    limit: { value: "COUNT", summary: `At most this many commits. Default: ${DEFAULT_LIMIT}.` },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 1, name: "the id of one memory" },
  examples: [
    { line: "history", says: "The latest changes of all." },
    { line: "history m_7k3q9f2d --json", says: "One memory from its beginning, as JSON." },
  ],
  async run(context, args) {
    const stores = await storesFor(context, args);
    const entries = await entriesOf(stores, args.operand(0));
    const limit = args.count("limit") ?? DEFAULT_LIMIT;
    const told = entries.slice(0, limit);
    const more = entries.length - told.length;
    return {
      json: { entries: told.map(({ store, entry }) => entryJson(store, entry)), more },
      lines:
        told.length === 0
          ? ["There is no history yet."]
          : table(
              told.map(({ store, entry }) => entryCells(entry, store.environment.now())),
              SUBJECT_COLUMN,
              context.host.columns,
            ),
      aside:
        more === 0
          ? []
          : [
              [
                {
                  text: `${counted(more, "older commit is", "older commits are")} not shown; --limit ${entries.length} shows all.`,
                  tone: "quiet",
                },
              ],
            ],
    };
  },
};

async function entriesOf(
  stores: readonly MemoryStore[],
  name: string | undefined,
): Promise<{ store: MemoryStore; entry: JournalEntry }[]> {
  if (name !== undefined) {
    const { store, id, path } = await findAnytime(stores, name);
    return (await store.journal.of(id, path)).map((entry) => ({ store, entry }));
  }
  const all = await Promise.all(
    stores.map(async (store) => (await store.journal.entries()).map((entry) => ({ store, entry }))),
  );
  const flat = all.flat();
  // A single store keeps git's own order: clocks differ between machines.
  return stores.length === 1 ? flat : flat.toSorted((a, b) => Date.parse(b.entry.at) - Date.parse(a.entry.at));
}
