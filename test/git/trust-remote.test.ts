/** What arrives on the team's own branch, and what this user approved: where it counts, and where somebody only says so. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTombstone } from "../../src/core/gate/tombstones.ts";
import { isBroken, type Memory } from "../../src/core/memory/model.ts";
import { planRevertOfCommit, revert } from "../../src/core/provenance/revert.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, confirmMemory, expireMemories } from "../../src/core/verbs.ts";
import { act, claim, fileText, human, Scratch } from "../support/scratch.ts";

const ID = "m_7k3q9f2d4cxw";
const PATH = `semantic/fact/the-port-${ID}.md`;
const TEXT = fileText(ID, "The API lives on port 4100", "Port 4000 belongs to the old one.");

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

/** A teammate commits to the branch on the server, from a clone of their own. */
function teammate(files: Readonly<Record<string, string | null>>): void {
  const folder = path.join(scratch.root, `clone-${Math.random()}`);
  execFileSync("git", ["clone", "--quiet", "--branch=agent-memory", server, folder]);
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(folder, file);
    if (text === null) fs.rmSync(place);
    else {
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.writeFileSync(place, text);
    }
  }
  const git = (...args: readonly string[]): unknown => execFileSync("git", args, { cwd: folder });
  git("add", "--all");
  git("-c", "user.name=Bob", "-c", "user.email=bob@example.com", "commit", "--quiet", "-m", "From Bob");
  git("push", "--quiet", "origin", "agent-memory");
  fs.rmSync(folder, { recursive: true });
}

function pull(): void {
  scratch.git("fetch", "--quiet", "origin");
  scratch.git("update-ref", "refs/heads/agent-memory", "refs/remotes/origin/agent-memory");
}

async function memoryAt(file: string): Promise<Memory> {
  const found = (await store.snapshot()).at(file);
  if (found === undefined || isBroken(found)) throw new Error(`There is no memory at ${file}.`);
  return found;
}

async function standing(file = PATH): Promise<{ trust: string; kind: string | null; doubts: string[] }> {
  const [snapshot, memory] = [await store.snapshot(), await memoryAt(file)];
  const view = await store.evidence(snapshot);
  return {
    trust: await store.trustOf(snapshot, memory),
    kind: view.of(memory)?.kind ?? null,
    doubts: view.doubts(memory).map(({ code }) => code),
  };
}

const fetchTeam = async (): Promise<void> => {
  if (store.team === null) throw new Error("The store has no team.");
  await store.team.base.fetch();
};

