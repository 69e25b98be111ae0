/** An index that a landing wrote without git must be to git what git itself would have made of it. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderTrees } from "../../src/git/branch/folder.ts";
import { PlainSteps } from "../../src/git/branch/plain-step.ts";
import { StorelessCommits } from "../../src/git/branch/storeless.ts";
import { FolderState } from "../../src/git/local-state.ts";
import { ObjectReader } from "../../src/git/objects/reader.ts";
import { Trees } from "../../src/git/objects/trees.ts";
import { findRepository } from "../../src/git/repository.ts";
import { Scratch } from "../support/scratch.ts";

let scratch: Scratch;
let twin: string;
const ended: (() => Promise<void>)[] = [];

function begin(init?: readonly string[]): void {
  scratch = new Scratch(init === undefined ? {} : { init });
  twin = path.join(scratch.root, "twin");
}
beforeEach(() => begin());
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
  await scratch.remove();
});

type Files = Readonly<Record<string, string>>;

/** A commit with just these files on top of the code, made in a work tree of its own. */
function commitOf(files: Files, parent: string): string {
  const index = path.join(scratch.root, `index-${Math.random()}`);
  const env = { ...process.env, GIT_INDEX_FILE: index };
  const git = (args: string[], input = ""): string =>
    execFileSync("git", args, { cwd: scratch.folder, env, input, encoding: "utf8" }).trim();
  git(["read-tree", parent]);
  git(["rm", "-r", "--cached", "--quiet", "--ignore-unmatch", ".memory"]);
  for (const [file, text] of Object.entries(files)) {
    const mode = text.startsWith("#!") ? "100755" : "100644";
    git(["update-index", "--add", "--cacheinfo", `${mode},${git(["hash-object", "-w", "--stdin"], text)},${file}`]);
  }
  return git(["commit-tree", git(["write-tree"]), "-p", parent, "-m", "step"]);
}

/** The repository with the user's files, at a commit, as it was made by git. */
function checkOut(commit: string): void {
  scratch.git("reset", "--quiet", "--hard", commit);
}

async function steps(): Promise<PlainSteps> {
  const repository = await findRepository(scratch.folder);
  const objects = new ObjectReader(repository.git);
  ended.push(async () => objects.dispose());
  const storeless = new StorelessCommits(new FolderState(path.join(repository.gitDir, "memory"), repository));
  const folder = new FolderTrees(objects, new Trees(objects, repository.hash), storeless);
  return new PlainSteps({ repository, folder: scratch.folder }, folder);
}

/** Null: git has to do it. */
async function take(before: string, after: string): Promise<true | null> {
  const step = await (await steps()).between(before, after);
  if (step === null) return null;
  const copy = scratch.path(".git/index.next");
  expect(step.write(copy)).toBeNull();
  fs.renameSync(copy, scratch.path(".git/index"));
  scratch.git("update-ref", "HEAD", after);
  return true;
}

/** What git makes of the same step in a copy of the work tree. */
function takeByGit(before: string, after: string): void {
  fs.cpSync(scratch.folder, twin, { recursive: true, preserveTimestamps: true });
  scratch.gitIn(twin, "update-index", "-q", "--refresh", "--really-refresh");
  scratch.gitIn(twin, "read-tree", "-m", "-u", before, after);
  scratch.gitIn(twin, "update-ref", "HEAD", after);
}

/** The index and the files as git tells of them, without the times that can't be the same. */
function tellOf(folder: string): Record<string, string> {
  const git = (...args: string[]): string => scratch.gitIn(folder, ...args);
  return {
    staged: git("ls-files", "--stage", "-v"),
    status: git("status", "--porcelain=v2", "--branch", "--untracked-files=all", "--ignored"),
    cached: git("diff", "--cached"),
    worktree: git("diff"),
    files: git("ls-files", "--others", "--deleted", "--modified"),
    modes: execFileSync("find", [".", "-path", "./.git", "-prune", "-o", "-printf", "%P %m\n"], {
      cwd: folder,
      encoding: "utf8",
    })
      .split("\n")
      .toSorted()
      .join("\n"),
    fsck: git("fsck", "--strict", "--full", "--no-dangling"),
    written: git("write-tree"),
  };
}

