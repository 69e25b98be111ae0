import { describe, expect, test } from "vitest";
import { failedWords, recallWords, statusWords } from "../../src/extension/status/words.ts";

describe("the status bar", () => {
  test("names the mode and nothing else while nothing waits", () => {
    expect(statusWords({ mode: "full", waiting: 0 })).toEqual({
      text: "$(git-commit) Memory: full",
      tooltip: "Agents recall what is believed and store what they learn.",
      spoken: "Memory, full",
    });
  });

  test("tells modes apart by shape as well as by word", () => {
    const shapes = (["full", "read-only", "off"] as const).map(
      (mode) => statusWords({ mode, waiting: 0 }).text.split(" ")[0],
    );
    expect(new Set(shapes).size).toBe(3);
  });

  test("counts what waits, in words for those who listen", () => {
    const words = statusWords({ mode: "read-only", waiting: 2 });
    expect(words.text).toBe("$(eye) Memory: read-only $(shield) 2");
    expect(words.spoken).toBe("Memory, read-only. 2 memories need you.");
    expect(statusWords({ mode: "off", waiting: 1 }).spoken).toBe("Memory, off. 1 memory needs you.");
  });

  test("says that nothing can be stored, and why, whatever mode was chosen", () => {
    const words = statusWords({ mode: "full", waiting: 0, obstacle: "A newer version wrote this." });
    expect(words.text).toBe("$(lock) Memory: can't be changed");
    expect(words.tooltip).toBe("Agents recall what is believed and store nothing.\nA newer version wrote this.");
    expect(statusWords({ mode: "off", waiting: 0, obstacle: "A newer version wrote this." }).text).toContain("off");
  });

  test("says that a store can't be read, and why", () => {
    const words = failedWords("The branch has no policy.yaml.");
    expect(words.text).toBe("$(error) Memory: can't be read");
    expect(words.spoken).toContain("The branch has no policy.yaml.");
  });

  test("keeps the last recall in its tooltip", () => {
    expect(statusWords({ mode: "full", waiting: 0, lastRecall: { beliefs: 3, tokens: 410 } }).tooltip).toContain(
      "Last recall: 3 beliefs used, 410 tokens.",
    );
  });
});

test.each([
  [0, 0, "0 beliefs used, 0 tokens"],
  [1, 1, "1 belief used, 1 token"],
  [3, 410, "3 beliefs used, 410 tokens"],
])("a recall of %i beliefs and %i tokens reads %j", (beliefs, tokens, line) => {
  expect(recallWords({ beliefs, tokens })).toBe(line);
});
