import { beliefDifferences, type BeliefDifference } from "../../core/review/difference.ts";
import type { Part } from "../../core/review/words.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { oneStore } from "../context.ts";
import { oneLine, whoOf } from "../entry.ts";
import { type Line, type Piece, toned } from "../terminal.ts";
import { ageOf, counted, shortCommit } from "../words.ts";

export const diff: Command = {
  name: "diff",
  usage: ["diff WHEN [WHEN]"],
  about:
    "Shows what changed between two states of the store, belief by belief: what was added, what ended and how, and what was changed word by word. A state is a commit, a tag, a snapshot, a date, or so long ago (3d). The second is now where it is left out.",
  options: { stat: { summary: "Only one line for each belief." }, ...STORE_OPTION },
  operands: { least: 1, most: 2, name: "one or two states" },
  examples: [
    { line: "diff 2026-11-20", says: "What has changed since the end of that day." },
    { line: "diff 7d --stat", says: "What has changed in a week, in short." },
  ],
  async run(context, args) {
    const store = await oneStore(context, args);
    const [from, to] = [args.operand(0) ?? "", args.operand(1)];
    const [a, b] = [await store.commitOf(from), await store.commitOf(to)];
    const differences = await beliefDifferences(store, a, b);
    const now = store.environment.now();
    return {
      json: { store: store.label, from: a, to: b, differences: differences.map(differenceJson) },
      lines:
        differences.length === 0
          ? ["The same beliefs in both."]
          : differences.flatMap((one, i) => [
              ...(i === 0 || args.flag("stat") ? [] : [""]),
              ...linesFor(one, now, args.flag("stat")),
            ]),
      aside:
        differences.length === 0
          ? []
          : [toned(`${counted(differences.length, "belief differs", "beliefs differ")}.`, "quiet")],
    };
  },
};

/** One belief's difference, as every command that shows some answers it. */
export function differenceJson({
  kind,
  id,
  title,
  path,
  movedFrom,
  before,
  after,
  keys,
  words,
  entries,
}: BeliefDifference): object {
  return {
    kind,
    id,
    title,
    path,
    moved_from: movedFrom ?? null,
    before,
    after,
    keys,
    words: kind === "added" || after === null ? [] : words.map((part) => ({ kind: part.kind, text: part.text })),
    commits: entries.map(({ commit }) => commit),
  };
}

const TONES = {
  added: "good",
  changed: "warning",
  approved: "good",
  renewed: "plain",
  moved: "plain",
  expired: "bad",
  superseded: "bad",
  reverted: "bad",
  erased: "bad",
  removed: "bad",
} as const;

/** A headline, and unless it is all that is wanted, the words that changed. */
export function linesFor(difference: BeliefDifference, now: Date, short: boolean): Line[] {
  const { kind, id, title, keys, words, entries, movedFrom, after } = difference;
  const [last] = entries;
  const reason = last === undefined ? "" : oneLine(last.text.reason);
  const head: Line = [
    { text: kind.padEnd(11), tone: TONES[kind] },
    { text: title, tone: "strong" },
    { text: `  ${id}`, tone: "quiet" },
    {
      text:
        last === undefined
          ? ""
          : `  ${whoOf(last)}, ${ageOf(last.at, now)}${reason === "" ? "" : `: ${reason}`} (${shortCommit(last.commit)})`,
      tone: "quiet",
    },
  ];
  if (short) return [head];
  const notes = [
    ...(movedFrom === undefined ? [] : [`moved from ${movedFrom}`]),
    ...(keys.length === 0 ? [] : [`keys: ${keys.join(", ")}`]),
  ];
  return [
    head,
    ...(notes.length === 0 ? [] : [toned(`  ${notes.join(" · ")}`, "quiet")]),
    ...(kind === "added" || after === null ? [] : wordLines(words)),
  ];
}

/** `[-gone-]{+new+}`, as `git diff --word-diff` marks them; lines without a change are left out. */
function wordLines(words: readonly Part[]): Line[] {
  const rows: Piece[][] = [[]];
  for (const { kind, text } of words) {
    text.split("\n").forEach((line, i) => {
      if (i > 0) rows.push([]);
      if (line === "") return;
      rows
        .at(-1)
        ?.push(
          kind === "same"
            ? line
            : kind === "gone"
              ? { text: `[-${line}-]`, tone: "bad" }
              : { text: `{+${line}+}`, tone: "good" },
        );
    });
  }
  return rows.filter((row) => row.some((piece) => typeof piece !== "string")).map((row): Line => ["  ", ...row]);
}
