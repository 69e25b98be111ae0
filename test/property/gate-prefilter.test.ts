import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../../src/core/gate/canonical.ts";
import { EFFECTS } from "../../src/core/gate/effects/catalogue.ts";
import { Expression } from "../../src/core/gate/effects/expression.ts";
import { Grams, gramsOf, requiredWords } from "../../src/core/gate/effects/prefilter.ts";
import { CASES } from "../red-team/cases.ts";

/** Small expressions of all that the gate's own are made of. */
const { source } = fc.letrec<{ source: string; part: string; single: string }>((tie) => ({
  source: fc
    .array(fc.array(tie("part"), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((all) => all.map((parts) => parts.join("")).join("|")),
  part: fc
    .tuple(tie("single"), fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{0,3}?", "{1,2}", "+?"))
    .map(([single, times]) => (/^(?:\\b|\\B|\^|\$|\(\?<?[=!])/.test(single) ? single : single + times)),
  single: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom("a", "b", "c", "ab", "bca", " ", "é", "\\.", "\\n", "❌", "😀"),
    fc.constantFrom(
      "[ab]",
      "[^a]",
      "[a-c]",
      "[ -]",
      "[\\w-]",
      "[.a]",
      "\\w",
      "\\s",
      ".",
      "\\p{L}",
      "\\b",
      "\\B",
      "^",
      "$",
    ),
    tie("source").map((inner) => `(?:${inner})`),
    tie("source").map((inner) => `(?=${inner})`),
    tie("source").map((inner) => `(?!${inner})`),
    tie("source").map((inner) => `(?<!${inner})`),
    tie("source").map((inner) => `(${inner})`),
  ),
}));
const text = fc.string({
  unit: fc.constantFrom("a", "b", "c", "ab", " ", ".", "\n", "-", "é", "❌", "😀"),
  maxLength: 8,
});

function isAllowed(expression: string, within: string): boolean {
  return new Grams(within).allow(gramsOf(requiredWords(expression)));
}

describe("the words that an expression needs", () => {
  test("are in every text in which it finds something", () => {
    fc.assert(
      fc.property(source, text, (expression, within) => {
        fc.pre(new RegExp(expression, "u").test(within));
        expect(isAllowed(expression, within)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("keep a search as it was", () => {
    fc.assert(
      fc.property(source, text, (expression, within) => {
        const found = [...new Expression(expression).matches(within, new Grams(within))];
        const every = [...within.matchAll(new RegExp(expression, "gu"))];
        const places = (matches: RegExpExecArray[]): unknown[] => matches.map(({ index, 0: match }) => [index, match]);
        expect(places(found)).toEqual(places(every));
      }),
      { numRuns: 1000 },
    );
  });

  test("say nothing of what they don't understand", () => {
    for (const expression of ["(?i:abc)", "abc)def", "(abc", "[abc", "a{2", "[]", "a\\"])
      expect(requiredWords(expression)).toEqual([]);
    expect(requiredWords("(?:cat|dog)s? (?!no)\\w+ food")).toEqual([["cats ", "cat ", "dogs ", "dog "], [" food"]]);
  });

  test("leave few of the gate's own expressions for an ordinary text", () => {
    const all = EFFECTS.flatMap(({ expressions }) => expressions.map((own) => gramsOf(requiredWords(own.source))));
    const texts = lines("ordinary-memories.jsonl").map((one) => new Grams(canonicalText(one)));
    const allowed = texts.map((grams) => all.filter((sets) => grams.allow(sets)).length);
    expect(allowed.reduce((a, b) => a + b, 0) / texts.length).toBeLessThan(all.length / 8);
  });

  test("are in every attack that one of the gate's own expressions finds", () => {
    const texts = [
      ...Object.values(CASES).flatMap(({ attacks, nearMisses }) => [...attacks, ...nearMisses]),
      ...lines("poison.jsonl"),
      ...lines("paraphrases.jsonl"),
      ...lines("classic.jsonl"),
    ].map(canonicalText);
    for (const { expressions, needs } of EFFECTS)
      for (const { source: own } of [...expressions, ...needs]) {
        const expression = new RegExp(own, "u");
        const missed = texts.filter((one) => expression.test(one) && !isAllowed(own, one));
        expect(missed, own).toEqual([]);
      }
  });
});

function lines(file: string): string[] {
  const content = readFileSync(new URL(`../red-team/${file}`, import.meta.url), "utf8");
  return content
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => String((JSON.parse(line) as { text?: unknown; body?: unknown }).text ?? line));
}
