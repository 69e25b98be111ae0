/** A store in `.memory/` of the checked-out branch, in every kind of work tree. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { acceptRules } from "../support/rules.ts";
import { act, believed, claim, Scratch } from "../support/scratch.ts";
import { land, letRest, looksOf, onBranch, startOnBranch, whyItWaits, workOf } from "./support/branch.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => scratch.remove());

/** Adds, changes and ends memories, each landed. What git's status says after each. */
async function mainJob(store: MemoryStore, folder: string): Promise<string[]> {
  const status = (): string => scratch.gitIn(folder, "status", "--porcelain");
  const said: string[] = [];
  const first = await addMemory(store, claim("a"), act);
  await land(store);
  said.push(status());
  await updateMemory(store, first.memories[0]?.id ?? "", { body: "Changed." }, act);
  await addMemory(store, claim("b"), act);
  await land(store);
  said.push(status());
  await expireMemories(store, [first.memories[0]?.id ?? ""], { ...act, cause: "outdated" });
  await land(store);
  expect(await believed(store)).toEqual(["Claim number b"]);
  expect(scratch.gitIn(folder, "fsck", "--strict", "--no-dangling")).toBe("");
  return [...said, status()];
}

const CLEAN = ["", "", ""];

function failingHook(): string {
  const file = `${scratch.root}/failing`;
  fs.writeFileSync(file, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return file;
}

test.each([
  ["a split index", ["core.splitIndex", "true"]],
  ["the untracked cache", ["core.untrackedCache", "true"]],
  ["index version 4", ["index.version", "4"]],
  ["hooks that fail", ["core.hooksPath", ".git/failing"]],
  ["commit signing that can't work", ["commit.gpgSign", "true"]],
  ["no reflogs", ["core.logAllRefUpdates", "false"]],
])("%s", async (_name, setting) => {
  const store = await startOnBranch(scratch);
  for (const hook of ["pre-commit", "commit-msg", "post-checkout", "post-index-change", "reference-transaction"])
    fs.cpSync(failingHook(), scratch.path(".git/failing", hook));
  scratch.git("config", ...setting);
  for (let n = 0; n < 40; n++) scratch.write(`more/file-${n}.txt`, `${n}\n`);
  scratch.git("-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", "add", ".");
  scratch.git("-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message=more");
  expect(await mainJob(store, scratch.folder)).toEqual(CLEAN);
});

test("a file system monitor of the user's stays in charge", async () => {
  const store = await startOnBranch(scratch);
  fs.writeFileSync(`${scratch.root}/monitor`, '#!/bin/sh\nprintf "token\\0/\\0"\n', { mode: 0o755 });
  scratch.git("config", "core.fsmonitor", `${scratch.root}/monitor`);
  scratch.git("update-index", "--fsmonitor");
  expect(await mainJob(store, scratch.folder)).toEqual(CLEAN);
});

test("core.autocrlf and attributes: files are written as a checkout would write them", async () => {
  const store = await startOnBranch(scratch);
  scratch.git("config", "core.autocrlf", "true");
  const { memories } = await addMemory(store, claim(1), act);
  await land(store);
  const file = scratch.path(".memory", memories[0]?.path ?? "");
  expect(fs.readFileSync(file, "utf8")).toContain("type: Fact\r\n");
  expect(scratch.git("status", "--porcelain")).toBe("");
  expect(scratch.git("show", `HEAD:.memory/${memories[0]?.path ?? ""}`)).not.toContain("\r");
  // A file with Windows line ends that is otherwise the same is no change of the user's.
  await updateMemory(store, memories[0]?.id ?? "", { body: "Changed." }, act);
  await land(store);
  expect(fs.readFileSync(file, "utf8")).toContain("Changed.\r\n");
});

describe("a sparse checkout", () => {
  test.each([["cone"], ["no-cone"]])(
    "that leaves the folder out (%s) keeps it out, and the store works",
    async (how) => {
      const store = await startOnBranch(scratch);
      scratch.write("src/a.txt", "a\n");
      scratch.git("add", ".");
      scratch.git("commit", "--quiet", "--message=src");
      await addMemory(store, claim(1), act);
      await land(store);
      scratch.git("sparse-checkout", "set", `--${how}`, ...(how === "cone" ? ["src"] : ["/*", "!/.memory/"]));
      expect(fs.existsSync(scratch.path(".memory"))).toBe(false);
      const [memory] = (await store.snapshot()).memories();
      await updateMemory(store, memory?.id ?? "", { body: "Changed." }, act);
      await addMemory(store, claim(2), act);
      await land(store);
      expect(fs.existsSync(scratch.path(".memory"))).toBe(false);
      expect(scratch.git("status", "--porcelain")).toBe("");
      expect(
        scratch
          .git("ls-files", "-t", ".memory")
          .split("\n")
          .every((line) => line.startsWith("S ")),
      ).toBe(true);
      await expireMemories(store, [memory?.id ?? ""], { ...act, cause: "outdated" });
      await land(store);
      expect(scratch.git("status", "--porcelain")).toBe("");
      scratch.git("sparse-checkout", "disable");
      expect(scratch.git("status", "--porcelain")).toBe("");
      expect(await believed(store)).toEqual(["Claim number 2"]);
    },
  );

  test("with a sparse index, and one that has the folder", async () => {
    const store = await startOnBranch(scratch);
    scratch.write("src/deep/a.txt", "a\n");
    scratch.write("docs/a.txt", "a\n");
    scratch.git("add", ".");
    scratch.git("commit", "--quiet", "--message=src");
    scratch.git("sparse-checkout", "set", "--cone", "--sparse-index", "docs", ".memory");
    expect(await mainJob(store, scratch.folder)).toEqual(CLEAN);
    expect(fs.existsSync(scratch.path("src"))).toBe(false);
  });
});

describe("linked worktrees", () => {
  test("each have the store of their own branch, and never touch another", async () => {
    const store = await startOnBranch(scratch);
    const linked = `${scratch.root}/linked tree`;
    scratch.git("worktree", "add", "--quiet", "-b", "side", linked);
    const there = await scratch.open(linked);
    const before = looksOf(scratch);
    expect(await mainJob(there, linked)).toEqual(CLEAN);
    expect(looksOf(scratch)).toEqual(before);
    expect(scratch.gitIn(linked, "reflog", "--format=%gs", "-1")).toBe("memory");
    expect(scratch.git("reflog", "--format=%gs", "-1")).toBe("memory");
    expect(await believed(store)).toEqual([]);
    await addMemory(store, claim(1), act);
    await land(store);
    expect(scratch.gitIn(linked, "status", "--porcelain")).toBe("");
    expect(await believed(there)).toEqual(["Claim number b"]);
  });
});

test("submodules stay where the user has them, and can have a store of their own", async () => {
  const inner = `${scratch.root}/inner`;
  execFileSync("git", ["clone", "--quiet", scratch.folder, inner]);
  scratch.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub");
  scratch.git("commit", "--quiet", "--message=submodule");
  const store = await startOnBranch(scratch);
  scratch.gitIn(
    scratch.path("sub"),
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@b.c",
    "commit",
    "--quiet",
    "--allow-empty",
    "--message=moved",
  );
  expect(await mainJob(store, scratch.folder)).toEqual([" M sub", " M sub", " M sub"]);
  scratch.gitIn(scratch.path("sub"), "config", "user.name", "a");
  scratch.gitIn(scratch.path("sub"), "config", "user.email", "a@b.c");
  scratch.gitIn(scratch.path("sub"), "checkout", "--quiet", "-b", "topic");
  const sub = await startOnBranch(scratch, scratch.path("sub"));
  expect(await mainJob(sub, scratch.path("sub"))).toEqual(CLEAN);
});

test("SHA-256", async () => {
  const other = new Scratch({ init: ["--object-format=sha256"] });
  try {
    const store = await startOnBranch(other);
    const written = await addMemory(store, claim(1), act);
    await land(store);
    expect(written.commit).toMatch(/^[0-9a-f]{64}$/);
    expect(other.git("status", "--porcelain")).toBe("");
    other.fsck();
  } finally {
    await other.remove();
  }
});

describe("the branch that a team works from", () => {
  const addRemote = (head: string | null): void => {
    const remote = `${scratch.root}/remote.git`;
    scratch.git("clone", "--quiet", "--bare", ".", remote);
    scratch.git("remote", "add", "origin", remote);
    scratch.git("fetch", "--quiet", "origin");
    if (head !== null) scratch.git("symbolic-ref", "refs/remotes/origin/HEAD", `refs/remotes/origin/${head}`);
  };

  test.each([
    ["that the remote names", "main", "main", true],
    ["that is usually called so", null, "main", true],
    ["by another name", "trunk", "main", false],
    ["by that other name", "trunk", "trunk", true],
    ["under another local name", "main", "local", true],
    ["or a topic of one's own", "main", "topic", false],
  ])("%s", async (_name, head, branch, waits) => {
    const store = await startOnBranch(scratch);
    addRemote(head);
    if (branch === "local") {
      scratch.git("checkout", "--quiet", "-b", "local");
      scratch.git("branch", "--quiet", "--set-upstream-to=origin/main");
    } else if (branch !== "main") scratch.git("checkout", "--quiet", "-b", branch);
    letRest(scratch);
    const before = looksOf(scratch);
    const written = await addMemory(store, claim(1), act);
    expect(written.status).toBe(waits ? "waiting" : "stored");
    expect(looksOf(scratch)["index"] === before["index"]).toBe(waits);
    expect(await believed(store)).toEqual(["Claim number 1"]);
    const { landed } = await onBranch(store).branch.land(true);
    expect(landed).toBe(waits ? 1 : 0);
    expect(await whyItWaits(store)).toBeNull();
  });

  test("on a server that checks who wrote a commit, takes what was written with `author: user`", async () => {
    const store = await startOnBranch(scratch);
    addRemote("main");
    scratch.write(
      "../remote.git/hooks/pre-receive",
      `#!/bin/sh
while read old new ref; do
  for commit in $(git rev-list $new --not --all); do
    git show -s --format=%ae%n%ce $commit | grep -qv '^person@example.com$' && { echo "unknown author" >&2; exit 1; }
    git show -s --format=%s $commit | grep -qE '^(memory\\([a-z]+\\): .+|[a-z ]+)$' || { echo "bad subject" >&2; exit 1; }
  done
done
exit 0
`,
    );
    fs.chmodSync(`${scratch.root}/remote.git/hooks/pre-receive`, 0o755);
    scratch.git("checkout", "--quiet", "-b", "topic");
    await addMemory(store, claim(1), act);
    await land(store);
    expect(() => scratch.git("push", "--quiet", "origin", "topic")).toThrow(/unknown author/);
    scratch.git("reset", "--quiet", "--hard", "HEAD~1");
    const policy = scratch.path(".memory/policy.yaml");
    fs.writeFileSync(policy, `${fs.readFileSync(policy, "utf8").replace(/^author:.*\n/m, "")}author: user\n`);
    scratch.git("commit", "--quiet", "--all", "--message=authors are people");
    await acceptRules(store);
    await addMemory(store, claim(1), act);
    await land(store);
    expect(scratch.git("push", "--quiet", "origin", "topic")).toBe("");
    expect(scratch.git("rev-parse", "topic")).toBe(
      scratch.git("ls-remote", "origin", "refs/heads/topic").split("\t")[0],
    );
  });
});

test("everything staged, unstaged and untracked stays in a repository with all of them", async () => {
  const store = await startOnBranch(scratch);
  scratch.write(".gitignore", "ignored.txt\n");
  scratch.write("ignored.txt", "x\n");
  scratch.write("gone.txt", "x\n");
  scratch.git("add", ".gitignore", "gone.txt");
  scratch.git("commit", "--quiet", "--message=more");
  scratch.git("mv", "code.txt", "renamed.txt");
  scratch.git("rm", "--quiet", "--cached", "gone.txt");
  scratch.write("intent.txt", "x\n");
  scratch.git("add", "--intent-to-add", "intent.txt");
  scratch.write("assumed.txt", "x\n");
  scratch.git("add", "assumed.txt");
  scratch.git("update-index", "--assume-unchanged", "assumed.txt");
  const before = [...workOf(scratch), scratch.git("ls-files", "-v", "--stage")];
  const { memories } = await addMemory(store, claim(1), act);
  await land(store);
  await expireMemories(store, [memories[0]?.id ?? ""], { ...act, cause: "outdated" });
  await land(store);
  expect([...workOf(scratch), scratch.git("ls-files", "-v", "--stage")]).toEqual(before);
});
