import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";
import { extensionApi, memoryTitled, projectStore, rows, until, uriOf } from "./beliefs.ts";

const REF = "refs/heads/agent-memory";

suite("a window whose store", () => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const git = (args: readonly string[], input?: string): string =>
    execFileSync("git", args, { cwd: folder?.uri.fsPath, input, encoding: "utf8" }).trim();
  let tip: string;
  setup(() => {
    tip = git(["rev-parse", REF]);
  });
  teardown(async () => {
    git(["update-ref", REF, tip]);
    const api = await extensionApi();
    await until(() => api.workspace.state === "ready", "the store to be as before");
  });

  test("was written by a newer version is shown, says so, and can't be changed", async () => {
    const api = await extensionApi();
    const blob = git(["hash-object", "-w", "--stdin"], "format: 999\n");
    const tree = git(
      ["mktree"],
      git(["ls-tree", tip]).replace(/^100644 blob [0-9a-f]+\tpolicy\.yaml$/m, `100644 blob ${blob}\tpolicy.yaml`) +
        "\n",
    );
    git(["update-ref", REF, git(["commit-tree", tree, "-p", tip, "-m", "A newer format"])]);
    await until(() => api.workspace.state === "newer-format", "the state");
    assert.equal((await rows(api))[0]?.label, "A newer version wrote this");

    const memory = memoryTitled(api, "Money is an integer in cents");
    const stat = await vscode.workspace.fs.stat(uriOf(api, memory));
    assert.equal(stat.permissions, vscode.FilePermission.Readonly);
    const { store } = projectStore(api);
    await assert.rejects(api.acts.expire([{ store, name: memory.id }], "wrong", ""), { code: "newer-format" });
  });

  test("goes away is one without a store again, and back when it comes back", async () => {
    const api = await extensionApi();
    git(["update-ref", "-d", REF]);
    await until(() => api.workspace.state === "no-store", "the state");
    assert.equal(
      api.workspace.stores.some((one) => one.folder !== null),
      false,
    );
    git(["update-ref", REF, tip]);
    await until(() => api.workspace.state === "ready", "the store to be back");
    assert.ok(memoryTitled(api, "Money is an integer in cents"));
  });
});
