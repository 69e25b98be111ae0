import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { claimDigest } from "../../src/core/memory/claim.ts";
import { isBroken, type BrokenMemory, type Memory } from "../../src/core/memory/model.ts";
import { isMemoryPath, readMemory, readMemoryText } from "../../src/core/memory/parse.ts";
import { cpuMilliseconds } from "../support/cpu-time.ts";

const EXAMPLES = new URL("../../memory-schema/examples/", import.meta.url);
const markdownIn = (folder: string): string[] =>
  readdirSync(new URL(folder, EXAMPLES)).filter((name) => name.endsWith(".md"));
const example = (path: string): Uint8Array => readFileSync(new URL(path, EXAMPLES));

function readable(text: string): Memory {
  const memory = readMemoryText("semantic/fact/a-file.md", "blob", text);
  if (isBroken(memory)) throw new Error(JSON.stringify(memory.problems));
  return memory;
}

function broken(text: string): BrokenMemory {
  const memory = readMemoryText("semantic/fact/a-file.md", "blob", text);
  if (!isBroken(memory)) throw new Error("The file was read as a memory.");
  return memory;
}

describe("the published examples", () => {
  test.each(markdownIn("valid/"))("valid/%s is a memory", (name) => {
    const memory = readMemory(`semantic/fact/${name}`, "blob", example(`valid/${name}`));
    expect(isBroken(memory) ? memory.problems : []).toEqual([]);
  });

  const expected: Record<string, { code: string; line: number }> = JSON.parse(
    new TextDecoder().decode(example("invalid/expected.json")),
  );

  test("each invalid example has its expected finding, and each expectation its example", () => {
    expect(Object.keys(expected).toSorted()).toEqual(markdownIn("invalid/").toSorted());
  });

  test.each(Object.entries(expected))("invalid/%s is broken as expected", (name, finding) => {
    const file = readMemory(`semantic/fact/${name}`, "blob", example(`invalid/${name}`));
    if (!isBroken(file)) throw new Error("The file was read as a memory.");
    expect(file.problems.map(({ code, line }) => ({ code, line }))).toEqual([finding]);
    expect(file.problems[0]?.message).toMatch(/^.{20,200}\.$/);
  });
});

