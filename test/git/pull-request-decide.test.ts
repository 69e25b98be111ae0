/** A person's decision on a belief of a reviewed change: what it stores, what it refuses, and the way back. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConflictError, GestureNeededError, InvalidInputError } from "../../src/core/errors.ts";
import { isBroken } from "../../src/core/memory/model.ts";
import {
  approveShown,
  lookAtShown,
  planRejection,
  rejectShown,
  shownBelief,
  type ShownBelief,
  standingOf,
  undoDecision,
} from "../../src/core/pull-request/decide.ts";
import { reviewChange } from "../../src/core/pull-request/review.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { openReview } from "../../src/git/pull-request/open.ts";
import { type Claim, memoryText, pathOf, PNPM, PORT, PullRequests, TESTS } from "../support/pull-requests.ts";
import { agent, human, Scratch } from "../support/scratch.ts";
import { land, startOnBranch } from "./support/branch.ts";

const NODE: Claim = { id: "m_2b2b2b2b2b2b", title: "The build needs Node 24" };
const PORT_NOW: Claim = { ...PORT, body: "The API server listens on port 9090 in every environment." };
const act = { caller: human, reason: "Looked at it." };
const TOPIC = "agent-memory-review/topic";

let world: PullRequests;
let store: MemoryStore;
beforeEach(async () => {
  world = new PullRequests();
  store = await world.scratch.open();
});
afterEach(async () => world.remove());

/** The one belief that a branch would bring, with its bytes. */
async function shown(head: string, base = world.base): Promise<ShownBelief> {
  const opened = await openReview({ folder: world.scratch.folder });
  try {
    const review = await reviewChange(await opened.request({ base, head }), { ...opened.means, now: new Date() });
    const [belief] = review.beliefs;
    if (belief === undefined) throw new Error("The change brings no belief.");
    return await shownBelief(store, review, belief);
  } finally {
    await opened.dispose();
  }
}

const propose = (files: Readonly<Record<string, string | null>>, from = world.base, branch = TOPIC): string =>
  world.commit(branch, from, [{ files }]);
const stored = (claim: Claim): string => world.scratch.git("show", `agent-memory:${pathOf(claim)}`);
const tombstones = (): number =>
  world.scratch.git("ls-tree", "--name-only", "agent-memory:tombstones").split("\n").length;
const subject = (): string => world.scratch.git("log", "-1", "--format=%s", "agent-memory");
async function isReviewed(claim: Claim): Promise<boolean> {
  const snapshot = await store.snapshot();
  const memory = snapshot.at(pathOf(claim));
  return memory !== undefined && !isBroken(memory) && (await store.evidence(snapshot)).isReviewed(memory);
}

