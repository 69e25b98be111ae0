import { describe, expect, test } from "vitest";
import { pathFromRoot, sourceOf } from "../../src/core/tools/citation.ts";
import { checkInput, type InputSchema } from "../../src/core/tools/schema.ts";

const schema = {
  type: "object",
  properties: {
    title: { type: "string", description: "The claim in one line.", minLength: 1, maxLength: 20 },
    type: { type: "string", description: "What kind.", enum: ["Fact", "Pitfall"], maxLength: 20 },
    limit: { type: "integer", description: "How many.", minimum: 1, maximum: 5 },
    tags: { type: "array", description: "Words.", items: { type: "string", minLength: 1, maxLength: 5 }, maxItems: 2 },
  },
  required: ["title"],
  additionalProperties: false,
} as const satisfies InputSchema;

const check = (input: unknown) => checkInput("memory_test", schema, input);

describe("a tool's input", () => {
  test("passes with what the schema admits, and a null counts as absent", () => {
    expect(check({ title: "A", type: "Fact", limit: 5, tags: ["a", "b"] }).values).toEqual({
      title: "A",
      type: "Fact",
      limit: 5,
      tags: ["a", "b"],
    });
    expect(check({ title: "A", type: null, tags: null }).values).toEqual({ title: "A" });
  });

  test.each([
    [
      null,
      "memory_test takes one JSON object with these keys: title, type (optional), limit (optional), tags (optional).",
    ],
    [["title"], "memory_test takes one JSON object"],
    [{}, '"title" is missing. The claim in one line.'],
    [{ title: null }, '"title" is missing.'],
    [{ title: "  " }, '"title" is empty.'],
    [{ title: 7 }, '"title" must be a text, not a number.'],
    [{ title: {} }, '"title" must be a text, not an object.'],
    [{ title: "x".repeat(21) }, '"title" has 21 characters; at most 20 are allowed.'],
    [{ title: "A", type: "Rule" }, 'Unknown type "Rule". Use one of: Fact, Pitfall.'],
    [{ title: "A", limit: 0 }, '"limit" must be a whole number from 1 to 5.'],
    [{ title: "A", limit: 1.5 }, '"limit" must be a whole number from 1 to 5.'],
    [{ title: "A", limit: "3" }, '"limit" must be a whole number from 1 to 5.'],
    [{ title: "A", tags: "a, b" }, '"tags" must be a list of texts, such as ["one", "two"].'],
    [{ title: "A", tags: ["a", "b", "c"] }, '"tags" takes at most 2 entries; it has 3.'],
    [{ title: "A", tags: [1] }, '"tags" must be a text, not a number.'],
    [{ title: "A", titel: "B" }, 'memory_test has no input "titel". Use only these keys: title'],
    [{ title: "A", constructor: "B" }, 'memory_test has no input "constructor".'],
    [JSON.parse('{"title":"A","__proto__":{"limit":1}}'), 'memory_test has no input "__proto__".'],
  ])("%j is refused with a sentence that says what to do", (input, sentence) => {
    expect(() => check(input)).toThrow(sentence);
  });

  test("that vouches for itself is taken without those keys, which are reported", () => {
    expect(check({ title: "A", trust: "reviewed", approved: true })).toEqual({
      values: { title: "A" },
      ignored: ["trust", "approved"],
    });
  });

  test("is repeated in a sentence in one line and not in full", () => {
    const call = () => check({ title: "A", type: `Fact\n\u001B[2J${"x".repeat(100)}` });
    expect(call).toThrow(/^Unknown type "Fact \[2Jx{32}…"\. Use one of: Fact, Pitfall\.$/);
  });
});

describe("a citation", () => {
  test.each([
    ["src/app.ts", { resource: "repo:/src/app.ts" }],
    ["./src/app.ts:3", { resource: "repo:/src/app.ts", lines: "3" }],
    ["src/app.ts:3-7", { resource: "repo:/src/app.ts", lines: "3-7" }],
    ["src/app.ts#L3-L7", { resource: "repo:/src/app.ts", lines: "3-7" }],
    ["src\\app.ts:3-3", { resource: "repo:/src/app.ts", lines: "3" }],
    ["repo:/src/app.ts:3", { resource: "repo:/src/app.ts", lines: "3" }],
    ["https://example.com/a:80", { resource: "https://example.com/a:80" }],
  ])("%s is read as a source", (text, source) => {
    expect(sourceOf(text)).toEqual(source);
  });

  test("may be an absolute path inside the code's folder", () => {
    expect(sourceOf(pathFromRoot("/home/me/code/src/app.ts:3", "/home/me/code"))).toEqual({
      resource: "repo:/src/app.ts",
      lines: "3",
    });
    expect(sourceOf(pathFromRoot("C:\\code\\src\\app.ts", "C:\\code"))).toEqual({ resource: "repo:/src/app.ts" });
    expect(() => sourceOf(pathFromRoot("/home/me/code-of-others/app.ts", "/home/me/code"))).toThrow(
      "is no file of this repository",
    );
  });

  test.each(["/etc/passwd", "../other/file.ts", "src/../../file.ts", "C:\\work\\a.ts", "file:///etc/passwd", "./"])(
    "%s is refused, because it is no file of the repository",
    (text) => {
      expect(() => sourceOf(text)).toThrow("is no file of this repository");
    },
  );

  test.each(["a.ts:7-3", "a.ts:0"])("%s is refused for its lines", (text) => {
    expect(() => sourceOf(text)).toThrow("The lines in");
  });
});
