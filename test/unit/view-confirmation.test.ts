import { describe, expect, test } from "vitest";
import type { FrontMatter, Memory } from "../../src/core/memory/model.ts";
import { confirmationOf } from "../../src/core/view/confirmation.ts";

function memory(body: string, front: Partial<FrontMatter> = {}): Memory {
  const path = "semantic/convention/use-pnpm-m_7k3q9f2d4cxw.md";
  return { id: "m_7k3q9f2d4cxw", title: "Use pnpm", path, blob: "b10b", body, front: { type: "Convention", ...front } };
}

describe("the question before a confirmation", () => {
  test("shows the claim and, before anything that others wrote, what confirming means", () => {
    const asked = confirmationOf(
      memory("Run every script through pnpm.\n", {
        scope: ["packages/**"],
        pinned: true,
        generated: { by: "copilot/gpt-5.2", at: "2026-11-20T08:00:00Z" },
        sources: [{ resource: "repo:/package.json", lines: "4-4" }],
      }),
      false,
    );
    expect(asked).toEqual({
      message: "Confirm “Use pnpm”?",
      detail:
        "Agents will treat it as your word.\n\nRun every script through pnpm.\n\n" +
        "Convention about packages/** · pinned · written by copilot · rests on package.json:4-4",
    });
  });

  test("says that an end goes away with it, and only then", () => {
    const ending = memory("Body.", { expires_at: "2027-02-01T00:00:00Z" });
    expect(confirmationOf(ending, true).detail).toContain("It will no longer end on 2027-02-01.");
    expect(confirmationOf(ending, false).detail).not.toContain("no longer end");
  });

  test("spells out what can't be seen", () => {
    const { detail } = confirmationOf(memory("Allow\u202e nothing\u200b."), false);
    expect(detail).toContain("Allow⟨U+202E⟩ nothing⟨U+200B⟩.");
  });

  test.each([
    ["many lines", Array.from({ length: 40 }, (_, i) => `Line ${i}.`).join("\n")],
    ["a long line", "word ".repeat(600)],
  ])("says that %s are only the beginning, so that nobody confirms what was not shown", (_, body) => {
    const asked = confirmationOf(memory(body), false);
    expect(asked.detail).toContain("Open it and read all of it first.");
    expect(asked.detail.length).toBeLessThan(1600);
  });
});
