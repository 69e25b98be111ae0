import { describe, expect, test } from "vitest";
import { renderMemory } from "../../src/core/memory/render.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import { sectionsOf } from "../../src/core/view/sections.ts";
import { cardsOf, waitingRow } from "../../src/core/view/waiting.ts";

const NOW = new Date("2026-11-23T09:00:00Z");
const UNVOUCHED = {
  rule: "origin/untrusted",
  verdict: "quarantine",
  path: "p",
  forPerson: "From a page.",
  forModel: "Wait.",
} as const;
const CHECK = { ...UNVOUCHED, rule: "security/weaker-check" } as const;

function held(id: string, more: Partial<Held> = {}): Held {
  return {
    id,
    at: "2026-11-23T07:00:00Z",
    operation: "add",
    reason: "",
    subject: `Claim ${id}`,
    caller: { channel: "mcp", actor: "cline/3.2", trust: "untrusted", session: "s_1" },
    findings: [UNVOUCHED],
    files: [],
    ...more,
  };
}

const rowOf = (...waiting: readonly Held[]) => {
  const [card] = cardsOf("project", waiting);
  if (card === undefined) throw new Error("no card");
  return waitingRow(card, NOW);
};

describe("what waits", () => {
  test("is one card for each session, the newest first, and without a session one for each change", () => {
    const alone = { channel: "mcp", actor: "codex", trust: "agent" } as const;
    const cards = cardsOf("project", [
      held("q_1"),
      held("q_2", { caller: alone }),
      held("q_3"),
      held("q_4", { caller: alone }),
    ]);
    expect(cards.map(({ name, held: own }) => [name, own.map(({ id }) => id)])).toEqual([
      ["q_4", ["q_4"]],
      ["q_2", ["q_2"]],
      ["s_1", ["q_1", "q_3"]],
    ]);
  });

  test("says the claim, why it waits and who proposed it", () => {
    expect(rowOf(held("q_1"))).toEqual({
      label: "Claim q_1",
      description: "waiting · from outside · cline",
      icon: "shield",
      spoken: "Claim q_1, waiting for your review, from outside, proposed by Cline 2 hours ago, not in use",
    });
  });

  test("says that it comes from a web page where it cites one", () => {
    const front = {
      type: "Fact",
      id: "m_7k3q9f2d4cxw",
      title: "A claim",
      sources: [{ resource: "https://example.com/page" }],
    };
    const bytes = new TextEncoder().encode(renderMemory(front, "It is so."));
    const file = { path: "semantic/fact/a-claim-m_7k3q9f2d4cxw.md", read: null, bytes };
    expect(rowOf(held("q_1", { files: [file] })).description).toBe("waiting · from a web page · cline");
  });

  test("counts the rules that speak against it, each once", () => {
    expect(rowOf(held("q_1", { findings: [UNVOUCHED, CHECK] })).description).toBe("waiting · 1 rule · cline");
    const card = rowOf(
      held("q_1", { findings: [CHECK] }),
      held("q_2", { findings: [CHECK, { ...CHECK, rule: "danger/execution" }] }),
    );
    expect(card).toMatchObject({ label: "2 claims of one session", description: "waiting · 2 rules · cline" });
  });

  test("can't disguise its row", () => {
    expect(rowOf(held("q_1", { subject: "Use\nnpm\u202Emnp" })).label).toBe("Use npm⟨U+202E⟩mnp");
  });

  test("comes after conflicts and before broken files", () => {
    const broken = (code: string) => ({ path: code, blob: "b", problems: [{ code, line: 1, message: "" }] });
    const shelf = {
      store: "project",
      memories: [],
      broken: [broken("duplicate-key"), broken("conflict-markers")],
      changed: new Map(),
      waiting: [held("q_1")],
    };
    const { needsYou } = sectionsOf([shelf], NOW);
    expect(
      needsYou.map((item) => ("card" in item ? item.card.name : "broken" in item ? item.broken.path : "")),
    ).toEqual(["conflict-markers", "s_1", "duplicate-key"]);
  });
});
