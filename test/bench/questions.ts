/**
 * What recall makes of questions as coding agents ask them (test/fixtures/questions; how the set was made is in
 * docs/recall.md). `--misses` names each question that went wrong.
 *
 *   node test/bench/questions.ts [--misses]
 */
import { argv } from "node:process";
import { figuresOf, QuestionSet } from "../support/question-set.ts";

const set = new QuestionSet();
const answers = set.questions.map((question) => set.ask(question));
console.log(`${set.memories} memories in ${set.projects.length} projects, ${answers.length} questions\n`);
console.log("kind         asked  first  first five  leaked  tokens");
for (const kind of ["all", ...new Set(set.questions.map((question) => question.kind))]) {
  const { asked, first, firstFive, leaked, tokens } = figuresOf(
    answers.filter(({ question }) => kind === "all" || question.kind === kind),
  );
  const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
  console.log(
    [
      kind.padEnd(12),
      String(asked).padStart(5),
      percent(first).padStart(6),
      percent(firstFive).padStart(11),
      String(leaked).padStart(7),
      tokens.toFixed(0).padStart(7),
    ].join(" "),
  );
}
const { falseAnswers, negatives } = figuresOf(answers);
console.log(`\nfalse answers: ${falseAnswers} of ${negatives} questions that nothing in memory answers`);
if (argv.includes("--misses")) {
  for (const { question, chosen, place, leaked } of answers) {
    const missed = question.expect.length > 0 && (place === null || place > 5);
    const invented = question.kind === "negative" && chosen.length > 0;
    if (!missed && !invented && leaked.length === 0) continue;
    const what = missed ? "missed" : invented ? "false answer" : "leaked";
    console.log(
      `${what} (${question.project}): ${question.question}\n    wanted ${question.expect.join(", ") || "nothing"}; got ${chosen.slice(0, 6).join(", ") || "nothing"}`,
    );
  }
}
