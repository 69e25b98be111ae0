/** Each thing that the doctor finds, in a store that is really broken so, and each repair. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { Session } from "../../src/core/session.ts";
import { act, agent, claim, fileText, Scratch } from "../support/scratch.ts";
import { doctorIn, doctorSays } from "./support/main-job.ts";

let scratch: Scratch;
let store: MemoryStore;
beforeEach(async () => {
  scratch = new Scratch();
  store = await scratch.start();
  await addMemory(store, claim(1), act);
});
afterEach(async () => scratch.remove());

const state = (name = ""): string => scratch.path(".git/memory", name);
const found = async (check: string): Promise<object | undefined> =>
  (await doctorIn(scratch, scratch.folder)).find((finding) => finding.check === check);

/** Fixes, and hands back what it did about a check, with what it finds of it afterwards. */
async function fixed(check: string): Promise<{ did: string[]; after: string[] }> {
  const { repairs, findings } = await doctorSays(scratch, scratch.folder, "--fix");
  return {
    did: repairs.filter((repair) => repair.check === check).map(({ message }) => message),
    after: findings
      .filter((finding) => finding.check === check && finding.level !== "ok")
      .map(({ message }) => message),
  };
}

const old = (file: string, hours = 2): void => {
  const then = new Date(Date.now() - hours * 3_600_000);
  fs.utimesSync(file, then, then);
};

test("a healthy store has no problem, and nothing to fix", async () => {
  const { healthy, repairs, findings } = await doctorSays(scratch, scratch.folder, "--fix");
  expect({ healthy, repairs }).toEqual({ healthy: true, repairs: [] });
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
});

