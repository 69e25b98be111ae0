import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/gate/gate.ts";
import { INSTRUCTION_END, INSTRUCTION_START, withInstruction } from "../../src/core/onboarding/instruction.ts";
import { claimsFromRules, MOST_CLAIMS, type RuleFile } from "../../src/core/onboarding/rules-files.ts";
import { withBody } from "../support/gate-input.ts";

const COMMIT = "9fceb02d0ae598e95dc970b74767f19372d61af8";

const CLAUDE = `# CLAUDE.md

This file provides guidance to Claude Code when working with code in this repository.

[![build](https://ci.example/badge.svg)](https://ci.example)

@docs/architecture.md

## Contents

- [Commands](#commands)
- [Style](#style)

## Commands

\`\`\`bash
pnpm install
pnpm test
\`\`\`

- \`pnpm db:migrate\` brings the local database up to date

## Architecture

The API lives in \`src/api\` and is generated from \`openapi.yaml\`.

| Folder | Holds |
| --- | --- |
| src/ui | components |

Tech stack:

- React 19
- TypeScript
- Postgres 16

## Style

- Use named exports, never default ones.
- Prefer \`type\` over \`interface\`:
  - for unions
  - for records

  \`\`\`ts
  type A = { a: string };
  \`\`\`
- Keep functions short. A function that needs a comment should be two, because reviewers read names first and comments last, and nobody reads both.

## Do not

- Commit to \`main\`
- Edit lock files by hand

## Releasing

1. Bump the version.
2. Run \`pnpm changelog\`.
3. Push the tag.

When you touch the database:

- add a migration
- run \`pnpm db:check\`

<important>
Never log customer data.
</important>

See [the wiki](https://wiki.example) for more.
`;

function titlesOf(text: string, path = "CLAUDE.md"): string[] {
  return claimsFromRules([{ path, text }]).claims.map(({ title }) => title);
}

describe("a project's rules as claims", () => {
  const claude: RuleFile = { path: "CLAUDE.md", text: CLAUDE, commit: COMMIT, blob: "a".repeat(40) };
  const { claims, leftOut } = claimsFromRules([claude]);
  const claim = (title: string) => claims.find((draft) => draft.title === title);

  test("the claims are the file's rules, in its order", () => {
    expect(claims.map(({ type, title }) => `${type}: ${title}`)).toEqual([
      "Procedure: Commands",
      "Procedure: pnpm db:migrate brings the local database up to date",
      "Fact: The API lives in src/api and is generated from openapi.yaml",
      "Fact: Architecture",
      "Convention: Tech stack",
      "Convention: Use named exports, never default ones",
      "Convention: Prefer type over interface",
      "Convention: Keep functions short",
      "Pitfall: Do not: Commit to main",
      "Pitfall: Do not: Edit lock files by hand",
      "Procedure: Releasing",
      "Convention: When you touch the database: add a migration",
      "Procedure: When you touch the database: run pnpm db:check",
      "Pitfall: Never log customer data",
    ]);
  });

  test("each cites its lines, the commit and the blob", () => {
    expect(claim("Use named exports, never default ones")?.sources).toEqual([
      { resource: "repo:/CLAUDE.md", lines: "39", commit: COMMIT, blob: "a".repeat(40) },
    ]);
    expect(claim("Prefer type over interface")?.sources?.[0]?.lines).toBe("40-46");
  });

  test("a file that isn't committed is cited without a commit", () => {
    expect(claimsFromRules([{ path: "AGENTS.md", text: "Use pnpm." }]).claims[0]?.sources).toEqual([
      { resource: "repo:/AGENTS.md", lines: "1" },
    ]);
  });

  test("nested items and code stay with their parent, as written", () => {
    expect(claim("Prefer type over interface")?.body).toBe(
      "Prefer `type` over `interface`:\n- for unions\n- for records\n\n```ts\ntype A = { a: string };\n```",
    );
  });

  test("a rule keeps the words without which it would say the opposite", () => {
    expect(claim("Do not: Commit to main")?.body).toBe("Do not:\n\nCommit to `main`");
  });

  test("pieces that say nothing alone stay together", () => {
    expect(claim("Tech stack")?.body).toBe("Tech stack:\n\n- React 19\n- TypeScript\n- Postgres 16");
  });

  test("headings become tags, the file's title doesn't", () => {
    expect(claim("Keep functions short")?.tags).toEqual(["style"]);
    expect(claimsFromRules([{ path: "AGENTS.md", text: "# Rules\n\nUse pnpm." }]).claims[0]).not.toHaveProperty("tags");
  });

  test("what is left out is named with its line and the reason", () => {
    expect(leftOut).toEqual([
      { path: "CLAUDE.md", line: 3, reason: "It introduces the file." },
      { path: "CLAUDE.md", line: 5, reason: "It has no words." },
      { path: "CLAUDE.md", line: 7, reason: "It imports another file." },
      { path: "CLAUDE.md", line: 11, reason: "It is only a link." },
      { path: "CLAUDE.md", line: 12, reason: "It is only a link." },
      { path: "CLAUDE.md", line: 69, reason: "It only points elsewhere." },
    ]);
  });

  test("no claim is one that the gate refuses or holds when a person imports it", () => {
    for (const { body, title } of claims)
      expect([title, judge(withBody(body, { subject: title, tier: "user" })).kind]).toEqual([title, "allow"]);
  });

  test("no claim is pinned: an import must not fill every request", () => {
    expect(claims.some(({ pinned }) => pinned === true)).toBe(false);
  });
});

