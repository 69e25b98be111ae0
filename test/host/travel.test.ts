import assert from "node:assert/strict";
import * as vscode from "vscode";
import { updateMemory } from "../../src/core/verbs.ts";
import type { Api } from "../../src/extension/extension.ts";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, rows, until } from "./beliefs.ts";

const TITLE = "Money is an integer in cents";
const alice = { channel: "editor", actor: "human:alice", trust: "user", gesture: true, session: "s_7r4v31" } as const;

const text = (): string => vscode.window.activeTextEditor?.document.getText() ?? "";
const scheme = (): string | undefined => vscode.window.activeTextEditor?.document.uri.scheme;

async function onPage(words: RegExp): Promise<void> {
  await until(() => /^memory-(?:page|plan)$/.test(scheme() ?? "") && words.test(text()), `a page with ${words}`);
}

/** The history's row of a commit, wherever it stands. */
async function rowOf(api: Api, commit: string): Promise<unknown> {
  const nodes = await api.timeline.getChildren();
  const below = await Promise.all(nodes.map((node) => api.timeline.getChildren(node)));
  return [...nodes, ...below.flat()].find(
    (node) => "entry" in node && (node.entry as { commit: string }).commit === commit,
  );
}

suite("time travel", () => {
  teardown(closeEditors);

  test("shows the whole view as it was, read only and marked, and comes back", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const { id } = memoryTitled(api, TITLE);
    const then = store.snapshot.commit ?? "";
    const before = await rows(api, "Believed now");
    await api.acts.editTitle({ store: store.store, name: id }, "Money is counted in cents");
    await until(() => projectStore(api).snapshot.get(id)?.title === "Money is counted in cents", "the edit");

    await api.past.go(projectStore(api), then);
    const [back, ...past] = await rows(api);
    assert.equal(back?.label, "Back to now");
    assert.match(back?.spoken ?? "", /You see the memory as of \d+ \w+(?: \d+)?, \d+:\d\d, read only/);
    assert.ok(past.some(({ label }) => label === TITLE));
    assert.ok(!past.some(({ label }) => label === "Money is counted in cents"));
    assert.ok(past.length >= before.length);
    for (const { spoken } of past) assert.match(spoken, /in the past, read only$/);

    await vscode.commands.executeCommand("commitToMemory.backToNow");
    // The view is drawn anew a moment after the write that it shows.
    await until(
      async () => (await rows(api, "Believed now")).some(({ label }) => label === "Money is counted in cents"),
      "the present",
    );
    await api.acts.undo();
  });

  test("a memory of then opens as the version of then, and can't be edited", async () => {
    const api = await extensionApi();
    const { id } = memoryTitled(api, TITLE);
    const { store, snapshot } = projectStore(api);
    await api.acts.editTitle({ store, name: id }, "Money is counted in cents");
    await api.past.go(projectStore(api), snapshot.commit ?? "");
    const [, ...nodes] = await api.beliefs.getChildren();
    const items = await Promise.all(nodes.map((node) => api.beliefs.getTreeItem(node)));
    const command = items.find(({ label }) => label === TITLE)?.command;
    assert.ok(command);
    await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
    await until(() => text().includes(`title: "${TITLE}"`), "the version of then");
    assert.equal(scheme(), "memory-history");
    await vscode.commands.executeCommand("type", { text: "x" });
    assert.ok(text().includes(`title: "${TITLE}"`));
    await vscode.commands.executeCommand("commitToMemory.backToNow");
    await api.acts.undo();
  });

  test("says in words what differs from a moment until now, and shows the same as diffs", async () => {
    const api = await extensionApi();
    const { store, snapshot } = projectStore(api);
    const { id } = memoryTitled(api, TITLE);
    await api.acts.editTitle({ store, name: id }, "Money is counted in cents");
    await vscode.commands.executeCommand("commitToMemory.compare", await rowOf(api, snapshot.commit ?? ""));
    await onPage(/to now: one belief differs\./);
    assert.match(text(), /Changed \(1\)\n│ Money is counted in cents\n/);
    assert.match(text(), /│ Money is \[-an integer-\]\{\+counted\+\} in cents/);
    const uri = vscode.window.activeTextEditor?.document.uri;
    assert.ok(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
    const lens = lenses.find(({ command }) => command?.title === "Show as Diffs");
    assert.ok(lens?.command);
    await vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
    await until(
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.startsWith("From ") === true,
      "the diffs in one editor",
    );
    await api.acts.undo();
  });

  test("lists the snapshots, those that the program made apart", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    const commit = projectStore(api).snapshot.commit ?? "";
    await store.repository.setRef("refs/tags/memory/before-release", commit);
    await store.repository.setRef("refs/memory/before/import-20261101-101500", commit);
    const roots = await api.timeline.getChildren();
    const rowsUnder = async (parent: (typeof roots)[number] | undefined): Promise<(typeof roots)[number][]> => {
      assert.ok(parent);
      return api.timeline.getChildren(parent);
    };
    const labelled = (nodes: typeof roots, label: string): (typeof roots)[number] | undefined =>
      nodes.find((node) => api.timeline.getTreeItem(node).label === label);
    const under = await rowsUnder(labelled(roots, "Snapshots"));
    assert.deepEqual(
      under.map((node) => api.timeline.getTreeItem(node).label),
      ["before-release", "Kept before large changes"],
    );
    const [automatic] = await rowsUnder(under[1]);
    assert.ok(automatic);
    assert.match(api.timeline.getTreeItem(automatic).accessibilityInformation?.label ?? "", /kept by itself$/);
    await store.repository.setRef("refs/tags/memory/before-release", null);
    await store.repository.setRef("refs/memory/before/import-20261101-101500", null);
  });

  test("shows a restore before it is done, does it as one commit, and undoes it", async () => {
    const api = await extensionApi();
    const { store, snapshot } = projectStore(api);
    const { id } = memoryTitled(api, TITLE);
    const commit = snapshot.commit ?? "";
    await api.acts.editTitle({ store, name: id }, "Money is counted in cents");
    const count = await commitCount(api);
    await vscode.commands.executeCommand("commitToMemory.restoreThen", await rowOf(api, commit));
    await onPage(/Nothing is done yet\.[^]*\n\nChanges back \(1\)/);
    assert.equal(await commitCount(api), count);
    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count + 1);
    assert.ok(memoryTitled(api, TITLE));
    await api.acts.undo();
    await api.acts.undo();
    assert.ok(memoryTitled(api, TITLE));
  });
});

