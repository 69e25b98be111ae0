import assert from "node:assert/strict";
import * as vscode from "vscode";
import { sessionItems } from "../../src/extension/history/session.ts";
import { whyItems } from "../../src/extension/history/why.ts";
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

  test("is told by session, a row for each memory that a commit of it changed", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const [item, ...others] = await sessionItems(store, "s_3p9v1d");
    assert.equal(others.length, 0);
    assert.equal(item?.label, TITLE);
    assert.match(item.description ?? "", /^changed by claude-code · 8d$/);
    assert.equal(item.detail, "A code example used decimal prices");
    assert.deepEqual(await sessionItems(store, "s_000000"), []);
  });

  test("says why a change was made: the reason, the door, and what the session had read", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const read = memoryTitled(api, TITLE);
    const gone = (await store.store.journal.entries())
      .flatMap(({ changes }) => changes)
      .find(({ id }) => id.startsWith("m_") && store.snapshot.get(id) === undefined);
    assert.ok(gone, "the sample has no memory that ended");
    const [entry] = await store.store.journal.of(read.id, read.path);
    assert.ok(entry);
    const text = {
      ...entry.text,
      reason: "Because $(flame)\nof it.",
      channel: "mcp",
      actor: "claude-code/2.1",
      session: "s_3p9v1d",
      turn: 4,
      context: [read.id, gone.id, "m_000000000000"],
    };
    const items = await whyItems(store, { ...entry, text });
    const rows = items.filter(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
    assert.deepEqual(rows.map(({ label }) => label).toSpliced(3, 1), [
      "Because $ (flame) of it.",
      "claude-code, through an MCP client, turn 4",
      TITLE,
      "m_000000000000",
    ]);
    assert.deepEqual(rows[1]?.opens, { session: "s_3p9v1d" });
    assert.equal(rows[3]?.description, "no longer believed");
    assert.equal(rows[4]?.opens, undefined);
  });

  test("does not revert twice what was shown once", async () => {
    const api = await extensionApi();
    const count = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count);
  });
});
