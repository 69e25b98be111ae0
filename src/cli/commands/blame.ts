import type { JournalEntry } from "../../core/provenance/journal.ts";
import { blameMemory } from "../../core/provenance/blame.ts";
import { actorName } from "../../core/view/actor.ts";
import { type Command, STORE_OPTION } from "../command.ts";
import { storesFor } from "../context.ts";
import { entryLine, oneLine, whoOf } from "../entry.ts";
import { findPresent } from "../naming.ts";
import { type Piece, table } from "../terminal.ts";
import { ageOf, shortCommit } from "../words.ts";

export const blame: Command = {
  name: "blame",
  usage: ["blame ID"],
  about:
    "Shows for each line of a memory which commit put it there, who wrote it and how long ago; below, each commit's reason.",
  options: STORE_OPTION,
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [{ line: "blame m_7k3q9f2d", says: "Line by line." }],
  async run(context, args) {
    const { store, memory } = await findPresent(await storesFor(context, args), args.operand(0) ?? "");
    const lines = await blameMemory(store, memory);
    const now = store.environment.now();
    const commits = new Map(
      lines.flatMap(({ entry }): [string, JournalEntry][] => (entry === null ? [] : [[entry.commit, entry]])),
    );
    const rows = lines.map(({ line, text, entry }): Piece[] => [
      { text: entry === null ? "" : shortCommit(entry.commit), tone: "accent" },
      { text: entry === null ? "unknown" : actorName(whoOf(entry)), tone: "quiet" },
      { text: entry === null ? "" : ageOf(entry.at, now), tone: "quiet" },
      { text: String(line), tone: "quiet" },
      text,
    ]);
    return {
      json: {
        store: store.label,
        id: memory.id,
        path: memory.path,
        blob: memory.blob,
        lines: lines.map(({ line, text, entry }) => ({
          line,
          text,
          commit: entry?.commit ?? null,
          at: entry?.at ?? null,
          actor: entry === null ? null : whoOf(entry),
          operation: entry?.text.operation ?? null,
          reason: entry === null ? null : oneLine(entry.text.reason),
        })),
      },
      lines: [
        ...table(rows, 4, context.host.columns),
        "",
        ...Array.from(commits.values(), (entry) => entryLine("", entry, now)),
      ],
    };
  },
};
