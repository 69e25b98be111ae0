import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editMemory } from "../../src/core/memory/edit.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemoryText } from "../../src/core/memory/parse.ts";
import type { Edits } from "../../src/core/proposal.ts";
import { edits, file } from "./memory-arbitraries.ts";

function read(text: string): Memory {
  const memory = readMemoryText("semantic/fact/x.md", "", text);
  if (isBroken(memory)) throw new Error(JSON.stringify([text, memory.problems]));
  return memory;
}

/** The edits that put back what a memory holds now. */
function inverse(memory: Memory, applied: Edits): Edits {
  const { front, body } = memory;
  const old: Record<string, unknown> = {};
  for (const key of Object.keys(applied))
    old[key] = key === "body" ? body : (Object.entries(front).find(([name]) => name === key)?.[1] ?? null);
  return old;
}

/** The front matter's lines with their ends, and the rest of the file. */
function parts(text: string): { lines: string[]; body: string } {
  const end = /^---\r?\n/m.exec(text.slice(4))?.index ?? 0;
  const fence = 4 + end;
  return { lines: text.slice(0, fence).split(/(?<=\n)/), body: text.slice(fence) };
}

const RUNS = { numRuns: 500 };

describe("editing", () => {
  test("every generated file is a memory", () => {
    fc.assert(
      fc.property(file, (text) => {
        expect(isBroken(readMemoryText("semantic/fact/x.md", "", text))).toBe(false);
      }),
      RUNS,
    );
  });

  test("re-reading shows the intended change and no other", () => {
    fc.assert(
      fc.property(file, edits, (text, change) => {
        const before = read(text);
        const after = read(editMemory(text, change));
        const wanted: Record<string, unknown> = { ...before.front };
        for (const [key, value] of Object.entries(change)) {
          if (key === "body") continue;
          if (value === null) delete wanted[key];
          else wanted[key] = value;
        }
        expect(after.front).toEqual(wanted);
        expect(change.body === undefined ? after.body : before.body).toBe(before.body);
      }),
      RUNS,
    );
  });

  test("one edited key leaves every line that is not its own, and the body, byte for byte", () => {
    const keys = [
      "type",
      "title",
      "description",
      "tags",
      "scope",
      "pinned",
      "sources",
      "expires_at",
      "stale_after",
      "verified",
    ] as const;
    fc.assert(
      fc.property(file, edits, fc.constantFrom(...keys), (text, change, key) => {
        const value = change[key];
        fc.pre(value !== undefined);
        const before = parts(text);
        const after = parts(editMemory(text, { [key]: value }));
        expect(after.body).toBe(before.body);
        let same = 0;
        while (same < before.lines.length && before.lines[same] === after.lines[same]) same += 1;
        let tail = 0;
        while (
          tail < before.lines.length - same &&
          tail < after.lines.length - same &&
          before.lines.at(-1 - tail) === after.lines.at(-1 - tail)
        )
          tail += 1;
        const changed = before.lines.slice(same, before.lines.length - tail);
        const written = after.lines.slice(same, after.lines.length - tail);
        expect(written.length).toBeLessThanOrEqual(Math.max(1, changed.length));
        const owned = new RegExp(`^\\uFEFF?(?:\\? )?["']?${key}\\b`);
        for (const line of changed.slice(0, 1)) expect(line).toMatch(key === "stale_after" ? /stale_after|^: / : owned);
        for (const line of changed.slice(1)) expect(line).toMatch(/^(?:[ \r\n-]|: )/);
      }),
      RUNS,
    );
  });

  test("editing the body leaves the front matter byte for byte", () => {
    fc.assert(
      fc.property(file, edits, (text, { body }) => {
        fc.pre(body !== undefined);
        const edited = editMemory(text, { body });
        expect(parts(edited).lines).toEqual(parts(text).lines);
      }),
      RUNS,
    );
  });

  test("a body edit and its inverse are the identity", () => {
    fc.assert(
      fc.property(file, edits, (text, { body }) => {
        fc.pre(body !== undefined);
        expect(editMemory(editMemory(text, { body }), { body: read(text).body })).toBe(text);
      }),
      RUNS,
    );
  });

  test("an edit and its inverse leave the same memory, and the same bytes outside the edited keys", () => {
    fc.assert(
      fc.property(file, edits, (text, change) => {
        const before = read(text);
        const back = editMemory(editMemory(text, change), inverse(before, change));
        expect(read(back)).toEqual(before);
      }),
      RUNS,
    );
  });

  test("in a file that this program wrote, an edit and its inverse are the identity, byte for byte", () => {
    fc.assert(
      fc.property(edits, edits, (first, change) => {
        const text = editMemory('---\ntype: Fact\nid: m_7k3q9f2d4cxw\ntitle: "T"\n---\n\nBody.\n', first);
        expect(editMemory(editMemory(text, change), inverse(read(text), change))).toBe(text);
      }),
      RUNS,
    );
  });

  test("an edit to what is there already changes nothing", () => {
    fc.assert(
      fc.property(file, (text) => {
        const memory = read(text);
        const all = {
          type: "",
          title: "",
          body: "",
          description: "",
          tags: [],
          scope: [],
          pinned: true,
          sources: [],
          expires_at: "",
          stale_after: "",
          verified: [],
        };
        expect(editMemory(text, inverse(memory, all))).toBe(text);
      }),
      RUNS,
    );
  });

  test("a body of a megabyte survives", () => {
    const body = "Ünïcödé 👩‍👩‍👧 line\n".repeat(40_000);
    const text = editMemory("---\ntype: Fact\n---\n\nOld.\n", { body });
    expect(new TextEncoder().encode(text).length).toBeGreaterThan(1_000_000);
    expect(read(text).body).toBe(body);
    expect(editMemory(text, { title: "T" })).toBe(text.replace("---\n\n", 'title: "T"\n---\n\n'));
  });
});