describe("of a branch that is not believed yet", () => {
  test("an approval stores exactly what was shown, with the person's word, in one commit", async () => {
    propose({ [pathOf(NODE)]: memoryText(NODE) });
    const before = world.scratch.git("rev-list", "--count", "agent-memory");
    await approveShown(store, await shown(TOPIC), act);
    expect(stored(NODE)).toContain(`title: "${NODE.title}"`);
    expect(stored(NODE)).toContain("human:alice");
    expect(await isReviewed(NODE)).toBe(true);
    expect(Number(world.scratch.git("rev-list", "--count", "agent-memory"))).toBe(Number(before) + 1);
  });

  test("what the branch says after it was shown is not what was approved", async () => {
    propose({ [pathOf(NODE)]: memoryText(NODE) });
    const seen = await shown(TOPIC);
    propose({ [pathOf(NODE)]: memoryText({ ...NODE, body: "The build needs Node 8." }) });
    await approveShown(store, seen, act);
    expect(stored(NODE)).not.toContain("Node 8");
  });

  test("a rejection changes nothing that is believed, and keeps the claim out", async () => {
    propose({ [pathOf(NODE)]: memoryText(NODE) });
    const [seen, had] = [await shown(TOPIC), tombstones()];
    expect(await planRejection(store, seen)).toEqual({ ends: false, putsBack: false, buries: true });
    await rejectShown(store, seen, { ...act, reason: "Node 22 does." });
    expect((await store.snapshot()).at(pathOf(NODE))).toBeUndefined();
    expect(tombstones()).toBe(had + 1);
    await expect(approveShown(store, seen, { ...act, caller: agent })).rejects.toThrow(GestureNeededError);
  });

  test("what is believed by now decides whether the shown versions still count", async () => {
    propose({ [pathOf(PORT)]: memoryText(PORT_NOW) });
    const seen = await shown(TOPIC);
    propose({ [pathOf(PORT)]: memoryText({ ...PORT, body: "It listens on port 1." }) }, world.base, "agent-memory");
    expect(standingOf(await store.snapshot(), seen)).toBe("other");
    await expect(approveShown(store, seen, act)).rejects.toThrow(ConflictError);
    await expect(rejectShown(store, seen, act)).rejects.toThrow(ConflictError);
    expect(stored(PORT)).toContain("port 1.");
  });

  test("an end is carried out by its approval, and its rejection stores nothing", async () => {
    propose({ [pathOf(TESTS)]: null });
    const seen = await shown(TOPIC);
    expect(await rejectShown(store, seen, act)).toBeNull();
    expect((await store.snapshot()).at(pathOf(TESTS))).toBeDefined();
    await approveShown(store, seen, act);
    expect((await store.snapshot()).at(pathOf(TESTS))).toBeUndefined();
    expect(subject()).toMatch(/^memory\(expire\)/);
  });

  test("what holds a secret is shown to nobody, so nobody decides on it", async () => {
    propose({ [pathOf(NODE)]: memoryText({ ...NODE, body: `The key is AKIA${"Q3EGRIVIZRV4DXMB"}.` }) });
    await expect(shown(TOPIC)).rejects.toThrow(InvalidInputError);
  });

  test("what the gate refuses is seen as refused before anybody is asked", async () => {
    propose({ [pathOf(NODE)]: memoryText({ ...NODE, body: "It is so.\u202E trust me" }) });
    expect((await lookAtShown(store, await shown(TOPIC))).refused).toBe(true);
  });
});

describe("of what is believed already", () => {
  const believe = (files: Readonly<Record<string, string | null>>): string =>
    propose(files, world.base, "agent-memory");

  test("an approval adds the person's word and leaves the claim as it is", async () => {
    believe({ [pathOf(NODE)]: memoryText(NODE) });
    const seen = await shown("agent-memory");
    expect(standingOf(await store.snapshot(), seen)).toBe("after");
    await approveShown(store, seen, act);
    expect(await isReviewed(NODE)).toBe(true);
    // What was approved is still what was shown.
    expect(standingOf(await store.snapshot(), seen)).toBe("after");
  });

  test("a rejection ends what came, and undoing it lets it and its tombstone go back", async () => {
    believe({ [pathOf(NODE)]: memoryText(NODE) });
    const [seen, had, text] = [await shown("agent-memory"), tombstones(), stored(NODE)];
    const written = await rejectShown(store, seen, { ...act, reason: "It is wrong." });
    expect((await store.snapshot()).at(pathOf(NODE))).toBeUndefined();
    expect(tombstones()).toBe(had + 1);
    await undoDecision(store, seen, written?.commit ?? "", { ...act, reason: "Undone." });
    expect(stored(NODE)).toBe(text);
    expect(tombstones()).toBe(had);
  });

  test("a rejected change gives the words of before back, and no tombstone keeps those out", async () => {
    believe({ [pathOf(PORT)]: memoryText(PORT_NOW) });
    const [seen, had] = [await shown("agent-memory"), tombstones()];
    expect(await planRejection(store, seen)).toEqual({ ends: false, putsBack: true, buries: false });
    await rejectShown(store, seen, act);
    expect(stored(PORT)).toContain("port 8080");
    expect(tombstones()).toBe(had);
  });

  test("a change to quite another claim leaves a tombstone of that one", async () => {
    const other = { ...PNPM, title: "Deploys happen on Fridays", body: "Everything is released on Friday evening." };
    believe({ [pathOf(PNPM)]: memoryText(other) });
    const [seen, had] = [await shown("agent-memory"), tombstones()];
    await rejectShown(store, seen, act);
    expect(stored(PNPM)).toContain(PNPM.title);
    expect(tombstones()).toBe(had + 1);
  });

  test("a rejected end is taken back, and an approved one stores nothing", async () => {
    believe({ [pathOf(TESTS)]: null });
    const seen = await shown("agent-memory");
    expect(await approveShown(store, seen, act)).toBeNull();
    await rejectShown(store, seen, act);
    expect(stored(TESTS)).toContain(TESTS.title);
  });

  test("an approval that is taken back is no evidence any more", async () => {
    believe({ [pathOf(NODE)]: memoryText(NODE) });
    const [seen, text] = [await shown("agent-memory"), stored(NODE)];
    const written = await approveShown(store, seen, act);
    await undoDecision(store, seen, written?.commit ?? "", { ...act, reason: "Undone." });
    expect(stored(NODE)).toBe(text);
    expect(await isReviewed(NODE)).toBe(false);
  });

  test("a moved belief goes back to where it was", async () => {
    const moved = pathOf(PORT).replace("fact/", "decision/");
    believe({ [pathOf(PORT)]: null, [moved]: memoryText(PORT_NOW) });
    const seen = await shown("agent-memory");
    await rejectShown(store, seen, act);
    expect(stored(PORT)).toContain("port 8080");
    expect((await store.snapshot()).at(moved)).toBeUndefined();
  });
});

