import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { GitError, InvalidInputError, NoStoreError, NotAStoreError, StoreExistsError } from "../../src/core/errors.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import { blameMemory } from "../../src/core/provenance/blame.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { act, believed, claim, fileText, human, type Scratch, until } from "../support/scratch.ts";
import { scratches } from "./support/scratches.ts";

const scratchOf = scratches();
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What a store says after it was started, written to and opened anew. */
async function used(
  scratch: Scratch,
  folder = scratch.folder,
): Promise<{ titles: string[]; history: unknown[]; blame: unknown[] }> {
  const store = await scratch.start(folder);
  const id = (await addMemory(store, claim(1), act)).memories[0]?.id ?? "";
  await updateMemory(store, id, { title: "Claim number one" }, act);
  const there = (await store.snapshot()).get(id);
  scratch.fsck();
  return {
    titles: await believed(await scratch.open(folder)),
    history: (await store.journal.entries()).map(({ text }) => text.operation),
    blame: [
      ...new Set((await blameMemory(store, { path: there?.path ?? "" })).map(({ entry }) => entry?.text.operation)),
    ],
  };
}

const WORKS = { titles: ["Claim number one"], history: ["update", "add", "init"], blame: ["add", "update"] };

describe("a store works", () => {
  test("in a repository with SHA-256", async () => {
    expect(await used(scratchOf({ init: ["--object-format=sha256"] }))).toEqual(WORKS);
  });

  test("in a folder whose name has spaces and other scripts", async () => {
    expect(await used(scratchOf({ name: "mein Gedächtnis 記憶 'x' $y" }))).toEqual(WORKS);
  });

  test("in a bare repository", async () => {
    expect(await used(scratchOf({ init: ["--bare"], empty: true }))).toEqual(WORKS);
  });

  test("in a repository without any commit", async () => {
    const scratch = scratchOf({ empty: true });
    expect(await used(scratch)).toEqual(WORKS);
    expect(scratch.git("symbolic-ref", "HEAD")).toBe("refs/heads/main");
    expect(() => scratch.git("rev-parse", "--verify", "--quiet", "HEAD")).toThrow("Command failed");
  });

  test("in a submodule, in a store of its own", async () => {
    const [inner, outer] = [scratchOf(), scratchOf()];
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.folder, "part");
    const store = await outer.start(outer.path("part"));
    await addMemory(store, claim(1), act);
    expect(outer.gitIn(outer.path("part"), "rev-list", "--count", "agent-memory")).toBe("2");
    expect(await (await outer.open()).exists()).toBe(false);
    expect(store.repository.location).toBe(outer.path("part"));
  });

  test("after refs were packed and the repository was tidied, before and after the store was opened", async () => {
    const scratch = scratchOf();
    const store = await scratch.start();
    await addMemory(store, claim(1), act);
    scratch.git("pack-refs", "--all");
    expect(await believed(store)).toEqual(["Claim number 1"]);
    await addMemory(store, claim(2), act);
    scratch.git("gc", "--quiet", "--prune=now");
    await addMemory(store, claim(3), act);
    expect(await believed(store)).toHaveLength(3);
    expect(await believed(await scratch.open())).toHaveLength(3);
    scratch.fsck();
  });
});

test("linked worktrees and subfolders share one store", async () => {
  const scratch = scratchOf();
  const linked = path.join(scratch.root, "linked");
  scratch.git("worktree", "add", "--quiet", "-b", "topic", linked);
  scratch.write("packages/api/x.ts", "");
  await addMemory(await scratch.start(), claim(1), act);
  const [there, below] = [await scratch.open(linked), await scratch.open(scratch.path("packages/api"))];
  await addMemory(there, claim(2), act);
  expect(await believed(below)).toEqual(["Claim number 1", "Claim number 2"]);
  expect(below.repository.location).toBe(scratch.folder);
  expect(there.repository.location).toBe(linked);
});

test("outside a repository there is only the personal store", async () => {
  const scratch = scratchOf();
  expect((await scratch.stores(scratch.root)).project).toBeNull();
});

