import { describe, expect, test } from "vitest";
import { lifecycle } from "../../src/core/memory/lifecycle.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { beliefRow, brokenRow, nameOfPath, shortTitle } from "../../src/core/view/belief.ts";
import { shortSpan, spokenSpan } from "../../src/core/view/age.ts";

const NOW = new Date("2026-11-23T09:00:00Z");
const PATH = "semantic/convention/use-pnpm-m_7k3q9f2d4cxw.md";

function memory(lines: readonly string[] = [], body = "Run every script through pnpm.\n"): Memory {
  const front = [
    "type: Convention",
    "id: m_7k3q9f2d4cxw",
    'title: "Use pnpm"',
    'generated: { by: "copilot/gpt-5.2", at: 2026-11-20T08:00:00Z }',
    ...lines,
  ];
  const file = readMemory(PATH, "b10b", new TextEncoder().encode(`---\n${front.join("\n")}\n---\n\n${body}`));
  if (isBroken(file)) throw new Error(file.problems[0]?.message);
  return file;
}

const row = (one: Memory, trust: Parameters<typeof beliefRow>[2] = "agent", store?: string) =>
  beliefRow(one, lifecycle(one, NOW), trust, NOW, { store });

describe("a memory as a row", () => {
  test("says who wrote it and how long ago, and all of it in words for a screen reader", () => {
    expect(row(memory())).toEqual({
      label: "Use pnpm",
      description: "copilot · 3d",
      icon: "sparkle",
      spoken: "Use pnpm, convention, in force, written by Copilot 3 days ago",
    });
  });

  test("says what is out of the ordinary before who wrote it", () => {
    expect(row(memory(["expires_at: 2026-11-25T10:00:00Z"]))).toMatchObject({
      icon: "watch",
      description: "ends in 2d · copilot",
    });
    expect(row(memory(["stale_after: 2026-11-01T00:00:00Z"]))).toMatchObject({
      icon: "history",
      description: "It was to be checked by 2026-11-01 · copilot",
    });
    const changed = memory();
    expect(
      beliefRow(changed, lifecycle(changed, NOW, [{ resource: "repo:/package.json" }]), "agent", NOW).description,
    ).toBe("package.json changed · copilot");
    const conflict = {
      path: PATH,
      blob: "b10b",
      problems: [{ code: "conflict-markers", line: 9, message: "Keep one side." }],
    };
    expect(brokenRow(conflict)).toMatchObject({ icon: "error", description: "conflict · line 9" });
  });

  test("names a changed file by its own name, and speaks the whole path", () => {
    const changed = memory();
    const life = lifecycle(changed, NOW, [{ resource: "repo:/packages/api/src/queue.js", lines: "1-11" }]);
    const { description, spoken } = beliefRow(changed, life, "agent", NOW);
    expect(description).toBe("queue.js changed · copilot");
    expect(spoken).toContain("stale: packages/api/src/queue.js changed");
  });

  test("has a title that can be cut at a word, so that what stands beside it is seen", () => {
    expect(shortTitle("Use pnpm, never npm", "ends in 2d")).toBe("Use pnpm, never npm");
    expect(shortTitle("No schema changes until the stock-taking is over", "ends in 2d")).toBe(
      "No schema changes until…",
    );
    expect(shortTitle("Mails are retried three times", "queue.js changed")).toBe("Mails are retried…");
    expect(shortTitle("Mails are retried three times", "a-very-long-name-of-a-file.ts changed")).toBe(
      "Mails are retried…",
    );
    expect(shortTitle("Donaudampfschifffahrtsgesellschaftskapitän", "ends in 2d")).toBe("Donaudampfschifffahrtsg…");
    expect(shortTitle("🙂".repeat(40), "ends in 2d")).toBe(`${"🙂".repeat(23)}…`);
  });

  test("has nothing to say of an end that is far away", () => {
    expect(row(memory(["expires_at: 2027-11-25T10:00:00Z"])).description).toBe("copilot · 3d");
  });

  test("has a shape for each kind of trust", () => {
    expect([
      row(memory(), "reviewed").icon,
      row(memory(), "user").icon,
      row(memory(), "agent").icon,
      row(memory(), "untrusted").icon,
    ]).toEqual(["verified", "account", "sparkle", "sparkle"]);
    expect(row(memory(["pinned: true"]), "user").icon).toBe("pinned");
    expect(row(memory(), "reviewed").spoken).toContain("confirmed");
  });

  test("names its store where there is more than one", () => {
    expect(row(memory(), "user", "personal").description).toBe("copilot · 3d · personal");
    expect(row(memory(), "user", "personal").spoken).toMatch(/, personal$/);
  });

  test("that can't be read says at which line", () => {
    expect(
      brokenRow({
        path: PATH,
        blob: "b10b",
        problems: [{ code: "duplicate-key", line: 4, message: "The key title is there twice." }],
      }),
    ).toEqual({
      label: "use pnpm",
      description: "broken · line 4",
      icon: "error",
      spoken: "use pnpm, broken in line 4, not in use. The key title is there twice.",
    });
  });

  test("has a name from its path where nothing better is known", () => {
    expect(nameOfPath("semantic/fact/deploys-on-friday.md")).toBe("deploys on friday");
  });
});

describe("spans of time", () => {
  test.each([
    [30_000, "now", "less than a minute"],
    [60_000, "1m", "1 minute"],
    [3_600_000, "1h", "1 hour"],
    [86_400_000 * 3, "3d", "3 days"],
    [86_400_000 * 59, "59d", "59 days"],
    [86_400_000 * 61, "2mo", "2 months"],
    [86_400_000 * 800, "2y", "2 years"],
  ])("%i ms is %s, spoken %s", (span, short, spoken) => {
    expect([shortSpan(span), spokenSpan(span)]).toEqual([short, spoken]);
  });
});
