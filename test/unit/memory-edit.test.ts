import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/core/errors.ts";
import { UneditableError, editMemory } from "../../src/core/memory/edit.ts";

const ORDINARY = `---
type: Convention
id: m_7k3q9f2d4cxw
title: "Use pnpm, never npm"   # decided in 2025
scope: ["packages/**"]
generated: { by: "copilot/gpt-5.2", at: 2026-11-23T09:12:00Z }
---

Run every install through pnpm.
`;

/** The lines that differ, as a diff would show them. */
function diff(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const removed = old.filter((line) => !now.includes(line)).map((line) => `-${line}`);
  return [...removed, ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`)];
}

describe("editing in place", () => {
  test("a changed value keeps the comment and the spacing of its line", () => {
    expect(diff(ORDINARY, editMemory(ORDINARY, { title: "Use pnpm" }))).toEqual([
      '-title: "Use pnpm, never npm"   # decided in 2025',
      '+title: "Use pnpm"   # decided in 2025',
    ]);
  });

  test("a new key becomes one line at its canonical place", () => {
    expect(editMemory(ORDINARY, { tags: ["ci"], expires_at: "2027-01-01T00:00:00Z", description: "Really." })).toBe(
      ORDINARY.replace("\nscope:", '\ndescription: "Really."\ntags: ["ci"]\nscope:').replace(
        "\n---\n\n",
        "\nexpires_at: 2027-01-01T00:00:00Z\n---\n\n",
      ),
    );
  });

  test("null removes a key with its lines, and only those", () => {
    expect(diff(ORDINARY, editMemory(ORDINARY, { scope: null }))).toEqual(['-scope: ["packages/**"]']);
    expect(editMemory(ORDINARY, { tags: null })).toBe(ORDINARY);
  });

  test("a value that is as it was keeps its bytes, however it is written", () => {
    const text = "---\ntype: 'Fact'\ntags:\n  - ci\n  - pnpm # both\n---\nBody\n";
    expect(editMemory(text, { type: "Fact", tags: ["ci", "pnpm"], title: "New" })).toBe(
      "---\ntype: 'Fact'\ntitle: \"New\"\ntags:\n  - ci\n  - pnpm # both\n---\nBody\n",
    );
  });

  test("block style is replaced by one line, and its neighbours and their comments stay", () => {
    const text =
      "---\ntype: Fact\n# what it is about\ntags:\n  - ci\n\n  - pnpm\n\n# when\nstale_after: 2027-01-01\ntitle: >-\n  a folded\n  title\ndescription: |\n  two\n  lines\n\nfoo: bar\n---\n";
    expect(editMemory(text, { tags: ["x"] })).toBe(text.replace("tags:\n  - ci\n\n  - pnpm\n", 'tags: ["x"]\n'));
    expect(editMemory(text, { title: "T" })).toBe(text.replace("title: >-\n  a folded\n  title\n", 'title: "T"\n'));
    expect(editMemory(text, { description: null })).toBe(text.replace("description: |\n  two\n  lines\n", ""));
    expect(editMemory(text, { pinned: true })).toBe(text.replace("  lines\n", "  lines\npinned: true\n"));
  });

  test("Windows line endings, a byte order mark, quoted keys and an empty value are kept or filled", () => {
    const text = '\uFEFF---\r\n"type": Fact\r\ntags:   # none yet\r\nexpires_at:\r\n---\r\n\r\nBody\r\n';
    expect(editMemory(text, { type: "Pitfall", tags: ["a"], title: "T" })).toBe(
      '\uFEFF---\r\n"type": Pitfall\r\ntitle: "T"\r\ntags: ["a"]   # none yet\r\nexpires_at:\r\n---\r\n\r\nBody\r\n',
    );
  });

  test("an indented front matter gets an equally indented line", () => {
    expect(editMemory("---\n  type: Fact\n  foo: bar\n---\n", { title: "T" })).toBe(
      '---\n  type: Fact\n  title: "T"\n  foo: bar\n---\n',
    );
  });

  test("true to false changes that word alone", () => {
    expect(editMemory("---\ntype: Fact\npinned: true # yes\n---\n", { pinned: false })).toBe(
      "---\ntype: Fact\npinned: false # yes\n---\n",
    );
  });

  test("front matter in one pair of braces is refused, and its body can still be changed", () => {
    const text = "---\n{ type: Fact, title: T }\n---\n\nOld.\n";
    expect(() => editMemory(text, { title: "U" })).toThrow(UneditableError);
    expect(editMemory(text, { body: "New." })).toBe("---\n{ type: Fact, title: T }\n---\n\nNew.\n");
  });

  test("blank lines that belong to a value stay with it, and an edit that would change that is refused", () => {
    const text = "---\ntype: Fact\ndescription: |+\n  kept\n\nfoo: bar\n\n---\n";
    expect(editMemory(text, { tags: ["a"] })).toBe(text.replace("foo:", 'tags: ["a"]\nfoo:'));
    expect(editMemory(text, { title: "T" })).toBe(text.replace("description:", 'title: "T"\ndescription:'));
    const last = "---\ntype: Fact\ndescription: |+\n  kept\n\ntags: [a]\n\n---\n";
    expect(() => editMemory(last, { tags: null })).toThrow(UneditableError);
  });

  test("a broken file is refused with the reason and its line", () => {
    expect(() => editMemory("---\ntype: Fact\ntags: ci\n---\n", { title: "T" })).toThrow(/Line 3: `tags` must be/);
  });

  test("an edit that would leave no readable memory is refused", () => {
    expect(() => editMemory(ORDINARY, { expires_at: "2027-02-30" })).toThrow(InvalidInputError);
    expect(() => editMemory(ORDINARY, { type: "" })).toThrow(InvalidInputError);
    expect(() => editMemory(ORDINARY, { type: "Reference" })).toThrow(/never recalled/);
    expect(() => editMemory(ORDINARY, { title: "half \ud83d" })).toThrow(InvalidInputError);
  });
});

describe("a new body", () => {
  test("the front matter keeps its bytes", () => {
    expect(editMemory(ORDINARY, { body: "Other." })).toBe(
      ORDINARY.replace("Run every install through pnpm.", "Other."),
    );
  });

  test("it takes over the old body's line endings, so that equal lines stay equal bytes", () => {
    const text = "---\r\ntype: Fact\r\n---\r\n\r\na\r\nb\r\n";
    expect(editMemory(text, { body: "a\nc" })).toBe("---\r\ntype: Fact\r\n---\r\n\r\na\r\nc\r\n");
    expect(editMemory("---\ntype: Fact\n---\n\na\nb", { body: "a\r\nc\r\n" })).toBe("---\ntype: Fact\n---\n\na\nc");
  });

  test("a body that mixes line endings is taken as it is", () => {
    expect(editMemory("---\ntype: Fact\n---\n\na\r\nb\r\n", { body: "a\nb\r\nc\n" })).toBe(
      "---\ntype: Fact\n---\n\na\nb\r\nc\n",
    );
  });

  test("a blank line at its start is never mistaken for the one after the fence", () => {
    expect(editMemory("---\ntype: Fact\n---\nOld\n", { body: "\n\nNew\n" })).toBe("---\ntype: Fact\n---\nNew\n");
    expect(editMemory("---\ntype: Fact\n---\n\nOld\n", { body: "\nNew\n" })).toBe("---\ntype: Fact\n---\n\n\nNew\n");
  });

  test("a file that ends at its fence gets a line break first", () => {
    expect(editMemory("---\r\ntype: Fact\r\n---", { body: "New" })).toBe("---\r\ntype: Fact\r\n---\r\nNew");
  });
});