/** As git wrote it, before any git could mend it. */
function looksUnchanged(folder: string): string {
  return scratch.gitIn(folder, "diff-files", "--name-only");
}

/** Has git hold each node of the cache of trees against the entries, as its own tests do. */
function checkCacheTree(): void {
  const copy = path.join(scratch.root, "index-to-check");
  fs.copyFileSync(scratch.path(".git/index"), copy);
  execFileSync("git", ["update-index", "--force-write-index"], {
    cwd: scratch.folder,
    env: { ...process.env, GIT_INDEX_FILE: copy, GIT_TEST_CHECK_CACHE_TREE: "true" },
    stdio: "pipe",
  });
}

function grow(old: number): void {
  const then = Date.now() / 1_000 - old;
  for (const name of fs.readdirSync(scratch.folder, { recursive: true, encoding: "utf8" })) {
    const file = scratch.path(name);
    if (!name.startsWith(".git") && fs.lstatSync(file).isFile()) fs.utimesSync(file, then, then);
  }
  scratch.git("update-index", "-q", "--refresh");
}

const CODE: Files = {
  "a.txt": "one\n",
  "src/b/c.ts": "two\n",
  "src/d.ts": "three\n",
  "zz/last": "four\n",
  ".memoryz": "",
};

function withCode(files: Files = {}): string {
  for (const [file, text] of Object.entries({ ...CODE, ...files })) scratch.write(file, text);
  scratch.git("add", "--all");
  scratch.git("commit", "--quiet", "--allow-empty", "--message=code");
  return scratch.git("rev-parse", "HEAD");
}

const name = fc.constantFrom("a", "b", "c", "policy", "m_1", "m_10", "z", "a-b", "a.b");
const memoryPath = fc.array(name, { minLength: 1, maxLength: 4 }).map(
  (parts) =>
    `.memory/${parts
      .slice(0, -1)
      .map((part) => `${part}d/`)
      .join("")}${parts.at(-1)}.md`,
);
const text = fc.constantFrom("", "one\n", "two\n", "#!/bin/sh\n", "no end", "x".repeat(5_000));
const files = fc.dictionary(memoryPath, text, { maxKeys: 8 });
/** What the user is in the middle of. */
const work = fc.record({
  staged: fc.boolean(),
  edited: fc.boolean(),
  removed: fc.boolean(),
  marked: fc.boolean(),
  isOld: fc.boolean(),
  treesKnown: fc.boolean(),
});

test("is what git would have made of it, whatever the step and the user's work", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(files, files, fc.boolean(), work, async (first, second, both, is) => {
      begin();
      try {
        const base = withCode();
        const before = commitOf(first, base);
        const after = commitOf(both ? { ...first, ...second } : second, before);
        checkOut(before);
        if (is.isOld) grow(100);
        if (is.staged)
          scratch.git(
            "update-index",
            "--add",
            "--cacheinfo",
            `100644,${scratch.git("rev-parse", "HEAD:a.txt")},src/new.ts`,
          );
        if (is.treesKnown) scratch.git("write-tree");
        if (is.marked) scratch.git("update-index", "--skip-worktree", "a.txt");
        if (is.edited) scratch.write("src/d.ts", "edit\n");
        if (is.removed) fs.rmSync(scratch.path("zz/last"));
        takeByGit(before, after);
        if ((await take(before, after)) === null) return;
        taken += 1;
        checkCacheTree();
        // The twin's other files are copies, which git looks into before it says so.
        const ours = looksUnchanged(scratch.folder)
          .split("\n")
          .filter((file) => file.startsWith(".memory/"));
        expect(ours).toEqual([]);
        expect(tellOf(scratch.folder)).toEqual(tellOf(twin));
      } finally {
        await scratch.remove();
      }
    }),
    { numRuns: Number(process.env["INDEX_RUNS"] ?? 8) },
  );
  expect(taken).toBeGreaterThan(0);
}, 3_600_000);

