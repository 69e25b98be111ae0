import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../../src/core/gate/canonical.ts";
import { Candidates } from "../../src/core/gate/effects/candidates.ts";
import { EFFECTS } from "../../src/core/gate/effects/catalogue.ts";
import { Expression } from "../../src/core/gate/effects/expression.ts";
import { EDGE, neededBy } from "../../src/core/gate/effects/prefilter.ts";
import { SECRET_PATTERNS } from "../../src/core/gate/rules/secret-patterns.ts";
import { HOLDS, possibleIn, USED } from "../../src/core/gate/rules/secrets.ts";
import { CASES } from "../red-team/cases.ts";
import { MUTATIONS } from "../red-team/fuzz.ts";
import { PLANTED } from "../support/planted-secrets.ts";

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
  return new Candidates([expression]).in(within).length === 1;
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

  test("stand on one line, where a match can't run over several", () => {
    const candidates = new Candidates([
      "cat\\b[^.\\n]{0,9}\\bdog",
      "cat\\b[^.]{0,9}\\bdog",
      "cat\\b\\s+\\bdog",
      "(?<=\\n)cat\\b.\\bdog",
    ]);
    expect(candidates.in("a cat, a dog")).toEqual([0, 1, 2, 3]);
    expect(candidates.in("a cat\na dog")).toEqual([1, 2]);
    // The letters alone are there, and the words are not.
    expect(candidates.in("concat a hotdog")).toEqual([]);
    expect(candidates.in("cats and dogs")).toEqual([]);
    // Beyond the thirtieth line it isn't known on which one a word stands.
    expect(candidates.in(`${"\n".repeat(40)}cat\ndog`)).toEqual([0, 1, 2, 3]);
    expect(candidates.in(`${"\n".repeat(20)}cat\ndog`)).toEqual([1, 2]);
  });

  test("say nothing of what they don't understand", () => {
    for (const expression of ["(?i:abc)", "abc)def", "(abc", "[abc", "a{2", "[]", "a\\"])
      expect(neededBy(expression)).toEqual({ need: null, crossesLines: true });
    expect(neededBy("\\b(?:cat|dog)s? (?!no)\\w+ food").need).toEqual({
      all: [{ words: ["cats ", "cat ", "dogs ", "dog "].map((word) => EDGE + word) }, { words: [" food"] }],
    });
    // What follows a space begins a word, whether or not something optional stands between.
    expect(neededBy("\\w+ (?:the )?cat").need).toEqual({ words: [" the cat", " cat"] });
    expect(neededBy(" (?:\\w+ ){0,2}?cat").need).toEqual({ all: [{ words: [" "] }, { words: [`${EDGE}cat`] }] });
    expect(neededBy(" (?:\\w+){0,2}?cat").need).toEqual({ all: [{ words: [" "] }, { words: ["cat"] }] });
    // One alternative needs two words, the other one.
    expect(neededBy("cat\\w+dog|fish").need).toEqual({
      any: [{ words: ["fish"] }, { all: [{ words: ["cat"] }, { words: ["dog"] }] }],
    });
  });

  test("keep a search as it was", () => {
    fc.assert(
      fc.property(source, text, (expression, within) => {
        const found = isAllowed(expression, within) ? [...new Expression(expression).matches(within)] : [];
        const every = [...within.matchAll(new RegExp(expression, "gu"))];
        const places = (matches: RegExpExecArray[]): unknown[] => matches.map(({ index, 0: match }) => [index, match]);
        expect(places(found)).toEqual(places(every));
      }),
      { numRuns: 1000 },
    );
  });

  test("leave few of the gate's own expressions for an ordinary text", () => {
    const texts = lines("ordinary-memories.jsonl").map(canonicalText);
    const allowed = texts.map((one) => OWN.in(one).length);
    expect(allowed.reduce((a, b) => a + b, 0) / texts.length).toBeLessThan(SOURCES.length / 100);
  });

  test("are in every attack that one of the gate's own expressions finds, in other spelling too", () => {
    const random = generator(20261123);
    const mutations = Object.values(MUTATIONS);
    const attacks = [
      ...Object.values(CASES).flatMap((cases) => [...cases.attacks, ...cases.nearMisses]),
      ...lines("poison.jsonl"),
      ...lines("paraphrases.jsonl"),
      ...lines("classic.jsonl"),
    ];
    const mutated = attacks.map((one, i) => (mutations[i % mutations.length] ?? String)(one, random));
    const texts = [...attacks, ...mutated, attacks.slice(0, 60).join("\n"), attacks.slice(60, 90).join(" ")].map(
      canonicalText,
    );
    const allowed = texts.map((one) => new Set(OWN.in(one)));
    for (const [number, own] of SOURCES.entries()) {
      const expression = new RegExp(own, "u");
      const missed = texts.filter((one, i) => allowed[i]?.has(number) !== true && expression.test(one));
      expect(missed, own).toEqual([]);
    }
  });
});

