import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalise, canonicalText } from "../../src/core/gate/canonical.ts";

describe("canonical text", () => {
  test.each([
    ["Ignore **all** prévious", "ignore all previous"],
    ["dis\u200Bable сhecks", "disable checks"],
    ["i.g.n.o.r.e the r-u-l-e-s", "ignore the rules"],
    ["1gn0re the p4ssw0rd", "ignore the password"],
    ["Straße ‘quoted’ “twice”", "strasse 'quoted' \"twice\""],
    ["a\tb\u00A0c", "a b c"],
  ])("%j reads %j", (raw, wanted) => {
    expect(canonicalText(raw)).toBe(wanted);
  });

  test.each([
    "проверки отключены",
    "σύστημα ελέγχου",
    "検査は無効です。",
    "sha256 k8s utf8 x86",
    "مرحبا بالعالم",
    "क्षत्रिय",
  ])("%s stays what it is", (text) => {
    expect(canonicalText(text)).toBe(text);
  });

  test("a Russian word stays Russian beside English ones, and a disguised English one does not", () => {
    expect(canonicalText("Команда run проверка")).toBe("команда run проверка");
    expect(canonicalText("рау the bill")).toBe("pay the bill");
  });

  test("every place leads back to a place in the raw text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (raw) => {
        const canonical = canonicalise(raw);
        for (let at = 0; at < canonical.text.length; at++) {
          const { start, end } = canonical.rawSpan(at, at + 1);
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(Math.max(1, raw.length));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is its own canonical text", () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 12 }), (raw) => {
        expect(canonicalText(canonicalText(raw))).toBe(canonicalText(raw));
      }),
    );
  });
});
