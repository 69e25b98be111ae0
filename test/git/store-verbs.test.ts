import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ConflictError,
  InvalidInputError,
  MemoryNotFoundError,
  NoStoreError,
  StoreExistsError,
} from "../../src/core/errors.ts";
import { BlockedError } from "../../src/core/gate/verdict.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Memory } from "../../src/core/memory/model.ts";
import { blameMemory } from "../../src/core/provenance/blame.ts";
import { planRevertOfCommit, planRevertOfMemory, resolveRevert, revert } from "../../src/core/provenance/revert.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import {
  addMemory,
  confirmMemory,
  expireMemories,
  findMemory,
  importMemories,
  renewMemory,
  replaceMemory,
  supersedeMemories,
  updateMemory,
} from "../../src/core/verbs.ts";
import { acceptRules } from "../support/rules.ts";
import { act, agent, claim, human, Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let store: MemoryStore;

beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
});
afterEach(async () => scratch.remove());

const memory = async (id: string): Promise<Memory> => findMemory(await store.snapshot(), id);
async function add(n: number | string, more = {}): Promise<string> {
  const { memories } = await addMemory(store, claim(n, more), act);
  return memories[0]?.id ?? "";
}
const mine = { caller: human, reason: "So I want it." };
const message = (): string => scratch.git("log", "-1", "--format=%B", "agent-memory");

