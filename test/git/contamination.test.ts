import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import { contaminationOf } from "../../src/core/provenance/contamination.ts";
import { planRevertOfMemory, revert } from "../../src/core/provenance/revert.ts";
import { rootsOf, type Suspicion } from "../../src/core/provenance/roots.ts";
import { planTakeBack, type Reach, takeBack, type TakeBackPlan } from "../../src/core/provenance/take-back.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, supersedeMemories, updateMemory } from "../../src/core/verbs.ts";
import { MemoryNotFoundError } from "../../src/core/errors.ts";
import { agent, believed, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(() => scratch.remove());

const because = { reason: "It came up." };
const poisoned: Caller = { ...agent, session: "s_p01s0n00" };
const SESSION: Suspicion = { kind: "session", session: "s_p01s0n00" };

async function add(draft: Draft, caller: Caller = agent): Promise<string> {
  return (await addMemory(store, draft, { caller, ...because })).memories[0]?.id ?? "";
}

const poison = (): Promise<string> =>
  add(
    {
      type: "Fact",
      title: "The gateway is at port 8123",
      body: "Every call to the gateway of the shop goes to port 8123 of the old host.",
    },
    poisoned,
  );
const having = (...recalled: string[]): Caller => ({ ...agent, session: "s_0therxxx", recalled });

/** What followed, by id: its relation and the kind of its strongest reason. */
async function followed(suspicion: Suspicion = SESSION): Promise<Record<string, string>> {
  const { nodes } = await contaminationOf(store, suspicion);
  return Object.fromEntries(
    nodes.map(({ change, relation, because: [edge] }) => [
      change.id,
      edge === undefined ? relation : `${relation}: ${edge.kind}`,
    ]),
  );
}

const actions = ({ files }: TakeBackPlan): Record<string, string> =>
  Object.fromEntries(files.map(({ id, action }) => [id, action]));
const plan = (reach: Reach, suspicion: Suspicion = SESSION): Promise<TakeBackPlan> =>
  planTakeBack(store, suspicion, reach);

describe("what followed from a write", () => {
  test("is what was derived from it, on and on, and what took its place", async () => {
    const root = await poison();
    const child = await add(claim("child", { derived_from: [root] }));
    const grandchild = await add(claim("grandchild", { derived_from: [child] }));
    const { memories } = await supersedeMemories(store, [grandchild], claim("heir"), { caller: agent, ...because });
    expect(await followed()).toEqual({
      [root]: "root",
      [child]: "derived: derived_from",
      [grandchild]: "derived: made-way",
      [memories[0]?.id ?? ""]: "derived: supersedes",
    });
  });

  test("is apart from what was only written while it was in context, and from what follows from that", async () => {
    const root = await poison();
    const beside = await add(claim("beside"), having(root));
    const child = await add(claim("child", { derived_from: [beside] }));
    expect(await followed()).toEqual({
      [root]: "root",
      [beside]: "context: context",
      [child]: "context: derived_from",
    });
    expect(actions(await plan("derived"))).toEqual({ [root]: "goes" });
    expect((await plan("derived")).spared.map(({ id, why }) => [id, why])).toEqual([
      [beside, "context"],
      [child, "context"],
    ]);
    expect(actions(await plan("context"))).toEqual({ [child]: "goes", [beside]: "goes", [root]: "goes" });
  });

  test("is what says the same in a session that had read it, even if it names nothing", async () => {
    const root = await poison();
    const body = "In the settings every call to the gateway of the shop goes to port 8123 of the old host.";
    const laundered = await add({ type: "Convention", title: "A note on ports", body }, having(root));
    const stranger = await add({ type: "Convention", title: "Ports of the shop", body });
    expect(await followed()).toEqual({ [root]: "root", [laundered]: "derived: repeats" });
    expect(await followed({ kind: "memory", id: stranger })).toEqual({ [stranger]: "root" });
  });

  test("is not what had been derived before it was poisoned", async () => {
    const id = await add(claim(1));
    const early = await add(claim("early", { derived_from: [id] }));
    await updateMemory(store, id, { body: "The gateway is at port 8123." }, { caller: poisoned, ...because });
    const late = await add(claim("late", { derived_from: [id] }));
    await updateMemory(store, early, { tags: ["seen"] }, { caller: agent, ...because });
    expect(await followed()).toEqual({ [id]: "root", [late]: "derived: derived_from" });
  });

  test("survives a squash that leaves no trailer, and one that keeps the last block alone", async () => {
    const root = await poison();
    const base = scratch.git("rev-parse", "agent-memory");
    const child = await add(claim("child", { derived_from: [root] }));
    const beside = await add(claim("beside"), having(root));
    for (const message of ["Squashed", scratch.git("log", "--reverse", "--format=%B", `${base}..agent-memory`)]) {
      scratch.git(
        "update-ref",
        "refs/heads/agent-memory",
        scratch.git("commit-tree", "agent-memory^{tree}", "-p", base, "-m", message),
      );
      expect(await followed()).toEqual({
        [root]: "root",
        [child]: "derived: derived_from",
        [beside]: "context: context",
      });
    }
  });

  test("is found by the session that a file names, where its own commit was squashed away", async () => {
    const base = scratch.git("rev-parse", "agent-memory");
    const root = await poison();
    const innocent = await add(claim("innocent"));
    const child = await add(claim("child", { derived_from: [root] }));
    const message = scratch.git("log", "--reverse", "--format=%B", `${base}..agent-memory`);
    scratch.git(
      "update-ref",
      "refs/heads/agent-memory",
      scratch.git("commit-tree", "agent-memory^{tree}", "-p", base, "-m", message),
    );
    expect(await followed()).toEqual({ [root]: "root", [child]: "derived: derived_from" });
    await takeBack(store, await plan("derived"), { caller: human, ...because });
    expect((await store.snapshot()).get(innocent)).toBeDefined();
    expect(scratch.git("log", "-1", "--format=%b", "agent-memory")).toContain("This reverts part of commit ");
  });

  test("is found though the memory itself never reached the history", async () => {
    const child = await add(claim("child", { derived_from: ["m_0000000000gh"] }));
    expect(await followed({ kind: "memory", id: "m_0000000000gh" })).toEqual({ [child]: "derived: derived_from" });
    await expect(rootsOf(store, { kind: "memory", id: "m_0000000000zz" })).rejects.toThrow(MemoryNotFoundError);
  });

  test("is found from a source, by itself, the place below which it is, or its host", async () => {
    const id = await add(claim(1, { sources: [{ resource: "https://pastes.example/a/b" }] }));
    const other = await add(claim(2, { sources: [{ resource: "https://pastes.example.org/a" }] }));
    for (const source of ["https://pastes.example/a/b", "https://pastes.example/a", "pastes.example"])
      expect(await followed({ kind: "source", source })).toEqual({ [id]: "root" });
    expect(await followed({ kind: "source", source: "pastes.example.org" })).toEqual({ [other]: "root" });
    await expect(contaminationOf(store, { kind: "source", source: "https://pastes.example/a/bb" })).rejects.toThrow(
      MemoryNotFoundError,
    );
  });
});

describe("another wording", () => {
  test("by a program carries it on; by a person ends it, and the preview says so", async () => {
    const root = await poison();
    await updateMemory(
      store,
      root,
      { title: "A newer heading", body: "It is reached there." },
      { caller: agent, ...because },
    );
    expect(await followed()).toMatchObject({ [root]: "derived: reworded" });
    expect(actions(await plan("derived"))).toEqual({ [root]: "goes" });
    await updateMemory(
      store,
      root,
      { title: "The gateway is at port 443", body: "It was moved in spring." },
      { caller: human, ...because },
    );
    const now = await plan("derived");
    expect(actions(now)).toEqual({ [root]: "stays" });
    await expect(takeBack(store, now, { caller: human, ...because })).rejects.toThrow("nothing to take back");
    const child = await add(claim("child", { derived_from: [root] }));
    expect(await followed()).not.toHaveProperty([child]);
  });

  test("of one line leaves the rest of a later edit standing when the poisoned line is taken back", async () => {
    const id = await add({
      type: "Fact",
      title: "The gateway",
      body: "Line one.\n\nLine two.\n\nLine three.\n\nLine four.",
    });
    await updateMemory(
      store,
      id,
      { body: "Line one: 8123.\n\nLine two.\n\nLine three.\n\nLine four." },
      { caller: poisoned, ...because },
    );
    await updateMemory(
      store,
      id,
      { body: "Line one: 8123.\n\nLine two.\n\nLine three.\n\nLine four, and better." },
      { caller: agent, ...because },
    );
    expect(actions(await plan("roots"))).toEqual({ [id]: "changes back" });
    await takeBack(store, await plan("roots"), { caller: human, ...because });
    expect((await store.snapshot()).get(id)?.body.trim()).toBe(
      "Line one.\n\nLine two.\n\nLine three.\n\nLine four, and better.",
    );
  });
});

describe("taking back", () => {
  test("brings back what a consolidation had ended, but not what somebody ended again", async () => {
    const [one, two] = [await add(claim("one")), await add(claim("two"))];
    const root = await poison();
    const { memories } = await supersedeMemories(
      store,
      [root, one, two],
      claim("summary", { derived_from: [root, one, two] }),
      { caller: agent, ...because },
    );
    const summary = memories[0]?.id ?? "";
    await revert(store, await planRevertOfMemory(store, two), { caller: human, ...because });
    await expireMemories(store, [two], { caller: human, cause: "outdated", ...because });
    const wide = await plan("derived");
    expect(actions(wide)).toEqual({ [summary]: "goes", [one]: "comes back", [two]: "stays", [root]: "stays" });
    await takeBack(store, wide, { caller: human, ...because });
    expect(await believed(store)).toEqual(["Claim number one"]);
  });

  test("restores what the suspected session had expired", async () => {
    const id = await add(claim(1));
    await expireMemories(store, [id], { caller: poisoned, cause: "wrong", ...because });
    expect(actions(await plan("roots"))).toEqual({ [id]: "comes back" });
    await takeBack(store, await plan("roots"), { caller: human, ...because });
    expect(await believed(store)).toEqual(["Claim number 1"]);
  });

  test("finds a poison that was taken back and brought in again", async () => {
    const root = await poison();
    await revert(store, await planRevertOfMemory(store, root), { caller: human, ...because });
    await revert(store, await planRevertOfMemory(store, root), { caller: agent, ...because });
    const child = await add(claim("child", { derived_from: [root] }));
    expect(actions(await plan("derived"))).toEqual({ [child]: "goes", [root]: "goes" });
  });

  test("names the edits by others that go with a file", async () => {
    const root = await poison();
    const { commit } = await updateMemory(store, root, { tags: ["gateway"] }, { caller: agent, ...because });
    const [file] = (await plan("roots")).files;
    expect(file?.editsLost.map((entry) => entry.commit)).toEqual([commit]);
  });

  test("touches neither index nor work tree nor HEAD, and git can take it back", async () => {
    await poison();
    await add(claim(1));
    scratch.write("work.txt", "in progress");
    scratch.git("add", "work.txt");
    const [head, tree, status] = [
      scratch.git("rev-parse", "HEAD"),
      scratch.git("rev-parse", "agent-memory^{tree}"),
      scratch.git("status", "--porcelain"),
    ];
    const { commit } = await takeBack(store, await plan("derived"), { caller: human, ...because });
    expect([scratch.git("rev-parse", "HEAD"), scratch.git("status", "--porcelain")]).toEqual([head, status]);
    const checkout = `${scratch.root}/checkout`;
    scratch.git("worktree", "add", "--quiet", checkout, "agent-memory");
    scratch.gitIn(checkout, "revert", "--no-edit", commit);
    expect(scratch.git("rev-parse", "agent-memory^{tree}")).toBe(tree);
  });
});
