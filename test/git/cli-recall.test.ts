import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, checkAnswer, CliWorld, firstOf } from "../support/cli-world.ts";

let world: CliWorld;
beforeEach(async () => {
  world = new CliWorld();
  await world.init();
});
afterEach(() => world.remove());

/** `json` of the world, typed for the answers of these commands. */
async function ask<T>(...args: readonly string[]): Promise<{ exit: number; answer: T & Answer }> {
  const { exit, out } = await world.call([...args, "--json"]);
  const answer = JSON.parse(out) as T & Answer;
  checkAnswer("error" in answer ? "error" : (args[0] ?? ""), answer);
  return { exit, answer };
}

interface Recalled {
  readonly receipt: string;
  readonly note: string;
}

describe("recall", () => {
  test("answers as of a commit and a date, and says so in its receipt", async () => {
    const one = await world.add("pnpm is used");
    const then = world.git("rev-parse", "agent-memory");
    await world.add("pnpm has a lockfile");
    const { answer } = await ask<Recalled>("recall", "pnpm", "--as-of", then);
    expect(answer.chosen.map(({ id }) => id)).toEqual([one]);
    expect((await ask<Recalled>("recall", "pnpm", "--as-of", "2020-01-01")).answer.chosen).toEqual([]);
    expect((await ask("recall", "pnpm", "--as-of", "nonsense")).exit).toBe(2);
    const { receipts } = (await ask<{ receipts: { as_of: { name: string } | null }[] }>("receipts")).answer;
    expect(receipts.map(({ as_of }) => as_of?.name)).toEqual(["2020-01-01", then]);
  });

  test("says that memory is off, and a stricter mode may be named, never a laxer one", async () => {
    await world.add("pnpm is used");
    const off = await world.call(["recall", "pnpm", "--mode", "off"]);
    expect([off.exit, off.out, off.err]).toEqual([0, "", "Memory is off here, so nothing was recalled.\n"]);
    expect((await ask<Recalled>("recall", "pnpm", "--mode", "read-only")).answer.chosen).toHaveLength(1);
    writeFileSync(path.join(world.code, ".git/memory/mode"), "off\n");
    const { answer } = await ask<Recalled>("recall", "pnpm", "--mode", "full");
    expect([answer.chosen, answer.note]).toEqual([[], "Memory is off here, so nothing was recalled."]);
  });

  test("explores without agents' own opinions, and keeps to a tier", async () => {
    await world.call(["add", "--title", "pnpm is best", "--type", "Decision", "--body", "So.", "--reason", "R"]);
    const fact = await world.add("pnpm is used");
    expect((await ask("recall", "pnpm", "--intent", "explore")).answer.chosen.map(({ id }) => id)).toEqual([fact]);
    expect((await ask("recall", "pnpm", "--tier", "episodic")).answer.chosen).toEqual([]);
    expect((await ask("recall", "pnpm", "--tier", "semantic")).answer.chosen).toHaveLength(2);
  });
});

