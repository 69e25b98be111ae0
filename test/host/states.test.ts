import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { pathInRepository } from "../../src/extension/tree/active-file.ts";
import { followedStores } from "../../src/extension/workspace.ts";
import { openStores } from "../../src/git/open.ts";
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

  test("has rules that can't be read is shown, says so in the view and the status bar, and can't be changed", async () => {
    const api = await extensionApi();
    const blob = git(["hash-object", "-w", "--stdin"], "format: [\n");
    const tree = git(
      ["mktree"],
      git(["ls-tree", tip]).replace(/^100644 blob [0-9a-f]+\tpolicy\.yaml$/m, `100644 blob ${blob}\tpolicy.yaml`) +
        "\n",
    );
    git(["update-ref", REF, git(["commit-tree", tree, "-p", tip, "-m", "Break the policy"])]);
    await until(() => api.workspace.state === "broken-policy", "the state");
    assert.equal((await rows(api))[0]?.label, "policy.yaml can't be read");
    assert.match((await api.status.facts())?.obstacle ?? "", /policy\.yaml can't be read/);
    const { store } = projectStore(api);
    const memory = memoryTitled(api, "Money is an integer in cents");
    await assert.rejects(api.acts.expire([{ store, name: memory.id }], "wrong", ""), { code: "broken-policy" });
  });

  test("is reached from two worktrees lists its memories once, and knows the files of both", async () => {
    assert.ok(folder);
    const base = mkdtempSync(join(tmpdir(), "worktrees-"));
    const second = vscode.Uri.file(join(base, "second"));
    git(["worktree", "add", "--quiet", "--detach", second.fsPath]);
    const opened = await Promise.all(
      [folder, { uri: second, name: "second", index: 1 }].map(async (one) => ({
        folder: one,
        stores: await openStores({ folder: one.uri.fsPath, dataDirectory: join(base, "data") }),
      })),
    );
    try {
      const [project, personal, ...more] = followedStores(opened);
      assert.ok(project);
      assert.deepEqual([project.name, personal?.name, more.length], [folder.name, "Personal", 0]);
      for (const { uri } of project.places.map((place) => place.folder))
        assert.equal(pathInRepository(project, vscode.Uri.joinPath(uri, "src/queue.js")), "src/queue.js");
      assert.equal(pathInRepository(project, vscode.Uri.file(join(base, "elsewhere.js"))), null);
    } finally {
      await Promise.all(opened.map(({ stores }) => stores.dispose()));
      git(["worktree", "remove", "--force", second.fsPath]);
      rmSync(base, { recursive: true, force: true });
    }
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
