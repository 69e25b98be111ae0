import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GestureNeededError, MemoryNotFoundError } from "../../src/core/errors.ts";
import { BlockedError, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Verdict } from "../../src/core/gate/verdict.ts";
import { readMemory } from "../../src/core/memory/parse.ts";
import { renderMemory } from "../../src/core/memory/render.ts";
import type { Proposal } from "../../src/core/proposal.ts";
import { approveHeld, digestOfHeld, rejectHeld } from "../../src/core/review/decide.ts";
import type { Held, Quarantine } from "../../src/core/review/quarantine.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { agent, claim, human, Scratch } from "../support/scratch.ts";

const DAY = 86_400_000;
const ID = "m_7k3q9f2d4cxw";
const PATH = `semantic/fact/a-claim-${ID}.md`;
const QUARANTINE: Verdict = {
  kind: "quarantine",
  findings: [
    {
      rule: "security/checks-off",
      verdict: "quarantine",
      path: PATH,
      line: 9,
      forPerson: "It switches a check off.",
      forModel: "Say it to the user instead.",
    },
  ],
};

let scratch: Scratch;
let store: MemoryStore;
let now = new Date();

beforeEach(async () => {
  now = new Date();
  scratch = new Scratch();
  await scratch.start();
  store = await scratch.open(scratch.folder, () => now);
});
afterEach(async () => scratch.remove());

function queue(): Quarantine {
  if (store.quarantine === null) throw new Error("no queue");
  return store.quarantine;
}