describe("receipts and replay", () => {
  test("list what was recalled, newest first, and make it again in another process", async () => {
    await world.add("pnpm is used");
    const session = { env: { COMMIT_TO_MEMORY_SESSION: "s_9d2k4m7x" } };
    const { out: text } = await world.call(["recall", "pnpm"], session);
    await world.add("pnpm has a lockfile");
    await world.call(["recall", "kubernetes"]);
    const all = (await ask<{ receipts: { id: string; chosen: object[] }[] }>("receipts")).answer.receipts;
    expect(all.map(({ chosen }) => chosen.length)).toEqual([0, 1]);
    const some = (await ask<{ receipts: { id: string }[] }>("receipts", "--session", "s_9d2k4m7x")).answer.receipts;
    expect(some.map(({ id }) => id)).toEqual([all[1]?.id]);
    expect((await ask<object>("receipts", "--limit", "1")).answer.more).toBe(1);
    expect((await world.call(["receipts"])).out).toMatch(/^r_[0-9a-f]{16} .*0 beliefs · 0 tokens +kubernetes\nr_/);
    const again = await world.spawn(["replay", firstOf(some).id]);
    expect([again.exit, again.out]).toEqual([0, text]);
    expect(again.err).toContain("The same, byte for byte.");
    expect(again.err).toContain("and also: pnpm has a lockfile");
    const { answer } = await ask<{ same: boolean; today: { added: object[] } }>("replay", firstOf(some).id.slice(0, 9));
    expect([answer.same, answer.text, answer.today.added.length]).toEqual([true, text, 1]);
    expect((await ask("replay", "r_0000000000000000")).answer.error.code).toBe("not-found");
  });

  test("replay fails in so many words when the store's history is gone", async () => {
    const start = world.git("rev-parse", "agent-memory");
    await world.add("pnpm is used");
    const { receipt } = (await ask<Recalled>("recall", "pnpm")).answer;
    world.git("update-ref", "refs/heads/agent-memory", start);
    world.git("reflog", "expire", "--expire=now", "--all");
    world.git("gc", "--quiet", "--prune=now");
    const { exit, answer } = await ask("replay", receipt);
    expect([exit, answer.error.code]).toEqual([1, "not-replayable"]);
  });
});

describe("cost", () => {
  interface Cost {
    readonly requests: number;
    readonly tokens: { readonly nothing: number; readonly recall: number; readonly everything: number };
    readonly share_of_everything: number | null;
    readonly not_compared: number;
  }

  test("compares what was recalled with sending everything, at each request's own commit", async () => {
    expect((await ask<Cost>("cost")).answer).toMatchObject({ requests: 0, share_of_everything: null });
    for (let n = 0; n < 4; n++) await world.add(`Setting ${n} of pnpm is ${n}`);
    await world.call(["recall", "pnpm setting", "--limit", "4"]);
    const first = (await ask<Cost>("cost")).answer;
    // All four were sent, so that the two are the same, but for the line that nothing was left out.
    expect(first.tokens.recall).toBeGreaterThan(0);
    expect(first.tokens.everything).toBeGreaterThanOrEqual(first.tokens.recall);
    expect(first.tokens.everything).toBeLessThan(first.tokens.recall * 1.5);
    for (let n = 0; n < 8; n++) await world.add(`The database of region ${n} is in Oslo`);
    await world.call(["recall", "pnpm setting", "--limit", "1"]);
    const second = (await ask<Cost>("cost")).answer;
    expect(second.requests).toBe(2);
    expect(second.tokens.everything - first.tokens.everything).toBeGreaterThan(2 * first.tokens.everything);
    expect(second.tokens.recall - first.tokens.recall).toBeLessThan(first.tokens.recall);
    expect((await ask<Cost>("cost", "--since", "1h")).answer.requests).toBe(2);
    expect((await ask<Cost>("cost", "--since", "2020-01-01")).answer.requests).toBe(2);
    expect((await ask("cost", "--since", "yesterday")).exit).toBe(2);
    const { out } = await world.call(["cost"]);
    expect(out).toMatch(/no memory +0 +0\nrecall +[\d,]+ +[\d,]+ +[\d.]+% of everything\neverything +[\d,]+ +[\d,]+\n/);
  });

  test("counts apart the requests whose commit is gone", async () => {
    const start = world.git("rev-parse", "agent-memory");
    await world.add("pnpm is used");
    await world.call(["recall", "pnpm"]);
    world.git("update-ref", "refs/heads/agent-memory", start);
    world.git("reflog", "expire", "--expire=now", "--all");
    world.git("gc", "--quiet", "--prune=now");
    const { answer } = await ask<Cost>("cost");
    expect([answer.requests, answer.not_compared, answer.tokens.everything]).toEqual([1, 1, 0]);
  });
});

