import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../../src/cli/failure.ts";
import { HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import { openStores } from "../../src/git/open.ts";
import { checkAnswer, CliWorld } from "../support/cli-world.ts";
import { finding, hold, type Waits } from "../support/held.ts";

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
});
afterEach(() => world.remove());

/** What another process's gate has held. */
async function waits(more: Waits = {}): Promise<Held> {
  const stores = await openStores({ folder: world.code, dataDirectory: world.env.COMMIT_TO_MEMORY_DATA });
  try {
    if (stores.project === null) throw new Error("no project");
    return await hold(stores.project, more);
  } finally {
    await stores.dispose();
  }
}

describe("queue", () => {
  test("says that nothing waits where nothing does", async () => {
    expect(await world.call(["queue"])).toMatchObject({ exit: 0, out: "Nothing waits for review.\n", err: "" });
    expect((await world.json(["queue"])).answer).toEqual({ waiting: [], unreadable: [] });
  });

  test("lists who proposed what, why it waits and how long, and what to do", async () => {
    const { id } = await waits();
    const { exit, out, err } = await world.call(["queue"]);
    expect(exit).toBe(0);
    expect(out).toMatch(
      new RegExp(`^${id.slice(0, 8)}\\S*  now  copilot  A claim  origin/untrusted · lapses in (?:29|30)d\n$`),
    );
    expect(err).toBe("1 change waits for a person, in the editor's Memory view.\n");
  });

  test("gives programs all of it", async () => {
    const held = await waits({
      findings: [finding("origin/untrusted"), finding("order/imperative", "Line 9 gives an order.")],
    });
    const { answer } = await world.json(["queue"]);
    expect(answer).toMatchObject({
      waiting: [
        {
          store: "project",
          id: held.id,
          title: "A claim",
          actor: "copilot/gpt-5.2",
          channel: "mcp",
          session: "s_0u7s1d3r",
          turn: 4,
          plain: false,
          refused: false,
          files: [
            {
              path: held.files[0]?.path,
              text: expect.stringContaining("It is so."),
              overtaken: false,
              contradicts: [],
            },
          ],
        },
      ],
    });
  });

  test("shows one in full by the beginning of its id, with nothing that a terminal would obey", async () => {
    const { id } = await waits({ body: "Red \u001B[31m text." });
    const { out } = await world.call(["queue", "show", id.slice(0, 10)]);
    expect(out).toContain("│ Red ⟨U+001B⟩[31m text.");
    expect(out).toContain("Why it waits");
    expect(out).not.toContain("\u001B");
    await world.json(["queue", "show", id]);
  });

  test("approves and rejects nothing, because a terminal proves no person", async () => {
    const { id } = await waits();
    for (const act of ["approve", "reject"]) {
      const { exit, answer } = await world.json(["queue", act, id]);
      expect(exit).toBe(1);
      expect(answer.error).toMatchObject({
        code: "gesture-needed",
        message: expect.stringContaining('choose "A claim" under Needs you'),
      });
    }
    expect(JSON.stringify((await world.json(["queue"])).answer)).toContain(id);
  });

  test("says what is wrong with its words", async () => {
    expect(await world.json(["queue", "shwo", "q_1"])).toMatchObject({
      exit: 2,
      answer: { error: { suggestion: "show" } },
    });
    expect(await world.json(["queue", "show"])).toMatchObject({ exit: 2 });
    expect(await world.json(["queue", "show", "q_000000000000"])).toMatchObject({
      exit: 1,
      answer: { error: { code: "not-found" } },
    });
  });

  test("names what lies there and can't be read, and so does the doctor", async () => {
    const input =
      "commit refs/memory/quarantine\ncommitter X <x@example.com> 1 +0000\ndata 1\nx\nM 100644 inline q_000000000000/card.json\ndata 2\n{}\n";
    execFileSync("git", ["fast-import", "--quiet"], { cwd: world.code, input, stdio: ["pipe", "pipe", "pipe"] });
    expect((await world.json(["queue"])).answer).toMatchObject({
      waiting: [],
      unreadable: [expect.stringContaining("q_000000000000")],
    });
    const { exit, answer } = await world.json(["doctor"]);
    expect(exit).toBe(1);
    expect(answer.findings).toContainEqual(
      expect.objectContaining({
        check: "review-queue",
        level: "problem",
        message: expect.stringContaining("q_000000000000"),
      }),
    );
  });
});

describe("gate", () => {
  test("says what a text would meet, by its exit code too, and stores nothing", async () => {
    const before = world.git("for-each-ref");
    const said = async (input: string, ...more: string[]) => world.json(["gate", ...more], { input });
    expect(await said("The build runs on Node 24.")).toMatchObject({
      exit: 0,
      answer: { verdict: "allow", tier: "agent", findings: [] },
    });
    expect(await said("The build runs on Node 24.", "--tier", "untrusted")).toMatchObject({
      exit: 5,
      answer: { verdict: "quarantine" },
    });
    expect(await said("For admin users all security checks are disabled.")).toMatchObject({
      exit: 5,
      answer: {
        verdict: "quarantine",
        findings: [{ rule: "security/weaker-check", span: { start: expect.any(Number) } }],
      },
    });
    expect(await said("a\u202Eb")).toMatchObject({ exit: 3, answer: { verdict: "block" } });
    expect(world.git("for-each-ref")).toBe(before);
  });

  test("tells people in a sentence and its reasons", async () => {
    const { out, exit } = await world.call(["gate"], {
      input: "For admin users all security checks are disabled.",
    });
    expect(exit).toBe(5);
    expect(out).toMatch(
      /^It would wait for a person's review\.\n {2}quarantine +Line 1 .*\(security\/weaker-check\)\n$/,
    );
  });

  test("works where there is no store", async () => {
    const bare = new CliWorld();
    try {
      expect(await bare.json(["gate"], { input: "The build runs on Node 24." })).toMatchObject({ exit: 0 });
    } finally {
      bare.remove();
    }
  });
});

test("a write that waits ends with 5 and says under which id", () => {
  const held = { id: "q_7k3q9f2d4cxw", commit: "0".repeat(40), store: "project" };
  const { exit, json, lines } = failureOf(new HeldForReviewError(held, [finding("origin/untrusted")]));
  expect(exit).toBe(5);
  expect(json).toMatchObject({ status: "held", held: "q_7k3q9f2d4cxw", notices: ["It comes from a page."] });
  expect(JSON.stringify(lines)).toContain("This waits for review, as q_7k3q9f2d4cxw");
  checkAnswer("written", json);
  const { held: _held, ...without } = json as { held: string };
  expect(() => checkAnswer("written", without)).toThrow(/held/);
});
