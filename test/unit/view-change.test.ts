import { array, assert, constantFrom, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../src/core/provenance/journal-entry.ts";
import { blameText, changeVerb, entryReason } from "../../src/core/view/change.ts";
import { storedLines } from "../../src/core/provenance/stored-lines.ts";

const NOW = new Date("2026-11-23T09:00:00Z");

function entry(text: Partial<JournalEntry["text"]>): JournalEntry {
  return {
    commit: "c0ffee",
    parents: [],
    author: { name: "Alice Example", email: "alice@example.com" },
    at: "2026-11-20T09:00:00Z",
    text: { subject: "Use pnpm", reason: "The user said so.", ids: [], context: [], ...text },
    trusted: true,
    changes: [],
  };
}

describe("the blame line", () => {
  test("puts the reason before everything that a person can't read", () => {
    expect(blameText(entry({ actor: "copilot/gpt-5.2" }), NOW, null)).toBe("copilot: The user said so · 3d");
    expect(
      blameText(entry({ actor: "copilot/gpt-5.2" }), NOW, {
        kind: "ledger",
        by: "human:alice",
        at: "2026-11-20T09:00:00Z",
      }),
    ).toBe("copilot: The user said so · 3d · approved by alice");
  });

  test("names the author of the commit where no trailer can be relied on", () => {
    expect(blameText(entry({}), NOW, null)).toBe("Alice Example: The user said so · 3d");
  });

  test("is one line of bearable length, whatever the reason is", () => {
    const long = entryReason(entry({ reason: `First line\nsecond ${"word ".repeat(50)}` }));
    expect(long).toMatch(/^First line second word .*…$/);
    expect(long.length).toBeLessThanOrEqual(72);
    expect(entryReason(entry({ reason: "" }))).toBe("Use pnpm");
    const taken = `This reverts commit ${"c0ffee".repeat(6)}.`;
    expect(entryReason(entry({ operation: "revert", reason: taken }))).toBe("an earlier change was taken back");
    expect(entryReason(entry({ operation: "revert", reason: `${taken}\n\nIt was a joke.` }))).toBe("It was a joke");
    expect(entryReason(entry({ reason: "", subject: "" }))).toBe("no reason given");
  });

  test("tells a change by its operation, and where none is known by what changed", () => {
    const change = { kind: "changed", id: "m", path: "p", before: "1", after: "2" } as const;
    expect(changeVerb(entry({ operation: "approve" }), change)).toBe("confirmed");
    expect(changeVerb(entry({}), change)).toBe("changed");
  });
});

describe("an edited text's lines", () => {
  test("are found again in the stored one", () => {
    expect(storedLines(["a", "b", "c", "d"], ["a", "new", "b", "d"])).toEqual([0, null, 1, 3]);
    expect(storedLines(["a", "b"], ["a", "b"])).toEqual([0, 1]);
    expect(storedLines([], ["a"])).toEqual([null]);
    expect(storedLines(["a", "b", "b"], ["b"])).toEqual([2]);
  });

  test("point only to equal lines, in the stored order, and each line of an insertion is new", () => {
    const lines = array(constantFrom("a", "b", "c", ""), { maxLength: 12 });
    assert(
      property(lines, lines, (stored, edited) => {
        const found = storedLines(stored, edited);
        const known = found.filter((line) => line !== null);
        expect(found.map((from, to) => (from === null ? edited[to] : stored[from]))).toEqual(edited);
        expect(known.every((line, i) => i === 0 || line > (known[i - 1] ?? line))).toBe(true);
      }),
    );
    assert(
      property(lines, nat(12), (stored, at) => {
        const edited = [...stored.slice(0, at), "a new line", ...stored.slice(at)];
        expect(storedLines(stored, edited).filter((line) => line === null)).toHaveLength(1);
      }),
    );
  });
});