describe("ablate", () => {
  interface Ablation {
    readonly recall_at: Readonly<Record<string, number | null>>;
    readonly false_answers: number;
    readonly tokens: { readonly none: number; readonly recall: number; readonly all: number };
    readonly missing: readonly string[];
    readonly success: Readonly<Record<string, number>> | null;
    readonly questions: readonly { readonly missed: readonly string[]; readonly success: object | null }[];
  }

  async function questions(): Promise<string> {
    const pnpm = await world.add("Use pnpm, never npm");
    const deploy = await world.add("Deploy on Tuesdays");
    const file = path.join(world.root, "questions.jsonl");
    const rows = [
      { question: "Which package manager, pnpm?", expect: [pnpm] },
      { question: "When may we release?", expect: [deploy] },
      { question: "kubernetes", expect: [] },
      { question: "pnpm lockfile", files: ["package.json"], expect: [pnpm, "m_000000000000"] },
    ];
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));
    return file;
  }

  test("says what recall found, what it missed, and what it cost", async () => {
    const file = await questions();
    const { exit, answer } = await ask<Ablation>("ablate", "--questions", file);
    expect(exit).toBe(0);
    expect(answer.recall_at).toEqual({ "1": (1 + 0 + 0.5) / 3, "5": (1 + 0 + 0.5) / 3, all_chosen: (1 + 0 + 0.5) / 3 });
    expect(answer.missing).toEqual(["m_000000000000"]);
    expect(answer.false_answers).toBe(0);
    expect(answer.tokens.none).toBe(0);
    expect(answer.tokens.recall).toBeLessThan(answer.tokens.all);
    expect(answer.questions.map(({ missed }) => missed.length)).toEqual([0, 1, 0, 0]);
    expect(answer.success).toBeNull();
    expect((await world.call(["ablate", "--questions", file])).out).toContain("missed: When may we release?");
    expect((await ask<{ receipts: object[] }>("receipts")).answer.receipts).toEqual([]);
  });

  test("runs a command with each context and says where memory helped, hurt or changed nothing", async () => {
    const file = await questions();
    const program = path.join(world.root, "agent.mjs");
    // Knows pnpm only from its context; is put off by any context where the question is of kubernetes.
    writeFileSync(
      program,
      `import { readFileSync } from "node:fs";
const context = readFileSync(0, "utf8");
if (context !== readFileSync(process.env.MEMORY_CONTEXT_FILE, "utf8")) process.exit(9);
const question = process.env.MEMORY_QUESTION;
process.exit(question.includes("kubernetes") ? (context === "" ? 0 : 1) : context.includes("Use pnpm") ? 0 : 1);
`,
    );
    const run = `"${process.execPath}" "${program}"`;
    const { answer } = await ask<Ablation>("ablate", "--questions", file, "--run", run);
    expect(answer.success).toEqual({ none: 1, recall: 3, all: 3, helped: 2, made_worse: 0, changed_nothing: 2 });
    expect(answer.questions.map(({ success }) => success)).toEqual([
      { none: false, recall: true, all: true },
      { none: false, recall: false, all: true },
      { none: true, recall: true, all: false },
      { none: false, recall: true, all: true },
    ]);
    const { out } = await world.call(["ablate", "--questions", file, "--run", run]);
    expect(out).toContain("Recall helped 2, made 0 worse, and changed nothing for 2.");
    expect(out).toContain("no difference: When may we release?");
  });

  test("names the line of a file that is wrong", async () => {
    const file = path.join(world.root, "questions.jsonl");
    for (const [text, said] of [
      ['{"question": "A", "expect": []}\n{"question": "B"}', "Line 2 names no expected memories"],
      ["nonsense", "Line 1 is no JSON object"],
      ["", "no questions"],
    ] as const) {
      writeFileSync(file, text);
      const { exit, answer } = await ask("ablate", "--questions", file);
      expect([exit, answer.error.message]).toEqual([2, expect.stringContaining(said)]);
    }
    expect((await ask("ablate", "--questions", "none.jsonl")).exit).toBe(2);
    expect((await ask("ablate")).exit).toBe(2);
  });
});
