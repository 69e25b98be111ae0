import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfirmationNeededError, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import type { Act, Caller, Written } from "../../src/core/proposal.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, confirmMemory, renewMemory, replaceMemory, updateMemory } from "../../src/core/verbs.ts";
import { Scratch } from "../support/scratch.ts";

const person: Caller = { channel: "editor", actor: "human:dana", trust: "user", gesture: true };
const agent: Caller = { channel: "mcp", actor: "an-agent/1", trust: "agent" };
const save: Caller = { channel: "editor", actor: "human:dana", trust: "agent" };
const DRAFT = { type: "Convention", title: "Use pnpm", body: "Run scripts through pnpm." };

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

async function added(caller: Caller): Promise<Memory> {
  const { memories } = await addMemory(store, DRAFT, { caller, reason: "Said." });
  return memoryAt(memories[0]?.path ?? "");
}

async function memoryAt(path: string): Promise<Memory> {
  const file = (await store.snapshot()).at(path);
  if (file === undefined || isBroken(file)) throw new Error(`no memory at ${path}`);
  return file;
}

/** The one file that waits, as text. */
async function textWaiting(): Promise<string> {
  const [held] = (await store.quarantine?.waiting(null)) ?? [];
  return new TextDecoder().decode(held?.files[0]?.bytes ?? new Uint8Array());
}

async function stampWaiting(): Promise<Memory["front"]["origin"]> {
  const read = readMemory("semantic/convention/waits.md", "", new TextEncoder().encode(await textWaiting()));
  return isBroken(read) ? undefined : read.front.origin;
}

function saving({ path, blob }: Memory, text: string): Promise<unknown> {
  return replaceMemory(store, path, blob, new TextEncoder().encode(text), { caller: save, reason: "" });
}

async function textAt({ blob }: Memory): Promise<string> {
  const [bytes] = await store.repository.blobs([blob]);
  return new TextDecoder().decode(bytes);
}

describe("new words are trusted no more than who wrote them", () => {
  test("an agent that rewords a person's claim waits for them, and the words that wait are the agent's", async () => {
    const memory = await added(person);
    expect(memory.front.origin?.trust).toBe("user");
    const reworded = updateMemory(
      store,
      memory.id,
      { body: "Run scripts through yarn." },
      { caller: agent, reason: "Better." },
    );
    await expect(reworded).rejects.toThrow(HeldForReviewError);
    expect(await memoryAt(memory.path)).toEqual(memory);
    expect(await stampWaiting()).toEqual({ channel: "editor", trust: "agent" });
  });

  test("an agent that moves the end of a person's claim waits for them, and the words stay theirs", async () => {
    const memory = await added(person);
    const moved = renewMemory(store, memory.id, "30d", { caller: agent, reason: "Still needed." });
    await expect(moved).rejects.toThrow(HeldForReviewError);
    expect(await stampWaiting()).toEqual({ channel: "editor", trust: "user" });
  });

  test("an edit that admits to come from outside waits, and is untrusted", async () => {
    const memory = await added(agent);
    const edited = updateMemory(
      store,
      memory.id,
      { body: "From a page.", trust: "untrusted" },
      { caller: agent, reason: "Read." },
    );
    await expect(edited).rejects.toThrow(HeldForReviewError);
    expect(await memoryAt(memory.path)).toEqual(memory);
    expect((await stampWaiting())?.trust).toBe("untrusted");
  });

  test("a save that rewords a person's claim waits for them, lowered and with every other byte", async () => {
    const memory = await added(person);
    const before = await textAt(memory);
    const saved = before.replace("through pnpm", "through corepack");
    await expect(saving(memory, saved)).rejects.toThrow(HeldForReviewError);
    expect(await textWaiting()).toBe(saved.replace('trust: "user"', 'trust: "agent"'));
  });

  test("a save that changes no word of a person's claim waits for them as it is", async () => {
    const memory = await added(person);
    const saved = (await textAt(memory)).replace("title:", "# a note\ntitle:");
    await expect(saving(memory, saved)).rejects.toThrow(HeldForReviewError);
    expect(await textWaiting()).toBe(saved);
  });

  test("a save with a person at hand is asked about instead, and counts as theirs only by their gesture", async () => {
    const memory = await added(person);
    const bytes = new TextEncoder().encode((await textAt(memory)).replace("through pnpm", "through corepack"));
    const saved = (act: Partial<Act>): Promise<Written> =>
      replaceMemory(store, memory.path, memory.blob, bytes, { caller: save, reason: "Saved.", attended: true, ...act });
    await expect(saved({})).rejects.toThrow(ConfirmationNeededError);
    await expect(saved({ confirmed: true })).rejects.toThrow(ConfirmationNeededError);
    expect(await store.quarantine?.waiting(null)).toEqual([]);
    expect(await memoryAt(memory.path)).toEqual(memory);
    await saved({ confirmed: true, caller: person });
    expect(await textAt(await memoryAt(memory.path))).toBe(new TextDecoder().decode(bytes));
  });

  test("a save cannot raise the stamp", async () => {
    const memory = await added(agent);
    const forged = (await textAt(memory)).replace('trust: "agent"', 'trust: "user"');
    await expect(
      replaceMemory(store, memory.path, memory.blob, new TextEncoder().encode(forged), { caller: save, reason: "" }),
    ).rejects.toThrow(/only the program writes it/);
  });

  test("a confirmed claim counts as reviewed until its words change", async () => {
    const memory = await added(agent);
    await confirmMemory(store, memory.id, { caller: person, reason: "Mine." });
    const confirmed = await memoryAt(memory.path);
    expect(await store.trustOf(await store.snapshot(), confirmed)).toBe("reviewed");
    expect(confirmed.front.expires_at).toBeUndefined();
    await updateMemory(store, memory.id, { title: "Use pnpm always" }, { caller: person, reason: "Stronger." });
    expect(await store.trustOf(await store.snapshot(), await memoryAt(memory.path))).toBe("agent");
  });
});
