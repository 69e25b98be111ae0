/** A claim that a person rejected, brought again: by each door, in other spelling, by git itself, and after any time. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BlockedError, HeldForReviewError } from "../../src/core/gate/verdict.ts";
import type { Caller, Draft } from "../../src/core/proposal.ts";
import { planRevertOfCommit, revert } from "../../src/core/provenance/revert.ts";
import { GestureNeededError } from "../../src/core/errors.ts";
import { approveHeld, digestOfHeld, rejectHeld, undoApproval, undoRejection } from "../../src/core/review/decide.ts";
import { reviewDocument } from "../../src/core/review/document.ts";
import { lookAt } from "../../src/core/review/look.ts";
import type { Held } from "../../src/core/review/quarantine.ts";
import { stillWaiting } from "../../src/core/review/waiting.ts";
import { Session } from "../../src/core/session.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { examineTrust } from "../../src/core/trust/examine.ts";
import { addMemory, importMemories, supersedeMemories, updateMemory } from "../../src/core/verbs.ts";
import { systemEnvironment } from "../../src/git/open.ts";
import { hold } from "../support/held.ts";
import { act, agent, claim, fileText, human, Scratch } from "../support/scratch.ts";

const TITLE = "The archive of invoices lies on the old mirror";
const BODY = "Invoices are read from the old mirror. The new one is for reports alone.";
const CLAIM: Draft = { type: "Fact", title: TITLE, body: BODY };
const typed: Caller = { channel: "chat", actor: "human:alice", trust: "user" };

const OTHER_ID = "m_1x8h2j5k9p4w";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

/** Somebody proposed it, and a person said no. */
async function rejected(): Promise<void> {
  const held = await hold(store, { front: { title: TITLE }, body: BODY });
  await rejectHeld(store, held.id, { caller: human, reason: "It was moved." });
}

async function recalled(at: MemoryStore = store): Promise<string> {
  const stores = await scratch.stores();
  const session = new Session({ channel: "mcp", actor: "a", trust: "agent" }, systemEnvironment);
  expect(at.label).toBe("project");
  return (await stores.recall({ text: "where does the archive of invoices lie, on which mirror" }, session)).text;
}

const DOORS: Readonly<Record<string, (draft: Draft) => Promise<unknown>>> = {
  "an agent's tool": (draft) => addMemory(store, draft, act),
  "words that a person typed": (draft) => addMemory(store, draft, { caller: typed, reason: "I say so." }),
  "a person's own gesture": (draft) => addMemory(store, draft, { caller: human, reason: "", confirmed: true }),
  "an import": (draft) => importMemories(store, [draft], { ...act, subject: "Rules" }),
  "an edit of another memory": async ({ title, body }) => {
    const { memories } = await addMemory(store, claim(1), act);
    return updateMemory(store, memories[0]?.id ?? "", { title, body }, act);
  },
  "a supersession": async (draft) => {
    const { memories } = await addMemory(store, claim(1), act);
    return supersedeMemories(store, [memories[0]?.id ?? ""], draft, act);
  },
  "a consolidation": (draft) => store.commit({ operation: "consolidate", changes: [{ kind: "add", draft }], ...act }),
};

