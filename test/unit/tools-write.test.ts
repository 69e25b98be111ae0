import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoriesOf } from "../../src/core/review/decide.ts";
import type { Stores } from "../../src/core/stores.ts";
import { updateMemory } from "../../src/core/verbs.ts";
import { Agent, CLAIM, person, projectOf, Workspace } from "../support/agent-world.ts";

let workspace: Workspace;
let stores: Stores;
let agent: Agent;

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  stores = await workspace.openStores();
  agent = new Agent(stores);
});
afterEach(async () => {
  await stores.dispose();
  workspace.remove();
});

const believed = async () => [...(await projectOf(stores).snapshot()).memories()];
const stampsWaiting = async () => {
  const waiting = (await projectOf(stores).quarantine?.waiting(null)) ?? [];
  return waiting.flatMap(memoriesOf).map(({ front }) => front.origin?.trust);
};
const trailers = () => workspace.git("log", "-1", "--format=%(trailers)", "agent-memory");

describe("memory_remember", () => {
  test("stores a claim as one commit, and answers with its id, store, commit and end", async () => {
    const answer = await agent.call("memory_remember", {
      ...CLAIM,
      tags: ["build"],
      scope: ["packages/**"],
      sources: ["package.json:2"],
      expires: "30d",
    });
    const [memory] = await believed();
    const commit = workspace.git("rev-parse", "agent-memory");
    expect(answer.isError).toBe(false);
    expect(answer.structured).toMatchObject({ stored: true, id: memory?.id, store: "project", commit });
    expect(answer.text).toContain(`Stored ${memory?.id} in the project store, commit ${commit.slice(0, 7)}.`);
    expect(answer.text).toMatch(/It ends on \d{4}-\d\d-\d\d\./);
    expect(memory?.front).toMatchObject({
      type: "Convention",
      title: CLAIM.title,
      tags: ["build"],
      scope: ["packages/**"],
      sources: [{ resource: "repo:/package.json", lines: "2" }],
      origin: { channel: "mcp", session: agent.session.id, trust: "agent" },
      generated: { by: "test-agent/1.0" },
    });
    expect(memory?.body.trim()).toBe(CLAIM.body);
  });

  test("says in the commit who wrote it, in which session, through which door and why", async () => {
    await agent.remember();
    expect(workspace.git("log", "-1", "--format=%B", "agent-memory")).toContain(CLAIM.reason);
    expect(trailers()).toContain(`Memory-Session: ${agent.session.id}`);
    expect(trailers()).toContain("Memory-Actor: test-agent/1.0");
    expect(trailers()).toContain("Memory-Channel: mcp");
  });

  test("doesn't store what is believed already, however it is spaced and cased, and names the memory that says it", async () => {
    const id = await agent.remember();
    const again = await agent.call("memory_remember", {
      ...CLAIM,
      title: "use PNPM,  never npm",
      body: `${CLAIM.body}\n`,
    });
    expect(again).toMatchObject({ isError: false, structured: { stored: false, duplicate: true, id } });
    expect(again.text).toContain(id);
    expect(workspace.log()).toHaveLength(2);
  });

  test("stores a claim again after it was expired", async () => {
    const id = await agent.remember();
    await agent.call("memory_expire", { id, cause: "wrong", reason: "A test." });
    expect(await agent.remember()).not.toBe(id);
  });

  test.each(["web", "tool", "dependency", "other-agent"])(
    "trusts what comes from outside (%s) less than its own door",
    async (source) => {
      const answer = await agent.call("memory_remember", { ...CLAIM, source });
      expect(await believed()).toEqual([]);
      expect(answer).toMatchObject({ isError: false, structured: { stored: false, waiting: true } });
      expect(await stampsWaiting()).toEqual(["untrusted"]);
    },
  );

  test("trusts what cites a web page no more than the page", async () => {
    await agent.call("memory_remember", { ...CLAIM, sources: ["https://example.com/rules"] });
    expect(await believed()).toEqual([]);
    expect(await stampsWaiting()).toEqual(["untrusted"]);
  });

  test("trusts what an agent says of the user, or of itself, no more than the agent", async () => {
    const answer = await agent.call("memory_remember", { ...CLAIM, source: "user", trust: "reviewed", approved: true });
    expect((await believed())[0]?.front.origin?.trust).toBe("agent");
    expect(answer.text).toContain("Ignored: trust, approved.");
  });

  test("puts a preference without a scope into the personal store, and the rest into the project's", async () => {
    const personal = await agent.call("memory_remember", { ...CLAIM, type: "Preference" });
    const scoped = await agent.call("memory_remember", { ...CLAIM, type: "Preference", scope: ["src/**"] });
    const wished = await agent.call("memory_remember", { ...CLAIM, store: "personal", title: "Another" });
    expect([personal, scoped, wished].map((answer) => answer.structured["store"])).toEqual([
      "personal",
      "project",
      "personal",
    ]);
  });

  test("ends the memories that the new claim replaces in the same commit", async () => {
    const old = await agent.remember();
    const answer = await agent.call("memory_remember", {
      ...CLAIM,
      title: "Use yarn",
      body: "Run yarn.",
      supersedes: [old],
    });
    expect(answer.structured).toMatchObject({ stored: true, superseded: [old] });
    const memories = await believed();
    expect(memories.map((memory) => memory.title)).toEqual(["Use yarn"]);
    expect(memories[0]?.front.supersedes).toEqual([old]);
    expect(workspace.log()).toHaveLength(3);
  });

  test("replaces nothing that it hasn't read, or that was changed since", async () => {
    const old = await agent.remember();
    const other = new Agent(stores, "other-agent/2");
    const replace = { ...CLAIM, title: "Use yarn", body: "Run yarn.", supersedes: [old] };
    const blind = await other.call("memory_remember", replace);
    expect(blind.isError).toBe(true);
    expect(blind.text).toContain("You haven't read");
    await updateMemory(projectOf(stores), old, { body: "Run pnpm, always." }, { caller: person, reason: "Clearer." });
    const stale = await agent.call("memory_remember", replace);
    expect(stale).toMatchObject({ isError: true, structured: { error: "conflict" } });
    expect(stale.text).toContain("Run pnpm, always.");
    expect((await believed()).map((memory) => memory.title)).toEqual([CLAIM.title]);
  });

  test("replaces nothing in another store", async () => {
    const old = await agent.remember();
    const answer = await agent.call("memory_remember", {
      ...CLAIM,
      title: "Mine",
      store: "personal",
      supersedes: [old],
    });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('Set "store" to "project"');
  });

  test("refuses a secret without repeating it, and nothing is stored", async () => {
    const secret = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");
    const answer = await agent.call("memory_remember", { ...CLAIM, body: `The token is ${secret}.` });
    expect(answer).toMatchObject({ isError: true, structured: { error: "blocked" } });
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect(answer.text).toContain("Nothing was stored.");
    expect(workspace.log()).toHaveLength(1);
  });

  test.each([
    [{ type: "Rule" }, 'Unknown type "Rule". Use one of: Preference, Convention, Decision'],
    [{ expires: "soon" }, "30d"],
    [{ expires: "2001-01-01" }, "has passed"],
    [{ sources: ["/etc/passwd"] }, "is no file of this repository"],
    [{ supersedes: ["m_000000000000"] }, "Call memory_recall"],
  ])("%j is answered with a sentence that a model can act on, and nothing is stored", async (input, sentence) => {
    const answer = await agent.call("memory_remember", { ...CLAIM, ...input });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(sentence);
    expect(workspace.log()).toHaveLength(1);
  });

  test("stores nothing while memory is read-only or off", async () => {
    for (const mode of ["read-only", "off"] as const) {
      await projectOf(stores).setMode(mode);
      for (const claim of [CLAIM, { ...CLAIM, type: "Preference" }]) {
        const answer = await agent.call("memory_remember", claim);
        expect(answer).toMatchObject({ isError: true, structured: { error: "mode" } });
      }
    }
    expect(workspace.log()).toHaveLength(1);
  });
});