describe("of memory beside the code", () => {
  test("a branch's belief is approved into the branch that is checked out, and another one is taken out of it again", async () => {
    const scratch = new Scratch();
    try {
      const branch = await startOnBranch(scratch);
      await land(branch);
      const before = scratch.git("rev-parse", "HEAD");
      scratch.git("checkout", "--quiet", "-b", "topic");
      scratch.write(`.memory/${pathOf(NODE)}`, memoryText(NODE));
      scratch.git("add", "-A");
      scratch.git("commit", "--quiet", "-m", "From Bob");
      scratch.git("checkout", "--quiet", "main");
      const looked = async (head: string): Promise<ShownBelief> => {
        const opened = await openReview({ folder: scratch.folder });
        try {
          const request = await opened.request({ base: before, head });
          expect(request.prefix).toBe(".memory/");
          const review = await reviewChange(request, { ...opened.means, now: new Date() });
          const [belief] = review.beliefs;
          if (belief === undefined) throw new Error("The change brings no belief.");
          return await shownBelief(branch, review, belief);
        } finally {
          await opened.dispose();
        }
      };
      await approveShown(branch, await looked("topic"), act);
      const snapshot = await branch.snapshot();
      expect(snapshot.at(pathOf(NODE))).toBeDefined();
      const now = await looked(snapshot.commit ?? "");
      expect(standingOf(snapshot, now)).toBe("after");
      await rejectShown(branch, now, act);
      expect((await branch.snapshot()).at(pathOf(NODE))).toBeUndefined();
    } finally {
      await scratch.remove();
    }
  });
});

test("branches and tags with a store are offered, with where it is and which wait for a pull request", async () => {
  propose({ [pathOf(NODE)]: memoryText(NODE) });
  world.scratch.git("update-ref", "refs/remotes/origin/agent-memory", world.base);
  world.scratch.git("tag", "with/memory", world.base);
  world.scratch.write(".memory/policy.yaml", "format: 1\n");
  world.scratch.git("add", "-A");
  world.scratch.git("commit", "-qm", "memory beside the code");
  world.scratch.git("branch", "empty", "HEAD~1");
  const opened = await openReview({ folder: world.scratch.folder });
  const points = await opened.points();
  await opened.dispose();
  expect(points.map(({ ref, kind, isRemote, prefix }) => [ref, kind, isRemote, prefix]).toSorted()).toEqual([
    ["refs/heads/agent-memory", "branch", false, ""],
    [`refs/heads/${TOPIC}`, "proposal", false, ""],
    ["refs/heads/main", "branch", false, ".memory/"],
    ["refs/remotes/origin/agent-memory", "branch", true, ""],
    ["refs/tags/with/memory", "tag", false, ""],
  ]);
});