suite("a revert that conflicts", () => {
  teardown(closeEditors);

  test("is decided in the editor: both texts in one, saved, and then one commit", async () => {
    const api = await extensionApi();
    const { store, key } = projectStore(api);
    const { id, path } = memoryTitled(api, TITLE);
    const act = { caller: alice, reason: "" };
    const { commit } = await updateMemory(store, id, { body: "Prices are counted in cents and taxes in mills." }, act);
    await updateMemory(store, id, { body: "Prices are counted in cents, and taxes in tenths of a cent." }, act);
    await until(() => projectStore(api).snapshot.get(id)?.body.includes("tenths") === true, "the later edit");
    await vscode.commands.executeCommand("commitToMemory.revertEntry", await rowOf(api, commit));
    await onPage(/Conflicts \(1\)/);
    const count = await commitCount(api);
    const page = vscode.window.activeTextEditor?.document.uri.toString();
    await vscode.commands.executeCommand("commitToMemory.openConflict", page, path);
    await until(() => scheme() === "memory-conflict", "the conflict");
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    assert.match(document.getText(), /<{7} now\n[^]*={7}\n[^]*>{7} before/);
    const edit = async (replaced: string): Promise<boolean> => {
      const all = new vscode.Range(0, 0, document.lineCount, 0);
      const change = new vscode.WorkspaceEdit();
      change.replace(document.uri, all, replaced);
      await vscode.workspace.applyEdit(change);
      return document.save();
    };
    const decided = document
      .getText()
      .replaceAll(/<{7} now\n([^]*?)={7}\n[^]*?>{7} before\n/g, (_, now: string) =>
        now.includes("Prices") ? "Prices are counted in cents; taxes stay whole.\n" : now,
      );
    // A busy editor may give up telling us that a person asked for the save, and then it is refused.
    await until(() => edit(decided), "the save");
    await onPage(/Conflicts that you decided \(1\)/);
    assert.equal(await commitCount(api), count);
    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count + 1);
    await until(() => projectStore(api).snapshot.get(id)?.body.includes("stay whole") === true, "the decision");
    const [newest] = await store.journal.entries();
    assert.match(newest?.text.reason ?? "", new RegExp(`This reverts commit ${commit}`));
    assert.equal(key, projectStore(api).key);
  });
});
