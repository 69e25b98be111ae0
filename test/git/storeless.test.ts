import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importMemories } from "../../src/core/verbs.ts";
import { openStores } from "../../src/git/open.ts";
import { claim, human, Scratch } from "../support/scratch.ts";
import { startOnBranch } from "./support/branch.ts";

const mine = { caller: human, reason: "" };

let scratch: Scratch;
beforeEach(() => (scratch = new Scratch()));
afterEach(async () => scratch.remove());

const noted = (): string => fs.readFileSync(scratch.path(".git/memory/storeless"), "utf8");

test("a store on its own branch is read from the cache without git, at every commit of the code that was looked at", async () => {
  const store = await scratch.start();
  const drafts = Array.from({ length: 300 }, (_, n) => claim(n));
  await importMemories(store, drafts, { ...mine, subject: "many" });
  await store.dispose();
  const before = await (await scratch.open()).snapshot();
  scratch.git("commit", "--quiet", "--allow-empty", "--message=more code");
  await (await scratch.open()).snapshot();
  const withoutGit = async (): Promise<string[]> => {
    const { project } = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, git: "/no/such/git" });
    const titles = [...((await project?.snapshot())?.memories() ?? [])].map(({ title }) => title);
    await project?.dispose();
    return titles;
  };
  const titles = [...before.memories()].map(({ title }) => title);
  expect(await withoutGit()).toEqual(titles);
  scratch.git("checkout", "--quiet", "HEAD~1");
  scratch.git("checkout", "--quiet", "-B", "main");
  expect(await withoutGit()).toEqual(titles);
  scratch.git("commit", "--quiet", "--allow-empty", "--message=other code");
  await expect(withoutGit()).rejects.toThrow("git was not found");
});

test("looking at a repository that has no memory leaves nothing in it", async () => {
  expect(await (await scratch.open()).exists()).toBe(false);
  expect(fs.existsSync(scratch.path(".git/memory"))).toBe(false);
});

test("a commit with a store in the folder is never noted, nor one whose trees can't be read now", async () => {
  const store = await startOnBranch(scratch);
  const title = [...(await store.snapshot()).folders.keys()];
  await store.dispose();
  fs.rmSync(scratch.path(".git/memory/storeless"), { force: true });
  const tree = scratch.git("rev-parse", "HEAD^{tree}");
  const object = scratch.path(".git/objects", tree.slice(0, 2), tree.slice(2));
  const aside = path.join(scratch.root, "aside");
  fs.renameSync(object, aside);
  await (await scratch.open()).exists().catch(() => false);
  expect(fs.existsSync(scratch.path(".git/memory/storeless"))).toBe(false);
  fs.renameSync(aside, object);
  expect([...(await (await scratch.open()).snapshot()).folders.keys()]).toEqual(title);
});

test("a damaged note, and one that can't be kept, cost a question to git and nothing else", async () => {
  const store = await scratch.start();
  await store.dispose();
  await (await scratch.open()).snapshot();
  const head = scratch.git("rev-parse", "HEAD");
  expect(noted()).toBe(`${head}\n`);
  fs.writeFileSync(scratch.path(".git/memory/storeless"), Buffer.from([0xff, 0, 10, 13, 200]));
  expect(await (await scratch.open()).exists()).toBe(true);
  expect(noted().startsWith(`${head}\n`)).toBe(true);
  fs.rmSync(scratch.path(".git/memory/storeless"));
  fs.mkdirSync(scratch.path(".git/memory/storeless"));
  expect(await (await scratch.open()).exists()).toBe(true);
});
