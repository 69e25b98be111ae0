import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../src/core/provenance/journal-entry.ts";
import type { Operation } from "../../src/core/proposal.ts";
import { filterChoices, filterWords } from "../../src/core/view/history-filter.ts";
import { entriesSince, entryRow, stretchRow, timelineOf } from "../../src/core/view/timeline.ts";
import { cpuMilliseconds } from "../support/cpu-time.ts";

const NOW = new Date("2026-11-23T09:00:00Z");

function entry(
  commit: string,
  at: string,
  more: { session?: string; operation?: Operation; actor?: string; channel?: string; changed?: number } = {},
): JournalEntry {
  const { changed = 1, ...text } = more;
  return {
    commit,
    parents: [],
    author: { name: "Alice", email: "alice@example.com" },
    at,
    text: { subject: `Subject ${commit}`, reason: `Reason ${commit}.`, ids: [], context: [], ...text },
    trusted: true,
    changes: Array.from({ length: changed }, (_, i) => ({
      kind: "added",
      id: `m_${i}`,
      path: `semantic/fact/${i}.md`,
      before: null,
      after: "b10b",
    })),
  };
}

const ENTRIES = [
  entry("c5", "2026-11-23T08:00:00Z", { session: "s_1" }),
  entry("c4", "2026-11-23T07:00:00Z", { session: "s_2" }),
  entry("c3", "2026-11-22T08:00:00Z", { session: "s_1" }),
  entry("c2", "2026-11-21T08:00:00Z"),
  entry("c1", "2026-11-20T08:00:00Z"),
];
const commits = (entries: readonly JournalEntry[]): string[] => entries.map(({ commit }) => commit);

describe("the timeline", () => {
  test("keeps what one session did together, newest first; what names no session stands alone", () => {
    const stretches = timelineOf([{ store: "project", entries: ENTRIES }]);
    expect(stretches.map(({ session, entries }) => [session, commits(entries)])).toEqual([
      ["s_1", ["c5", "c3"]],
      ["s_2", ["c4"]],
      [undefined, ["c2"]],
      [undefined, ["c1"]],
    ]);
  });

  test("puts stores into one order and never joins them", () => {
    const other = [entry("p1", "2026-11-23T07:30:00Z", { session: "s_1" })];
    const stretches = timelineOf([
      { store: "project", entries: ENTRIES.slice(0, 2) },
      { store: "personal", entries: other },
    ]);
    expect(stretches.map(({ store, session }) => `${store} ${session}`)).toEqual([
      "project s_1",
      "personal s_1",
      "project s_2",
    ]);
  });

  test("knows what is new since a commit, and nothing where that commit is unknown or gone", () => {
    expect(commits(entriesSince(ENTRIES, "c3"))).toEqual(["c5", "c4"]);
    expect(entriesSince(ENTRIES, "c5")).toEqual([]);
    expect(entriesSince(ENTRIES, undefined)).toEqual([]);
    expect(entriesSince(ENTRIES, "rewritten")).toEqual([]);
  });

  test("says what a commit was about, who did what when, and in words why", () => {
    const by = { actor: "copilot/gpt-5.2", operation: "expire" } as const;
    expect(entryRow(entry("c1", "2026-11-20T08:00:00Z", { ...by, changed: 3 }), NOW, "personal")).toEqual({
      label: "Subject c1",
      description: "3 expired by copilot · 3d · personal",
      spoken: "Subject c1, 3 expired by Copilot 3 days ago, Reason c1, personal",
    });
  });

  test("names a session by who it was", () => {
    const [stretch] = timelineOf([{ store: "project", entries: ENTRIES }]);
    expect(stretch && stretchRow(stretch, NOW)).toEqual({
      label: "Alice, 2 changes",
      description: "1h",
      spoken: "Session of Alice, 2 changes, 1 hour ago",
    });
  });

  test("stays quick with a hundred thousand commits", () => {
    const many = Array.from({ length: 100_000 }, (_, i) =>
      entry(`c${i}`, new Date(NOW.getTime() - i * 60_000).toISOString(), { session: `s_${i >> 3}` }),
    );
    const took = cpuMilliseconds(() => expect(timelineOf([{ store: "project", entries: many }])).toHaveLength(12_500));
    expect(took).toBeLessThan(1500);
  });
});

describe("what a history can be narrowed down to", () => {
  const entries = [
    entry("c4", "2026-11-23T07:00:00Z", {
      session: "s_2",
      actor: "copilot/gpt-5.2",
      channel: "tool",
      operation: "add",
    }),
    entry("c3", "2026-11-22T08:00:00Z", { actor: "human:alice", channel: "editor", operation: "expire" }),
    entry("c2", "2026-11-21T08:00:00Z", { session: "s_2", actor: "copilot/gpt-5.1", channel: "mcp", operation: "add" }),
    entry("c1", "2026-11-20T08:00:00Z"),
  ];

  test("is what occurs in it, the most frequent first, and days", () => {
    const choices = filterChoices(entries, NOW);
    expect(choices.map(({ group, label, description }) => [group, label, description].join(": "))).toEqual([
      "Written by: copilot: 2 changes",
      "Written by: alice: 1 change",
      "Written by: Alice: 1 change",
      "Came through: a tool of the editor: 1 change",
      "Came through: the editor: 1 change",
      "Came through: an MCP client: 1 change",
      "What was done: added: 2 changes",
      "What was done: expired: 1 change",
      "When: the last 24 hours: ",
      "When: the last 7 days: ",
      "When: the last 30 days: ",
      "When: from a day on…: ",
      "When: up to a day…: ",
      "Session: copilot, 2h: 2 changes · s_2",
    ]);
  });

  test("is said in words", () => {
    const query = { actor: "copilot", channel: "mcp", operation: "expire", since: "7d", until: "2026-11-20" } as const;
    expect(filterWords(query)).toBe(
      "by copilot · through an MCP client · expired · the last 7 days · until 2026-11-20",
    );
    expect(filterWords({ session: "s_2", since: "2026-11-01" })).toBe("session s_2 · from 2026-11-01 on");
    expect(filterWords({})).toBe("");
  });
});
