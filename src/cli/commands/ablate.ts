import { type AblationCase, type AblationQuestion, readQuestions } from "../ablation/questions.ts";
import { askEach } from "../ablation/compare.ts";
import { runEach } from "../ablation/run.ts";
import type { Command } from "../command.ts";
import { readTextFile } from "../context.ts";
import { oneLine } from "../entry.ts";
import { type Line, type Piece, table, toned } from "../terminal.ts";
import { counted } from "../words.ts";

export const ablate: Command = {
  name: "ablate",
  usage: ["ablate --questions FILE [--run COMMAND] [--budget TOKENS] [--limit COUNT]"],
  about:
    'Asks whether memory helps. For each question of a file (JSON lines such as {"question": "…", "files": ["…"], "expect": ["m_…"]}) it compares no memory, all of it, and recall: what was found, and for how many tokens. With --run, a command is run three times for each question, once with each; the context is on its stdin and in the file that MEMORY_CONTEXT_FILE names, the question is in MEMORY_QUESTION, and exit code 0 is success.',
  options: {
    questions: { value: "FILE", summary: "The questions, one JSON object a line." },
    run: {
      value: "COMMAND",
      summary: "A command for the shell that does the task and says by its exit code how it went.",
    },
    budget: { value: "TOKENS", summary: "The budget of each recall. Default: the store's policy." },
    limit: { value: "COUNT", summary: "The most memories of each recall. Default: the store's policy." },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "ablate --questions questions.jsonl", says: "What recall finds and what it misses." },
    {
      line: 'ablate --questions questions.jsonl --run "./ask-agent.sh" --json',
      says: "Whether an agent does better with it.",
    },
  ],
  async run(context, args) {
    const stores = await context.stores();
    const questions = readQuestions(await readTextFile(context, args.required("questions")));
    const [budget, limit, command] = [args.count("budget"), args.count("limit"), args.words("run")];
    const bounds = { ...(budget === undefined ? {} : { budget }), ...(limit === undefined ? {} : { limit }) };
    const asked = await askEach(stores, questions, bounds);
    const cases =
      command === undefined ? asked : await runEach(asked, { command, folder: context.folder, env: context.host.env });
    const summary = summaryOf(cases);
    return {
      json: { ...summary, questions: cases.map(caseJson) },
      lines: linesOf(summary, cases, context.host.columns),
    };
  },
};

type Summary = ReturnType<typeof summaryOf>;

function summaryOf(cases: readonly AblationCase[]) {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  const withAnswer = cases.filter(({ question }) => question.expect.length > 0);
  const withNone = cases.filter(({ question }) => question.expect.length === 0);
  const ran = cases.flatMap(({ success }) => (success === null ? [] : [success]));
  return {
    asked: cases.length,
    with_answer: withAnswer.length,
    recall_at: {
      1: mean(withAnswer.map((one) => one.recallAt(1))),
      5: mean(withAnswer.map((one) => one.recallAt(5))),
      all_chosen: mean(withAnswer.map((one) => one.recallAt(Infinity))),
    },
    /** Questions that nothing should answer, and that were given something. */
    false_answers: withNone.filter(({ chosen }) => chosen.length > 0).length,
    tokens: {
      none: 0,
      recall: mean(cases.map(({ tokens }) => tokens)) ?? 0,
      all: mean(cases.map(({ allTokens }) => allTokens)) ?? 0,
    },
    missing: [...new Set(cases.flatMap(({ missing }) => missing))],
    success:
      ran.length === 0
        ? null
        : {
            none: ran.filter(({ none }) => none).length,
            recall: ran.filter(({ recall }) => recall).length,
            all: ran.filter(({ all }) => all).length,
            helped: ran.filter(({ none, recall }) => recall && !none).length,
            made_worse: ran.filter(({ none, recall }) => none && !recall).length,
            changed_nothing: ran.filter(({ none, recall }) => none === recall).length,
          },
  };
}

function caseJson({ question, chosen, missed, missing, tokens, allTokens, success }: AblationCase): object {
  return {
    question: question.text,
    expect: question.expect,
    chosen,
    missed,
    missing,
    tokens: { none: 0, recall: tokens, all: allTokens },
    success,
  };
}

function linesOf(summary: Summary, cases: readonly AblationCase[], width: number | null): Line[] {
  const { recall_at: at, tokens, success, missing } = summary;
  const percent = (value: number | null): string => (value === null ? "" : `${(value * 100).toFixed(0)}%`);
  const cell = (text: string, columns: number): string => text.padStart(columns);
  const rows: Piece[][] = [
    ["", cell("tokens", 8), cell("found", 6), ...(success === null ? [] : [cell("succeeded", 9)])],
    ["no memory", cell("0", 8), cell("0%", 6), ...(success === null ? [] : [cell(String(success.none), 9)])],
    [
      "recall",
      cell(tokens.recall.toFixed(0), 8),
      cell(percent(at.all_chosen), 6),
      ...(success === null ? [] : [cell(String(success.recall), 9)]),
    ],
    [
      "all of it",
      cell(tokens.all.toFixed(0), 8),
      cell("100%", 6),
      ...(success === null ? [] : [cell(String(success.all), 9)]),
    ],
  ];
  return [
    `${counted(summary.asked, "question", "questions")}; tokens are the mean of a request.`,
    "",
    ...table(rows, 3, width),
    "",
    `Recall put the expected memory first for ${percent(at[1]) || "none"}, among the first five for ${percent(at[5]) || "none"}.`,
    ...(summary.asked > summary.with_answer
      ? [
          `Of ${counted(summary.asked - summary.with_answer, "question", "questions")} without an answer, ${summary.false_answers} got one.`,
        ]
      : []),
    ...(success === null
      ? []
      : [
          `Recall helped ${success.helped}, made ${success.made_worse} worse, and changed nothing for ${success.changed_nothing}.`,
        ]),
    ...(missing.length === 0 ? [] : [toned(`Expected, but not believed now: ${missing.join(", ")}.`, "warning")]),
    ...cases.flatMap(({ question, missed, success: outcome }) => [
      ...(missed.length === 0 ? [] : [lineFor("missed", question, missed.join(", "))]),
      ...(outcome !== null && outcome.none && !outcome.recall ? [lineFor("worse with recall", question, "")] : []),
      ...(outcome !== null && outcome.none === outcome.recall
        ? [lineFor("no difference", question, outcome.none ? "succeeds anyway" : "fails anyway")]
        : []),
    ]),
  ];
}

function lineFor(what: string, question: AblationQuestion, more: string): Line {
  return [
    { text: `  ${what}: `, tone: "quiet" },
    oneLine(question.text),
    { text: more === "" ? "" : `  ${more}`, tone: "quiet" },
  ];
}