const SOURCES = EFFECTS.flatMap(({ expressions }) => expressions.map((own) => own.source));
const OWN = new Candidates(SOURCES);

describe("the words that a secret needs", () => {
  /** The expressions by which each of the rules that come from outside searches. */
  const searched = USED.map((rule) => ({ id: rule.meta.id, patterns: patternsOf(rule) }));

  test("are asked of every rule, by each of its patterns", () => {
    for (const { id, patterns } of searched) {
      expect(Object.keys(HOLDS)).toContain(id.replace("@secretlint/secretlint-rule-", ""));
      expect(patterns.length, id).toBeGreaterThan(0);
    }
  });

  test("are in whatever a pattern finds", () => {
    const all = [
      ...SECRET_PATTERNS.map(({ id, pattern }, number) => ({ id, pattern, number })),
      ...searched.flatMap(({ id, patterns }, rule) =>
        patterns.map((pattern) => ({ id, pattern, number: SECRET_PATTERNS.length + rule })),
      ),
    ];
    for (const { id, pattern, number } of all) {
      // What is only looked at around a secret can't be generated; whatever doesn't match because of that is left out.
      const plain = new RegExp(withoutLookarounds(pattern.source), pattern.unicode ? "u" : "");
      const exact = new RegExp(pattern.source, pattern.flags.replaceAll("g", ""));
      const found = fc
        .sample(fc.stringMatching(plain, { maxLength: 700 }), { numRuns: 30, seed: 1 })
        .flatMap((one) => [one, `Set ${one} first.`, `a\n${one}\nb`, pattern.ignoreCase ? one.toUpperCase() : one])
        .filter((one) => exact.test(one));
      expect(found.length, id).toBeGreaterThan(0);
      for (const one of found) expect(possibleIn(one), `${id}: ${one}`).toContain(number);
    }
  });

  test("leave most ordinary texts without any", () => {
    const texts = lines("ordinary-memories.jsonl");
    expect(texts.filter((one) => possibleIn(one).length > 0).length / texts.length).toBeLessThan(0.3);
  });

  test.each(PLANTED)("let a planted $kind through", ({ text: planted }) => {
    expect(possibleIn(`The deploy job needs this.\n\n${planted(20261123)}\n`)).not.toEqual([]);
  });
});

/** What a rule of `@secretlint` searches a text for, by giving it one that notes it. */
function patternsOf(rule: (typeof USED)[number]): RegExp[] {
  const patterns: RegExp[] = [];
  const noted = new Proxy(new String(""), {
    get: (target, key): unknown =>
      key === "matchAll"
        ? (pattern: RegExp) => {
            patterns.push(pattern);
            return [];
          }
        : Reflect.get(target, key),
  });
  const source = { content: noted as unknown as string, contentType: "text", ext: "", hasBOM: false };
  const context = {
    sharedOptions: {},
    createTranslator: () => () => ({}),
    report: () => undefined,
    ignore: () => undefined,
  };
  void rule.create(context as unknown as Parameters<typeof rule.create>[0], {}).file?.(source as never);
  return patterns;
}

function withoutLookarounds(expression: string): string {
  return expression.replaceAll(/\(\?<?[!=](?:\[(?:\\.|[^\]\\])*\]|\\.|[^()[\\])*\)/g, "").replaceAll(/\\b/g, "");
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function lines(file: string): string[] {
  const content = readFileSync(new URL(`../red-team/${file}`, import.meta.url), "utf8");
  return content
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => String((JSON.parse(line) as { text?: unknown; body?: unknown }).text ?? line));
}