describe("is refused", () => {
  test.each(Object.keys(DOORS))("by %s", async (door) => {
    await rejected();
    await expect(DOORS[door]?.(CLAIM)).rejects.toThrow(BlockedError);
    await expect(DOORS[door]?.(CLAIM)).rejects.toThrow(/It was moved/);
  });

  test.each([
    ["another case", TITLE, BODY.toUpperCase()],
    ["other spacing", "A note", BODY.replaceAll(" ", "  ").replace(". ", ".\n\n")],
    [
      "its sentences in another order",
      "A note",
      "The new one is for reports alone. Invoices are read from the old mirror.",
    ],
    ["look-alikes", "A note", BODY.replaceAll("o", "\u043E").replaceAll("e", "\u0435")],
    ["full-width letters", "A note", BODY.replaceAll("r", "\uFF52")],
    ["invisible characters", "A note", BODY.replaceAll("mirror", "mir\u200Bror")],
    ["its title alone", `${TITLE}!`, "See above."],
  ])("in %s", async (_how, title, body) => {
    await rejected();
    await expect(addMemory(store, { type: "Fact", title, body }, act)).rejects.toThrow(BlockedError);
  });

  test("years later, in another process, when what it answered has long lapsed", async () => {
    await rejected();
    const later = await scratch.open(scratch.folder, () => new Date(Date.now() + 20 * 365 * 86_400_000));
    await expect(addMemory(later, CLAIM, act)).rejects.toThrow(BlockedError);
  });

  test("whoever reverts what took it out, as what it was before", async () => {
    const { commit, memories } = await addMemory(store, CLAIM, act);
    const memory = (await store.snapshot()).get(memories[0]?.id ?? "");
    if (memory === undefined) throw new Error("nothing was stored");
    const held = await hold(store, { front: { title: TITLE }, body: BODY });
    await revert(store, await planRevertOfCommit(store, commit), { caller: human, reason: "Wrong.", confirmed: true });
    await rejectHeld(store, held.id, { caller: human, reason: "It was moved." });
    const taken = (await store.journal.entries()).find(({ text }) => text.operation === "revert");
    const back = await planRevertOfCommit(store, taken?.commit ?? "");
    for (const caller of [agent, human])
      await expect(revert(store, back, { caller, reason: "", confirmed: true })).rejects.toThrow(BlockedError);
  });
});

describe("is not recalled", () => {
  const PATH = "semantic/fact/mirror-m_0a2b4c6d8e0f.md";

  test.each(["user", "reviewed"])("where a commit by hand brings it, whatever its stamp says: %s", async (trust) => {
    await rejected();
    const text = fileText("m_0a2b4c6d8e0f", TITLE, BODY).replace(
      "\n---\n\n",
      `\norigin: { channel: "editor", trust: "${trust}" }\n---\n\n`,
    );
    scratch.commitOutside({ [PATH]: text });
    expect(await recalled()).not.toContain("old mirror");
  });

  test("where a merge by git brings it from a branch that never heard of the rejection", async () => {
    scratch.git("branch", "side", "agent-memory");
    await rejected();
    const tree = scratch.path("../side");
    scratch.git("worktree", "add", "--quiet", tree, "side");
    scratch.write(`../side/${PATH}`, fileText("m_0a2b4c6d8e0f", TITLE, BODY));
    scratch.gitIn(tree, "add", ".");
    scratch.gitIn(tree, "commit", "--quiet", "--message=mirror");
    scratch.gitIn(tree, "merge", "--quiet", "--no-edit", "agent-memory");
    scratch.git("update-ref", "refs/heads/agent-memory", scratch.gitIn(tree, "rev-parse", "HEAD"));
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory")).toContain(PATH);
    expect(await recalled()).not.toContain("old mirror");
  });

  test("where a revert by git brings back what was taken out", async () => {
    scratch.commitOutside({ [PATH]: fileText("m_0a2b4c6d8e0f", TITLE, BODY) });
    expect(await recalled()).toContain("old mirror");
    const removal = scratch.commitOutside({ [PATH]: null });
    await rejected();
    const tree = scratch.path("../side");
    scratch.git("worktree", "add", "--quiet", tree, "agent-memory");
    scratch.gitIn(tree, "revert", "--no-edit", removal);
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory")).toContain(PATH);
    expect(await recalled()).not.toContain("old mirror");
  });
});

test("what is like it waits, so that the claim put right can be stored, and is then believed", async () => {
  await rejected();
  const right = { type: "Fact", title: "Where invoices are read", body: "Invoices are not read from the old mirror." };
  await expect(addMemory(store, right, act)).rejects.toThrow(HeldForReviewError);
  await addMemory(store, right, { caller: human, reason: "", confirmed: true });
  expect(await recalled()).toContain("not read from the old mirror");
});