test("what came from outside doesn't keep an agent's own finding out", async () => {
  await agent.call("memory_remember", { ...CLAIM, source: "web" });
  const own = await new Agent(stores).remember();
  expect((await believed()).map(({ id }) => id)).toEqual([own]);
  expect(await agent.call("memory_remember", { ...CLAIM, source: "web" })).toMatchObject({
    structured: { stored: false },
  });
});

describe("memory_update", () => {
  test("changes the named keys and keeps the rest, against the version that the session wrote or was given", async () => {
    const id = await agent.remember({ tags: ["build"] });
    const answer = await agent.call("memory_update", { id, body: "Run pnpm.", tags: [], reason: "Shorter." });
    expect(answer).toMatchObject({ isError: false, structured: { stored: true, id } });
    const [memory] = await believed();
    expect(memory?.body.trim()).toBe("Run pnpm.");
    expect(memory?.title).toBe(CLAIM.title);
    expect(memory?.front.tags).toBeUndefined();
    expect((await agent.call("memory_update", { id, title: "Use pnpm", reason: "Shorter." })).isError).toBe(false);
  });

  test("refuses a memory that the session has not read, and takes it after memory_inspect", async () => {
    const id = await agent.remember();
    const other = new Agent(stores, "other-agent/2");
    const change = { id, body: "Run pnpm.", reason: "Shorter." };
    const blind = await other.call("memory_update", change);
    expect(blind.isError).toBe(true);
    expect(blind.text).toContain("Call memory_inspect");
    await other.call("memory_inspect", { id });
    expect((await other.call("memory_update", change)).isError).toBe(false);
  });

  test("meets a change made since with all three versions, stores nothing, and takes the merged one afterwards", async () => {
    const id = await agent.remember();
    const read = (await believed())[0]?.body.trim() ?? "";
    const other = new Agent(stores, "other-agent/2");
    await other.call("memory_inspect", { id });
    await other.call("memory_update", { id, body: "Theirs: pnpm 9.", reason: "Theirs." });
    const conflict = await agent.call("memory_update", { id, body: "Mine: pnpm 10.", reason: "Mine." });
    expect(conflict).toMatchObject({ isError: true, structured: { error: "conflict", id } });
    expect(read).not.toBe("");
    expect(conflict.text.indexOf(read)).toBeGreaterThan(conflict.text.indexOf("What you had read:"));
    expect(conflict.text).toContain("Theirs: pnpm 9.");
    expect(conflict.text).toContain("Mine: pnpm 10.");
    expect((await believed())[0]?.body.trim()).toBe("Theirs: pnpm 9.");
    expect((await agent.call("memory_update", { id, body: "Both.", reason: "Merged." })).isError).toBe(false);
    expect((await believed())[0]?.body.trim()).toBe("Both.");
  });

  test("takes the version that the caller names, in full or abbreviated, and no other", async () => {
    const id = await agent.remember();
    const version = (await believed())[0]?.blob ?? "";
    const other = new Agent(stores, "other-agent/2");
    expect(await other.call("memory_update", { id, read: "0123456789", body: "X.", reason: "R." })).toMatchObject({
      isError: true,
      structured: { error: "conflict" },
    });
    const third = new Agent(stores, "third-agent/2");
    expect(
      (await third.call("memory_update", { id, read: version.slice(0, 12), body: "Y.", reason: "R." })).isError,
    ).toBe(false);
    expect(
      await new Agent(stores).call("memory_update", { id, read: version, body: "Z.", reason: "R." }),
    ).toMatchObject({ isError: true, structured: { error: "conflict" } });
  });

  test("makes no commit where nothing changes, so that a call sent twice counts once", async () => {
    const id = await agent.remember();
    const change = { id, body: "Run pnpm.", reason: "Shorter." };
    await agent.call("memory_update", change);
    const commits = workspace.log().length;
    const again = await agent.call("memory_update", change);
    expect(again).toMatchObject({ isError: false, structured: { stored: false } });
    expect(workspace.log()).toHaveLength(commits);
  });

  test("asks for a change where none is named, and for an id that exists", async () => {
    const id = await agent.remember();
    expect((await agent.call("memory_update", { id, reason: "R." })).text).toContain("There is nothing to change.");
    const unknown = await agent.call("memory_update", { id: "m_000000000000", body: "X", reason: "R." });
    expect(unknown).toMatchObject({ isError: true, structured: { error: "not-found" } });
  });
});