describe("a teammate's clone", () => {
  async function cloned(): Promise<{ origin: Scratch; clone: string; id: string }> {
    const origin = scratchOf();
    const id = (await addMemory(await origin.start(), claim(1), act)).memories[0]?.id ?? "";
    const clone = path.join(origin.root, "clone");
    origin.git("clone", "--quiet", `file://${origin.folder}`, clone);
    origin.gitIn(clone, "config", "user.name", "Mate");
    origin.gitIn(clone, "config", "user.email", "mate@example.com");
    return { origin, clone, id };
  }

  test("has its memories at once, without a branch of its own", async () => {
    const { origin, clone, id } = await cloned();
    const store = await origin.open(clone);
    expect(await believed(store)).toEqual(["Claim number 1"]);
    expect((await store.journal.of(id)).map(({ text }) => text.operation)).toEqual(["add"]);
    expect(origin.gitIn(clone, "for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main");
    await expect(initialiseStore(store, act)).rejects.toThrow(StoreExistsError);
  });

  test("gets its own branch on top of the team's by its first write", async () => {
    const { origin, clone } = await cloned();
    const store = await origin.open(clone);
    await addMemory(store, claim(2), act);
    expect(origin.gitIn(clone, "rev-parse", "agent-memory~1")).toBe(origin.git("rev-parse", "agent-memory"));
    expect(await believed(store)).toEqual(["Claim number 1", "Claim number 2"]);
  });

  test("sees what is fetched while it is open, the first time too", async () => {
    const origin = scratchOf();
    const clone = path.join(origin.root, "clone");
    origin.git("clone", "--quiet", `file://${origin.folder}`, clone);
    const store = await origin.open(clone);
    await expect(store.snapshot()).rejects.toThrow(NoStoreError);
    let told = 0;
    const stop = store.onDidChange(() => (told += 1));
    await addMemory(await origin.start(), claim(1), act);
    await new Promise((resolve) => setTimeout(resolve, 300));
    origin.gitIn(clone, "fetch", "--quiet");
    expect(await until(() => told > 0)).toBeLessThan(1_000);
    expect(await believed(store)).toEqual(["Claim number 1"]);
    stop();
  });

  test("that is shallow works, and doesn't take the last commit it has for the author of all", async () => {
    const { origin, id } = await cloned();
    await updateMemory(await origin.open(), id, { title: "Claim number one" }, act);
    const shallow = path.join(origin.root, "shallow");
    origin.git("clone", "--quiet", "--depth=1", "--no-single-branch", `file://${origin.folder}`, shallow);
    const store = await origin.open(shallow);
    expect(await believed(store)).toEqual(["Claim number one"]);
    const lines = await blameMemory(store, { path: (await store.snapshot()).get(id)?.path ?? "" });
    expect(new Set(lines.map(({ entry }) => entry))).toEqual(new Set([null]));
    const written = await addMemory(store, claim(2), act);
    expect((await blameMemory(store, { path: written.memories[0]?.path ?? "" }))[0]?.entry?.commit).toBe(
      written.commit,
    );
  });
});

describe("what isn't ours is left alone", () => {
  test("a branch of that name without our rules", async () => {
    const scratch = scratchOf();
    scratch.git("branch", "agent-memory");
    const tip = scratch.git("rev-parse", "agent-memory");
    const store = await scratch.open();
    await expect(store.snapshot()).rejects.toThrow(NotAStoreError);
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(NotAStoreError);
    await expect(initialiseStore(store, act)).rejects.toThrow(NotAStoreError);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(tip);
  });

  test("a branch below that name, which is in the way", async () => {
    const scratch = scratchOf();
    scratch.git("branch", "agent-memory/notes");
    const store = await scratch.open();
    await expect(initialiseStore(store, act)).rejects.toThrow(GitError);
    scratch.git("pack-refs", "--all");
    await expect(initialiseStore(store, act)).rejects.toThrow(GitError);
    expect(scratch.git("for-each-ref", "--format=%(refname:short)")).toBe("agent-memory/notes\nmain");
  });

  test("a file where a folder should be, and a folder where a file should be", async () => {
    const scratch = scratchOf();
    const store = await scratch.start();
    const commit = scratch.commitOutside({
      "semantic/fact": "a file\n",
      "semantic/decision/a.md/b.md": fileText("m_000000000001", "B"),
    });
    await expect(addMemory(store, claim(1), act)).rejects.toThrow(InvalidInputError);
    const restore = {
      kind: "restore",
      path: "semantic/decision/a.md",
      read: null,
      bytes: Buffer.from(fileText("m_000000000002", "A")),
    } as const;
    await expect(store.commit({ operation: "revert", changes: [restore], ...act })).rejects.toThrow(InvalidInputError);
    expect(scratch.git("rev-parse", "agent-memory")).toBe(commit);
  });

  test.each(["../up.md", "a//b.md", "/root.md", "semantic/.git/x.md", "semantic/./x.md", ""])(
    "the path %j",
    async (place) => {
      const scratch = scratchOf();
      const store = await scratch.start();
      const restore = { kind: "restore", path: place, read: null, bytes: Buffer.from("x") } as const;
      await expect(store.commit({ operation: "revert", changes: [restore], ...act })).rejects.toThrow(
        InvalidInputError,
      );
      expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("1");
    },
  );

  test("a name beside ours that is not UTF-8 keeps its bytes", async () => {
    const scratch = scratchOf();
    const store = await scratch.start();
    const blob = scratch.git("rev-parse", "agent-memory:README.md");
    const entries = Buffer.concat([
      Buffer.from("100644 caf"),
      Buffer.from([0xe9]),
      Buffer.from(".md\0"),
      Buffer.from(blob, "hex"),
      Buffer.from("100644 café.md\0"),
      Buffer.from(blob, "hex"),
    ]);
    fs.writeFileSync(`${scratch.root}/tree`, sortedTree(entries, blob));
    const tree = scratch.git("hash-object", "-t", "tree", "-w", `${scratch.root}/tree`);
    scratch.git("read-tree", "agent-memory");
    scratch.git("read-tree", "--prefix=semantic/fact/", tree);
    const commit = scratch.git("commit-tree", scratch.git("write-tree"), "-p", "agent-memory", "-m", "odd");
    scratch.git("update-ref", "refs/heads/agent-memory", commit);
    await addMemory(store, claim(1), act);
    const names = scratch.git("ls-tree", "-r", "--name-only", "agent-memory", "semantic/");
    expect(names).toContain('"semantic/fact/caf\\351.md"');
    expect(names).toContain('"semantic/fact/caf\\303\\251.md"');
    scratch.fsck();
  });
});

/** Entries of one length of name differ in the byte after `caf`: C3 comes before E9. */
function sortedTree(entries: Buffer, blob: string): Buffer {
  const first = Buffer.byteLength("100644 caf?.md\0") + blob.length / 2;
  return Buffer.concat([entries.subarray(first), entries.subarray(0, first)]);
}

describe("the personal store", () => {
  test("works where git is told to trust no bare repository that it comes across", async () => {
    const scratch = scratchOf();
    await scratch.start();
    fs.writeFileSync(
      `${scratch.root}/config`,
      "[safe]\n\tbareRepository = explicit\n[user]\n\tname = Al\n\temail = al@example.com\n",
    );
    vi.stubEnv("GIT_CONFIG_GLOBAL", `${scratch.root}/config`);
    const stores = await scratch.stores();
    const store = await stores.storeFor({ type: "Preference" });
    await addMemory(store, claim(1), { ...act, caller: human });
    expect(await believed((await scratch.stores()).personal)).toEqual(["Claim number 1"]);
    vi.unstubAllEnvs();
    expect(scratch.gitIn(`${scratch.data}/personal.git`, "log", "--format=%an", "agent-memory")).toBe("Al\ngit-memory");
  });

  test("is made again where its making was cut short, and is never the repository around it", async () => {
    const scratch = scratchOf();
    await scratch.start();
    scratch.gitIn(scratch.root, "init", "--quiet");
    fs.mkdirSync(`${scratch.data}/personal.git`, { recursive: true });
    fs.writeFileSync(`${scratch.data}/personal.git/HEAD`, "ref: refs/heads/agent-memory\n");
    const stores = await scratch.stores();
    expect(await stores.personal.exists()).toBe(false);
    await addMemory(await stores.storeFor({ type: "Preference" }), claim(1), act);
    expect(scratch.gitIn(scratch.root, "for-each-ref")).toBe("");
    expect(await believed(stores.personal)).toEqual(["Claim number 1"]);
  });
});

test("an empty ref, as a power cut leaves it, is reported and not taken for no store", async () => {
  const scratch = scratchOf();
  const store = await scratch.start();
  fs.writeFileSync(scratch.path(".git/refs/heads/agent-memory"), "");
  await expect(store.snapshot()).rejects.toThrow(/damaged/);
  await expect(initialiseStore(store, { caller: human, reason: "" })).rejects.toThrow(GitError);
});