describe("other files", () => {
  test("an empty file, a blank one and one of headings say nothing", () => {
    for (const text of ["", "\n\n", "# Rules\n\n## Style\n", "\uFEFF"])
      expect(claimsFromRules([{ path: "AGENTS.md", text }]).claims).toEqual([]);
  });

  test("Windows line ends and a BOM change neither lines nor text", () => {
    const text = "\uFEFF# Rules\r\n\r\n- Use pnpm\r\n  for everything.\r\n- Avoid `any`.\r\n";
    const { claims } = claimsFromRules([{ path: "AGENTS.md", text }]);
    expect(claims.map(({ body, sources }) => [body, sources?.[0]?.lines])).toEqual([
      ["Use pnpm\nfor everything.", "3-4"],
      ["Avoid `any`.", "5"],
    ]);
  });

  test("Cursor's front matter gives scope and description, and alwaysApply takes the scope away", () => {
    const head = (rest: string): string =>
      `---\ndescription: API rules\nglobs: *.ts, src/api/**/*.{ts,tsx}\n${rest}---\n\n- Validate each body with zod.\n`;
    const path = ".cursor/rules/api.mdc";
    const [scoped] = claimsFromRules([{ path, text: head("alwaysApply: false\n") }]).claims;
    expect(scoped).toMatchObject({
      scope: ["**/*.ts", "src/api/**/*.{ts,tsx}"],
      description: "API rules",
      sources: [{ lines: "7" }],
    });
    expect(claimsFromRules([{ path, text: head("alwaysApply: true\n") }]).claims[0]).not.toHaveProperty("scope");
  });

  test("Copilot's applyTo and Claude's list of paths give scope as well", () => {
    const copilot = `---\napplyTo: "**/*.py"\n---\nUse ruff.\n`;
    const claude = `---\npaths:\n  - "src/db/**"\n  - '*.sql'\n---\nUse snake case.\n`;
    expect(
      claimsFromRules([{ path: ".github/instructions/py.instructions.md", text: copilot }]).claims[0]?.scope,
    ).toEqual(["**/*.py"]);
    expect(claimsFromRules([{ path: ".claude/rules/db.md", text: claude }]).claims[0]?.scope).toEqual([
      "src/db/**",
      "**/*.sql",
    ]);
  });

  test("a file in a folder speaks of that folder", () => {
    expect(claimsFromRules([{ path: "packages/web/AGENTS.md", text: "Use CSS modules." }]).claims[0]?.scope).toEqual([
      "packages/web/**",
    ]);
    expect(
      claimsFromRules([{ path: "packages/web/.cursor/rules/a.mdc", text: "---\nglobs: src/**\n---\nUse CSS modules." }])
        .claims[0]?.scope,
    ).toEqual(["packages/web/src/**"]);
    expect(
      claimsFromRules([{ path: ".github/copilot-instructions.md", text: "Use CSS modules." }]).claims[0],
    ).not.toHaveProperty("scope");
  });

  test("plain lines without markup are one claim each", () => {
    expect(
      titlesOf("Always write tests first.\nNever push to main.\nUse conventional commits.\n", ".windsurfrules"),
    ).toEqual(["Always write tests first", "Never push to main", "Use conventional commits"]);
  });

  test("a paragraph that is wrapped by hand is one claim", () => {
    expect(
      titlesOf(
        "Errors are values in this code base:\nfunctions return a result and never\nthrow across a module boundary.\n",
        ".clinerules",
      ),
    ).toHaveLength(1);
  });

  test("rules in other languages are claims, and their warnings are pitfalls", () => {
    const files = [
      {
        path: "AGENTS.md",
        text: "- Ne pas modifier les fichiers générés.\n- Utilisez pnpm pour toutes les installations.\n",
      },
      {
        path: "GEMINI.md",
        text: "## 规范\n\n- 使用 pnpm 安装依赖\n- 不要提交 .env 文件\n\n日志统一使用 pino。所有请求都要记录。\n",
      },
      {
        path: ".clinerules",
        text: "- Никогда не коммитьте секреты.\n- Vermeide `any` in neuem Code.\n- 生成されたファイルは編集しないでください。\n",
      },
    ];
    expect(claimsFromRules(files).claims.map(({ type, title }) => `${type}: ${title}`)).toEqual([
      "Pitfall: Ne pas modifier les fichiers générés",
      "Convention: Utilisez pnpm pour toutes les installations",
      "Convention: 使用 pnpm 安装依赖",
      "Pitfall: 不要提交 .env 文件",
      "Convention: 日志统一使用 pino",
      "Pitfall: Никогда не коммитьте секреты",
      "Pitfall: Vermeide any in neuem Code",
      "Pitfall: 生成されたファイルは編集しないでください",
    ]);
  });

  test("the same rule in two files is one claim with two citations, in force wherever either says so", () => {
    const { claims } = claimsFromRules([
      { path: "packages/web/AGENTS.md", text: "- Use pnpm, never npm.\n" },
      { path: "packages/api/CLAUDE.md", text: "Intro words here.\n\n* Use `pnpm`, never npm.\n" },
      { path: "packages/api/GEMINI.md", text: "Something else entirely.\n" },
    ]);
    expect(claims).toHaveLength(3);
    expect(claims[0]).toMatchObject({
      scope: ["packages/web/**", "packages/api/**"],
      sources: [
        { resource: "repo:/packages/web/AGENTS.md", lines: "1" },
        { resource: "repo:/packages/api/CLAUDE.md", lines: "3" },
      ],
    });
    const everywhere = claimsFromRules([
      { path: "packages/web/AGENTS.md", text: "Use pnpm." },
      { path: "AGENTS.md", text: "Use pnpm." },
    ]).claims;
    expect(everywhere).toHaveLength(1);
    expect(everywhere[0]).not.toHaveProperty("scope");
  });

  test("our own instruction is not imported, and lines after it keep their numbers", () => {
    const text = `${withInstruction("- Use pnpm.\n")}\n- Avoid yarn.\n`;
    expect(text).toContain(INSTRUCTION_START);
    const { claims, leftOut } = claimsFromRules([{ path: "CLAUDE.md", text }]);
    expect(claims.map(({ title, sources }) => [title, text.split("\n")[Number(sources?.[0]?.lines) - 1]])).toEqual([
      ["Use pnpm", "- Use pnpm."],
      ["Avoid yarn", "- Avoid yarn."],
    ]);
    expect(text.indexOf(INSTRUCTION_END)).toBeLessThan(text.indexOf("- Avoid yarn"));
    expect(leftOut).toEqual([]);
  });

  test("at most 200 claims are imported, and the rest is counted", () => {
    const text = Array.from({ length: 250 }, (_, index) => `- Use the helper number ${index} for its purpose.`).join(
      "\n",
    );
    const { claims, leftOut } = claimsFromRules([{ path: "AGENTS.md", text }]);
    expect(claims).toHaveLength(MOST_CLAIMS);
    expect(leftOut).toEqual([
      { path: "AGENTS.md", line: 201, reason: "50 more claims from here on: at most 200 are imported at once." },
    ]);
  });

  test("a very long item is taken apart, and its label becomes a tag", () => {
    const inner = Array.from(
      { length: 30 },
      (_, index) => `  - Name file number ${index} after the thing that it exports, in kebab case.`,
    ).join("\n");
    const { claims } = claimsFromRules([{ path: "AGENTS.md", text: `## Names\n\n- **Files**:\n${inner}\n` }]);
    expect(claims).toHaveLength(30);
    expect(claims[3]).toMatchObject({ tags: ["names", "files"], sources: [{ lines: "7" }] });
  });

  test("titles are cut at a word, or between characters where a script has no spaces", () => {
    const [long, chinese] = claimsFromRules([
      {
        path: "AGENTS.md",
        text: `- Use ${"quite long words ".repeat(10)}here\n- ${"所有请求都要记录日志并且".repeat(10)}\n`,
      },
    ]).claims;
    expect(long?.title).toMatch(/^Use (?:quite long words ?)+.*…$/);
    expect(long?.title).not.toMatch(/\s…$|quit…$|lon…$|wor…$/);
    for (const title of [long?.title ?? "", chinese?.title ?? ""]) expect(title.length).toBeLessThanOrEqual(72);
    expect(chinese?.title.length).toBeGreaterThan(40);
  });

  test("of a very long file the beginning is read, and the rest is named", () => {
    const text = Array.from(
      { length: 3000 },
      (_, index) => `- Rule ${index}: keep the module with this number small.`,
    ).join("\n");
    const [rest] = claimsFromRules([{ path: "AGENTS.md", text }]).leftOut;
    expect(rest?.reason).toBe("The file is very long; it was read up to here.");
    const read = text
      .split("\n")
      .slice(0, (rest?.line ?? 1) - 1)
      .join("\n");
    expect(read.length).toBeGreaterThan(65_000);
    expect(read.length).toBeLessThan(65_537);
  });
});
