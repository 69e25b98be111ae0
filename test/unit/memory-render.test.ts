import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/core/errors.ts";
import { isBroken, type FrontMatter } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import { renderMemory } from "../../src/core/memory/render.ts";

function reread(text: string): { front: FrontMatter; body: string } {
  const memory = readMemoryText("semantic/fact/x.md", "", text);
  if (isBroken(memory)) throw new Error(JSON.stringify(memory.problems));
  return { front: memory.front, body: memory.body };
}

describe("a new file", () => {
  test("an ordinary agent's memory has at most eight lines of front matter, claim first", () => {
    const text = renderMemory(
      {
        expires_at: "2027-02-21T09:12:00Z",
        origin: { channel: "tool", session: "s_9d2k4m7x", turn: 4, trust: "agent" },
        generated: { by: "copilot/gpt-5.2", at: "2026-11-23T09:12:00Z" },
        sources: [{ id: "manifest", resource: "repo:/package.json", lines: "3-7", commit: "9fceb02" }],
        scope: ["packages/**"],
        title: "Use pnpm, never npm",
        id: "m_7k3q9f2d4cxw",
        type: "Convention",
      },
      "Run it through pnpm.",
    );
    expect(text).toBe(`---
type: Convention
id: m_7k3q9f2d4cxw
title: "Use pnpm, never npm"
scope: ["packages/**"]
generated: { by: "copilot/gpt-5.2", at: 2026-11-23T09:12:00Z }
origin: { channel: "tool", session: s_9d2k4m7x, turn: 4, trust: "agent" }
sources: [{ id: "manifest", resource: "repo:/package.json", lines: "3-7", commit: "9fceb02" }]
expires_at: 2027-02-21T09:12:00Z
---

Run it through pnpm.
`);
  });

  test("defaults and empty lists are not written", () => {
    expect(renderMemory({ type: "Fact", tags: [], pinned: false }, "")).toBe("---\ntype: Fact\n---\n");
  });

  test.each([
    "Use #1",
    "a: b",
    "- x",
    "---",
    "true",
    "2026-11-23",
    "1.10",
    "*a",
    "&a",
    "!b",
    '"quoted" \\ back',
    "tab\tand\nbreak",
    "\u0085\u2028\ufeff\u007f",
    "👩‍👩‍👧 עברית",
    " spaced ",
  ])("the text %j comes back as it was, wherever it stands", (text) => {
    const front: FrontMatter = {
      type: text.trim() === "" ? "Fact" : text,
      title: text,
      tags: [text],
      generated: { by: text, at: "2026-11-23T09:12:00Z" },
      origin: { channel: text, session: text, trust: "agent" },
      sources: [{ resource: text, lines: text, commit: text }],
      extra: { note: text, [`key ${text}`]: [text, { [text]: text }] },
    };
    expect(reread(renderMemory(front, "Body\n"))).toEqual({ front, body: "Body\n" });
  });

  test("a body keeps its inner bytes, loses blank lines before it and ends with a line break", () => {
    expect(reread(renderMemory({ type: "Fact" }, "\n\n  a\r\n---\nb  ")).body).toBe("  a\r\n---\nb  \n");
  });

  test("what no file can store is refused", () => {
    expect(() => renderMemory({ type: "Fact", title: "\udc00" }, "")).toThrow(InvalidInputError);
    expect(() => renderMemory({ type: "Fact" }, "\ud800")).toThrow(InvalidInputError);
    expect(() => renderMemory({ type: "Fact", extra: { title: "smuggled" } }, "")).toThrow(InvalidInputError);
    expect(() => renderMemory({ type: "Fact", extra: { ["__proto__"]: "x" } }, "")).toThrow(InvalidInputError);
    expect(() => renderMemory({ type: "Fact", extra: { f: () => 1 } }, "")).toThrow(InvalidInputError);
  });
});