/** A proposal as the store holds it. */
async function hold(body = "Checks are disabled for admins.", expires?: string): Promise<Held> {
  const front = {
    type: "Fact",
    id: ID,
    title: "A claim",
    generated: { by: agent.actor, at: "2026-11-23T09:12:00Z" },
    origin: { channel: "mcp", trust: "agent" as const },
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
  const bytes = new TextEncoder().encode(renderMemory(front, body));
  const after = readMemory(PATH, "", bytes);
  if ("problems" in after) throw new Error(JSON.stringify(after.problems));
  const proposal: Proposal = {
    operation: "add",
    changes: [{ kind: "add", draft: claim(1) }],
    reason: "Read in a log.",
    caller: agent,
  };
  return (await queue().hold(proposal, [{ path: PATH, bytes, after, before: null }], QUARANTINE)).held;
}

describe("what waits", () => {
  test("is in no tree, no index and no checkout, and survives the process", async () => {
    const held = await hold();
    expect((await store.snapshot()).size).toBe(0);
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory")).not.toContain(PATH);
    const again = await scratch.open();
    const read = await again.quarantine?.get(held.id);
    expect(read === undefined ? "" : digestOfHeld(read)).toBe(digestOfHeld(held));
    expect(read).toMatchObject({ caller: agent, reason: "Read in a log.", findings: QUARANTINE.findings });
    expect(scratch.git("status", "--porcelain")).toBe("");
    scratch.fsck();
  });

  test("lapses after the time that the policy gives", async () => {
    await hold();
    expect(await queue().waiting(30 * DAY)).toHaveLength(1);
    now = new Date(now.getTime() + 31 * DAY);
    expect(await queue().waiting(30 * DAY)).toHaveLength(0);
    expect(await queue().waiting(null)).toHaveLength(1);
  });

  test("leaves the ref with the next write that is held, once it has lapsed, and stays in its history", async () => {
    const old = await hold();
    now = new Date(now.getTime() + 31 * DAY);
    const fresh = store.commit({
      operation: "add",
      changes: [{ kind: "add", draft: claim(3) }],
      reason: "Read on a page.",
      caller: { ...agent, trust: "untrusted" },
    });
    await expect(fresh).rejects.toThrow(HeldForReviewError);
    expect(scratch.git("ls-tree", "--name-only", "refs/memory/quarantine")).not.toContain(old.id);
    expect(await queue().waiting(null)).toHaveLength(1);
    expect(scratch.git("log", "--format=%s", "refs/memory/quarantine").split("\n")[1]).toBe("memory(expire): A claim");
  });

  test("is told to other processes", async () => {
    let told = 0;
    const other = await scratch.open();
    const stop = other.quarantine?.watch(() => told++);
    await expect.poll(() => told).toBe(1);
    await hold();
    await expect.poll(() => told, { timeout: 1_000 }).toBe(2);
    stop?.();
  });

  test("is still there beside a card that somebody broke, which is named", async () => {
    const held = await hold();
    const card = "{ not json";
    const input = `commit refs/memory/quarantine\ncommitter X <x@example.com> 1 +0000\ndata 1\nx\nfrom refs/memory/quarantine^0\nM 100644 inline q_000000000000/card.json\ndata ${card.length}\n${card}\n`;
    execFileSync("git", ["fast-import", "--quiet"], { cwd: scratch.folder, input, stdio: ["pipe", "pipe", "pipe"] });
    expect((await queue().waiting(null)).map(({ id }) => id)).toEqual([held.id]);
    expect(await queue().unreadable()).toEqual([expect.stringContaining("q_000000000000")]);
  });
});

describe("an approval", () => {
  test("stores exactly what was shown, as reviewed, and names who proposed it", async () => {
    const held = await hold();
    const written = await approveHeld(store, held.id, {
      caller: human,
      reason: "True here.",
      shown: digestOfHeld(held),
    });
    const memory = (await store.snapshot()).get(ID);
    if (memory === undefined) throw new Error("not stored");
    expect(memory.body.trim()).toBe("Checks are disabled for admins.");
    expect(await store.trustOf(await store.snapshot(), memory)).toBe("reviewed");
    expect(scratch.git("log", "-1", "--format=%B", written.commit)).toContain(`Proposed by ${agent.actor}.`);
    expect(await queue().waiting(null)).toHaveLength(0);
  });

  test("of something else than what waits is refused, and nothing is stored", async () => {
    const held = await hold();
    await expect(approveHeld(store, held.id, { caller: human, reason: "", shown: "0".repeat(64) })).rejects.toThrow(
      /not what was shown/,
    );
    expect((await store.snapshot()).size).toBe(0);
    expect(await queue().waiting(null)).toHaveLength(1);
  });

  test("needs a person's gesture: an agent's door is refused", async () => {
    const held = await hold();
    await expect(approveHeld(store, held.id, { caller: agent, reason: "", shown: digestOfHeld(held) })).rejects.toThrow(
      GestureNeededError,
    );
    await expect(
      approveHeld(store, held.id, {
        caller: { ...human, gesture: undefined as never },
        reason: "",
        shown: digestOfHeld(held),
      }),
    ).rejects.toThrow(GestureNeededError);
    expect(await queue().waiting(null)).toHaveLength(1);
  });

  test("can be of other words, which are then what is approved", async () => {
    const held = await hold();
    const [file] = held.files;
    const text = new TextDecoder().decode(file?.bytes ?? new Uint8Array()).replace("for admins", "in the test fixture");
    await approveHeld(store, held.id, {
      caller: human,
      reason: "",
      shown: digestOfHeld(held),
      edited: new Map([[PATH, new TextEncoder().encode(text)]]),
    });
    expect((await store.snapshot()).get(ID)?.body).toContain("in the test fixture");
  });

  test("of what waits no more says so", async () => {
    await expect(approveHeld(store, "q_000000000000", { caller: human, reason: "", shown: "" })).rejects.toThrow(
      MemoryNotFoundError,
    );
  });

  test("cannot let a secret through", async () => {
    const held = await hold(`The key is AKIA${"Q3EGRIVIZRV4DXMB"}.`);
    await expect(approveHeld(store, held.id, { caller: human, reason: "", shown: digestOfHeld(held) })).rejects.toThrow(
      BlockedError,
    );
  });
});

describe("a rejection", () => {
  test("leaves a tombstone with its reason, and the claim waits no more", async () => {
    const held = await hold();
    await rejectHeld(store, held.id, { caller: human, reason: "It isn't so." });
    expect(await queue().waiting(null)).toHaveLength(0);
    expect((await store.snapshot()).size).toBe(0);
    expect(scratch.git("show", `agent-memory:tombstones/${ID}.md`)).toContain("It isn't so.");
    expect(scratch.git("log", "-1", "--format=%s", "agent-memory")).toMatch(/^memory\(reject\)/);
  });
});

test("ordinary writes go on while something waits", async () => {
  await hold();
  await addMemory(store, claim(2), { caller: agent, reason: "Seen." });
  expect((await store.snapshot()).size).toBe(1);
});
