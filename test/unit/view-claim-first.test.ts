import { expect, test } from "vitest";
import { claimFirst } from "../../src/core/view/claim-first.ts";

const FILE = [
  "---",
  "type: Convention",
  "id: m_7k3q9f2d4cxw",
  'title: "Use pnpm: never npm"',
  "scope: [web]",
  "---",
  "",
  "Run every install through pnpm.",
  "Not npm.",
  "",
].join("\n");

test("the claim comes first, then its text, then all that the front matter says besides", () => {
  expect(claimFirst(FILE).text).toBe(
    "# Use pnpm: never npm\n\nRun every install through pnpm.\nNot npm.\n\n---\ntype: Convention\nid: m_7k3q9f2d4cxw\nscope: [web]\n",
  );
});

test("each line of the file is found again where it stands", () => {
  const { text, lineOf } = claimFirst(FILE);
  const shown = text.split("\n");
  expect([4, 8, 9, 2, 5].map((line) => shown[lineOf(line)])).toEqual([
    "# Use pnpm: never npm",
    "Run every install through pnpm.",
    "Not npm.",
    "type: Convention",
    "scope: [web]",
  ]);
  expect(lineOf(99)).toBe(0);
});

test("a title over several lines stays as it is written, with all its lines", () => {
  const { text, lineOf } = claimFirst("---\ntitle: |-\n  Use pnpm\n  never npm\ntype: Fact\n---\n\nBody.\n");
  expect(text).toBe("title: |-\n  Use pnpm\n  never npm\n\nBody.\n\n---\ntype: Fact\n");
  expect(lineOf(5)).toBe(7);
});

test("nothing is hidden: what draws as nothing is spelled, and line endings are no difference", () => {
  expect(claimFirst(FILE.replace("Not npm.", "Not\u200B npm.")).text).toContain("Not⟨U+200B⟩ npm.");
  expect(claimFirst(FILE.replaceAll("\n", "\r\n")).text).toBe(claimFirst(FILE).text);
});

test("a file without front matter is shown as it is, line by line", () => {
  const { text, lineOf } = claimFirst("format: 1\ngate: off\n");
  expect(text).toBe("format: 1\ngate: off\n");
  expect([lineOf(1), lineOf(2), lineOf(50)]).toEqual([0, 1, 2]);
});