describe("whose rejection is taken out of the tree by hand", () => {
  const takeOut = (): string => scratch.commitOutside({ [tombstone()]: null });
  const tombstone = (): string => scratch.git("ls-tree", "-r", "--name-only", "agent-memory", "tombstones/");

  async function card(at: MemoryStore = store): Promise<Held> {
    const [held, ...more] = await stillWaiting(at);
    if (held === undefined || more.length > 0) throw new Error(`${more.length + 1} wait`);
    return held;
  }

  beforeEach(rejected);

  test("is refused still, in this process and the next, and a person is asked", async () => {
    takeOut();
    await expect(addMemory(store, CLAIM, act)).rejects.toThrow(/It was moved/);
    const next = await scratch.open();
    await expect(addMemory(next, CLAIM, { caller: human, reason: "", confirmed: true })).rejects.toThrow(BlockedError);
    scratch.commitOutside({ "semantic/fact/mirror-m_0a2b4c6d8e0f.md": fileText("m_0a2b4c6d8e0f", TITLE, BODY) });
    expect(await recalled()).not.toContain("old mirror");
    const held = await card(next);
    expect(held.id).toBe((await card()).id);
    const look = await lookAt(store, held);
    expect(look).toMatchObject({ title: "A rejection was taken out", plain: false, refused: false });
    const { text } = reviewDocument([look], store.environment.now(), () => undefined);
    expect(text).toContain("│ It was moved.");
    expect((await examineTrust(store)).map(({ check }) => check)).toContain("rejections");
  });

  test("is refused though the branch is set back to before the rejection", async () => {
    scratch.git("update-ref", "refs/heads/agent-memory", "agent-memory~1");
    await expect(addMemory(store, CLAIM, act)).rejects.toThrow(BlockedError);
  });

  test("is refused where git reverts the rejection", async () => {
    const tree = scratch.path("../side");
    scratch.git("worktree", "add", "--quiet", tree, "agent-memory");
    scratch.gitIn(tree, "revert", "--no-edit", "HEAD");
    expect(tombstone()).toBe("");
    await expect(addMemory(store, CLAIM, act)).rejects.toThrow(BlockedError);
  });

  test("can be stored once a person overrules it, and no agent may; that can be undone", async () => {
    const commit = takeOut();
    const held = await card();
    const yes = { reason: "", confirmed: true, shown: digestOfHeld(held) } as const;
    await expect(approveHeld(store, held.id, { ...yes, caller: agent })).rejects.toThrow(GestureNeededError);
    await approveHeld(store, held.id, { ...yes, caller: human });
    expect(await stillWaiting(store)).toEqual([]);
    await addMemory(store, CLAIM, act);
    await undoApproval(store, held, commit, { caller: human, reason: "" });
    await expect(addMemory(store, { ...CLAIM, scope: ["a/**"] }, act)).rejects.toThrow(BlockedError);
  });

  test("has its file back once a person says no", async () => {
    const path = tombstone();
    takeOut();
    await rejectHeld(store, (await card()).id, { caller: human, reason: "It holds." });
    expect(tombstone()).toBe(path);
    expect(await stillWaiting(store)).toEqual([]);
  });

  test("can be stored where a person took the rejection back in the editor, and waits no more", async () => {
    const held = await hold(store, { front: { title: "Another", id: OTHER_ID }, body: "The other mirror is slow." });
    await rejectHeld(store, held.id, { caller: human, reason: "It is fast." });
    await undoRejection(store, held, { caller: human, reason: "It was right." });
    expect((await stillWaiting(store)).map(({ id }) => id)).toEqual([held.id]);
    const next = await scratch.open();
    await addMemory(next, { type: "Fact", title: "Another", body: "The other mirror is slow." }, act);
  });

  test("can be stored where the team took it out and its server says so", async () => {
    const server = scratch.path("../server.git");
    scratch.git("init", "--quiet", "--bare", server);
    scratch.git("remote", "add", "origin", server);
    scratch.git("push", "--quiet", "origin", "agent-memory");
    takeOut();
    // A ref says nothing, and what is only here neither.
    scratch.git("update-ref", "refs/remotes/origin/agent-memory", "agent-memory");
    await store.team?.base.fetch();
    await expect(addMemory(store, CLAIM, act)).rejects.toThrow(BlockedError);
    scratch.git("push", "--quiet", "origin", "agent-memory");
    await store.team?.base.fetch();
    await addMemory(store, CLAIM, act);
  });
});