describe("what a teammate brought to the team's branch", () => {
  test("counts as reviewed once this program fetched it, and not before", async () => {
    teammate({ [PATH]: TEXT });
    pull();
    expect(await standing()).toEqual({ trust: "agent", kind: null, doubts: [] });
    await fetchTeam();
    expect(await standing()).toEqual({ trust: "reviewed", kind: "remote", doubts: [] });
  });

  test("is fetched although a crash ended an earlier fetch, whose lock is old", async () => {
    teammate({ [PATH]: TEXT });
    const lock = scratch.path(".git/refs/remotes/origin/agent-memory.lock");
    fs.writeFileSync(lock, "");
    const then = new Date(Date.now() - 60_000);
    fs.utimesSync(lock, then, then);
    await fetchTeam();
    expect(scratch.git("rev-parse", "origin/agent-memory")).toBe(
      execFileSync("git", ["rev-parse", "agent-memory"], { cwd: server, encoding: "utf8" }).trim(),
    );
  });

  test("counts for nothing where the policy on that branch says so, whatever the branch at hand says", async () => {
    const policy = scratch.git("show", "agent-memory:policy.yaml");
    teammate({ [PATH]: TEXT, "policy.yaml": `${policy}\ntrust:\n  remote: false\n` });
    await fetchTeam();
    pull();
    scratch.commitOutside({ "policy.yaml": `${policy}\n` });
    expect(await standing()).toMatchObject({ trust: "agent", kind: null });
  });

  test("is not what stands on a remote-tracking ref that somebody moved", async () => {
    await fetchTeam();
    scratch.commitOutside({ [PATH]: TEXT });
    scratch.git("update-ref", "refs/remotes/origin/agent-memory", "agent-memory");
    expect(await standing()).toMatchObject({ trust: "agent", kind: null });
    const base = await store.team?.base.read();
    expect(await store.team?.remote.recorded()).not.toBe(base?.commit);
  });

  test("is not what this user's own agent wrote and pushed", async () => {
    await fetchTeam();
    const { memories } = await addMemory(store, claim(1), act);
    scratch.git("push", "--quiet", "origin", "agent-memory");
    await fetchTeam();
    expect(await standing(memories[0]?.path)).toMatchObject({ trust: "agent", kind: null });
    // What others bring beside it counts.
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    expect(await standing()).toMatchObject({ trust: "reviewed", kind: "remote" });
    expect(await standing(memories[0]?.path)).toMatchObject({ trust: "agent", kind: null });
  });

  test("is not a version that was changed since", async () => {
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    scratch.commitOutside({ [PATH]: TEXT.replace("4100", "4200") });
    expect(await standing()).toMatchObject({ trust: "agent", kind: null });
  });

  test("is not what this user took out, though somebody puts it back", async () => {
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    scratch.commitOutside({ [PATH]: null });
    scratch.commitOutside({ [PATH]: TEXT });
    expect(await standing()).toEqual({ trust: "agent", kind: null, doubts: ["retired"] });
  });

  test("is not what was rejected here", async () => {
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    const tombstone = makeTombstone(await memoryAt(PATH), "It was never so.", new Date());
    scratch.commitOutside({ [tombstone.path]: tombstone.text });
    expect(await standing()).toEqual({ trust: "agent", kind: null, doubts: ["buried"] });
  });

  test("is read anew after the branch on the server was rewritten", async () => {
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    expect((await standing()).trust).toBe("reviewed");
    execFileSync("git", ["update-ref", "refs/heads/agent-memory", "agent-memory~1"], { cwd: server });
    expect(await store.team?.base.fetch()).toMatchObject({ rewritten: true });
    expect((await standing()).trust).toBe("agent");
  });
});

describe("the server", () => {
  test("at another address than before is not asked", async () => {
    await fetchTeam();
    const other = path.join(scratch.root, "other.git");
    execFileSync("git", ["clone", "--quiet", "--bare", server, other]);
    scratch.git("remote", "set-url", "origin", other);
    await expect(fetchTeam()).rejects.toThrow(/address was/);
    // A person who looks at it may trust it.
    await store.team?.base.pin(human);
    await expect(fetchTeam()).resolves.toBeUndefined();
  });

  test("that can't be reached is an error in words, and what was trusted stays", async () => {
    await fetchTeam();
    const before = await store.team?.base.read();
    fs.renameSync(server, `${server}.away`);
    await expect(fetchTeam()).rejects.toMatchObject({
      code: "remote",
      message: "origin has no repository there. Look at its address with `git remote -v`.",
    });
    expect(await store.team?.base.read()).toEqual(before);
  });

  test("is known by an address without what signs a person in", async () => {
    await fetchTeam();
    scratch.git("remote", "set-url", "origin", "https://alice:ghp_t0ken@example.com/o/r.git");
    expect(await store.team?.remote.address()).toBe("https://example.com/o/r.git");
    await expect(fetchTeam()).rejects.toThrow(/ is https:\/\/example\.com\/o\/r\.git now/);
    await store.team?.base.pin(human);
    expect(await store.team?.base.read()).toMatchObject({ address: "https://example.com/o/r.git" });
    // Another password is no other server.
    scratch.git("remote", "set-url", "origin", "https://bob:other@example.com/o/r.git");
    const { address } = (await store.team?.base.read()) ?? {};
    expect(await store.team?.remote.address()).toBe(address);
  });

  test("without a memory branch, or with one that is no store, is not trusted", async () => {
    execFileSync("git", ["update-ref", "-d", "refs/heads/agent-memory"], { cwd: server });
    await expect(fetchTeam()).rejects.toMatchObject({ code: "no-store" });
    scratch.git("push", "--quiet", "origin", "main:refs/heads/agent-memory");
    await expect(fetchTeam()).rejects.toThrow(/no policy.yaml/);
    expect(await store.team?.base.read()).toBeNull();
  });

  test("is no one's where there is no remote", async () => {
    scratch.git("remote", "remove", "origin");
    await expect(fetchTeam()).rejects.toThrow(/no remote/);
  });
});