test("keeps git's cache of trees where it is certain, so that the next commit need not make it anew", async () => {
  const base = withCode();
  const before = commitOf({ ".memory/a/one.md": "one\n", ".memory/b/two.md": "two\n" }, base);
  const after = commitOf(
    { ".memory/a/one.md": "one\n", ".memory/a/new.md": "new\n", ".memory/b/two.md": "2\n" },
    before,
  );
  checkOut(before);
  scratch.git("write-tree");
  expect(await take(before, after)).toBe(true);
  const bytes = fs.readFileSync(scratch.path(".git/index"));
  for (const tree of [
    `${after}^{tree}`,
    `${after}:.memory`,
    `${after}:.memory/a`,
    `${after}:.memory/b`,
    `${after}:src`,
  ])
    expect(bytes.includes(Buffer.from(scratch.git("rev-parse", tree), "hex"))).toBe(true);
  checkCacheTree();
});

test("in a repository of SHA-256 is of SHA-256", async () => {
  await scratch.remove();
  begin(["--object-format=sha256"]);
  const base = withCode();
  const [before, after] = [commitOf({ ".memory/a.md": "a\n" }, base), commitOf({ ".memory/b.md": "b\n" }, base)];
  checkOut(before);
  takeByGit(before, after);
  expect(await take(before, after)).toBe(true);
  expect(tellOf(scratch.folder)).toEqual(tellOf(twin));
});

const STEP: readonly [Files, Files] = [
  { ".memory/a.md": "a\n", ".memory/b.md": "b\n" },
  { ".memory/a.md": "changed\n", ".memory/c/d.md": "d\n" },
];

/** Two commits of a store, of which the first is checked out and a minute old. */
function stepToTake(code: Files = {}): readonly [string, string] {
  const base = withCode(code);
  const before = commitOf(STEP[0], base);
  const after = commitOf(STEP[1], before);
  checkOut(before);
  grow(60);
  return [before, after];
}

test.each<readonly [string, Files]>([
  ["of text by itself", { ".gitattributes": "* text=auto\n*.ts diff=typescript\n*.png binary\n" }],
  ["of line ends that are here so anyway", { ".gitattributes": "* text=auto eol=lf\n" }],
  ["of other kinds of files", { ".gitattributes": "*.psd filter=lfs diff=lfs merge=lfs -text\n*.BAT text eol=crlf\n" }],
  [
    "of other folders",
    { ".gitattributes": "assets/** filter=lfs\n/docs/*.md ident\n", "src/.gitattributes": "* eol=crlf\n" },
  ],
])("is written here where attributes tell %s", async (_what, code) => {
  const [before, after] = stepToTake(code);
  takeByGit(before, after);
  expect(await take(before, after)).toBe(true);
  expect(tellOf(scratch.folder)).toEqual(tellOf(twin));
});

