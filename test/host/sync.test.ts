/** Syncing from the view's title and in the background, with a server on this machine. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { initialiseStore } from "../../src/core/initialise.ts";
import type { Caller } from "../../src/core/proposal.ts";
import { addMemory } from "../../src/core/verbs.ts";
import { EditorPerson } from "../../src/extension/person.ts";
import { BackgroundSync } from "../../src/extension/sync/background.ts";
import { syncCommands } from "../../src/extension/sync/commands.ts";
import { Workspace } from "../../src/extension/workspace.ts";
import { extensionApi } from "./beliefs.ts";

const human: Caller = { channel: "editor", actor: "human:alice", trust: "user", gesture: true };
const act = { caller: human, reason: "It came up in a test." };
const SETTING = "commitToMemory.sync.minutes";

suite("syncing", () => {
  let root: string;
  let workspace: Workspace;
  const person = new EditorPerson();
  const git = (folder: string, ...args: string[]): string =>
    execFileSync("git", args, { cwd: join(root, folder), encoding: "utf8", stdio: "pipe" }).trim();
  const setMinutes = async (minutes: number | undefined): Promise<void> =>
    vscode.workspace.getConfiguration().update(SETTING, minutes, vscode.ConfigurationTarget.Global);

  suiteSetup(async () => {
    await extensionApi();
    root = realpathSync(mkdtempSync(join(tmpdir(), "syncing-")));
    for (const name of ["shop", "server"]) mkdirSync(join(root, name));
    git("server", "init", "--quiet", "--bare");
    git("shop", "init", "--quiet", "--initial-branch=main");
    git("shop", "config", "user.name", "Alice");
    git("shop", "config", "user.email", "alice@example.com");
    git("shop", "commit", "--quiet", "--allow-empty", "-m", "code");
    git("shop", "remote", "add", "origin", join(root, "server"));
    workspace = new Workspace(() => [{ uri: vscode.Uri.file(join(root, "shop")), name: "shop", index: 0 }]);
    await workspace.reopen();
    const project = workspace.storesFor()?.project;
    assert.ok(project);
    await initialiseStore(project, act);
    await workspace.refresh();
  });
  suiteTeardown(async () => {
    await setMinutes(undefined);
    workspace.dispose();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  const store = (): NonNullable<ReturnType<Workspace["storesFor"]>>["project"] =>
    workspace.storesFor()?.project ?? null;
  const there = (): string => git("server", "rev-parse", "refs/heads/agent-memory");
  const here = (): string => git("shop", "rev-parse", "refs/heads/agent-memory");

  test("from the title brings what is here to the server", async () => {
    await syncCommands({ workspace, person }).sync();
    assert.equal(there(), here());
  });

  test("in the background is off until a person switches it on", async () => {
    const project = store();
    assert.ok(project);
    await addMemory(project, { type: "Fact", title: "The port is 4100", body: "It is." }, act);
    await workspace.refresh();
    const background = new BackgroundSync(workspace, person, (failure) => assert.fail(String(failure)));
    try {
      await background.look();
      assert.notEqual(there(), here());
      await setMinutes(5);
      await background.look();
      assert.equal(there(), here());
    } finally {
      background.dispose();
    }
  });
});
