import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, until } from "./beliefs.ts";

const TITLE = "Money is an integer in cents";

async function shownDiff(): Promise<{ before: string; after: string }> {
  const input = (): unknown => vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  await until(() => input() instanceof vscode.TabInputTextDiff, "a diff");
  const diff = input();
  assert.ok(diff instanceof vscode.TabInputTextDiff);
  const text = async (uri: vscode.Uri): Promise<string> => (await vscode.workspace.openTextDocument(uri)).getText();
  return { before: await text(diff.original), after: await text(diff.modified) };
}

suite("the history of a memory", () => {
  teardown(closeEditors);

  test("opens one change as a diff of the versions before and after it", async () => {
    const api = await extensionApi();
    const { store, key } = projectStore(api);
    const { id, path } = memoryTitled(api, TITLE);
    await api.acts.editTitle({ store, name: id }, "Money is counted in cents");
    const [newest] = await store.journal.entries();
    await vscode.commands.executeCommand("commitToMemory.openChange", { key, path }, newest?.commit);
    const { before, after } = await shownDiff();
    assert.match(before, /Money is an integer in cents/);
    assert.match(after, /Money is counted in cents/);
    await api.acts.undo();
  });

  test("shows what a revert would change before anything is reverted", async () => {
    const api = await extensionApi();
    const { store, key } = projectStore(api);
    const { id, path } = memoryTitled(api, TITLE);
    await api.acts.editTitle({ store, name: id }, "Money is counted in cents");
    const count = await commitCount(api);

    await vscode.commands.executeCommand("commitToMemory.revert", { key, path });
    const { before, after } = await shownDiff();
    assert.match(before, /Money is counted in cents/);
    assert.match(after, /Money is an integer in cents/);
    assert.equal(await commitCount(api), count);

    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count + 1);
    assert.equal(memoryTitled(api, TITLE).id, id);
    const [newest] = await store.journal.entries();
    assert.equal(newest?.text.operation, "revert");
  });

  test("does not revert twice what was shown once", async () => {
    const api = await extensionApi();
    const count = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count);
  });
});
