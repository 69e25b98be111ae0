import { describe, expect, test } from "vitest";
import { readBody } from "../../src/core/memory/body.ts";

describe("the structure of a body", () => {
  const body =
    "Run every *install* through [pnpm](https://pnpm.io).\n\n## How `it` works\n\nMore.\n\n**Why:** an npm lockfile\nslipped in.\n";

  test("the claim is the first paragraph, the reason the one that begins with Why", () => {
    expect(readBody(body)).toEqual({
      claim: { text: "Run every install through pnpm.", line: 1, start: 0, end: 52 },
      headings: [{ text: "How it works", depth: 2, line: 3, start: 54, end: 71 }],
      why: { text: "an npm lockfile slipped in.", line: 7, start: 80, end: 116 },
    });
  });

  test("positions lead back to the text as it was written, with Windows line endings too", () => {
    const windows = body.replaceAll("\n", "\r\n");
    const { why, headings } = readBody(windows);
    expect(windows.slice(why?.start, why?.end)).toBe("**Why:** an npm lockfile\r\nslipped in.");
    expect(headings.map(({ start, end }) => windows.slice(start, end))).toEqual(["## How `it` works"]);
  });

  test("a heading or reason inside code is text", () => {
    expect(readBody("```\n# no\n\n**Why:** no\n```\n")).toEqual({ claim: null, headings: [], why: null });
  });

  test("an empty body has no structure", () => {
    expect(readBody("")).toEqual({ claim: null, headings: [], why: null });
  });
});