describe("whose word counts", () => {
  test("is a person's to say: no agent, terminal or save can pin the signers", async () => {
    const { gesture: _gesture, ...caller } = human;
    await expect(store.team?.base.pin(caller)).rejects.toMatchObject({ code: "gesture-needed" });
  });

  test("is not brought along by a copied repository", async () => {
    teammate({ [PATH]: TEXT });
    await fetchTeam();
    pull();
    const copy = path.join(scratch.root, "copy");
    fs.cpSync(scratch.folder, copy, { recursive: true });
    store = await scratch.open(copy);
    expect(await standing()).toMatchObject({ trust: "agent", kind: null });
  });
});

describe("this user's own approval", () => {
  async function approved(): Promise<{ readonly memory: Memory; readonly id: string }> {
    const { memories } = await addMemory(store, claim(1), act);
    const [{ id, path: file } = { id: "", path: "" }] = memories;
    await confirmMemory(store, id, { caller: human, reason: "Mine." });
    return { memory: await memoryAt(file), id };
  }

  test("counts for nothing after the memory was taken out, though somebody reverts that", async () => {
    const { memory } = await approved();
    expect(await standing(memory.path)).toMatchObject({ trust: "reviewed", kind: "ledger" });
    const text = scratch.git("cat-file", "blob", memory.blob);
    scratch.commitOutside({ [memory.path]: null });
    scratch.commitOutside({ [memory.path]: `${text}\n` });
    expect(await standing(memory.path)).toMatchObject({ trust: "agent", kind: null });
    expect((await standing(memory.path)).doubts).toContain("retired");
  });

  test("counts again where the person themself takes the end back", async () => {
    const { memory, id } = await approved();
    const { commit } = await expireMemories(store, [id], { caller: human, reason: "A slip.", cause: "other" });
    await revert(store, await planRevertOfCommit(store, commit), { caller: human, reason: "It was a slip." });
    expect(await standing(memory.path)).toMatchObject({ trust: "reviewed", kind: "ledger" });
  });

  test("is not given again by taking a later change back, the approval itself for instance", async () => {
    // Of a person's own claim the approval changes no word, so that the digest stays.
    const { memories } = await addMemory(store, claim(1), { caller: human, reason: "Typed." });
    const id = memories[0]?.id ?? "";
    const { commit } = await confirmMemory(store, id, { caller: human, reason: "Mine." });
    await revert(store, await planRevertOfCommit(store, commit), { caller: human, reason: "Not mine." });
    const lines = fs.readFileSync(path.join(scratch.data, "approvals.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => (line.includes(id) ? "approved" : "other"))).toEqual(["approved"]);
  });

  test("does not count again where an agent takes the end back", async () => {
    const { memory, id } = await approved();
    const { commit } = await expireMemories(store, [id], { caller: human, reason: "No longer so.", cause: "outdated" });
    await revert(store, await planRevertOfCommit(store, commit), act);
    expect(await standing(memory.path)).toMatchObject({ trust: "agent", kind: null });
  });

  test("is in the ledger alone: the same commits without it approve nothing", async () => {
    const { memory } = await approved();
    fs.rmSync(path.join(scratch.data, "approvals.jsonl"));
    store = await scratch.open();
    expect(await standing(memory.path)).toEqual({ trust: "agent", kind: null, doubts: ["claimed"] });
  });
});
