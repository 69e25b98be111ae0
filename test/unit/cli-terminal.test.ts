import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { harmless, harmlessJson, linesOf, render, table, wantsColour } from "../../src/cli/terminal.ts";
import { displayWidth, truncate } from "../../src/cli/width.ts";

const ESCAPE = "\u001b";

describe("text from a memory", () => {
  test.each([
    [`${ESCAPE}[31mred`, "<U+001B>[31mred"],
    [`${ESCAPE}]8;;http://x${ESCAPE}\\link`, "<U+001B>]8;;http://x<U+001B>\\link"],
    ["\u009b2J", "<U+009B>2J"],
    ["a\u0007b\u007f", "a<U+0007>b<U+007F>"],
    ["one\rtwo\nthree", "one<U+000D>two<U+000A>three"],
    ["a\u202eb\u2066c\u200fd\u061ce", "a<U+202E>b<U+2066>c<U+200F>d<U+061C>e"],
    ["zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"],
    ["\u{e0041}", "<U+E0041>"],
    ["\ud800", "<U+D800>"],
    ["line\u2028end", "line<U+2028>end"],
  ])("%j is spelled out", (text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  test.each(["tab\tstays", "نمی\u200cخواهم", "क्\u200dष", "👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈", "naïve café", "日本語"])(
    "%j is left alone",
    (text) => {
      expect(harmless(text)).toBe(text);
    },
  );

  test("no control character but tab and line end ever leaves render, colour or not, except our own colours", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const plain = render([text, [{ text, tone: "bad" }], ...table([[text, text]], 1, 40)], false);
        expect(plain).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
        const coloured = render([[{ text, tone: "bad" }]], true)
          .replaceAll(`${ESCAPE}[31m`, "")
          .replaceAll(`${ESCAPE}[0m`, "");
        expect(coloured).not.toMatch(/[^\P{Cc}\n\t]/u);
      }),
    );
  });

  test("JSON means the same after it was made harmless", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = harmlessJson({ text });
        expect(json).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
        expect(JSON.parse(json)).toEqual({
          text: text.toWellFormed() === text ? text : JSON.parse(JSON.stringify(text)),
        });
      }),
    );
  });
});

describe("width", () => {
  test.each([
    ["abc", 3],
    ["naïve", 5],
    ["日本", 4],
    ["한국어", 6],
    ["👩\u200d👩\u200d👧", 2],
    ["🇩🇪", 2],
    ["e\u0301", 1],
    ["❤\ufe0f", 2],
    ["", 0],
  ])("%s takes %i cells", (text, cells) => {
    expect(displayWidth(text)).toBe(cells);
  });

  test("a cut text fits and shows that it was cut", () => {
    expect(truncate("Use pnpm, never npm", 10)).toBe("Use pnpm,…");
    expect(truncate("日本語です", 5)).toBe("日本…");
    expect(truncate("short", 5)).toBe("short");
    expect(truncate("anything", 0)).toBe("");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 30 }), (text, width) => {
        expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("a table", () => {
  test("columns line up by cells, and lines end without blanks", () => {
    const lines = render(
      table(
        [
          ["a", "日本", "x"],
          ["bbb", "c", ""],
        ],
        1,
        null,
      ),
      false,
    );
    expect(lines).toBe("a    日本  x\nbbb  c\n");
  });

  test("the flexible column is cut to the terminal's width", () => {
    const lines = render(table([["id", "a title that is far too long for the terminal", "3d"]], 1, 30), false).split(
      "\n",
    );
    expect(displayWidth(lines[0] ?? "")).toBe(30);
    expect(lines[0]).toMatch(/^id {2}a title.*… {2}3d$/);
  });

  test("nothing is cut where no terminal is", () => {
    expect(render(table([["x".repeat(500)]], 0, null), false)).toBe(`${"x".repeat(500)}\n`);
  });
});

describe("colour", () => {
  test("is for terminals only, and the environment decides", () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour(true, { TERM: "dumb" })).toBe(false);
    expect(wantsColour(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColour(true, { FORCE_COLOR: "0" })).toBe(false);
  });

  test("is written as SGR around the text", () => {
    expect(render([["a ", { text: "b", tone: "good" }]], true)).toBe(`a ${ESCAPE}[32mb${ESCAPE}[0m\n`);
    expect(render([["a ", { text: "b", tone: "good" }]], false)).toBe("a b\n");
  });
});

test("a text of several lines keeps its lines, whatever ends them", () => {
  expect(linesOf("one\r\ntwo\n\nthree\n")).toEqual(["one", "two", "", "three"]);
});
