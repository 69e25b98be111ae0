import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/gate/gate.ts";
import { decided, inputOf, memoryText, newFile, withBody } from "../support/gate-input.ts";
import { PLANTED } from "../support/planted-secrets.ts";

const seed = fc.integer({ min: 1, max: 2 ** 31 });
const secret = fc
  .tuple(fc.constantFrom(...PLANTED), seed)
  .map(([kind, number]) => ({ text: kind.text(number), secret: kind.secret(number) }));
const prose = fc.lorem({ maxCount: 12, mode: "words" });
/** What stands beside a secret in real text. A credential ends where its alphabet does, so these don't continue it. */
const edge = fc.constantFrom("\n", "\r\n", " ", " | ", "\n- ", "\n> ", "\n\t");

const HONEST_WORDS = [
  "pnpm",
  "naïve",
  "Straße",
  "Ελληνικά",
  "русский",
  "日本語",
  "葛\u{E0100}城",
  "한국어",
  "ไทย\u200Bภาษา",
  "ខ្មែរ\u200Bភាសា",
  "العربية",
  "עברית",
  "می‌خواهم",
  "API‌ها",
  "हिन्दी",
  "क्‍ष",
  "ශ්‍රී",
  "தமிழ்",
  "বাংলা",
  "తెలుగు",
  "മലയാളം",
  "አማርኛ",
  "ქართული",
  "Հայերեն",
  "Tiếng Việt",
  "👨‍👩‍👧‍👦",
  "👩🏽‍💻",
  "🏳️‍🌈",
  "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
  "🇯🇵",
  "1️⃣",
  "#️⃣",
  "❤️",
  "✔︎",
  "—",
  "„“",
  "1\u202F000",
  "→",
  "∑",
  "½",
  "`code()`",
  "**bold**",
] as const;

describe("findings", () => {
  test("a secret planted anywhere in a body is found, and no finding contains it or half of it", () => {
    fc.assert(
      fc.property(secret, prose, prose, edge, edge, (planted, before, after, left, right) => {
        const verdict = judge(withBody(`${before}${left}${planted.text}${right}${after}`));
        expect(verdict.kind).toBe("block");
        expectUntold(verdict, planted.secret);
      }),
      { numRuns: 500 },
    );
  });

  test("a secret in a title, and so in the file's name, is found and not told", () => {
    fc.assert(
      fc.property(secret, (planted) => {
        fc.pre(!planted.text.includes("\n"));
        const name = planted.text
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .slice(0, 48);
        const verdict = judge(
          inputOf([newFile(memoryText("A plain claim.", [], planted.text), `semantic/fact/${name}-m_7k3q9f2d4cxw.md`)]),
        );
        expect(verdict.kind).toBe("block");
        expectUntold(verdict, planted.secret);
      }),
      { numRuns: 300 },
    );
  });

  test("a secret in a reason or a subject is found and not told", () => {
    fc.assert(
      fc.property(secret, prose, (planted, words) => {
        for (const place of [{ reason: `${words} ${planted.text}` }, { subject: `${words} ${planted.text}` }]) {
          const verdict = judge(withBody("A plain claim.", place));
          expect(verdict.kind).toBe("block");
          expectUntold(verdict, planted.secret);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("words of any script and emoji, in any order, are never refused", () => {
    const text = fc.array(
      fc.tuple(fc.constantFrom(...HONEST_WORDS), fc.constantFrom(" ", "\n", ", ", "\n\n- ", "\t")),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(text, (words) => {
        const body = words.flat().join("");
        expect(decided(judge(withBody(body, { reason: body })))).toEqual({ kind: "allow", findings: [] });
      }),
      { numRuns: 500 },
    );
  });

  test("an invisible character between Latin letters is always refused", () => {
    const hidden = fc.constantFrom(
      ..."\u200B\u200C\u200D\u2060\u2063\uFEFF\u00AD\u034F\u115F\u3164\u202A\u202E\u2066\u200E\u061C\uFE00\uFE0F\uFFF9\uE000\u0007\u001B\u0085",
      "\u{E0041}",
      "\u{E0101}",
      "\u{100000}",
    );
    const word = fc.stringMatching(/^[A-Za-z]{1,12}$/);
    fc.assert(
      fc.property(word, hidden, word, (left, character, right) => {
        expect(judge(withBody(`Use ${left}${character}${right} here.`)).kind).toBe("block");
      }),
      { numRuns: 500 },
    );
  });

  test("any text whatever gets a verdict whose places lie inside it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (body) => {
        const file = newFile(`---\ntype: Fact\n---\n${body}`);
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(file.bytes ?? new Uint8Array());
        const lines = text.split("\n").length;
        const misplaced = judge(inputOf([file])).findings.filter(
          ({ span, line = 1 }) =>
            line < 1 ||
            line > lines ||
            (span !== undefined && !(0 <= span.start && span.start < span.end && span.end <= text.length)),
        );
        expect(misplaced).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Neither the secret nor either half of it, whatever the case and the punctuation. */
function expectUntold(verdict: unknown, planted: string): void {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const told = plain(JSON.stringify(verdict));
  const whole = plain(planted);
  const half = Math.max(6, Math.floor(whole.length / 2));
  expect(told).not.toContain(whole.slice(0, half));
  expect(told).not.toContain(whole.slice(-half));
}
