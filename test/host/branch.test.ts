/** A store in the code's branch by the editor's own commands: started, waited for, landed, moved out and checked out. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { checkOutMemory, landNow, moveMemory, startInBranch } from "../../src/extension/onboarding/branch-placement.ts";
import { EditorPerson } from "../../src/extension/person.ts";
import type { askIn } from "../../src/extension/review/consent.ts";
import { Workspace } from "../../src/extension/workspace.ts";
import { extensionApi } from "./beliefs.ts";

type Ask = typeof askIn;

suite("memory in the code's branch", () => {
  let root: string;
  let workspace: Workspace;
  const person = new EditorPerson();
  const asked: string[] = [];
  const agrees: Ask = async ({ message, detail }, yes) => {
    asked.push(`${message}\n${detail}`);
    return yes;
  };
  const declines: Ask = async (_, __, back) => back;
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: join(root, "shop"), encoding: "utf8", stdio: "pipe" }).trim();
  const store = (): MemoryStore => {
    const project = workspace.storesFor()?.project;
    assert.ok(project);
    return project;
  };
  const titles = async (): Promise<string[]> =>
    Array.from((await store().snapshot()).memories(), ({ title }) => title).toSorted();
  const write = async (title: string): Promise<string> => {
    const act = { caller: await person.caller(store(), "user"), reason: "It came up in a test." };
    return (await addMemory(store(), { type: "Fact", title, body: "It was read from the settings." }, act)).status;
  };
  /** Nothing changed lately, as far as a landing can see. */
  const rest = (): void => {
    const then = Date.now() / 1000 - 60;
    for (const name of ["index", "HEAD", "logs/HEAD", "COMMIT_EDITMSG"]) {
      const file = join(root, "shop/.git", name);
      if (existsSync(file)) utimesSync(file, then, then);
    }
  };

  suiteSetup(async () => {
    await extensionApi();
    root = realpathSync(mkdtempSync(join(tmpdir(), "in-branch-")));
    mkdirSync(join(root, "shop"));
    git("init", "--quiet", "--initial-branch=topic");
    git("config", "user.name", "Alice");
    git("config", "user.email", "alice@example.com");
    writeFileSync(join(root, "shop/code.txt"), "one\n");
    git("add", "code.txt");
    git("commit", "--quiet", "-m", "code");
    workspace = new Workspace(() => [{ uri: vscode.Uri.file(join(root, "shop")), name: "shop", index: 0 }]);
    await workspace.reopen();
  });
  suiteTeardown(() => {
    workspace.dispose();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  test("is started once the person has seen the price and agreed", async () => {
    assert.equal(await startInBranch(store(), person, declines), undefined);
    assert.equal(git("for-each-ref", "--format=%(refname)"), "refs/heads/topic");
    const done = await startInBranch(store(), person, agrees);
    assert.match(done?.sentence ?? "", /^The memory is in \.memory\/ of this branch\./);
    assert.match(asked.join("\n"), /Each write is a commit of this branch/);
    assert.equal(store().placement, "branch");
    await landNow(store());
    assert.ok(existsSync(join(root, "shop/.memory/policy.yaml")));
  });

  test("a write that waits for a git at work is believed, and the command lands it afterwards", async () => {
    const lock = join(root, "shop/.git/index.lock");
    writeFileSync(lock, "");
    const before = git("rev-parse", "HEAD");
    assert.equal(await write("The port is 4100"), "waiting");
    assert.deepEqual(await titles(), ["The port is 4100"]);
    assert.match(await landNow(store()), /^1 write still waiting: another git is at work/);
    assert.equal(git("rev-parse", "HEAD"), before);
    rmSync(lock);
    rest();
    const said = await landNow(store());
    // In the background it is tried each second, too.
    assert.match(said, /^(?:1 write landed on topic\.|Nothing waits to land here\.)$/);
    assert.equal(git("log", "-1", "--format=%s"), "memory(add): The port is 4100");
    assert.equal(git("status", "--porcelain"), "");
  });

  test("moves to a branch of its own and is checked out there, where plain files follow each write", async () => {
    assert.equal(await moveMemory(store(), declines), undefined);
    rest();
    assert.match((await moveMemory(store(), agrees)) ?? "", /^The memory is on the branch agent-memory now\./);
    await landNow(store());
    assert.equal(store().placement, "dedicated");
    assert.equal(existsSync(join(root, "shop/.memory")), false);
    assert.deepEqual(await titles(), ["The port is 4100"]);
    assert.match(await checkOutMemory(store()), /^The memory is checked out in .*\.git\/memory\/tree\.$/);
    assert.match(await checkOutMemory(store()), /already\.$/);
    assert.equal(await write("The port of the tests is 4200"), "stored");
    assert.match(git("-C", ".git/memory/tree", "ls-files"), /the-port-of-the-tests/);
    assert.equal(git("-C", ".git/memory/tree", "status", "--porcelain"), "");
  });

  test("moves back with both of them, and the old branch is kept", async () => {
    git("worktree", "remove", ".git/memory/tree");
    rest();
    assert.match((await moveMemory(store(), agrees)) ?? "", /^The memory is in \.memory\/ of topic now\./);
    await landNow(store());
    assert.deepEqual(await titles(), ["The port is 4100", "The port of the tests is 4200"]);
    assert.equal(
      git("for-each-ref", "--format=%(refname)", "refs/memory/moved", "refs/heads"),
      "refs/heads/topic\nrefs/memory/moved/agent-memory",
    );
    assert.equal(git("status", "--porcelain"), "");
    await assert.rejects(checkOutMemory(store()), /plain files already/);
  });
});
