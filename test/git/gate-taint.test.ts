/** What came into a session from outside, and what a team says of doors that can't tell. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HeldForReviewError } from "../../src/core/gate/verdict.ts";
import { memoriesOf } from "../../src/core/review/decide.ts";
import type { Stores } from "../../src/core/stores.ts";
import { Agent, CLAIM, person, projectOf, Workspace } from "../support/agent-world.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";

let workspace: Workspace;
let stores: Stores;

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.initialise();
  stores = await workspace.openStores();
});
afterEach(async () => {
  await stores.dispose();
  workspace.remove();
});

const titles = async (): Promise<string[]> =>
  [...(await projectOf(stores).snapshot()).memories()].map(({ title }) => title);
const waiting = async (): Promise<string[]> =>
  ((await projectOf(stores).quarantine?.waiting(null)) ?? []).flatMap(memoriesOf).map(({ title }) => title);

describe("a session that took something from outside", () => {
  test("writes nothing unseen from then on, and what it wrote before stays", async () => {
    const agent = new Agent(stores);
    await agent.call("memory_remember", { ...CLAIM, title: "Before" });
    await agent.call("memory_remember", { ...CLAIM, title: "From a page", body: "As read.", source: "web" });
    const id = (await projectOf(stores).snapshot()).memories().next().value?.id ?? "";
    await agent.call("memory_remember", { ...CLAIM, title: "My own words", body: "A summary of what was read." });
    await agent.call("memory_update", { id, title: "Before, and more", reason: "It fits." });
    await agent.call("memory_expire", { id, cause: "wrong", reason: "The page says so." });
    expect(await titles()).toEqual(["Before"]);
    expect((await waiting()).toSorted()).toEqual(["Before, and more", "From a page", "My own words"]);
  });

  test("says nothing about other sessions, and a person's own words count in it as ever", async () => {
    await new Agent(stores).call("memory_remember", { ...CLAIM, title: "From a page", source: "web" });
    await new Agent(stores).call("memory_remember", { ...CLAIM, title: "Another session" });
    await addMemory(
      projectOf(stores),
      { type: "Fact", title: "Typed", body: "By hand." },
      { caller: person, reason: "" },
    );
    expect((await titles()).toSorted()).toEqual(["Another session", "Typed"]);
  });
});

test("where a team trusts no door that can't tell, all that agents write waits, and people's words don't", async () => {
  const store = projectOf(stores);
  const read = (await store.snapshot()).blobAt("policy.yaml") ?? "";
  const [rules] = await store.repository.blobs([read]);
  const bytes = Buffer.from(
    Buffer.from(rules ?? [])
      .toString()
      .replace("undeclared: agent", "undeclared: untrusted"),
  );
  const changes = [{ kind: "replace", path: "policy.yaml", read, bytes }] as const;
  await store.commit({ operation: "update", changes, caller: person, reason: "Stricter.", confirmed: true });
  await new Agent(stores).call("memory_remember", { ...CLAIM, title: "By an agent" });
  const { memories } = await addMemory(
    store,
    { type: "Fact", title: "Typed", body: "x" },
    { caller: person, reason: "" },
  );
  await updateMemory(store, memories[0]?.id ?? "", { title: "Typed again" }, { caller: person, reason: "" });
  expect(await titles()).toEqual(["Typed again"]);
  expect(await waiting()).toEqual(["By an agent"]);
});

describe("a session that goes on after a restart", () => {
  const SESSION = "s_9d2k4m7x";
  const fact = (title: string): Parameters<typeof addMemory>[1] => ({ type: "Fact", title, body: "As it seems." });
  const by = (session = SESSION): Parameters<typeof addMemory>[2] => ({
    caller: { channel: "mcp", actor: "an-agent/1", trust: "agent", session },
    reason: "Seen.",
  });
  const restart = async (): Promise<void> => {
    await stores.dispose();
    stores = await workspace.openStores();
  };

  test("is still trusted no more than what it had declared, in every store, and other sessions are", async () => {
    await addMemory(projectOf(stores), fact("Before"), by());
    await expect(addMemory(projectOf(stores), { ...fact("From a page"), trust: "untrusted" }, by())).rejects.toThrow(
      HeldForReviewError,
    );
    await restart();
    await expect(addMemory(projectOf(stores), fact("My own words"), by())).rejects.toThrow(HeldForReviewError);
    await addMemory(projectOf(stores), fact("Another's"), by("s_0ther0ne"));
    expect((await titles()).toSorted()).toEqual(["Another's", "Before"]);
    expect(await stores.personal.tainted.has(SESSION)).toBe(true);
  });

  test("is untrusted from the moment that a hook says what it read, though it wrote nothing of that", async () => {
    await projectOf(stores).tainted.add(SESSION);
    await restart();
    await expect(addMemory(projectOf(stores), fact("My own words"), by())).rejects.toThrow(HeldForReviewError);
    await addMemory(projectOf(stores), fact("Typed"), { ...by(), caller: { ...person, session: SESSION } });
    expect(await titles()).toEqual(["Typed"]);
  });
});
