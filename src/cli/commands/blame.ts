import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import { blameKeys, blameMemory } from "../../core/provenance/blame.ts";
import { evidenceJson, standingWords } from "../../core/trust/words.ts";
import { actorName } from "../../core/view/actor.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { entryJson, entryLine, oneLine, whoOf } from "../entry.ts";
import { findPresent } from "../naming.ts";
import { type Line, type Piece, table, type Tone, toned } from "../terminal.ts";
import { ageOf, shortCommit } from "../words.ts";

export const blame: Command = {
  name: "blame",
  usage: ["blame ID"],
  about:
    "Shows for each line of a memory which commit put it there, who wrote it and how long ago; below, each commit's reason, the door it came through, its session and turn, and what had been read before.",
  options: STORE_OPTION,
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [{ line: "blame m_7k3q9f2d", says: "Line by line." }],
  async run(context, args) {
    const { store, memory } = await findPresent(await storesFor(context, args), args.operand(0) ?? "");
    const lines = await blameMemory(store, memory);
    const now = store.environment.now();
    const evidence = await store.evidence(await store.snapshot());
    const tone: Tone = evidence.isReviewed(memory) ? "good" : "warning";
    const standing = standingWords(evidence, memory).map((text) => toned(text, tone));
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
        keys: blameKeys(lines).map(({ key, line, entry }) => ({ key, line, commit: entry?.commit ?? null })),
        ...evidenceJson(evidence, memory),
        commits: Array.from(commits.values(), (entry) => ({ ...entryJson(store, entry), context: entry.text.context })),
      },
      lines: [
        ...table(rows, 4, context.host.columns),
        "",
        ...Array.from(commits.values()).flatMap((entry) => [entryLine("", entry, now), ...doorLines(entry)]),
        ...(standing.length === 0 ? [] : ["", ...standing]),
      ],
    };
  },
};

/** Through which door a write came, in which session and turn, and after reading what; nothing where the commit doesn't say. */
function doorLines({ text }: JournalEntry): Line[] {
  const { channel, session, turn, context } = text;
  const parts = [
    ...(channel === undefined ? [] : [`by ${channel}`]),
    ...(session === undefined ? [] : [`in ${session}${turn === undefined ? "" : `, turn ${turn}`}`]),
    ...(context.length === 0 ? [] : [`having read ${context.join(", ")}`]),
  ];
  return parts.length === 0 ? [] : [toned(`  ${parts.join(", ")}`, "quiet")];
}
