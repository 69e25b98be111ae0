import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isBroken, type FrontMatter } from "../../src/core/memory/model.ts";
import { memoryPath } from "../../src/core/memory/location.ts";
import { isMemoryPath, readMemory, readMemoryText } from "../../src/core/memory/parse.ts";
import { renderMemory } from "../../src/core/memory/render.ts";
import { isInstant } from "../../src/core/memory/time.ts";
import { edits, file, lineOfText } from "./memory-arbitraries.ts";

const RUNS = { numRuns: 500 };

test("what is rendered is read back as it was given", () => {
  fc.assert(
    fc.property(
      edits,
      fc.dictionary(fc.constantFrom("status", "note", "x-y", "a b", "no"), lineOfText),
      ({ body, type, ...rest }, extra) => {
        const given = Object.entries(rest).filter(
          ([, value]) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
        );
        const front: FrontMatter = {
          type: type ?? "Fact",
          ...Object.fromEntries(given),
          ...(Object.keys(extra).length === 0 ? {} : { extra: { ...extra } }),
        };
        const memory = readMemoryText("semantic/fact/x.md", "", renderMemory(front, body ?? ""));
        expect(isBroken(memory) ? memory : memory.front).toEqual(front);
      },
    ),
    RUNS,
  );
});

test("no bytes make the reader throw, and each finding has a line of the file and a sentence", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(file, fc.nat(), fc.uint8Array({ maxLength: 6 })).map(([text, at, junk]) => {
      const whole = new TextEncoder().encode(text);
      const cut = at % (whole.length + 1);
      return Uint8Array.from([...whole.subarray(0, cut), ...junk, ...whole.subarray(cut + (at % 7))]);
    }),
  );
  fc.assert(
    fc.property(bytes, (content) => {
      const memory = readMemory("semantic/fact/x.md", "blob", content);
      if (!isBroken(memory)) return;
      const lines = content.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
      expect(memory.problems.length).toBeGreaterThan(0);
      for (const { code, line, message } of memory.problems) {
        expect(code).toMatch(/^[a-z0-9-]+$/);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(message).toMatch(/\.$/);
      }
    }),
    { numRuns: 4000 },
  );
});

test("a title never has a line break and is never empty", () => {
  fc.assert(
    fc.property(file, (text) => {
      const memory = readMemoryText("semantic/fact/some-name-m_7k3q9f2d4cxw.md", "", text);
      expect(isBroken(memory) ? "" : memory.title).toMatch(/^\S(?:.*\S)?$/su);
      expect(isBroken(memory) ? "" : memory.title).not.toMatch(/[\n\r\u2028\u2029]/);
    }),
    RUNS,
  );
});

test("a path is short, lower case, made of plain characters, and always a memory's", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (title, type) => {
      const path = memoryPath({ type, title, id: "m_7k3q9f2d4cxw", at: new Date("2026-11-23") }, () => 0);
      expect(isMemoryPath(path)).toBe(true);
      expect(path).toMatch(/^(?:semantic|episodic)\/[a-z0-9-]{1,60}\/[a-z0-9][a-z0-9-]{0,60}-m_7k3q9f2d4cxw\.md$/);
    }),
    RUNS,
  );
});

test("a date is accepted exactly where the calendar has it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
        const days =
          [
            31,
            year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
          ][month - 1] ?? 0;
        expect(isInstant(text)).toBe(day >= 1 && day <= days);
      },
    ),
    RUNS,
  );
});