describe("starting a store", () => {
  test("makes an orphan branch with the rules and a page for reviewers, and leaves HEAD where it was", () => {
    expect(scratch.git("ls-tree", "-r", "--name-only", "agent-memory").split("\n")).toEqual([
      "README.md",
      "policy.yaml",
    ]);
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("1");
    expect(scratch.git("symbolic-ref", "HEAD")).toBe("refs/heads/main");
    expect(scratch.git("log", "-1", "--format=%s%n%an <%ae>%n%cn <%ce>", "agent-memory").split("\n")).toEqual([
      "memory(init): Start the memory store",
      "Test Person <person@example.com>",
      "Test Person <person@example.com>",
    ]);
    scratch.fsck();
  });

  test("is refused where there is one", async () => {
    await expect(initialiseStore(store, act)).rejects.toThrow(StoreExistsError);
  });

  test("is never done by a write", async () => {
    const other = new Scratch();
    const empty = await other.open();
    await expect(addMemory(empty, claim(1), act)).rejects.toThrow(NoStoreError);
    expect(other.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    await other.remove();
  });
});

describe("one write is one commit", () => {
  test("with the message, the trailers, the author and the committer of the format", async () => {
    const caller = { ...agent, turn: 4, recalled: ["m_1x8h2j5k9p4w", "m_0a2b4c6d8e0f"] };
    const written = await addMemory(store, claim(1, { title: "Use pnpm, never npm" }), {
      caller,
      reason: "The user said so while CI was being repaired.",
    });
    expect(message().trimEnd()).toBe(
      [
        "memory(add): Use pnpm, never npm",
        "",
        "The user said so while CI was being repaired.",
        "",
        "Memory-Op: add",
        `Memory-Id: ${written.memories[0]?.id ?? ""}`,
        "Memory-Session: s_9d2k4m7x",
        "Memory-Turn: 4",
        "Memory-Actor: copilot/gpt-5.2",
        "Memory-Channel: mcp",
        "Memory-Context: m_1x8h2j5k9p4w, m_0a2b4c6d8e0f",
        "Memory-Gate: allow order/imperative",
      ].join("\n"),
    );
    expect(scratch.git("log", "-1", "--format=%an <%ae>, %cn <%ce>", "agent-memory")).toBe(
      "copilot/gpt-5.2 <copilot@agent.invalid>, Test Person <person@example.com>",
    );
    expect(scratch.git("log", "-1", "--format=%(trailers:key=Memory-Op,valueonly)", "agent-memory").trim()).toBe("add");
    expect(scratch.git("rev-parse", "agent-memory")).toBe(written.commit);
    expect(written).toMatchObject({ status: "stored", store: "project", notices: [expect.any(String)] });
    scratch.fsck();
  });

  test("named after the user where the policy says so", async () => {
    const policy = scratch.git("show", "agent-memory:policy.yaml").replace("author: actor", "author: user");
    scratch.commitOutside({ "policy.yaml": `${policy}\n` });
    await acceptRules(store);
    await add(1);
    expect(scratch.git("log", "-1", "--format=%an <%ae>", "agent-memory")).toBe("Test Person <person@example.com>");
  });

  test("whose date is the store's clock", async () => {
    const at = new Date("2026-11-23T09:12:00Z");
    const past = await scratch.open(scratch.folder, () => at);
    await addMemory(past, claim(1), act);
    expect(scratch.git("log", "-1", "--format=%at %ct", "agent-memory")).toBe(
      `${at.getTime() / 1000} ${at.getTime() / 1000}`,
    );
  });

  test("that git shows as the store does", async () => {
    const id = await add(1);
    const there = await memory(id);
    expect(scratch.git("show", "--format=", "--name-status", "agent-memory")).toBe(`A\t${there.path}`);
    expect(scratch.git("rev-parse", `agent-memory:${there.path}`)).toBe(there.blob);
    expect(there.path).toBe(`semantic/fact/claim-number-1-${id}.md`);
  });
});

describe("the verbs", () => {
  test("add, update and list: the file changes in the lines of the edit alone", async () => {
    const id = await add(1, { tags: ["build"] });
    await updateMemory(store, id, { body: "Another body." }, act);
    expect((await memory(id)).body.trim()).toBe("Another body.");
    expect(scratch.git("show", "--format=", "--numstat", "agent-memory").split("\t").slice(0, 2)).toEqual(["1", "1"]);
    expect([...(await store.snapshot()).memories()].map((one) => one.id)).toEqual([id]);
  });

  test("a memory is found by its id, a unique beginning of it, and its path", async () => {
    const id = await add(1);
    const snapshot = await store.snapshot();
    const { path } = findMemory(snapshot, id);
    expect(findMemory(snapshot, path).id).toBe(id);
    expect(findMemory(snapshot, id.slice(0, 8)).id).toBe(id);
    expect(findMemory(snapshot, id.slice(2, 10)).id).toBe(id);
    expect(() => findMemory(snapshot, "m_nothing")).toThrow(MemoryNotFoundError);
  });

  test("expire removes files in one commit with the cause, and history keeps them", async () => {
    const [one, two] = [await add(1), await add(2)];
    const { path } = await memory(one);
    const before = scratch.git("rev-parse", "agent-memory");
    await expireMemories(store, [one, two], { ...act, cause: "outdated", reason: "The setting is gone." });
    expect([...(await store.snapshot()).memories()]).toEqual([]);
    expect(message()).toContain("memory(expire): Claim number 1 and 1 more\n\nOutdated. The setting is gone.\n");
    expect(scratch.git("rev-list", "--count", `${before}..agent-memory`)).toBe("1");
    expect(scratch.git("show", `agent-memory~1:${path}`)).toContain("Claim number 1");
    expect((await store.journal.of(one)).map((entry) => entry.text.operation)).toEqual(["expire", "add"]);
  });

  test("renew moves an end, takes it away, and brings an expired memory back", async () => {
    const id = await add(1, { expires_at: "30d" });
    await renewMemory(store, id, "2099-01-31", mine);
    expect((await memory(id)).front.expires_at).toBe("2099-01-31T00:00:00Z");
    await renewMemory(store, id, null, mine);
    expect((await memory(id)).front.expires_at).toBeUndefined();
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    await renewMemory(store, id, "2099-02-01T00:00:00Z", mine);
    expect((await memory(id)).front.expires_at).toBe("2099-02-01T00:00:00Z");
    await expect(renewMemory(store, "m_000000000000", "30d", act)).rejects.toThrow(MemoryNotFoundError);
  });

  test("supersede puts a new claim in the place of older ones in one commit", async () => {
    const [one, two] = [await add(1), await add(2)];
    const written = await supersedeMemories(store, [one, two], claim(3), act);
    const [now, ...others] = [...(await store.snapshot()).memories()];
    expect(others).toEqual([]);
    expect(now?.front.supersedes).toEqual([one, two]);
    expect(written.memories.map(({ id }) => id)).toEqual([now?.id, one, two]);
  });

  test("import stores several claims in one commit", async () => {
    const written = await importMemories(store, [claim(1), claim(2), claim(3)], { ...act, subject: "three rules" });
    expect(written.memories).toHaveLength(3);
    expect(message()).toContain("memory(import): three rules\n");
    expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("2");
  });

  test("import leaves out the claim that holds a secret, alone, and says which without repeating it", async () => {
    const key = `AKIA${"Q3EGRIVIZRV4DXMB"}`;
    const leaky = claim(`with ${key}`, { sources: [{ resource: "repo:/CLAUDE.md", lines: "12" }] });
    const written = await importMemories(store, [claim(1), leaky, claim(2)], { ...mine, subject: "the rules" });
    expect(written.memories.map(({ title }) => title)).toEqual(["Claim number 1", "Claim number 2"]);
    expect(written.notices).toEqual([
      expect.stringMatching(/^CLAUDE\.md, line 12, was left out\. It .*AWS access key/),
    ]);
    expect(JSON.stringify(written)).not.toContain(key);
    expect(scratch.git("cat-file", "--batch-all-objects", "--batch")).not.toContain(key);
    await expect(importMemories(store, [leaky], { ...mine, subject: "x" })).rejects.toThrow(BlockedError);
  });

  test("confirm binds exactly the bytes that were shown, and an edit afterwards needs it again", async () => {
    const id = await add(1);
    await confirmMemory(store, id, { caller: human, reason: "" });
    expect(await store.isReviewed(await memory(id))).toBe(true);
    expect(await store.trustOf(await store.snapshot(), await memory(id))).toBe("reviewed");
    await updateMemory(store, id, { body: "Something else." }, mine);
    expect(await store.isReviewed(await memory(id))).toBe(false);
  });

  test("a saved file may not raise its own trust", async () => {
    const id = await add(1);
    const { path, blob } = await memory(id);
    const raised = scratch.git("show", `agent-memory:${path}`).replace('trust: "agent"', 'trust: "user"');
    await expect(
      replaceMemory(store, path, blob, Buffer.from(`${raised}\n`), { caller: human, reason: "" }),
    ).rejects.toThrow(InvalidInputError);
  });
});

describe("conflicts", () => {
  test("an edit of a version that has changed since shows what was read, what is there and what was wanted", async () => {
    const id = await add(1);
    const read = (await memory(id)).blob;
    await updateMemory(store, id, { body: "Theirs." }, act);
    const failure: unknown = await updateMemory(store, id, { body: "Mine." }, { ...act, read }).catch(
      (error: unknown) => error,
    );
    if (!(failure instanceof ConflictError)) throw failure;
    const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
    expect(text(failure.base)).toContain("The value of setting 1");
    expect(text(failure.theirs)).toContain("Theirs.");
    expect(text(failure.mine)).toContain("Mine.");
    expect((await memory(id)).body.trim()).toBe("Theirs.");
  });

  test("what was wanted is the edit of the version that was read, not of the one that is there", async () => {
    const id = await add(1);
    const read = (await memory(id)).blob;
    await updateMemory(store, id, { body: "Theirs." }, act);
    const failure: unknown = await updateMemory(store, id, { title: "My title" }, { ...act, read }).catch(
      (error: unknown) => error,
    );
    if (!(failure instanceof ConflictError)) throw failure;
    const mine = Buffer.from(failure.mine ?? []).toString();
    expect(mine).toContain("My title");
    expect(mine).not.toContain("Theirs.");
  });

  test("saving a file that was expired meanwhile is one, with nothing there", async () => {
    const id = await add(1);
    const { path, blob } = await memory(id);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    const failure: unknown = await replaceMemory(store, path, blob, Buffer.from("x"), act).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "conflict", theirs: null });
  });
});

