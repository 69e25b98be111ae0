import { describe, expect, test } from "vitest";
import type { BrokenMemory, FrontMatter, Memory } from "../../src/core/memory/model.ts";
import type { ChangedSources } from "../../src/core/provenance/citations.ts";
import type { JournalEntry } from "../../src/core/provenance/journal-entry.ts";
import { isAbout } from "../../src/core/view/about.ts";
import { pastRow, removals } from "../../src/core/view/past.ts";
import { aboutFile, groupsOf, sectionsOf } from "../../src/core/view/sections.ts";
import { cpuMilliseconds } from "../support/cpu-time.ts";

const NOW = new Date("2026-11-23T09:00:00Z");

function memory(title: string, front: Partial<FrontMatter> = {}): Memory {
  const path = `semantic/fact/${title}.md`;
  return { id: `path:${path}`, title, path, blob: "b10b", body: "Because.\n", front: { type: "Fact", ...front } };
}

const written = (at: string): Partial<FrontMatter> => ({ generated: { by: "human:alice", at } });
const sections = (
  memories: readonly Memory[],
  broken: readonly BrokenMemory[] = [],
  changed: ChangedSources = new Map(),
) => sectionsOf([{ store: "project", memories, broken, changed }], NOW);

describe("the sections of the view", () => {
  test("order what is believed by pins, then by age, newest first", () => {
    const { believed } = sections([
      memory("old", written("2026-01-01T00:00:00Z")),
      memory("new", written("2026-11-01T00:00:00Z")),
      memory("pinned", { ...written("2025-01-01T00:00:00Z"), pinned: true }),
      memory("undated"),
    ]);
    expect(believed.map((item) => item.memory.title)).toEqual(["pinned", "new", "old", "undated"]);
  });

  test("put what is of another repository after what applies here, the person's own memories among the latter", () => {
    const shelf = (store: string, age: string, apart: boolean, front: Partial<FrontMatter> = {}) => ({
      store,
      memories: [memory(store, { ...written(`2026-${age}-01T00:00:00Z`), ...front })],
      broken: [],
      changed: new Map(),
      apart,
    });
    const soon = { expires_at: "2026-11-25T09:00:00Z" };
    const shelves = [
      shelf("here", "01", false, soon),
      shelf("elsewhere", "09", true, { ...soon, pinned: true }),
      shelf("personal", "05", false, soon),
    ];
    const { believed, needsYou } = sectionsOf(shelves, NOW);
    expect(believed.map((item) => item.store)).toEqual(["personal", "here", "elsewhere"]);
    expect(needsYou.map((item) => item.store)).toEqual(["here", "personal", "elsewhere"]);
  });

  test("order what needs a person by gravity, then by how soon it ends", () => {
    const broken: BrokenMemory = { path: "semantic/fact/broken.md", blob: "b10b", problems: [] };
    const { needsYou } = sections(
      [
        memory("ends in two days", { expires_at: "2026-11-25T09:00:00Z" }),
        memory("ends in a day", { expires_at: "2026-11-24T09:00:00Z" }),
        memory("stale", { stale_after: "2026-11-01T00:00:00Z" }),
        memory("ordinary"),
      ],
      [
        broken,
        {
          path: "semantic/fact/conflict.md",
          blob: "b10b",
          problems: [{ code: "conflict-markers", line: 7, message: "Keep one side." }],
        },
      ],
    );
    expect(
      needsYou.map((item) =>
        "broken" in item ? item.broken.path : "memory" in item ? item.memory.title : item.card.name,
      ),
    ).toEqual(["semantic/fact/conflict.md", "semantic/fact/broken.md", "stale", "ends in a day", "ends in two days"]);
  });

  test("put a memory whose cited code changed among what needs a person, and keep it in force", () => {
    const source = { resource: "repo:/package.json", lines: "4-4" };
    const cited = { ...memory("cited", { sources: [source] }), blob: "c17ed" };
    const { needsYou, believed } = sections([memory("ordinary"), cited], [], new Map([["c17ed", [source]]]));
    expect(needsYou).toMatchObject([{ memory: { title: "cited" }, exception: "stale" }]);
    expect(needsYou).toMatchObject([{ life: { staleBecause: ["package.json changed."] } }]);
    expect(believed).toHaveLength(2);
  });

  test("hold what ended by its date apart from what is believed", () => {
    const { believed, ended, needsYou } = sections([
      memory("ended", { expires_at: "2026-11-22T00:00:00Z" }),
      memory("in force"),
    ]);
    expect([believed, ended, needsYou].map((items) => items.length)).toEqual([1, 1, 0]);
  });

  test("group by type in the format's order, unknown types last", () => {
    const { believed } = sections([
      memory("a", { type: "Zebra" }),
      memory("b", { type: "Fact" }),
      memory("c", { type: "Preference" }),
      memory("d", { type: "Fact" }),
    ]);
    expect([...groupsOf(believed)].map(([type, items]) => `${type} ${items.length}`)).toEqual([
      "Preference 1",
      "Fact 2",
      "Zebra 1",
    ]);
  });

  test("stay quick with ten thousand memories", () => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      memory(`m${i}`, { ...written("2026-11-01T00:00:00Z"), scope: [`packages/p${i % 100}/**`] }),
    );
    const took = cpuMilliseconds(() => {
      const { believed } = sections(many);
      expect(aboutFile(believed, "packages/p7/src/index.ts").length).toBe(100);
    });
    expect(took).toBeLessThan(500);
  });
});

describe("a memory is about a file", () => {
  test("that its scope covers", () => {
    const scoped = memory("m", { scope: ["packages/**", "docs/*.md"] });
    expect([isAbout(scoped, "packages/a/b.ts"), isAbout(scoped, "docs/a.md"), isAbout(scoped, "src/a.ts")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("that it cites", () => {
    expect(isAbout(memory("m", { sources: [{ resource: "repo:/package.json", lines: "3-7" }] }), "package.json")).toBe(
      true,
    );
    expect(isAbout(memory("without a scope"), "package.json")).toBe(false);
  });
});

describe("what was believed once", () => {
  const entry = (
    commit: string,
    kind: "added" | "changed" | "removed",
    id: string,
    operation: "add" | "expire" | "revert",
  ): JournalEntry => ({
    commit,
    parents: [],
    author: { name: "Alice", email: "alice@example.com" },
    at: "2026-11-20T09:00:00Z",
    text: { subject: id, reason: "", ids: [], context: [], operation, actor: "human:alice" },
    trusted: true,
    changes: [{ kind, id, path: `semantic/fact/${id}.md`, before: "1", after: kind === "removed" ? null : "2" }],
  });

  test("is the newest removal of each memory that has not come back", () => {
    const log = [
      entry("c4", "removed", "gone", "expire"),
      entry("c3", "added", "back", "revert"),
      entry("c2", "removed", "back", "expire"),
      entry("c1", "removed", "gone", "expire"),
    ];
    expect(removals(log, (id) => id === "back").map(({ entry: { commit } }) => commit)).toEqual(["c4"]);
  });

  test("says how it went, by whom and when", () => {
    const [removal] = removals([entry("c1", "removed", "gone", "expire")], () => false);
    expect(removal && pastRow(removal, "Deploys on Friday", NOW)).toEqual({
      label: "Deploys on Friday",
      description: "expired by alice · 3d",
      icon: "circle-slash",
      spoken: "Deploys on Friday, not in force, expired by alice 3 days ago",
    });
  });
});
