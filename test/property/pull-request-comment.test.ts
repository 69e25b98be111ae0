/** Whatever a memory, a path or a commit says: in the comment it is read and does nothing. */
import * as fc from "fast-check";
import { remark } from "remark";
import { expect, test } from "vitest";
import { githubReport, gitlabReport, junitReport } from "../../src/core/pull-request/formats/annotations.ts";
import { COMMENT_MARKER, markdownReport } from "../../src/core/pull-request/formats/markdown.ts";
import { code, fenced, sentence } from "../../src/core/pull-request/formats/markdown-words.ts";
import type { Concern, Review, ReviewedBelief } from "../../src/core/pull-request/model.ts";
import { spelledLine } from "../../src/core/view/spelled.ts";
import { wordDifference } from "../../src/core/review/words.ts";

/** Pieces that mean something to a forge, a terminal or a reader of XML, in any order, among any letters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "`",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "    ",
        "\t",
        "|",
        "</details>",
        "<!-- ",
        "-->",
        "<img src=x onerror=1>",
        "[x](http://evil.example)",
        "![x](http://evil.example/x.png)",
        "@team",
        "@org/team",
        "#12",
        "org/repo#1",
        "GH-3",
        "!7",
        "~label",
        "$1",
        "https://evil.example",
        "www.evil.example",
        "mail@evil.example",
        "a1b2c3d4e5f6a7b8",
        ":boom:",
        "- ",
        "# ",
        "> ",
        "---",
        "1. ",
        "**",
        "_",
        "\\",
        "&lt;",
        '"',
        "'",
        "::error::x",
        "%0A",
        ",",
        ":",
        "]]>",
        "\u202E",
        "\u200B",
        "\u0000",
        "\u001B[2J",
        "\u2028",
        "[^1]",
        "[ref]: http://evil.example",
      ),
      fc.string({ maxLength: 8 }),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const concern = fc.record({
  rule: fc.constantFrom("state/contradiction", "hidden/bidi"),
  level: fc.constantFrom("block", "quarantine", "confirm", "allow"),
  path: hostile,
  sentence: fc.oneof(
    hostile,
    hostile.map((text) => `It speaks against "${text}" (agent).`),
  ),
  quote: hostile,
}) satisfies fc.Arbitrary<Concern>;

const belief: fc.Arbitrary<ReviewedBelief> = fc
  .record({
    text: hostile,
    title: hostile,
    path: hostile,
    by: hostile,
    reason: hostile,
    concerns: fc.array(concern, { maxLength: 3 }),
    changed: fc.boolean(),
  })
  .map(({ text, title, path, by, reason, concerns, changed }) => ({
    kind: changed ? "changed" : "added",
    id: "m_7k3q9f2d4cxw",
    title,
    path,
    before: null,
    after: null,
    type: text,
    body: text,
    description: null,
    words: changed ? wordDifference(title, text) : [],
    keys: [{ key: text, before: title, after: text }],
    withheld: false,
    scope: [text],
    pinned: true,
    expires: null,
    by,
    at: null,
    channel: text,
    session: text,
    trust: "agent",
    sources: [{ resource: text, lines: title }],
    approval: { by, evidence: "signature" },
    lineage: [{ id: title, title: text, trust: "agent" }],
    supersedes: [{ id: title, title: null, trust: null }],
    against: [],
    reasons: [
      { commit: "0123456789abcdef0123456789abcdef01234567", at: "2026-11-20T00:00:00Z", who: by, text: reason },
    ],
    frontMatter: text,
    concerns,
  }));

const review: fc.Arbitrary<Review> = fc
  .record({
    beliefs: fc.array(belief, { minLength: 1, maxLength: 3 }),
    concerns: fc.array(concern, { maxLength: 3 }),
    name: hostile,
  })
  .map(({ beliefs, concerns, name }) => ({
    base: { name, commit: "b".repeat(40) },
    head: { name, commit: "c".repeat(40) },
    mergeBase: null,
    prefix: "",
    commits: 1,
    beliefs,
    concerns,
    there: 0,
    unseen: [],
    at: "2026-11-23T00:00:00Z",
  }));

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children ?? []) yield* nodesOf(child);
}

const OWN_HTML = new Set([
  COMMENT_MARKER,
  "<details>",
  "<details><summary>Commits, lineage and keys</summary>",
  "</details>",
  "<sub>",
  "</sub>",
]);
/** What a forge would make something of in plain text. */
const ACTIVE = /[@#!~$<>[\]|\u0000-\u0008\u000B-\u001F\u007F]|:\/\/|www\.|\b[0-9a-f]{7,40}\b|:\w+:/;

/** The comment as CommonMark reads it: nothing of others stands anywhere but in code. */
function expectHarmless(markdown: string): void {
  const nodes = [...nodesOf(remark().parse(markdown))];
  const kinds = new Set(nodes.map(({ type }) => type));
  for (const kind of ["link", "image", "linkReference", "imageReference", "definition"])
    expect(kinds).not.toContain(kind);
  const texts = (type: string): string[] => nodes.flatMap((node) => (node.type === type ? (node.value ?? "") : []));
  expect(texts("html").filter((html) => !OWN_HTML.has(html))).toEqual([]);
  expect(texts("text").filter((text) => ACTIVE.test(text))).toEqual([]);
}

test("a comment holds words of others in code alone, and keeps its structure", () => {
  fc.assert(
    fc.property(review, (made) => {
      const markdown = markdownReport(made);
      expectHarmless(markdown);
      expect(markdown).not.toMatch(/[\u202A-\u202E\u200B\u0000\u001B]/);
      expect(markdown.match(/^<details>/gm)).toHaveLength(made.beliefs.length);
    }),
    { numRuns: 300 },
  );
});

test("a code span and a fence hold any text", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [paragraph] = remark().parse(`x ${code(text)} y`).children;
      const line = spelledLine(text);
      const inside = line === "" ? [] : [{ type: "inlineCode", value: line }];
      expect(
        paragraph === undefined ? [] : [...nodesOf(paragraph)].filter(({ type }) => type === "inlineCode"),
      ).toMatchObject(inside);
      const tree = remark().parse(`before\n\n${fenced(text)}\n\nafter`);
      expect(tree.children.map(({ type }) => type)).toEqual(["paragraph", "code", "paragraph"]);
    }),
  );
});