describe("reverting", () => {
  test("the last change of a memory leaves what others wrote", async () => {
    const [one, two] = [await add(1), await add(2)];
    await updateMemory(store, one, { body: "Poison." }, act);
    await updateMemory(store, two, { body: "A good edit." }, act);
    const plan = await planRevertOfMemory(store, one);
    await revert(store, plan, { caller: human, reason: "It was wrong." });
    expect((await memory(one)).body).toContain("The value of setting 1");
    expect((await memory(two)).body).toContain("A good edit.");
    expect(message()).toContain(
      `memory(revert): Claim number 1\n\nThis reverts commit ${plan.commit}.\n\nIt was wrong.\n`,
    );
  });

  test("a commit under a later edit of other lines keeps that edit", async () => {
    const id = await add(1, { body: "First line.\n\nSecond line.\n\nThird line.\n\nFourth line." });
    const poison = await updateMemory(
      store,
      id,
      { body: "Poisoned line.\n\nSecond line.\n\nThird line.\n\nFourth line." },
      act,
    );
    await updateMemory(store, id, { body: "Poisoned line.\n\nSecond line.\n\nThird line.\n\nA better line." }, act);
    await revert(store, await planRevertOfCommit(store, poison.commit), act);
    expect((await memory(id)).body.trim()).toBe("First line.\n\nSecond line.\n\nThird line.\n\nA better line.");
  });

  test("a commit under a later edit of the same lines is a conflict, and nothing moves", async () => {
    const id = await add(1);
    const poison = await updateMemory(store, id, { body: "Poison." }, act);
    const { commit } = await updateMemory(store, id, { body: "Something else." }, act);
    const plan = await planRevertOfCommit(store, poison.commit);
    expect(plan.files.map(({ outcome }) => outcome)).toEqual(["conflict"]);
    await expect(revert(store, plan, act)).rejects.toThrow(ConflictError);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(commit);
  });

  test("a conflict that a person has decided is stored as they wrote it, in the one commit of the revert", async () => {
    const id = await add(1);
    const poison = await updateMemory(store, id, { body: "Poison." }, act);
    await updateMemory(store, id, { body: "Poison, and something good." }, act);
    const plan = await planRevertOfCommit(store, poison.commit);
    const [file] = plan.files;
    const merged = new TextDecoder().decode(file?.merged);
    expect(merged).toMatch(/<{7} now\nPoison, and something good\.\n={7}\n.*\n>{7} before/);
    const text = merged.replace(/<{7}[^]*>{7} before/, "Something good.");
    await revert(store, resolveRevert(plan, file?.change.path ?? "", new TextEncoder().encode(text)), {
      ...act,
      caller: human,
    });
    expect((await memory(id)).body.trim()).toBe("Something good.");
    expect(scratch.git("log", "-1", "--format=%B", "agent-memory")).toContain(`This reverts commit ${poison.commit}.`);
  });

  test("an expiry brings the memory back byte for byte, and reverting that takes it away again", async () => {
    const id = await add(1);
    const { path, blob } = await memory(id);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    await revert(store, await planRevertOfMemory(store, id), act);
    expect(await memory(id)).toMatchObject({ path, blob });
    await revert(store, await planRevertOfMemory(store, id), act);
    expect((await store.snapshot()).get(id)).toBeUndefined();
  });

  test("an import takes back all that it brought, whatever was added since", async () => {
    const { commit } = await importMemories(store, [claim(1), claim(2)], { ...act, subject: "two rules" });
    const later = await add(3);
    await revert(store, await planRevertOfCommit(store, commit.slice(0, 10)), act);
    expect([...(await store.snapshot()).memories()].map((one) => one.id)).toEqual([later]);
  });

  test("a plan that was shown before somebody else wrote is refused", async () => {
    const id = await add(1);
    await updateMemory(store, id, { body: "Poison." }, act);
    const plan = await planRevertOfMemory(store, id);
    await updateMemory(store, id, { title: "Another title" }, act);
    await expect(revert(store, plan, act)).rejects.toThrow(ConflictError);
  });

  test("of a memory that a squash moved and edited in one step brings its former words back, and loses nothing", async () => {
    const id = await add(1);
    const { path, title, body } = await memory(id);
    const text = `${scratch.git("show", `agent-memory:${path}`)}\n`;
    scratch.commitOutside({
      [path]: null,
      "semantic/fact/named-by-hand.md": text.replace("The value of setting 1", "Another value of setting 1"),
    });
    expect((await memory(id)).path).toBe("semantic/fact/named-by-hand.md");
    await revert(store, await planRevertOfMemory(store, id), act);
    expect(await memory(id)).toMatchObject({ path, title, body });
    expect((await store.snapshot()).at("semantic/fact/named-by-hand.md")).toBeUndefined();
  });

  test("of the end of a memory whose file was named by hand brings its last words back, and not those under its old name", async () => {
    const id = await add(1);
    const { path } = await memory(id);
    const text = `${scratch.git("show", `agent-memory:${path}`)}\n`;
    const byHand = "semantic/fact/named-by-hand.md";
    scratch.commitOutside({ [path]: null, [byHand]: text.replace("The value of setting 1", "Another value") });
    await updateMemory(store, id, { body: "The last words." }, act);
    for (const bringBack of [
      async () => revert(store, await planRevertOfMemory(store, id), act),
      async () => renewMemory(store, id, "30d", act),
    ]) {
      await expireMemories(store, [id], { ...act, cause: "wrong" });
      expect((await store.snapshot()).get(id)).toBeUndefined();
      await bringBack();
      expect((await memory(id)).body).toContain("The last words.");
    }
  });

  test("by git itself, typed in a worktree, gives files that read well", async () => {
    const id = await add(1);
    const { commit } = await updateMemory(store, id, { body: "Poison." }, act);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    const tree = `${scratch.root}/checkout`;
    scratch.git("worktree", "add", "--quiet", tree, "agent-memory");
    scratch.gitIn(tree, "revert", "--no-edit", "HEAD");
    scratch.gitIn(tree, "revert", "--no-edit", commit);
    expect((await memory(id)).body).toContain("The value of setting 1");
    expect([...(await store.snapshot()).broken()]).toEqual([]);
    expect((await store.journal.entries()).slice(0, 2).map((entry) => entry.trusted)).toEqual([true, true]);
  });
});

