import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Stores } from "../../src/core/stores.ts";
import { updateMemory } from "../../src/core/verbs.ts";
import { Agent, CLAIM, person, projectOf, Workspace } from "../support/agent-world.ts";

const DAY = 86_400_000;

let workspace: Workspace;
let stores: Stores;
let agent: Agent;
let now: number;

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  now = Date.now();
  stores = await workspace.openStores(() => new Date(now));
  agent = new Agent(stores);
});
afterEach(async () => {
  await stores.dispose();
  workspace.remove();
});

/** Another process: `update`, `expire` or `revert`. */
function elsewhere(what: string, id: string): void {
  const program = path.join(import.meta.dirname, "support/changer.ts");
  execFileSync(process.execPath, [program, workspace.folder, workspace.dataDirectory, what, id]);
}

async function given(input: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await new Agent(stores).remember(input);
  expect((await agent.call("memory_recall", { question: "pnpm" })).text).toContain(id);
  return id;
}

const next = async (): Promise<{ text: string; news: unknown }> => {
  const answer = await agent.call("memory_recall", { question: "kubernetes" });
  return { text: answer.text, news: answer.structured["news"] };
};

describe("a memory that the session was given", () => {
  test("is sent again when another process changed it, once, as data", async () => {
    const id = await given();
    elsewhere("update", id);
    const { text, news } = await next();
    expect(text).toMatch(/<memory-([0-9a-f]{12})>\n[^]*\n<\/memory-\1>$/);
    expect(text).toContain(`${id} says something else now: updated by another/1.0: Another process knew better.`);
    expect(text).toContain("Run everything through bun.");
    expect(news).toEqual([{ id, kind: "changed", version: agent.session.given(id) }]);
    expect(await next()).toMatchObject({ text: expect.not.stringContaining(id), news: undefined });
  });

  test("is said to be no longer believed when another process ended it, and to be back when that was undone", async () => {
    const id = await given();
    elsewhere("expire", id);
    const ended = await next();
    expect(ended.text).toContain(
      `${id} is no longer believed: expired by another/1.0: Outdated. Another process knew better.`,
    );
    expect(ended.text).not.toContain(CLAIM.body);
    expect((await next()).news).toBeUndefined();
    elsewhere("revert", id);
    const back = await next();
    expect(back.text).toContain(`${id} is believed again: reverted by another/1.0`);
    expect(back.text).toContain(CLAIM.body);
    expect((await next()).news).toBeUndefined();
  });

  test("is sent again when a change was reverted", async () => {
    const id = await given();
    elsewhere("update", id);
    await next();
    elsewhere("revert", id);
    const { text } = await next();
    expect(text).toContain(`${id} says something else now: reverted by another/1.0`);
    expect(text).toContain(CLAIM.body);
  });

  test("is said to be no longer believed when its time has come", async () => {
    const id = await given({ expires: "2d" });
    now += 3 * DAY;
    expect((await next()).text).toContain(`${id} is no longer believed: its time has come.`);
    expect((await next()).news).toBeUndefined();
  });

  test("is news at every tool, and after an answer that is an error too", async () => {
    const id = await given();
    for (const [name, input] of [
      ["memory_remember", { ...CLAIM, title: "Another claim", body: "Of another thing." }],
      ["memory_inspect", { id: "m_000000000000" }],
      ["memory_expire", { id: "m_000000000000", cause: "wrong", reason: "None." }],
      ["memory_update", { id: "m_000000000000", title: "None", reason: "None." }],
    ] as const) {
      await updateMemory(
        projectOf(stores),
        id,
        { body: `Changed before ${name}.` },
        { caller: person, reason: "Again." },
      );
      const answer = await agent.call(name, input);
      expect([name, answer.text]).toEqual([name, expect.stringContaining(`Changed before ${name}.`)]);
    }
  });

  test("is no news to the session that changed or ended it itself", async () => {
    const id = await given();
    await agent.call("memory_update", { id, body: "Mine.", reason: "Shorter." });
    expect((await next()).news).toBeUndefined();
    await agent.call("memory_expire", { id, cause: "wrong", reason: "It was." });
    expect((await next()).news).toBeUndefined();
  });

  test("is no news where the answer itself shows what became of it", async () => {
    const id = await given();
    elsewhere("update", id);
    const answer = await agent.call("memory_recall", { question: "pnpm bun everything" });
    expect(answer.text.split(id)).toHaveLength(2);
    expect(answer.structured["news"]).toBeUndefined();
  });

  test("is kept back while memory is off", async () => {
    const id = await given();
    elsewhere("update", id);
    await projectOf(stores).setMode("off");
    expect((await next()).text).not.toContain("bun");
    await projectOf(stores).setMode("full");
    expect((await next()).text).toContain("bun");
  });
});

test("what a session stored itself is news when a person takes it back", async () => {
  const id = await agent.remember();
  elsewhere("revert", id);
  expect((await next()).text).toContain(`${id} is no longer believed: reverted by another/1.0`);
});

test("what came from outside, and so isn't recalled, is no news to the session that stored it", async () => {
  const answer = await agent.call("memory_remember", { ...CLAIM, source: "web" });
  expect(answer.structured["news"]).toBeUndefined();
  expect((await next()).news).toBeUndefined();
});

test("of many changes at once the first are sent whole, and all are named", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 8; n++)
    ids.push(await new Agent(stores).remember({ title: `Rule ${n} of pnpm`, body: `pnpm rule ${n}.` }));
  await agent.call("memory_recall", { question: "pnpm rules", limit: 12 });
  for (const id of ids)
    await updateMemory(
      projectOf(stores),
      id,
      { body: "A longer rule than before. ".repeat(12) },
      { caller: person, reason: "Longer." },
    );
  const { text } = await next();
  for (const id of ids) expect(text).toContain(`${id} says something else now`);
  const whole = text.match(/(?:A longer rule than before\.\s*){12}/g) ?? [];
  expect(whole.length).toBeGreaterThan(0);
  expect(whole.length).toBeLessThan(8);
  expect(text).toContain("Call memory_inspect to read it.");
  expect((await next()).news).toBeUndefined();
});
