import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Mode } from "../../src/core/mode.ts";
import type { RecallIntent } from "../../src/core/recall/question.ts";
import { Session } from "../../src/core/session.ts";
import type { Stores } from "../../src/core/stores.ts";
import { recallTool } from "../../src/core/tools/recall.ts";
import { rememberTool } from "../../src/core/tools/remember.ts";
import { addMemory, confirmMemory } from "../../src/core/verbs.ts";
import { Agent, CLAIM, person, projectOf, Workspace } from "../support/agent-world.ts";

let workspace: Workspace;
let stores: Stores;
let agent: Agent;
let now: Date;

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  now = new Date("2026-11-20T09:00:00Z");
  stores = await workspace.openStores(() => now);
  agent = new Agent(stores);
});
afterEach(async () => {
  await stores.dispose();
  workspace.remove();
});

function session(how: { readonly mode?: Mode; readonly intent?: RecallIntent }): Session {
  return new Session(
    { channel: "mcp", actor: "a/1", trust: "agent", ...how },
    { random: (length) => randomBytes(length) },
  );
}

async function idsFor(input: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const { structured } = await agent.call("memory_recall", { question: "pnpm", ...input });
  return (structured["memories"] as readonly { id: string }[]).map(({ id }) => id).toSorted();
}

describe("explore", () => {
  test("withholds what agents concluded, and keeps what people said, facts, and what is pinned", async () => {
    const writer = new Agent(stores);
    const opinion = await writer.remember({ type: "Decision", title: "pnpm was chosen for its speed" });
    const fact = await writer.remember({ type: "Fact", title: "CI has pnpm 9" });
    const add = async (title: string, more: object): Promise<string> => {
      const draft = { type: "Decision", title, body: "By a person, of pnpm.", ...more };
      return (await addMemory(projectOf(stores), draft, { caller: person, reason: "Said so." })).memories[0]?.id ?? "";
    };
    const said = await add("pnpm it is", {});
    const pinned = await add("Never publish from a laptop", { pinned: true, body: "Only CI publishes." });
    expect(await idsFor({})).toEqual([opinion, fact, said, pinned].toSorted());
    expect(await idsFor({ intent: "explore" })).toEqual([fact, said, pinned].toSorted());
    const exploring = await recallTool.run({ stores, session: session({ intent: "explore" }) }, { question: "pnpm" });
    expect(exploring.text).not.toContain(opinion);
    const asked = await recallTool.run(
      { stores, session: session({ intent: "explore" }) },
      { question: "pnpm", intent: "execute" },
    );
    expect(asked.text).toContain(opinion);
    await confirmMemory(projectOf(stores), opinion, { caller: person, reason: "True." });
    expect(await idsFor({ intent: "explore" })).toContain(opinion);
  });
});

describe("the filters of a question", () => {
  test("are types, tags and tiers", async () => {
    const writer = new Agent(stores);
    const pitfall = await writer.remember({ type: "Pitfall", title: "pnpm hides a missing peer", tags: ["build"] });
    const episode = await writer.remember({ type: "Episode", title: "pnpm broke the release" });
    expect(await idsFor({ types: ["pitfall"] })).toEqual([pitfall]);
    expect(await idsFor({ tags: ["Build"] })).toEqual([pitfall]);
    expect(await idsFor({ tiers: ["episodic"] })).toEqual([episode]);
    expect(await idsFor({ tiers: ["semantic"] })).toEqual([pitfall]);
    expect(await idsFor({ tiers: ["semantic", "episodic"] })).toEqual([pitfall, episode].toSorted());
    expect((await agent.call("memory_recall", { question: "pnpm", tiers: ["working"] })).isError).toBe(true);
  });

  test("as_of goes back in time, and a name for nothing is an error", async () => {
    const before = await agent.remember();
    now = new Date("2026-11-23T09:00:00Z");
    const after = await agent.remember({ title: "pnpm 10 is out" });
    expect(await idsFor({ as_of: "2026-11-20" })).toEqual([before]);
    expect(await idsFor({ as_of: "2026-11-23" })).toEqual([before, after].toSorted());
    expect((await agent.call("memory_recall", { question: "pnpm", as_of: "nonsense" })).structured["error"]).toBe(
      "invalid-input",
    );
  });
});

describe("a session's own mode", () => {
  test("can be stricter than the repository's, and never laxer", async () => {
    await new Agent(stores).remember();
    const off = { stores, session: session({ mode: "off" }) };
    expect((await recallTool.run(off, { question: "pnpm" })).text).toBe("Memory is off here, so nothing was recalled.");
    const reading = { stores, session: session({ mode: "read-only" }) };
    expect((await recallTool.run(reading, { question: "pnpm" })).text).toContain(CLAIM.body);
    expect(await rememberTool.run(reading, { ...CLAIM, title: "Another" })).toMatchObject({
      isError: true,
      structured: { error: "mode" },
    });
    await projectOf(stores).setMode("off");
    const full = { stores, session: session({ mode: "full" }) };
    expect((await recallTool.run(full, { question: "pnpm" })).text).not.toContain(CLAIM.body);
  });
});

describe("a host that says how much its model can take", () => {
  test("is given no more, by its own count", async () => {
    const writer = new Agent(stores);
    for (let n = 0; n < 6; n++)
      await writer.remember({ title: `pnpm rule ${n}`, body: `pnpm does ${n} things. `.repeat(6) });
    const countTokens = async (text: string): Promise<number> => text.length;
    const host = { budget: 900, countTokens };
    const answer = await recallTool.run({ stores, session: session({}), host }, { question: "pnpm" });
    expect(answer.text.length).toBeLessThanOrEqual(900);
    expect(answer.structured["budget"]).toBeLessThanOrEqual(900);
    expect(answer.structured["memories"]).not.toEqual([]);
  });
});
