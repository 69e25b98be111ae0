/** Repositories that lack objects, that lie elsewhere than they did, or that others share. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { GitError } from "../../src/core/errors.ts";
import { blameMemory } from "../../src/core/provenance/blame.ts";
import { addMemory, updateMemory } from "../../src/core/verbs.ts";
import { findRepository } from "../../src/git/repository.ts";
import { act, believed, claim, type Scratch } from "../support/scratch.ts";
import { scratches } from "./support/scratches.ts";
import { doctorIn, doMainJob, DONE, listElsewhere } from "./support/main-job.ts";

const scratchOf = scratches();
afterEach(() => {
  vi.unstubAllEnvs();
  Object.assign(process.env, { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: os.devNull });
});

/** A repository with a store of `count` memories, and a clone of it made with some options. */
async function cloned(count: number, ...options: readonly string[]): Promise<{ origin: Scratch; clone: string }> {
  const origin = scratchOf();
  const store = await origin.start();
  const changes = Array.from({ length: count }, (_, i) => ({ kind: "add", draft: claim(i + 1) }) as const);
  for (let at = 0; at < changes.length; at += 20)
    await store.commit({ operation: "import", changes: changes.slice(at, at + 20), ...act });
  origin.git("config", "uploadpack.allowFilter", "true");
  const clone = path.join(origin.root, "clone");
  origin.gitIn(origin.root, "clone", "--quiet", ...options, `file://${origin.folder}`, clone);
  origin.gitIn(clone, "config", "user.name", "Mate");
  origin.gitIn(clone, "config", "user.email", "mate@example.com");
  return { origin, clone };
}

const packsIn = (clone: string): number =>
  fs.readdirSync(path.join(clone, ".git/objects/pack")).filter((name) => name.endsWith(".pack")).length;

describe("a partial clone", () => {
  test.each(["blob:none", "tree:0"])(
    "(%s) gets what a store needs in one fetch, and then works without its remote",
    async (filter) => {
      const { origin, clone } = await cloned(24, `--filter=${filter}`);
      const before = packsIn(clone);
      const store = await origin.open(clone);
      expect(await believed(store)).toHaveLength(24);
      expect(packsIn(clone) - before).toBeLessThanOrEqual(2);
      const [first] = (await store.snapshot()).memories();
      await updateMemory(store, first?.id ?? "", { title: "Reworded" }, act);
      expect((await store.journal.of(first?.id ?? "")).map(({ text }) => text.operation)).toEqual(["update", "import"]);
      fs.renameSync(origin.folder, `${origin.folder}-gone`);
      await addMemory(store, claim(99), act);
      expect((await blameMemory(store, { path: first?.path ?? "" })).length).toBeGreaterThan(0);
      expect(await listElsewhere(origin, clone)).toHaveLength(25);
      origin.gitIn(clone, "fsck", "--strict");
    },
  );

  test.each(["blob:none", "tree:0"])(
    "(%s) whose remote is gone says that, and what to do, and works again when it is back",
    async (filter) => {
      const { origin, clone } = await cloned(3, `--filter=${filter}`);
      fs.renameSync(origin.folder, `${origin.folder}-gone`);
      const store = await origin.open(clone);
      const failure = await store.snapshot().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(GitError);
      expect(String(failure)).toMatch(/partial clone.*could not be fetched.*again/is);
      await expect(addMemory(store, claim(9), act)).rejects.toThrow(/partial clone/);
      expect((await doctorIn(origin, clone)).find(({ check }) => check === "store")?.message).toMatch(/partial clone/);
      fs.renameSync(`${origin.folder}-gone`, origin.folder);
      expect(await believed(store)).toHaveLength(3);
    },
  );
});

test("a shallow clone does the main work, and its history ends where it was cut off", async () => {
  const { origin, clone } = await cloned(3, "--depth=1", "--no-single-branch");
  const store = await origin.open(clone);
  const added = await addMemory(store, claim(9), act);
  expect(await believed(store)).toHaveLength(4);
  expect((await store.journal.of(added.memories[0]?.id ?? "")).map(({ text }) => text.operation)).toEqual(["add"]);
  expect(await listElsewhere(origin, clone)).toHaveLength(4);
  origin.gitIn(clone, "fsck", "--strict");
});

test("a clone that borrows its objects reads them there, and writes only its own", async () => {
  const { origin, clone } = await cloned(3, "--shared");
  const objects = (): string => origin.git("count-objects", "-v");
  const before = objects();
  const store = await origin.open(clone);
  await addMemory(store, claim(9), act);
  expect(await believed(store)).toHaveLength(4);
  expect(objects()).toBe(before);
  expect(await listElsewhere(origin, clone)).toHaveLength(4);
  origin.gitIn(clone, "fsck", "--strict");
});

