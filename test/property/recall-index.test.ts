import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LexicalIndex } from "../../src/core/recall/lexical-index.ts";
import { byUtf8 } from "../../src/core/recall/segment.ts";
import { memory } from "../unit/recall-fixtures.ts";

const word = fc.constantFrom(
  "pnpm",
  "install",
  "Branch",
  "deployMain",
  "東京都",
  "café",
  "😀",
  "𐐀𐐁",
  "ﬀ",
  "cache",
  "2026",
  "the",
  "\uffee",
  "a".repeat(80),
);
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
const memories = fc
  .uniqueArray(fc.record({ title: text, body: text, pinned: fc.boolean() }), {
    maxLength: 14,
    selector: (one) => JSON.stringify(one),
  })
  .map((ones) => ones.map((one, at) => memory(`m_${at}`, one.title, one.body, one.pinned ? { pinned: true } : {})));

test("however an index came to hold its documents, it gives the same answers and the same bytes", () => {
  fc.assert(
    fc.property(
      memories,
      memories,
      text,
      fc.integer({ min: 0, max: 20 }),
      fc.boolean(),
      (wanted, other, question, cut, cached) => {
        const unwanted = other.map((one) => ({ ...one, blob: one.blob.replace(/^./, "x") }));
        const fresh = LexicalIndex.build(wanted);
        let grown = LexicalIndex.build([...unwanted, ...wanted.slice(0, cut)]);
        if (cached) grown = LexicalIndex.deserialize(grown.serialize().slice());
        for (const one of unwanted.slice(0, 3)) grown.remove(one.blob);
        grown.sync(wanted.toReversed());
        expect(grown.search(question)).toEqual(fresh.search(question));
        expect(grown.search(question, { limit: 3 })).toEqual(fresh.search(question, { limit: 3 }));
        expect(grown.searchAsYouType(question)).toEqual(fresh.searchAsYouType(question));
        expect(grown.pinned()).toEqual(fresh.pinned());
        for (const one of wanted) expect(grown.explain(question, one)).toEqual(fresh.explain(question, one));
        expect(grown.serialize()).toEqual(fresh.serialize());
        expect(grown.search(question)).toEqual(fresh.search(question));
      },
    ),
    { numRuns: 300 },
  );
});

test("a score is the sum of its explanation, and only documents that share a term are hits", () => {
  fc.assert(
    fc.property(memories, text, (all, question) => {
      const index = LexicalIndex.build(all);
      const scores = new Map(index.search(question).hits.map((hit) => [hit.blob, hit.score]));
      for (const one of all) {
        const sum = index.explain(question, one).reduce((total, part) => total + part.score, 0);
        expect(sum).toBeCloseTo(scores.get(one.blob) ?? 0, 9);
      }
    }),
  );
});

test("strings are ordered as their UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 4 }), fc.string({ unit: "binary", maxLength: 4 }), (a, b) => {
      expect(Math.sign(byUtf8(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    { numRuns: 2000 },
  );
});