describe("what a memory holds", () => {
  test("every key of the format is typed", () => {
    const memory = readMemory("semantic/decision/x.md", "blob", example("valid/decision.md"));
    expect(memory).toEqual({
      id: "m_2f8w5n0t6ybr",
      title: "Payments are retried by the queue, not by the client",
      path: "semantic/decision/x.md",
      blob: "blob",
      front: {
        type: "Decision",
        id: "m_2f8w5n0t6ybr",
        title: "Payments are retried by the queue, not by the client",
        description: "The client used to retry as well, and customers were charged twice.",
        tags: ["payments", "queue"],
        scope: ["services/payments/**", "packages/client/**"],
        pinned: true,
        generated: { by: "human:alice", at: "2026-10-02T14:05:31Z" },
        origin: { channel: "editor", trust: "user", context: ["m_7k3q9f2d4cxw"] },
        verified: [{ by: "human:bob", at: "2026-10-03T08:00:00Z" }],
        derived_from: ["m_7k3q9f2d4cxw"],
        supersedes: ["m_1x8h2j5k9p4w"],
        stale_after: "2027-04-01T00:00:00Z",
        expires_at: "2027-10-01T00:00:00Z",
      },
      body: "Only the queue worker retries a payment. The client reports the failure and stops.\n\n**Why:** two layers of retries charged eleven customers twice.\n",
    });
  });

  test("a file of another tool keeps its unknown keys, and no value is taken for a number or a date", () => {
    const memory = readMemory("semantic/fact/orders.md", "blob", example("valid/by-another-tool.md"));
    expect(memory).toMatchObject({
      id: "path:semantic/fact/orders.md",
      title: "Customer orders, one row each",
      front: {
        type: "BigQuery Table",
        verified: [{ by: "human:carol", at: "2026-06-25T11:00:00+02:00" }],
        sources: [
          { id: "schema", resource: "https://example.com/schema", title: "The schema page", usage_count: "5000" },
        ],
        stale_after: "2026-12-31",
        extra: {
          resource: "https://example.com/tables/orders",
          version: "1.10",
          status: "stable",
          generated: { by: "reference_agent/3" },
        },
      },
    });
    expect(memory).not.toHaveProperty("front.generated");
  });

  test("texts that lenient readers change stay as they are", () => {
    const { front } = readable(
      '---\ntype: Fact\nsources: [{ resource: "repo:/a", lines: 12:30, commit: 0123e45 }]\nyes: no\nnothing: ~\n---\n',
    );
    expect(front.sources).toEqual([{ resource: "repo:/a", lines: "12:30", commit: "0123e45" }]);
    expect(front.extra).toEqual({ yes: "no", nothing: "~" });
  });

  test("a last value in block style keeps its line break", () => {
    expect(readable("---\ntype: Fact\ntitle: |\n  one\n---\n").front.title).toBe("one\n");
    expect(readable("---\ntype: Fact\ntitle: |-\n  one\n---\n").front.title).toBe("one");
  });

  test("a known key without a value is absent", () => {
    expect(readable("---\ntype: Fact\ntags:\nexpires_at:\n---\n").front).toEqual({ type: "Fact" });
  });

  test("the blank line after the fence is no part of the body, and nothing else is left out", () => {
    expect(readable("---\ntype: Fact\n---\n\n\n  text \n\n").body).toBe("\n  text \n\n");
    expect(readable("---\ntype: Fact\n---\ntext").body).toBe("text");
    expect(readable("---\r\ntype: Fact\r\n---\r\n\r\ntext\r\n").body).toBe("text\r\n");
    expect(readable("---\ntype: Fact\n---").body).toBe("");
  });

  test("a body may hold fences and rules of its own", () => {
    expect(readable("---\ntype: Fact\n---\n\na\n\n---\n\nb\n").body).toBe("a\n\n---\n\nb\n");
  });

  test("the title falls back to the first heading, then the first line, then the file's name", () => {
    expect(readable("---\ntype: Fact\n---\n\n## The *API* is on `4100` ##\n\nText.\n").title).toBe(
      "The API is on 4100",
    );
    expect(readable("---\ntype: Fact\n---\n\n\nFirst line.\nSecond.\n").title).toBe("First line.");
    expect(readable("---\ntype: Fact\n---\n").title).toBe("a file");
    expect(readable('---\ntype: Fact\ntitle: "  "\n---\n').title).toBe("a file");
  });

  test("the title is one line, though the file may fold it", () => {
    expect(readable("---\ntype: Fact\ntitle: |\n  one\n  two\n---\n").title).toBe("one two");
  });

  test("front matter of an own prototype cannot reach ours", () => {
    expect(broken('---\ntype: Fact\nx: { "__pro\\u0074o__": { polluted: "yes" } }\n---\n').problems[0]?.code).toBe(
      "forbidden-key",
    );
    expect(readable("---\ntype: Fact\nconstructor: { prototype: { polluted: yes } }\n---\n").front.extra).toEqual({
      constructor: { prototype: { polluted: "yes" } },
    });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("reading a broken file twice says the same twice", () => {
    const text = "---\ntype: Fact\ntype: Fact\n---\n";
    expect(broken(text).problems).toEqual(broken(text).problems);
  });

  test("several wrong values are reported together, each with its line", () => {
    const text =
      "---\ntype: Fact\ntags: ci\npinned: maybe\nverified:\n  - by: a\n    at: 2026-01-01\n  - by: b\n    at: 2026-00-01\n---\n";
    expect(
      broken(text)
        .problems.map(({ code, line }) => `${line} ${code}`)
        .toSorted(),
    ).toEqual(["3 wrong-type", "4 wrong-type", "9 impossible-date"]);
  });

  test("lines are counted with a byte order mark and Windows line endings too", () => {
    expect(broken("\uFEFF---\r\ntype: Fact\r\ntags: ci\r\n---\r\n").problems[0]?.line).toBe(3);
  });

  test.each([
    ["a value that is no YAML", "note: a: b"],
    ["a key written twice", "type: Fact"],
    ["an anchor", "note: &a x"],
    ["a forbidden key", "__proto__: { a: b }"],
  ])("a lone carriage return is no line of the file: %s", (_, wrong) => {
    const [problem] = broken(`---\ntype: Fact # one\r# two\r# three\n${wrong}\n---\n`).problems;
    expect(problem?.line).toBe(3);
  });

  test("an empty file and a lone fence are broken", () => {
    expect(broken("").problems[0]?.code).toBe("no-front-matter");
    expect(broken("---").problems[0]?.code).toBe("closing-fence");
  });

  test("conflict markers inside a line or an indented example are text", () => {
    expect(readable("---\ntype: Pitfall\n---\n\n    <<<<<<< ours\n    =======\n    >>>>>>> theirs\n").title).toBe(
      "<<<<<<< ours",
    );
  });
});

describe("files made to hurt", () => {
  const MB = 1_000_000;

  test.each([
    ["brackets without end", `---\ntype: Fact\nx: ${"[".repeat(60_000)}\n---\n`, "bad-yaml"],
    ["deep mappings", `---\ntype: Fact\nx: ${"{ a: ".repeat(40)}1${" }".repeat(40)}\n---\n`, "bad-yaml"],
    [
      "a megabyte of blank lines in the front matter",
      `---\ntype: Fact\n${"\n".repeat(MB)}x: y\n---\n`,
      "front-matter-too-long",
    ],
    ["a long run of blanks", `---\ntype: Fact\n${"\n".repeat(2000)}x: y\n---\n`, "front-matter-too-long"],
    ["a megabyte in one key", `---\ntype: Fact\nx: ${"y".repeat(MB)}\n---\n`, "front-matter-too-long"],
  ])("%s: broken at once", (_, text, code) => {
    const took = cpuMilliseconds(() => expect(broken(text).problems[0]?.code).toBe(code));
    expect(took).toBeLessThan(2000);
  });

  test.each([
    ["conflict markers that never end", "\n<<<<<<< a\n=======".repeat(MB / 20)],
    ["blank lines", `${"\n".repeat(MB)}x`],
    ["white space before a mark", `#${" ".repeat(MB)}#x`],
    ["hash signs", "#".repeat(MB)],
  ])("a body of %s is read at once", (_, body) => {
    const took = cpuMilliseconds(() => {
      const memory = readable(`---\ntype: Fact\n---\n\n${body}`);
      expect(memory.body).toBe(body);
      claimDigest(memory);
    });
    expect(took).toBeLessThan(2000);
  });
});

describe("which paths hold memories", () => {
  test.each([
    ["semantic/convention/use-pnpm-m_7k3q9f2d4cxw.md", true],
    ["semantic/convention/7k/use-pnpm-m_7k3q9f2d4cxw.md", true],
    ["episodic/2026-11/release.md", true],
    ["semantic/convention/index.md", false],
    ["semantic/log.md", false],
    ["semantic/README.md", false],
    ["README.md", false],
    ["policy.yaml", false],
    ["tombstones/m_7k3q9f2d4cxw.md", false],
    ["semantic/convention/notes.txt", false],
    ["semantic/.md", false],
  ])("%s: %s", (path, expected) => {
    expect(isMemoryPath(path)).toBe(expected);
  });
});
