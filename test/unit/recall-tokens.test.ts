import { readFileSync } from "node:fs";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { tokenBound } from "../../src/core/recall/tokens.ts";
import { cpuMilliseconds } from "../support/cpu-time.ts";

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const real = (text: string): number => Math.max(cl100k(text), o200k(text));

const PROSE = {
  licence: file("node_modules/typescript/LICENSE"),
  manual: file("node_modules/zod/README.md").replaceAll(/<[^>]*>/g, ""),
  notes:
    "We decided on Tuesday that the importer must never retry a failed page by itself. Retries hid a broken login for three weeks. ".repeat(
      5,
    ),
};
const CODE = {
  "this project": file("src/core/recall/lexical-index.ts"),
  "a library": file("node_modules/zod/src/v4/core/schemas.ts").slice(0, 30_000),
  "a lock file": file("package-lock.json").slice(0, 30_000),
  minified: file("node_modules/minisearch/dist/umd/index.js").slice(0, 30_000),
};
const locale = (name: string): string =>
  (file(`node_modules/zod/src/v4/locales/${name}.ts`).match(/"[^"]*"|`[^`]*`/g) ?? []).join("\n");
const OTHERS = Object.fromEntries(
  [
    "ar",
    "cs",
    "de",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "ja",
    "ko",
    "nl",
    "pl",
    "ru",
    "ta",
    "th",
    "tr",
    "vi",
    "zh-CN",
    "zh-TW",
  ].map((name) => [name, locale(name)]),
);
const ODD = {
  empty: "",
  "a line break": "\n",
  emoji: "😀👩‍👩‍👧🇩🇪❤️🏳️‍🌈👍🏽".repeat(20),
  "rare Han": "龘靐齉爩鱻麤灪龖厵滟爨癵籱饢驫鲡".repeat(10),
  "spaces, tabs, breaks": `a${" ".repeat(37)}b\n\n\n\t\t\tc   \r\n\r\n  \t x`.repeat(20),
  indented: Array.from({ length: 60 }, (_, at) => `${" ".repeat(at % 17)}x = ${at};`).join("\n"),
  digits: Array.from({ length: 200 }, (_, at) => at * 7919).join(" "),
  hashes: Array.from({ length: 30 }, (_, at) => (0x9fce_b02d + at * 0x1_00_00_01).toString(16).repeat(5)).join("\n"),
  ids: Array.from(
    { length: 90 },
    (_, at) => `m_${(at * 48_611_234_567 + 91_234_567_890_123).toString(32).padStart(12, "7")}`,
  ).join(", "),
  base64: Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * at * 31 + at * 7) % 256)).toString("base64"),
  signs: "!@#$%^&*()_+-=[]{}|;':\",./<>?~`\\".repeat(10),
  table: "| a | b |\n| --- | --- |\n| 1 | 22 |\n".repeat(20),
  capitals: file("node_modules/typescript/LICENSE").toUpperCase(),
  dates: Array.from({ length: 50 }, (_, at) => new Date(at * 1e10).toISOString()).join(" "),
  "a rule": "-".repeat(300),
  "numbers in columns": "   1    22   4096\n      7   300  0\n".repeat(20),
  consonants: "xqzvkj bdfghjkl mnpqrst zxcvbnm qwrtpsdf ".repeat(20),
};

describe("the bound of tokens", () => {
  test.each(Object.entries({ ...PROSE, ...CODE, ...OTHERS, ...ODD }))(
    "is never below the real count: %s",
    (_, text) => {
      expect(tokenBound(text)).toBeGreaterThanOrEqual(real(text));
    },
  );

  test.each(Object.entries({ ...PROSE, ...CODE }))(
    "is at most 1.6 times the real count of English prose and code: %s",
    (_, text) => {
      expect(tokenBound(text)).toBeLessThanOrEqual(1.6 * Math.min(cl100k(text), o200k(text)));
    },
  );

  test("is a bound for each line and paragraph, not only for long texts", () => {
    const lines = [...Object.values(PROSE), CODE["this project"]]
      .flatMap((text) => text.split("\n"))
      .filter((line) => line.length > 40);
    const below = lines.filter((line) => tokenBound(line) < real(line));
    expect(below).toEqual([]);
  });

  test("is fast", () => {
    const text = PROSE.licence.repeat(40);
    const took = cpuMilliseconds(() => void tokenBound(text));
    expect(took / (text.length / 1e6)).toBeLessThan(400);
  });
});