describe("a repository that was copied", () => {
  /** With our local state in it, a checkout of the memory branch beside it, and a writer that was at work. */
  async function copied(): Promise<{ scratch: Scratch; linked: string; copy: string }> {
    const scratch = scratchOf();
    const store = await scratch.start();
    await addMemory(store, claim(1), act);
    const linked = path.join(scratch.root, "linked");
    scratch.git("worktree", "add", "--quiet", linked, "agent-memory");
    const copy = path.join(scratch.root, "copy");
    await store.repository.exclusively(async () =>
      fs.cpSync(scratch.folder, copy, { recursive: true, preserveTimestamps: true }),
    );
    expect(fs.readdirSync(path.join(copy, ".git/memory"))).toContain("agent-memory.lock");
    return { scratch, linked, copy };
  }

  test("never touches the checkout of the original", async () => {
    const { scratch, linked, copy } = await copied();
    const files = (): string[] => fs.readdirSync(linked, { recursive: true, encoding: "utf8" }).sort();
    const before = files();
    await addMemory(await scratch.open(copy), claim(2), act);
    expect(files()).toEqual(before);
    expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
    await addMemory(await scratch.open(), claim(3), act);
    expect(files().length).toBeGreaterThan(before.length);
    expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
  });

  test("does not take the original's lock for one of its own", async () => {
    const { scratch, copy } = await copied();
    await addMemory(await scratch.open(copy), claim(2), act);
    expect(fs.readdirSync(path.join(copy, ".git/memory"))).not.toContain("agent-memory.lock");
    expect(await believed(await scratch.open(copy))).toHaveLength(2);
    expect(await believed(await scratch.open())).toHaveLength(1);
  });
});

test("a repository that was moved works at its new place, and who had it open leaves nothing at the old", async () => {
  const scratch = scratchOf();
  const store = await scratch.start();
  await addMemory(store, claim(1), act);
  const moved = path.join(scratch.root, "moved");
  fs.renameSync(scratch.folder, moved);
  await expect(addMemory(store, claim(2), act)).rejects.toThrow(GitError);
  expect(fs.existsSync(scratch.folder)).toBe(false);
  const there = await scratch.open(moved);
  await addMemory(there, claim(3), act);
  expect(await believed(there)).toEqual(["Claim number 1", "Claim number 3"]);
  scratch.gitIn(moved, "fsck", "--strict");
});

test("in a repository that a group shares, the group can read and write all that is ours", async () => {
  const scratch = scratchOf({ init: ["--shared=group"] });
  scratch.git("config", "receive.denyNonFastforwards", "false");
  const before = process.umask(0o077);
  try {
    expect(await doMainJob(scratch)).toEqual(DONE);
  } finally {
    process.umask(before);
  }
  const wrong = fs
    .readdirSync(scratch.path(".git"), { recursive: true, withFileTypes: true })
    .filter((entry) => /objects\/[0-9a-f]{2}|\/memory(\/|$)|refs\/|logs\//.test(`${entry.parentPath}/${entry.name}`))
    // Each process's own mark for the lock need only be readable.
    .filter(({ name }) => !name.includes(".lock."))
    .flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const { mode } = fs.statSync(file);
      const isObject = /objects\/[0-9a-f]{2}\//.test(file);
      const wanted = entry.isDirectory() ? 0o2070 : isObject ? 0o040 : 0o060;
      return (mode & wanted) === wanted ? [] : [`${mode.toString(8)} ${path.relative(scratch.folder, file)}`];
    });
  expect(wrong).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  "a repository of somebody else is refused in git's sense, with what to do",
  async () => {
    const scratch = scratchOf();
    await scratch.start();
    for (const place of [scratch.folder, scratch.path(".git")]) fs.chownSync(place, 12_345, 12_345);
    const failure = await findRepository(scratch.folder).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GitError);
    expect(String(failure)).toContain(`git config --global --add safe.directory '${scratch.folder}'`);
    fs.writeFileSync(`${scratch.root}/config`, `[safe]\n\tdirectory = ${scratch.folder}\n`);
    vi.stubEnv("GIT_CONFIG_GLOBAL", `${scratch.root}/config`);
    expect(await (await scratch.open()).exists()).toBe(true);
    vi.stubEnv("GIT_CONFIG_GLOBAL", os.devNull);
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "safe.directory");
    vi.stubEnv("GIT_CONFIG_VALUE_0", scratch.folder);
    expect(await (await scratch.open()).exists()).toBe(true);
  },
);