describe("a lock that a killed git left on the branch", () => {
  const lock = (): string => scratch.path(".git/refs/heads/agent-memory.lock");

  test("is named with its path, and removed where no git runs here", async () => {
    fs.writeFileSync(lock(), "");
    old(lock());
    expect(await found("lock")).toMatchObject({ level: "problem", message: expect.stringContaining(lock()) });
    expect(await fixed("lock")).toEqual({ did: [expect.stringContaining(lock())], after: [] });
    await addMemory(await scratch.open(), claim(2), act);
  });

  test.skipIf(!fs.existsSync("/proc/self"))("is left where a git still runs here", async () => {
    fs.writeFileSync(lock(), "");
    old(lock());
    const child = spawn("git", ["hash-object", "--stdin"], {
      cwd: scratch.folder,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await new Promise((resolve) => child.once("spawn", resolve));
    try {
      expect(await fixed("lock")).toEqual({ did: [], after: [expect.stringContaining(lock())] });
      expect(fs.existsSync(lock())).toBe(true);
    } finally {
      child.stdin.end();
      await ended;
    }
  });

  test("in a work tree that follows the branch is found and removed in the same way", async () => {
    const linked = path.join(scratch.root, "linked");
    scratch.git("worktree", "add", "--quiet", linked, "agent-memory");
    const index = scratch.path(".git/worktrees/linked/index.lock");
    fs.writeFileSync(index, "");
    old(index);
    expect(await fixed("lock")).toEqual({ did: [expect.stringContaining(index)], after: [] });
    await addMemory(await scratch.open(), claim(2), act);
    expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
  });

  test("that is new is nobody's to remove", async () => {
    fs.writeFileSync(lock(), "");
    expect(await found("lock")).toMatchObject({ level: "ok" });
    fs.rmSync(lock());
  });
});

test("a branch that a power cut left empty is put back to the last value of its log", async () => {
  const tip = scratch.git("rev-parse", "agent-memory");
  fs.writeFileSync(scratch.path(".git/refs/heads/agent-memory"), "");
  expect(await found("damaged-ref")).toMatchObject({ level: "problem" });
  expect(await fixed("damaged-ref")).toEqual({ did: [expect.stringContaining(tip.slice(0, 9))], after: [] });
  expect(scratch.git("rev-parse", "agent-memory")).toBe(tip);
  await addMemory(await scratch.open(), claim(2), act);
});

test("a missing object is a problem that says where to get it", async () => {
  const blob = scratch.git("rev-parse", "agent-memory~1:README.md");
  await store.repository.dispose();
  fs.rmSync(scratch.path(".git/objects", blob.slice(0, 2), blob.slice(2)));
  expect(await found("objects")).toMatchObject({
    level: "problem",
    message: expect.stringContaining(blob),
    advice: expect.stringContaining("git fetch"),
  });
});

test("a file that is damaged is named, and its text comes back by the way that is told", async () => {
  scratch.commitOutside({ "semantic/fact/b-m_000000000002.md": fileText("m_000000000002", "B") });
  const blob = scratch.git("rev-parse", "agent-memory:semantic/fact/b-m_000000000002.md");
  await store.repository.dispose();
  const clone = path.join(scratch.root, "clone.git");
  scratch.git("clone", "--quiet", "--bare", "--no-hardlinks", ".", clone);
  const object = `objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
  const file = scratch.path(".git", object);
  fs.chmodSync(file, 0o600);
  fs.writeFileSync(file, "torn");
  expect(await found("lost-file")).toMatchObject({
    level: "problem",
    message: expect.stringMatching(new RegExp(`semantic/fact/b-m_000000000002\\.md, .*${blob}`)),
    advice: expect.stringMatching(
      new RegExp(`^Nothing was changed\\. If ${object} .*git fetch --refetch REMOTE agent-memory`),
    ),
  });
  fs.rmSync(file);
  scratch.git("fetch", "--quiet", "--refetch", clone, "agent-memory");
  expect(await found("lost-file")).toBeUndefined();
  expect((await store.snapshot()).get("m_000000000002")?.title).toBe("B");
});

test("a checkout of the memory branch that was left behind is brought up, with its edits", async () => {
  const linked = path.join(scratch.root, "linked");
  scratch.git("worktree", "add", "--quiet", linked, "agent-memory");
  fs.writeFileSync(path.join(linked, "README.md"), "My edit.\n");
  scratch.commitOutside({ "semantic/fact/b-m_000000000002.md": fileText("m_000000000002", "B") });
  scratch.commitOutside({ "semantic/fact/c-m_000000000003.md": fileText("m_000000000003", "C") });
  expect(await found("checkout-behind")).toMatchObject({
    level: "problem",
    message: expect.stringContaining("2 commits"),
  });
  expect(await fixed("checkout-behind")).toEqual({ did: [expect.stringContaining(linked)], after: [] });
  expect(scratch.gitIn(linked, "status", "--porcelain")).toBe(" M README.md");
  expect(fs.readFileSync(path.join(linked, "README.md"), "utf8")).toBe("My edit.\n");
});

test("a worktree whose place was lost is told apart from one that follows", async () => {
  const linked = path.join(scratch.root, "linked");
  scratch.git("worktree", "add", "--quiet", linked, "agent-memory");
  expect(await found("checkout")).toMatchObject({ message: expect.stringContaining("follows each write") });
  fs.renameSync(linked, `${linked}-moved`);
  expect(await found("checkout")).toMatchObject({
    message: expect.stringContaining("was moved"),
    advice: expect.stringContaining("git worktree repair"),
  });
});

test("a checkout that was never finished is finished", async () => {
  const linked = path.join(scratch.root, "linked");
  scratch.git("worktree", "add", "--quiet", "--no-checkout", "--lock", linked, "agent-memory");
  expect(await found("checkout-unfinished")).toMatchObject({ level: "problem", fixable: true });
  expect(await fixed("checkout-unfinished")).toEqual({ did: [expect.stringContaining(linked)], after: [] });
  expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
  expect(fs.existsSync(path.join(linked, "policy.yaml"))).toBe(true);
});

test("of files that share an id the oldest keeps it, and nothing is lost", async () => {
  const [first] = (await store.snapshot()).memories();
  const id = first?.id ?? "";
  const text = scratch.git("show", `agent-memory:${first?.path ?? ""}`);
  scratch.commitOutside({
    [`semantic/fact/a-copy-${id}.md`]: `${text.replace("Claim number 1", "A copy")}\n`,
    "semantic/fact/another.md": `${text.replace("Claim number 1", "Another")}\n`,
  });
  expect(await found("duplicate-id")).toMatchObject({ level: "problem", fixable: true });
  const { did, after } = await fixed("duplicate-id");
  expect([did.length, after]).toEqual([1, []]);
  const memories = [...(await (await scratch.open()).snapshot()).memories()];
  expect(memories.map(({ title }) => title).sort()).toEqual(["A copy", "Another", "Claim number 1"]);
  expect(new Set(memories.map((memory) => memory.id)).size).toBe(3);
  expect(memories.find(({ title }) => title === "Claim number 1")?.id).toBe(id);
  scratch.fsck();
});

describe("beside the repository", () => {
  test("a damaged cache is removed", async () => {
    fs.writeFileSync(state("snapshot"), "not a cache");
    expect(await found("cache")).toMatchObject({ level: "notice", fixable: true });
    expect((await fixed("cache")).after).toEqual([]);
    expect(fs.existsSync(state("snapshot"))).toBe(false);
  });

  test("torn lines among receipts are dropped, and every whole receipt is kept", async () => {
    const stores = await scratch.stores();
    const session = new Session(agent, store.environment);
    for (let n = 0; n < 3; n++) await stores.recall({ text: "claim number" }, session);
    const before = await (await stores.receipts()).all();
    const text = fs.readFileSync(state("receipts"), "utf8").split("\n");
    fs.writeFileSync(state("receipts"), [text[0], text[1]?.slice(0, 40), text[1], "\0\0\0", text[2], ""].join("\n"));
    expect(await found("receipts")).toMatchObject({ message: expect.stringContaining("2 lines") });
    expect(await fixed("receipts")).toEqual({ did: ["Dropped 2 torn lines and kept 3 receipts."], after: [] });
    expect(await (await stores.receipts()).all()).toEqual(before);
    expect(before).toHaveLength(3);
    await stores.recall({ text: "claim number" }, session);
    expect(await (await stores.receipts()).all()).toHaveLength(4);
  });

  test("files that a killed process left unfinished are removed, and those of a living one are not", async () => {
    for (const name of ["snapshot.aa.tmp", "journal.bb.tmp"]) fs.writeFileSync(state(name), "half");
    old(state("snapshot.aa.tmp"));
    expect(await fixed("leftovers")).toEqual({ did: [expect.stringContaining("1 unfinished file")], after: [] });
    expect(fs.readdirSync(state()).filter((name) => name.endsWith(".tmp"))).toEqual(["journal.bb.tmp"]);
  });
});

test("a broken file, a strange file and a policy of a newer format are explained and left as they are", async () => {
  const tip = scratch.commitOutside({
    "semantic/fact/broken.md": "---\ntype: Fact\ntitle: [\n---\n",
    "notes/odd.md": "text\n",
    "policy.yaml": "format: 99\n",
  });
  const { findings, repairs } = await doctorSays(scratch, scratch.folder, "--fix");
  expect(findings.filter(({ level }) => level !== "ok").map(({ check }) => check)).toEqual(
    expect.arrayContaining(["broken-file", "unread-file", "newer-format"]),
  );
  expect(repairs).toEqual([]);
  expect(scratch.git("rev-parse", "agent-memory")).toBe(tip);
});

test("what the policy leaves to the repository's hooks is told", async () => {
  fs.mkdirSync(scratch.path(".git/hooks"), { recursive: true });
  fs.writeFileSync(scratch.path(".git/hooks/commit-msg"), "#!/bin/sh\n");
  expect(await found("hooks")).toMatchObject({ level: "notice", advice: expect.stringContaining("hooks: run") });
});

test("a report has versions and counts, and nobody's words, names, paths or addresses", async () => {
  const [first] = (await store.snapshot()).memories();
  await updateMemory(store, first?.id ?? "", { title: "Ein Geheimnis" }, act);
  scratch.git("config", "remote.secretremote.promisor", "false");
  scratch.git("config", "core.fsmonitor", "/opt/secret/monitor");
  scratch.git("config", "user.signingKey", "SECRETKEY");
  scratch.commitOutside({ "semantic/fact/broken-secret.md": "---\ntitle: [\n---\n" });
  const { report } = await doctorSays(scratch, scratch.folder, "--report");
  expect(report).toMatchObject({
    git: expect.stringMatching(/^git version 2\./),
    repository: { hash: "sha1", refs: "files", bare: false, linked: false, partial: false, shared: false },
    settings: { "core.fsmonitor": "(set)" },
    stores: [{ store: "project", placement: "dedicated", mode: "full", format: 1, commits: 4, broken: 1, held: 0 }],
    findings: { "broken-file problem": expect.any(Number) },
  });
  expect(JSON.stringify(report)).not.toMatch(
    /geheimnis|secret|claim|test person|example\.com|memory-scratch|m_[0-9a-z]{8}/i,
  );
});