describe("blame", () => {
  const commits = async (id: string): Promise<(string | undefined)[]> =>
    (await blameMemory(store, await memory(id))).map(({ entry }) => entry?.commit);

  test("names for each line the write that put it there, as git does", async () => {
    const id = await add(1, { body: "First line.\n\nSecond line." });
    const { commit } = await updateMemory(store, id, { body: "First line.\n\nAnother line." }, act);
    const { path } = await memory(id);
    const lines = await blameMemory(store, { path });
    expect(lines.at(-1)).toMatchObject({
      text: "Another line.",
      entry: { commit, text: { operation: "update", actor: "copilot/gpt-5.2" } },
    });
    const byGit = scratch
      .git("blame", "-s", "--root", "-l", "agent-memory", "--", path)
      .split("\n")
      .map((line) => line.split(" ")[0]);
    expect(lines.map(({ entry }) => entry?.commit)).toEqual(byGit);
  });

  test("of a memory that was moved and edited in one step, to a name without its id, keeps the writers of its other lines", async () => {
    const id = await add(1, { body: "First line.\n\nSecond line." });
    const [written] = await commits(id);
    const { path } = await memory(id);
    const text = `${scratch.git("show", `agent-memory:${path}`)}\n`;
    scratch.commitOutside({
      [path]: null,
      "semantic/fact/named-by-hand.md": text.replace("Second line.", "Another line."),
    });
    const squash = scratch.git("rev-parse", "agent-memory");
    const lines = await blameMemory(store, await memory(id));
    expect(lines.filter(({ entry }) => entry?.commit === squash).map((line) => line.text)).toEqual(["Another line."]);
    expect(lines.filter(({ entry }) => entry?.commit === written)).toHaveLength(lines.length - 1);
  });

  test("of a memory that was expired and brought back is as it was", async () => {
    const id = await add(1, { body: "First line.\n\nSecond line." });
    await updateMemory(store, id, { body: "First line.\n\nAnother line." }, act);
    const before = await commits(id);
    for (let i = 0; i < 2; i++) {
      await expireMemories(store, [id], { ...act, cause: "wrong" });
      await revert(store, await planRevertOfMemory(store, id), act);
    }
    expect(await commits(id)).toEqual(before);
    expect(new Set(before).size).toBe(2);
  });

  test("of a memory that was renewed after its expiry and edited later differs in those lines alone", async () => {
    const id = await add(1, { body: "First line.\n\nSecond line.", expires_at: "30d" });
    const before = await commits(id);
    await expireMemories(store, [id], { ...act, cause: "wrong" });
    const renewed = await renewMemory(store, id, "2099-01-01", mine);
    const edited = await updateMemory(store, id, { body: "A new line.\n\nFirst line.\n\nSecond line." }, act);
    const lines = await blameMemory(store, await memory(id));
    const by = (commit: string | undefined): string[] =>
      lines.filter(({ entry }) => entry?.commit === commit).map(({ text }) => text);
    expect(by(renewed.commit)).toEqual(["expires_at: 2099-01-01T00:00:00Z"]);
    expect(by(edited.commit)).toEqual(["A new line.", ""]);
    expect(by(before[0])).toHaveLength(lines.length - 3);
  });
});

