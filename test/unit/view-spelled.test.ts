import { describe, expect, test } from "vitest";
import { spell, spelledLine } from "../../src/core/view/spelled.ts";

describe("text of others for a reviewer's eyes", () => {
  test.each([
    ["a reversed order", "a\u202Eb", "a⟨U+202E⟩b"],
    ["an isolate", "a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"],
    ["a zero-width space", "pass\u200Bword", "pass⟨U+200B⟩word"],
    ["a joiner between plain letters", "a\u200Db", "a⟨U+200D⟩b"],
    ["a tag character", "a\u{E0041}", "a⟨U+E0041⟩"],
    ["a terminal escape", "\u001B[31m", "⟨U+001B⟩[31m"],
    ["a line separator", "a\u2028b", "a⟨U+2028⟩b"],
    ["a carriage return that hides a line", "seen\rhidden", "seen⟨U+000D⟩hidden"],
    ["half of a character", "a\uD800b", "a⟨U+D800⟩b"],
    ["a byte order mark inside", "a\uFEFFb", "a⟨U+FEFF⟩b"],
    ["a blank that is drawn as nothing", "a\u2800b\u3164", "a⟨U+2800⟩b⟨U+3164⟩"],
  ])("spells out %s", (_, raw, spelled) => {
    expect(spell(raw).text).toBe(spelled);
  });

  test.each([
    ["line breaks and tabs", "a\n\tb\r\nc"],
    ["an emoji family", "👩\u200D👩\u200D👧 ❤\uFE0F"],
    ["Persian with its non-joiner", "می\u200Cخواهم"],
    ["Hindi with its joiner", "क्\u200Dष"],
    ["accents and CJK", "Müller naïve 東京 ひらがな"],
  ])("leaves %s as they are", (_, raw) => {
    expect(spell(raw).text).toBe(raw);
  });

  test("says where a place of the raw text went", () => {
    const raw = "ab\u202Ecd\u200Bef";
    const { text, at } = spell(raw);
    for (const word of ["ab", "cd", "ef"])
      expect(text.slice(at(raw.indexOf(word)), at(raw.indexOf(word) + 2)).startsWith(word)).toBe(true);
    expect(text.slice(at(2), at(3))).toBe("⟨U+202E⟩");
  });

  test("fits one line", () => {
    expect(spelledLine(" a\n\nb\u0007 ")).toBe("a b⟨U+0007⟩");
  });
});
