import { describe, expect, test } from "vitest";
import { stem } from "../../src/core/recall/stem.ts";
import { tokenize } from "../../src/core/recall/tokenize.ts";

describe("terms", () => {
  test("an identifier gives its parts and its whole, however it is written", () => {
    const camel = tokenize("readConfigFile");
    expect(camel).toEqual(["read", "config", "file", "readconfigfil"]);
    expect(tokenize("read_config_file")).toEqual(camel);
    expect(tokenize("read-config-file")).toEqual(camel);
    expect(tokenize("ReadConfigFile")).toEqual(camel);
  });

  test("capitals in a row are one part, and digits are parts of their own", () => {
    expect(tokenize("HTTPServer")).toEqual(["http", "server", "httpserver"]);
    expect(tokenize("getUserIDs")).toEqual(["get", "user", "id", "getuserid"]);
    expect(tokenize("utf8")).toEqual(["utf", "8", "utf8"]);
  });

  test("a version number stays whole beside its parts", () => {
    expect(tokenize("Node 24.21.0")).toEqual(["node", "24.21.0", "24", "21", "0"]);
  });

  test("stop words go, contractions and possessives with them", () => {
    expect(tokenize("What don't we do with the user's branches?")).toEqual(["user", "branch"]);
    expect(tokenize("don’t")).toEqual([]);
    expect(tokenize("to be or not to be")).toEqual([]);
  });

  test("case, width, accents and final sigma are folded", () => {
    expect(tokenize("Café")).toEqual(tokenize("CAFE"));
    expect(tokenize("ＮＯＤＥ")).toEqual(tokenize("node"));
    expect(tokenize("Straße")).toEqual(tokenize("STRASSE"));
    expect(tokenize("ΣΟΦΟΣ")).toEqual(tokenize("σοφός"));
  });

  test("scripts without spaces become pairs of characters", () => {
    expect(tokenize("東京都")).toEqual(["東京", "京都"]);
    expect(tokenize("木")).toEqual(["木"]);
    expect(tokenize("pnpmを使う")).toEqual(["pnpm", "を使", "使う"]);
    expect(tokenize("메모리")).toEqual(["메모", "모리"]);
  });

  test("marks that carry vowels stay", () => {
    expect(tokenize("हिन्दी")).toEqual(["हिन्दी"]);
  });

  test("a term is never longer than 64 characters and never ends in half a character", () => {
    const [term = ""] = tokenize(`${"a".repeat(63)}𝒳`.normalize("NFC") + "x".repeat(50));
    expect(term.length).toBeLessThanOrEqual(64);
    expect(tokenize("𐐀".repeat(100)).join("")).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
  });
});

describe("stems", () => {
  test.each([
    ["caresses", "caress"],
    ["ponies", "poni"],
    ["cats", "cat"],
    ["feed", "feed"],
    ["agreed", "agre"],
    ["plastered", "plaster"],
    ["motoring", "motor"],
    ["sing", "sing"],
    ["conflated", "conflat"],
    ["hopping", "hop"],
    ["falling", "fall"],
    ["filing", "file"],
    ["happy", "happi"],
    ["sky", "sky"],
    ["relational", "relat"],
    ["conditional", "condit"],
    ["rational", "ration"],
    ["digitizer", "digit"],
    ["vietnamization", "vietnam"],
    ["operator", "oper"],
    ["hopefulness", "hope"],
    ["triplicate", "triplic"],
    ["formative", "form"],
    ["electrical", "electr"],
    ["goodness", "good"],
    ["revival", "reviv"],
    ["allowance", "allow"],
    ["replacement", "replac"],
    ["adoption", "adopt"],
    ["effective", "effect"],
    ["probate", "probat"],
    ["rate", "rate"],
    ["cease", "ceas"],
    ["controlling", "control"],
    ["roll", "roll"],
  ])("%s is %s, as the paper has it", (word, expected) => {
    expect(stem(word)).toBe(expected);
  });

  test("other scripts and short words are left alone", () => {
    expect(stem("übungen")).toBe("übungen");
    expect(stem("is")).toBe("is");
  });
});