test("the past is a snapshot of its own, and another branch is none", async () => {
  const id = await add(1);
  await updateMemory(store, id, { body: "Later." }, act);
  expect((await store.snapshotAt("agent-memory~1")).get(id)?.body).toContain("The value of setting 1");
  expect((await store.snapshot()).get(id)?.body).toContain("Later.");
  await expect(store.snapshotAt("main")).rejects.toThrow(InvalidInputError);
  await expect(store.snapshotAt("nothing")).rejects.toThrow(InvalidInputError);
});

test("a preference about the person goes to the personal store, which begins with it, and the answer says so", async () => {
  const stores = await scratch.stores();
  const target = await stores.storeFor({ type: "Preference" });
  const written = await addMemory(target, claim(1, { type: "Preference" }), act);
  expect(written.store).toBe("personal");
  const id = written.memories[0]?.id ?? "";
  expect((await stores.find(id)).store.label).toBe("personal");
  expect((await store.snapshot()).get(id)).toBeUndefined();
  expect((await stores.storeFor({ type: "Preference", scope: ["src/**"] })).label).toBe("project");
  const bare = `${scratch.data}/personal.git`;
  expect(scratch.gitIn(bare, "rev-list", "--count", "agent-memory")).toBe("2");
  expect(scratch.gitIn(bare, "fsck", "--strict", "--no-dangling")).toBe("");
});