describe("memory_expire", () => {
  test("takes the memory out of the tree, with its cause and reason in the commit", async () => {
    const id = await agent.remember();
    const answer = await agent.call("memory_expire", { id, cause: "outdated", reason: "We moved to bun." });
    expect(answer).toMatchObject({ isError: false, structured: { expired: true, id } });
    expect(await believed()).toEqual([]);
    expect(workspace.git("log", "-1", "--format=%B", "agent-memory")).toContain("Outdated. We moved to bun.");
  });

  test("says of a memory that has ended already that it has, and changes nothing", async () => {
    const id = await agent.remember();
    await agent.call("memory_expire", { id, cause: "wrong", reason: "R." });
    const commits = workspace.log().length;
    expect(await agent.call("memory_expire", { id, cause: "wrong", reason: "R." })).toMatchObject({
      isError: false,
      structured: { expired: false, id },
    });
    expect(workspace.log()).toHaveLength(commits);
  });

  test("is said to have been too late for a change, and for a claim that would take its place", async () => {
    const id = await agent.remember();
    await agent.call("memory_expire", { id, cause: "wrong", reason: "R." });
    const commits = workspace.log().length;
    const claim = { title: "Use bun", body: "Use bun.", type: "Convention", reason: "R.", supersedes: [id] };
    for (const answer of [
      await agent.call("memory_update", { id, reason: "R.", title: "Use bun" }),
      await agent.call("memory_remember", claim),
    ]) {
      expect(answer).toMatchObject({ isError: true, structured: { error: "not-found" } });
      expect(answer.text).toContain(`${id} has ended already; nothing was changed.`);
    }
    expect(workspace.log()).toHaveLength(commits);
  });

  test("refuses a memory that the session has not read, or that was changed since", async () => {
    const id = await agent.remember();
    const blind = await new Agent(stores).call("memory_expire", { id, cause: "wrong", reason: "R." });
    expect(blind.text).toContain("You haven't read");
    await updateMemory(projectOf(stores), id, { body: "Run pnpm, always." }, { caller: person, reason: "Clearer." });
    expect(await agent.call("memory_expire", { id, cause: "wrong", reason: "R." })).toMatchObject({
      isError: true,
      structured: { error: "conflict" },
    });
    expect(await believed()).toHaveLength(1);
  });
});

test("without a store every tool says so and creates nothing", async () => {
  const bare = new Workspace();
  const none = await bare.openStores();
  const other = new Agent(none);
  const calls = [
    other.call("memory_recall", { question: "package manager" }),
    other.call("memory_remember", CLAIM),
    other.call("memory_remember", { ...CLAIM, type: "Preference" }),
    other.call("memory_update", { id: "m_000000000000", body: "X", reason: "R." }),
    other.call("memory_expire", { id: "m_000000000000", cause: "wrong", reason: "R." }),
    other.call("memory_inspect", { id: "m_000000000000" }),
  ];
  for (const answer of await Promise.all(calls)) {
    expect(answer).toMatchObject({ isError: true, structured: { error: "no-store" } });
    expect(answer.text).toContain("git memory init");
  }
  expect(bare.git("for-each-ref")).not.toContain("agent-memory");
  await none.dispose();
  bare.remove();
});