test("a linked worktree of a folder whose name has a line break finds its repository", async () => {
  const scratch = scratchOf({ name: "two\nlines" });
  await scratch.start();
  const linked = path.join(scratch.root, "linked");
  scratch.git("worktree", "add", "--quiet", "--detach", linked);
  expect(await (await scratch.open(linked)).exists()).toBe(true);
});

test("replaced and grafted commits and blobs change nothing of what is read or written", async () => {
  const scratch = scratchOf();
  const store = await scratch.start();
  const added = await addMemory(store, claim(1), act);
  const [memory] = added.memories;
  const other = scratch.git("rev-parse", "agent-memory:policy.yaml");
  scratch.git("replace", memory?.blob ?? "", other);
  scratch.git("replace", "--graft", "agent-memory");
  fs.mkdirSync(scratch.path(".git/info"), { recursive: true });
  fs.writeFileSync(scratch.path(".git/info/grafts"), `${added.commit}\n`);
  const again = await scratch.open();
  expect(await believed(again)).toEqual(["Claim number 1"]);
  expect((await again.journal.entries()).map(({ text }) => text.operation)).toEqual(["add", "init"]);
  await addMemory(again, claim(2), act);
  scratch.git("replace", "-d", memory?.blob ?? "", added.commit);
  fs.rmSync(scratch.path(".git/info/grafts"));
  expect(scratch.git("rev-list", "--count", "agent-memory")).toBe("3");
  scratch.fsck();
});

test("two memories whose paths differ only in case are both kept and told apart", async () => {
  const scratch = scratchOf();
  const store = await scratch.start();
  await addMemory(store, claim("abc"), act);
  const [there] = (await store.snapshot()).memories();
  const upper = (there?.path ?? "").replace("semantic/fact/claim", "semantic/fact/Claim");
  const text = scratch.git("show", `agent-memory:${there?.path ?? ""}`).replace(/^id: .*$/m, "id: m_000000000001");
  scratch.commitOutside({ [upper]: `${text.replace("Claim number abc", "Claim in capitals")}\n` });
  // Set now, or git's own import, which stands for a teammate's commit, would fold the names.
  scratch.git("config", "core.ignorecase", "true");
  expect(await believed(store)).toEqual(["Claim in capitals", "Claim number abc"]);
  await updateMemory(store, "m_000000000001", { title: "Claim in other words" }, act);
  expect(await believed(await scratch.open())).toEqual(["Claim in other words", "Claim number abc"]);
});

test("settings that the environment names hold for us as for git, and stop nothing", async () => {
  const scratch = scratchOf();
  const names = [
    "user.name=Named There",
    "credential.helper=!false",
    "alias.x=!false",
    "url.a:.insteadOf=b:",
    "diff.external=false",
  ];
  vi.stubEnv("GIT_CONFIG_COUNT", String(names.length));
  for (const [i, setting] of names.entries()) {
    vi.stubEnv(`GIT_CONFIG_KEY_${i}`, setting.slice(0, setting.indexOf("=")));
    vi.stubEnv(`GIT_CONFIG_VALUE_${i}`, setting.slice(setting.indexOf("=") + 1));
  }
  await addMemory(await scratch.start(), claim(1), act);
  expect(scratch.git("log", "-1", "--format=%cn", "agent-memory")).toBe("Named There");
});

test("among a hundred thousand packed refs a write costs no more than where there are none, beside one look at the file", async () => {
  const scratch = scratchOf();
  const store = await scratch.start();
  const head = scratch.git("rev-parse", "HEAD");
  const refs = Array.from({ length: 100_000 }, (_, i) => `${head} refs/tags/t${String(i).padStart(6, "0")}\n`);
  scratch.git("pack-refs", "--all");
  const packed = fs.readFileSync(scratch.path(".git/packed-refs"), "utf8");
  fs.writeFileSync(scratch.path(".git/packed-refs"), packed + refs.join(""));
  await addMemory(store, claim(1), act);
  // The floor in the same run: as many writes where refs are few.
  const few = scratchOf();
  const [large, small] = [store, await few.start()];
  await addMemory(small, claim(1), act);
  const taken = { large: 0, small: 0 };
  for (let n = 2; n < 22; n++) {
    for (const [key, one] of [
      ["large", large],
      ["small", small],
    ] as const) {
      const start = performance.now();
      await addMemory(one, claim(n), act);
      taken[key] += performance.now() - start;
    }
  }
  expect(taken.large).toBeLessThan(taken.small * 3);
  expect(await believed(await scratch.open())).toHaveLength(21);
});
