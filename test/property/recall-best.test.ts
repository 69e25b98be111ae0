/** The few best of a large index are found without going through the lists of common words, and are the same ones. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import { memory } from "../unit/recall-fixtures.ts";

/** Every document has the first words, few have the last. */
const WORDS = ["service", "limit", "setting", "queue", "cache", "billing", "ledger", "quorum", "zephyr"];

const text = fc
  .array(
    fc.nat({ max: 999 }).map((n) => WORDS[Math.min(WORDS.length - 1, Math.floor(Math.log2(1000 / (n + 1))))] ?? ""),
    { minLength: 1, maxLength: 8 },
  )
  .map((words) => words.join(" "));

test("the best are those that a whole search puts first, whatever was added and taken out since", () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 120 }),
      fc.array(text, { maxLength: 40 }),
      fc.array(fc.nat({ max: 159 }), { maxLength: 20 }),
      text,
      fc.integer({ min: 1, max: 12 }),
      (old, fresh, gone, question, limit) => {
        const documents = [...old, ...fresh].map((words, n) => memory(`m_${n}`, words));
        const index = LexicalIndex.build(documents.slice(0, old.length));
        for (const one of documents.slice(old.length)) index.add(one);
        for (const n of gone) {
          const one = documents[n];
          if (one !== undefined) index.remove(one.blob);
        }
        const scores = new Map(index.search(question, { limit: 200 }).hits.map(({ blob, score }) => [blob, score]));
        const wanted = [...scores.values()].slice(0, limit);
        const found = index.best(question, limit);
        expect(new Set(found.map(({ blob }) => blob)).size).toBe(found.length);
        // Of equal ones it does not matter which; sums of fractions differ in the last digit by their order.
        expect(found).toHaveLength(wanted.length);
        for (const [i, { blob, score }] of found.entries()) {
          expect(score).toBeCloseTo(wanted[i] ?? 0, 9);
          expect(scores.get(blob)).toBeCloseTo(score, 9);
        }
        // And it leaves nothing behind for the next search.
        expect(index.search(question, { limit: 200 }).hits).toEqual(
          [...scores].map(([blob, score]) => ({ blob, score })),
        );
      },
    ),
    { numRuns: 500 },
  );
});
