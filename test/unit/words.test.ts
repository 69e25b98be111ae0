import * as fc from "fast-check";
import { expect, test } from "vitest";
import { momentOf } from "../../src/core/provenance/moment.ts";
import { wordDifference } from "../../src/core/review/words.ts";

test("a difference is told word by word, what went before what came", () => {
  expect(wordDifference("Use npm for all.", "Use pnpm for all of it.")).toEqual([
    { kind: "same", text: "Use " },
    { kind: "gone", text: "npm" },
    { kind: "new", text: "pnpm" },
    { kind: "same", text: " for all" },
    { kind: "new", text: " of it" },
    { kind: "same", text: "." },
  ]);
});

test("without what is new it is the text before, without what is gone the text after", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (before, after) => {
      const parts = wordDifference(before, after);
      const without = (kind: string): string =>
        parts
          .filter((part) => part.kind !== kind)
          .map(({ text }) => text)
          .join("");
      expect([without("new"), without("gone")]).toEqual([before, after]);
    }),
  );
});

test.each([
  ["2026-11-20", "start", "2026-11-20T00:00:00.000Z"],
  ["2026-11-20", "end", "2026-11-20T23:59:59.999Z"],
  ["2026-11-20T10:00:00Z", "end", "2026-11-20T10:00:00.000Z"],
  ["3d", "end", "2026-11-20T12:00:00.000Z"],
  ["2w ago", "start", "2026-11-09T12:00:00.000Z"],
  ["2026-13-01", "end", undefined],
  ["soon", "end", undefined],
] as const)("%s (%s) is the moment %s", (text, side, moment) => {
  expect(momentOf(text, new Date("2026-11-23T12:00:00Z"), side)?.toISOString()).toBe(moment);
});
