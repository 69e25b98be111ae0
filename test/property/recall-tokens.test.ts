import * as fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { tokenBound } from "../../src/core/recall/tokens.ts";

const longEnough = { minLength: 60, maxLength: 400 };
const kinds = {
  "any characters": fc.string({ unit: "binary", ...longEnough }),
  graphemes: fc.string({ unit: "grapheme", ...longEnough }),
  "printable ASCII": fc.string({ unit: "grapheme-ascii", ...longEnough }),
  "white space": fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r", "  ", "x"), ...longEnough }),
  base64: fc.uint8Array({ minLength: 60, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  hex: fc.uint8Array({ minLength: 60, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("hex")),
  Han: fc.string({
    unit: fc.integer({ min: 0x4e00, max: 0x9fff }).map((code) => String.fromCodePoint(code)),
    ...longEnough,
  }),
  "random letters": fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz     "), ...longEnough }),
};

test.each(Object.entries(kinds))("the bound of tokens holds for %s", (_, texts) => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(tokenBound(text)).toBeGreaterThanOrEqual(Math.max(cl100k(text), o200k(text)));
    }),
    // Over random letters the bound is a statistical one: a fixed seed keeps the verdict the same from run to run.
    { numRuns: 1000, seed: 20_261_123 },
  );
});

test("what two texts cost, one line after the other, is at most the sum", () => {
  const lines = fc.string({ unit: "grapheme-ascii", maxLength: 60 }).map((line) => `m${line}\n`);
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 8 }), (all) => {
      expect(tokenBound(all.join(""))).toBeLessThanOrEqual(all.reduce((sum, line) => sum + tokenBound(line), 0));
    }),
    { numRuns: 500 },
  );
});
