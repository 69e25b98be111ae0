/** The queue of a team: pushed only on request, and emptied by whoever decides on whose word counts. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RemoteError } from "../../src/core/errors.ts";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { approveHeld, digestOfHeld, memoriesOf, rejectHeld } from "../../src/core/review/decide.ts";
import { stillWaiting } from "../../src/core/review/waiting.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { fetchQueue, pushQueue } from "../../src/core/review/share.ts";
import { confirmMemory } from "../../src/core/verbs.ts";
import { HELD_ID, HELD_PATH, hold, queueOf } from "../support/held.ts";
import { agent, human, Scratch } from "../support/scratch.ts";
import { Signer } from "../support/signers.ts";

let scratch: Scratch;
let store: MemoryStore;
let server: string;

beforeEach(async () => {
  scratch = new Scratch();
  await scratch.start();
  store = await scratch.open();
  server = scratch.serve();
});
afterEach(async () => scratch.remove());

async function clone(): Promise<MemoryStore> {
  const folder = path.join(scratch.root, "clone");
  execFileSync("git", ["clone", "--quiet", "--branch=agent-memory", server, folder]);
  execFileSync("git", ["checkout", "--quiet", "--detach"], { cwd: folder });
  const other = new Scratch();
  fs.rmSync(other.folder, { recursive: true });
  fs.renameSync(folder, other.folder);
  clones.push(other);
  return other.open();
}
const clones: Scratch[] = [];
afterEach(async () => {
  for (const other of clones.splice(0)) await other.remove();
});

const ids = async (from: MemoryStore): Promise<string[]> => (await stillWaiting(from)).map(({ id }) => id);
const onServer = (): string =>
  execFileSync("git", ["for-each-ref", "--format=%(refname)"], { cwd: server, encoding: "utf8" });

describe("what waits", () => {
  test("is pushed by no push of the user's, only on request, and fetched only on request", async () => {
    const held = await hold(store);
    scratch.git("push", "--quiet", "--all", "origin");
    expect(onServer()).not.toContain("quarantine");
    expect(await pushQueue(store, agent)).toEqual({ brought: 1, settled: 0 });
    expect(onServer()).toContain("refs/memory/quarantine");
    const other = await clone();
    expect(await ids(other)).toEqual([]);
    expect(await fetchQueue(other, agent)).toEqual({ brought: 1, settled: 0 });
    expect((await stillWaiting(other)).map(digestOfHeld)).toEqual([digestOfHeld(held)]);
    // A second time there is nothing more to bring, either way.
    expect(await fetchQueue(other, agent)).toEqual({ brought: 0, settled: 0 });
    expect(await pushQueue(other, agent)).toEqual({ brought: 0, settled: 0 });
  });

  test("is fetched although a crash ended an earlier fetch, whose lock is old", async () => {
    await hold(store);
    await pushQueue(store, agent);
    const other = await clone();
    const lock = clones[0]?.path(".git/refs/memory/shared-quarantine.lock") ?? "";
    fs.mkdirSync(path.dirname(lock), { recursive: true });
    fs.writeFileSync(lock, "");
    await expect(fetchQueue(other, agent)).rejects.toThrow(RemoteError);
    const then = new Date(Date.now() - 60_000);
    fs.utimesSync(lock, then, then);
    expect(await fetchQueue(other, agent)).toEqual({ brought: 1, settled: 0 });
  });

  test("stays decided where it was decided, and is told to the server by the next push", async () => {
    const held = await hold(store);
    await pushQueue(store, agent);
    const other = await clone();
    await fetchQueue(other, agent);
    await rejectHeld(other, held.id, { caller: human, reason: "It is not so." });
    expect(await fetchQueue(other, agent)).toEqual({ brought: 0, settled: 0 });
    expect(await ids(other)).toEqual([]);
    expect(await pushQueue(other, agent)).toEqual({ brought: 0, settled: 1 });
    const third = await clone();
    expect(await fetchQueue(third, agent)).toEqual({ brought: 0, settled: 0 });
  });

  test("of two people who push at once is all there afterwards", async () => {
    const other = await clone();
    const first = await hold(store);
    const second = await hold(other, {
      front: { id: "m_0a2b4c6d8e0f" },
      path: "semantic/fact/other-m_0a2b4c6d8e0f.md",
    });
    const done = await Promise.all([pushQueue(store, agent), pushQueue(other, agent)]);
    expect(done).toEqual([
      { brought: 1, settled: 0 },
      { brought: 1, settled: 0 },
    ]);
    await fetchQueue(store, agent);
    await fetchQueue(other, agent);
    expect((await ids(store)).toSorted()).toEqual([first.id, second.id].toSorted());
    expect((await ids(other)).toSorted()).toEqual([first.id, second.id].toSorted());
  });

  test("can be shared with nobody where there is no remote", async () => {
    scratch.git("remote", "remove", "origin");
    await expect(pushQueue(store, agent)).rejects.toMatchObject({ code: "team-remote" });
  });
});

describe("a teammate's decision takes it out of the queue", () => {
  test("where the claim came into the store with a signature that counts", async () => {
    const alice = new Signer(path.join(scratch.root, "keys"), "alice@example.com");
    scratch.commitOutside({ allowed_signers: alice.line });
    await store.team?.base.pin(human);
    const held = await hold(store);
    const [memory] = memoriesOf(held);
    const [file] = held.files;
    if (memory === undefined || file === undefined || file.bytes === null) throw new Error("nothing is held");
    const text = new TextDecoder().decode(file.bytes);
    // In the tree without anybody's word it waits on, and is not believed.
    scratch.commitOutside({ [HELD_PATH]: text });
    expect(await ids(store)).toEqual([held.id]);
    const signature = alice.approval(memory, new Date(Date.now() + 0).toISOString().replace(/\.\d+Z$/, "Z"));
    scratch.commitOutside({ [`approvals/${HELD_ID}.alice.sig`]: signature });
    expect(await ids(store)).toEqual([]);
  });

  test("where a tombstone for it came into the store", async () => {
    const held = await hold(store);
    const [memory] = memoriesOf(held);
    if (memory === undefined) throw new Error("nothing is held");
    const { path: file, text } = makeTombstone(memory, "It is not so.", new Date());
    scratch.commitOutside({ [file]: text });
    expect(await ids(store)).toEqual([]);
  });

  test("but a change of an approved memory waits on while its old words stand", async () => {
    const first = await hold(store);
    await approveHeld(store, first.id, { caller: human, reason: "", shown: digestOfHeld(first) });
    await confirmMemory(store, HELD_ID, { caller: human, reason: "Mine." });
    const blob = (await store.snapshot()).get(HELD_ID)?.blob ?? "";
    const change = await hold(store, { body: "It is otherwise.", before: { path: HELD_PATH, blob } });
    expect(await ids(store)).toEqual([change.id]);
    expect(await queueOf(store).waiting(null)).toHaveLength(1);
  });
});

describe("a rejection", () => {
  test("takes back this user's own older approval of the same claim", async () => {
    const first = await hold(store);
    await approveHeld(store, first.id, { caller: human, reason: "", shown: digestOfHeld(first) });
    const again = await hold(store);
    await rejectHeld(store, again.id, { caller: human, reason: "No longer so." });
    const snapshot = await store.snapshot();
    const memory = snapshot.get(HELD_ID);
    if (memory === undefined) throw new Error("the memory is gone");
    expect(await store.trustOf(snapshot, memory)).toBe("untrusted");
  });

  test("is overruled by a person alone: an agent can't take its tombstone away", async () => {
    const held = await hold(store);
    await rejectHeld(store, held.id, { caller: human, reason: "It is not so." });
    const file = `tombstones/${HELD_ID}.md`;
    const read = (await store.snapshot()).blobAt(file) ?? "";
    const proposal = {
      operation: "revert",
      changes: [{ kind: "remove", path: file, read }],
      reason: "It was so.",
    } as const;
    await expect(store.commit({ ...proposal, caller: agent })).rejects.toMatchObject({
      code: "gesture-needed",
    });
    await expect(store.commit({ ...proposal, caller: human, confirmed: true })).resolves.toMatchObject({
      status: "stored",
    });
  });
});
