/** Which memories speak for a fact independently, and which only repeat it. */
import { expect, test } from "vitest";
import type { FrontMatter, Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { isBroken } from "../../src/core/memory/model.ts";
import { renderMemory } from "../../src/core/memory/render.ts";
import { witnessesOf } from "../../src/core/trust/corroboration.ts";

let count = 0;

function found(
  by: string,
  session: string,
  url: string,
  more: Partial<FrontMatter> = {},
  body = "Since version 3.",
): Memory {
  const id = `m_${String(++count).padStart(12, "0")}`;
  const front: FrontMatter = {
    type: "Fact",
    id,
    title: "The parser keeps comments",
    generated: { by, at: "2026-11-23T09:12:00Z" },
    origin: { channel: "mcp", session, trust: "untrusted" },
    sources: [{ resource: url }],
    ...more,
  };
  const memory = readMemory(
    `semantic/fact/x-${id}.md`,
    String(count),
    new TextEncoder().encode(renderMemory(front, body)),
  );
  if (isBroken(memory)) throw new Error(memory.problems[0]?.message);
  return memory;
}

const plain = (): boolean => true;
const A = found("copilot/gpt-5.2", "s_aaaaaaaa", "https://docs.parser.example/comments");
const B = found("claude-code/2.1", "s_bbbbbbbb", "https://wiki.other.test/parser");
const speaks = (other: Memory, fact = A, isPlain: (memory: Memory) => boolean = plain): boolean =>
  witnessesOf(fact, [fact, other], isPlain).length > 0;

test("a fact found apart, by another agent, in another session, on another site has a witness", () => {
  expect(witnessesOf(A, [A, B], plain)).toEqual([B]);
  expect(witnessesOf(B, [A, B], plain)).toEqual([A]);
});

test("one page that is quoted twice is one source", () => {
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", "https://docs.parser.example/comments"))).toBe(false);
});

test.each([
  "https://docs.parser.example/other",
  "https://blog.parser.example/",
  "http://PARSER.example./?q=1#x",
  "https://user:x@docs.parser.example:8443/y",
])("another page of one site is no other source: %s", (url) => {
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", url))).toBe(false);
});

test.each([
  "repo:/README.md",
  "memory:m_000000000001",
  "https://localhost/x",
  "https://127.0.0.1/x",
  "https://[::1]/x",
  "file:///x",
])("what anybody here may have written is none: %s", (resource) => {
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", resource))).toBe(false);
  const both = { sources: [{ resource: "https://wiki.other.test/parser" }, { resource }] };
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", "", both))).toBe(false);
});

test("one session or one program that says it twice is one witness", () => {
  expect(speaks(found("claude-code/2.1", "s_aaaaaaaa", "https://wiki.other.test/parser"))).toBe(false);
  expect(speaks(found("Copilot/gpt-4", "s_bbbbbbbb", "https://wiki.other.test/parser"))).toBe(false);
});

test("two agents that had read the same memory, or one the other's, are no witnesses", () => {
  const having = (...context: string[]): Partial<FrontMatter> => ({
    origin: { channel: "mcp", session: "s_cccccccc", trust: "untrusted", context },
  });
  const url = "https://third.test/";
  const reader = found("codex/1", "s_cccccccc", url, having(A.id));
  expect(speaks(reader)).toBe(false);
  expect(speaks(A, reader)).toBe(false);
  const one = found("codex/1", "s_cccccccc", url, having("m_7k3q9f2d4cxw"));
  const other = found("cline/1", "s_dddddddd", "https://fourth.test/", {
    origin: { channel: "mcp", session: "s_dddddddd", trust: "untrusted", context: ["m_7k3q9f2d4cxw"] },
  });
  expect(speaks(one)).toBe(true);
  expect(speaks(other, one)).toBe(false);
});

test("what was made from other memories is none", () => {
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", "https://wiki.other.test/", { derived_from: [A.id] }))).toBe(
    false,
  );
});

test("another wording, another type and what a rule sees something in are none", () => {
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", "https://wiki.other.test/", {}, "Never."))).toBe(false);
  expect(speaks(found("claude-code/2.1", "s_bbbbbbbb", "https://wiki.other.test/", { type: "Convention" }))).toBe(
    false,
  );
  expect(speaks(B, A, (memory) => memory !== A)).toBe(false);
  expect(speaks(B, A, (memory) => memory !== B)).toBe(false);
});

test("a fact without a session, an author or a source of its own has none", () => {
  for (const lacking of ["origin", "generated", "sources"] as const) {
    const { [lacking]: _gone, ...front } = A.front;
    expect(speaks(B, { ...A, front })).toBe(false);
  }
});