test("a sentence of ours stays prose, and one that isn't becomes code", () => {
  expect(sentence('It speaks against "Use npm" (agent).')).toBe("It speaks against `Use npm` (agent).");
  expect(sentence("Mention @team")).toBe("`Mention @team`");
  expect(sentence('It speaks against "x" www.evil.example "y".')).toMatch(/^`.*`$/);
});

test("a finding is one workflow command, whatever it says", () => {
  fc.assert(
    fc.property(review, (made) => {
      const lines = githubReport(made).split("\n").slice(0, -1);
      expect(lines).toHaveLength(
        made.concerns.length + made.beliefs.reduce((sum, { concerns }) => sum + concerns.length, 0),
      );
      for (const line of lines)
        expect(line).toMatch(/^::(?:error|warning|notice) file=[^,:]*,line=1,title=[a-z]+\/[a-z-]+::[^\r\n]*$/);
      expect(new Set(gitlabReport(made).map((issue) => JSON.stringify(issue))).size).toBe(lines.length);
    }),
  );
});

test("a test report is XML, whatever it says", () => {
  fc.assert(
    fc.property(review, (made) => {
      const xml = junitReport(made, "block");
      const rest = xml.replaceAll(
        /<\/?[a-z-]+(?: [a-z]+="[^"<>]*")*\/?>|<\?xml version="1\.0" encoding="UTF-8"\?>/g,
        "",
      );
      expect(rest).not.toMatch(/[<>\u0000-\u0008\u000B\u000C\u000E-\u001F]|&(?!(?:amp|lt|gt|quot);)/);
    }),
  );
});
