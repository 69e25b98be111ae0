import { describe, expect, test } from "vitest";
import { figuresOf, QuestionSet } from "../support/question-set.ts";

const set = new QuestionSet();
const answers = set.questions.map((question) => set.ask(question));

describe("on questions as agents ask them", () => {
  test("the set is as large as it says", () => {
    expect(set.memories).toBeGreaterThanOrEqual(300);
    expect(set.questions.length).toBeGreaterThanOrEqual(150);
    expect(set.projects).toHaveLength(4);
  });

  test("no superseded, ended, untrusted or out-of-scope memory reaches a context", () => {
    expect(answers.flatMap(({ question, leaked }) => leaked.map((key) => `${key}: ${question.question}`))).toEqual([]);
  });

  test("who asks in the words of what was believed once is given what took its place", () => {
    const asked = answers.filter(({ question }) => question.kind === "superseded");
    expect(asked.length).toBeGreaterThanOrEqual(20);
    expect(asked.filter(({ place }) => place === null).map(({ question }) => question.question)).toEqual([]);
  });

  test("95 of 100 questions have an answer among the first five", () => {
    expect(figuresOf(answers).firstFive).toBeGreaterThanOrEqual(0.95);
  });

  test("most questions that nothing answers are given nothing", () => {
    const { falseAnswers, negatives } = figuresOf(answers);
    expect(negatives).toBeGreaterThanOrEqual(20);
    expect(falseAnswers).toBeLessThanOrEqual(8);
  });
});
