import { InvalidInputError } from "../../core/errors.ts";
import { type BisectStep, nextStep } from "../../core/provenance/bisect.ts";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import { commitAt } from "../../core/provenance/moment.ts";
import { originOf, suspectsOf } from "../../core/provenance/why.ts";
import { isBroken } from "../../core/memory/model.ts";
import { beliefDifferences } from "../../core/review/difference.ts";
import type { MemoryStore } from "../../core/store.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import { dropSearch, isSameSearch, judged, readSearch, type Search, writeSearch } from "../bisect/search.ts";
import { verdictAt } from "../bisect/trial.ts";
import type { Answer, Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { type Context, oneStore } from "../context.ts";
import { entryJson, entryLine } from "../entry.ts";
import { stepJson, stepLine } from "../tainted.ts";
import { type Line, toned } from "../terminal.ts";
import { counted, shortCommit } from "../words.ts";
import { differenceJson, linesFor } from "./diff.ts";

export const bisect: Command = {
  name: "bisect",
  usage: ["bisect --run COMMAND [--question TEXT] [--good WHEN] [--bad WHEN]", "bisect --reset"],
  about:
    "Finds the first memory commit at which a command fails, by halves. The command runs in this folder, with the code as it is; only memory travels. It finds the store of that commit as plain files in MEMORY_STORE_DIR, and with --question what would have been recalled then on its stdin and in MEMORY_CONTEXT_FILE. Exit code 0 is good, 125 can't be told, all else up to 127 is bad, and above that the search stops. Stopped halfway, the same command goes on where it was.",
  options: {
    run: { value: "COMMAND", summary: "A command for the shell that fails where memory is wrong." },
    question: { value: "TEXT", summary: "Recall this at each commit." },
    good: { value: "WHEN", summary: "A commit or date at which it did not fail yet. Default: the store's beginning." },
    bad: { value: "WHEN", summary: "A commit or date at which it fails. Default: now." },
    reset: { summary: "Forget a search that was stopped halfway." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    {
      line: `bisect --run '! grep -rq yarn "$MEMORY_STORE_DIR"'`,
      says: "Since when some memory speaks of yarn. In single quotes, so that the command sees the variable, and not your shell.",
    },
    {
      line: 'bisect --question "how do we install?" --run "./ask-agent.sh | grep -q pnpm" --good 2026-11-01',
      says: "Since when an agent that is given the recalled context answers something else.",
    },
  ],
  async run(context, args) {
    const store = await oneStore(context, args);
    if (args.flag("reset")) {
      await dropSearch(store.state);
      return { json: { status: "reset", store: store.label, ...NOTHING }, lines: ["Forgotten."] };
    }
    const entries = await store.journal.entries();
    let search = await searchOf(store, entries, args);
    const before = Object.keys(search.verdicts).length;
    const trial = { command: search.run, question: search.question, folder: context.folder, env: context.host.env };
    for (;;) {
      const step = nextStep(entries, search);
      if (step.kind !== "test") {
        await dropSearch(store.state);
        return answerOf(store, step, search, before, context);
      }
      const verdict = await verdictAt(store, step.commit, trial);
      search = judged(search, step.commit, verdict);
      await writeSearch(store.state, search);
    }
  },
};

const NOTHING = { first: null, tested: [], resumed: 0, unsure: [], differences: [], way: [] };

/** The search that was stopped halfway, where it is the same one; else a new one. */
async function searchOf(store: MemoryStore, entries: readonly JournalEntry[], args: Arguments): Promise<Search> {
  const known = await readSearch(store.state);
  const run = args.words("run");
  if (run === undefined) {
    if (known !== null) return known;
    throw new UsageError("bisect needs --run. `git memory help bisect` shows an example.");
  }
  const asked = {
    run,
    question: args.text("question") ?? null,
    named: { good: args.text("good") ?? null, bad: args.text("bad") ?? null },
  };
  if (
    known !== null &&
    isSameSearch(known, asked) &&
    [known.good, known.bad].every((commit) => entries.some((entry) => entry.commit === commit))
  )
    return known;
  const bad = asked.named.bad === null ? entries[0]?.commit : await commitAt(store, asked.named.bad);
  const good = asked.named.good === null ? beginning(entries) : await commitAt(store, asked.named.good);
  if (bad === undefined || good === undefined)
    throw new InvalidInputError("The store has no history to search in yet.");
  return { ...asked, good, bad, verdicts: {} };
}

/** The commit that began the store; where a squash or a clone cut it off, the oldest one there is. */
function beginning(entries: readonly JournalEntry[]): string | undefined {
  return (entries.findLast(({ parents }) => parents.length === 0) ?? entries.at(-1))?.commit;
}

const IMPOSSIBLE = {
  "bad-is-good":
    "The command does not fail at the bad end, so there is nothing to find. Name a commit at which it fails with --bad.",
  "good-is-bad":
    "The command fails at the good end already, so memory since then is not the cause. See whether it runs at all, name an older commit with --good, or look elsewhere.",
  "bad-is-unsure":
    "The command can't tell at the bad end (it ended with 125), so there is nothing to go by. Name another commit with --bad.",
  "good-is-unsure":
    "The command can't tell at the good end (it ended with 125), so there is nothing to go by. Name another commit with --good.",
  unrelated: "The good end is not behind the bad one. Name a good commit that is older than the bad one.",
} as const;

async function answerOf(
  store: MemoryStore,
  step: Exclude<BisectStep, { kind: "test" }>,
  search: Search,
  resumed: number,
  context: Context,
): Promise<Answer> {
  if (step.kind === "impossible") throw new InvalidInputError(IMPOSSIBLE[step.because]);
  const { entry, unsure } = step;
  const now = store.environment.now();
  const [parent] = entry.parents;
  const at = await store.snapshotAt(entry.commit);
  const differences = parent === undefined ? [] : await beliefDifferences(store, parent, entry.commit);
  const guilty = differences.flatMap(({ path, after }) => {
    const file = after === null ? undefined : at.at(path);
    return file === undefined || isBroken(file) ? [] : [{ memory: file, fit: 1 }];
  });
  const [suspect] = await suspectsOf(store, guilty, search.question ?? "");
  const tested = Object.entries(search.verdicts).map(([commit, verdict]) => ({ commit, verdict }));
  return {
    json: {
      status: "found",
      store: store.label,
      first: entryJson(store, entry),
      tested,
      resumed,
      unsure: unsure.map(({ commit }) => commit),
      differences: differences.map(differenceJson),
      way: suspect?.path.map(stepJson) ?? [],
    },
    lines: [
      toned(`The command first fails at ${shortCommit(entry.commit)}: ${entry.text.subject}`, "strong"),
      entryLine("Written by ", entry, now),
      ...(unsure.length === 0
        ? []
        : [
            toned(
              `Or at one of ${unsure.map(({ commit }) => shortCommit(commit)).join(", ")}, which could not be judged.`,
              "warning",
            ),
          ]),
      "",
      ...differences.flatMap((one) => linesFor({ ...one, entries: [] }, now, false)),
      ...(suspect === undefined
        ? []
        : [
            "",
            ...wayLines(
              suspect.path.map((stop) => stepLine(stop, now)),
              originOf(suspect).id,
            ),
          ]),
      "",
      toned(`Take back: git memory revert ${shortCommit(entry.commit)} --with-derived --dry-run`, "quiet"),
    ],
    aside: [
      [
        {
          text: `${counted(tested.length - resumed, "commit was", "commits were")} tried${resumed === 0 ? "" : `, ${counted(resumed, "was", "were")} known`}; the code stayed as it is in ${context.folder}.`,
          tone: "quiet",
        },
      ],
    ],
  };
}

function wayLines(lines: readonly Line[], origin: string): Line[] {
  return [toned(`Where it came from (${origin}):`, "quiet"), ...lines];
}