test.each<readonly [string, (change: (file: string, text: string) => void) => void]>([
  ["carriage returns by attribute", (write) => write(".gitattributes", "*.md text eol=crlf\n")],
  ["a filter by attribute", (write) => write(".gitattributes", ".memory/** filter=lfs\n")],
  ["a filter by a name of its own", (write) => write(".gitattributes", "[attr]big filter=lfs\n* big\n")],
  ["an encoding", (write) => write(".gitattributes", '"*.md" working-tree-encoding=UTF-16\n')],
  ["attributes in the folder itself", (write) => write(".memory/.gitattributes", "c/* ident\n")],
  [
    "attributes behind a link",
    (write) => {
      write("elsewhere", "");
      fs.symlinkSync("elsewhere", scratch.path(".gitattributes"));
    },
  ],
  ["attributes in the git folder", (write) => write(".git/info/attributes", "* ident\n")],
  ["core.autocrlf", () => scratch.git("config", "core.autocrlf", "true")],
  ["core.eol", () => scratch.git("config", "core.eol", "crlf")],
  ["core.ignoreCase", () => scratch.git("config", "core.ignoreCase", "true")],
  ["core.ignoreStat", () => scratch.git("config", "core.ignoreStat", "true")],
  ["core.fsync", () => scratch.git("config", "core.fsync", "all")],
  ["an index of version 4", () => scratch.git("update-index", "--index-version", "4")],
  ["a split index", () => scratch.git("update-index", "--split-index")],
  ["an untracked cache", () => scratch.git("update-index", "--force-untracked-cache")],
  [
    "an index that says where its entries end",
    () => scratch.git("-c", "index.threads=2", "update-index", "--force-write-index"),
  ],
  ["a file that is edited", (write) => write(".memory/a.md", "mine\n")],
  ["a file that is only touched", () => fs.utimesSync(scratch.path(".memory/a.md"), 1, 1)],
  ["a file that is gone", () => fs.rmSync(scratch.path(".memory/b.md"))],
  ["a file in the place of a folder", (write) => write(".memory/c", "mine\n")],
  ["a link in the place of a folder", () => fs.symlinkSync(scratch.root, scratch.path(".memory/c"))],
  [
    "a staged file in the place of a new one",
    (write) => {
      write(".memory/c/d.md", "d\n");
      scratch.git("add", ".memory/c/d.md");
    },
  ],
  [
    "a staged change",
    (write) => {
      write(".memory/a.md", "mine\n");
      scratch.git("add", ".memory/a.md");
    },
  ],
  ["a memory that is assumed unchanged", () => scratch.git("update-index", "--assume-unchanged", ".memory/a.md")],
  ["a memory that is left out of the work tree", () => scratch.git("update-index", "--skip-worktree", ".memory/a.md")],
  [
    "a conflict somewhere",
    () => {
      const blob = scratch.git("rev-parse", "HEAD:a.txt");
      const lines = [1, 2, 3].map((stage) => `100644 ${blob} ${stage}\tconflict.txt`).join("\n");
      execFileSync("git", ["update-index", "--index-info"], { cwd: scratch.folder, input: `${lines}\n` });
    },
  ],
])("is left to git with %s, and nothing is touched", async (_what, change) => {
  const [before, after] = stepToTake();
  change((file, content) => scratch.write(file, content));
  const index = fs.readFileSync(scratch.path(".git/index"));
  const status = scratch.git("--no-optional-locks", "status", "--porcelain=v2", "--ignored");
  expect(await (await steps()).between(before, after)).toBeNull();
  expect(fs.readFileSync(scratch.path(".git/index")).equals(index)).toBe(true);
  expect(scratch.git("--no-optional-locks", "status", "--porcelain=v2", "--ignored")).toBe(status);
});

test("does not make an edit look clean that is as young as the index and as long as what was there", async () => {
  const base = withCode();
  const before = commitOf(STEP[0], base);
  const after = commitOf(STEP[1], before);
  checkOut(before);
  const second = Math.floor(Date.now() / 1_000) - 5;
  const sameSecond = (file: string): void => fs.utimesSync(file, second, second);
  for (const file of [".memory/a.md", ".memory/b.md", ...Object.keys(CODE)]) sameSecond(scratch.path(file));
  scratch.git("update-index", "-q", "--refresh");
  // As in the second in which git wrote the index: neither size nor time tells of the edit.
  scratch.git("config", "core.checkStat", "minimal");
  scratch.git("config", "core.trustCtime", "false");
  fs.writeFileSync(scratch.path("src/d.ts"), "THREE\n");
  sameSecond(scratch.path("src/d.ts"));
  sameSecond(scratch.path(".git/index"));
  expect(scratch.git("--no-optional-locks", "status", "--porcelain")).toBe(" M src/d.ts");
  expect(await (await steps()).between(before, after)).toBeNull();
  fs.writeFileSync(scratch.path("src/d.ts"), "three\n");
  sameSecond(scratch.path("src/d.ts"));
  expect(await take(before, after)).toBe(true);
  expect(scratch.git("--no-optional-locks", "status", "--porcelain")).toBe("");
});
