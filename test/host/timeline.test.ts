import assert from "node:assert/strict";
import * as vscode from "vscode";
import { TimelineProvider } from "../../src/extension/timeline/provider.ts";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, until } from "./beliefs.ts";

const TITLE = "Money is an integer in cents";

/** Keeps what it is given, as a window's state does. */
function memento(): vscode.Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: <T>(key: string, otherwise?: T) => (kept.has(key) ? (kept.get(key) as T) : otherwise) as T,
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
}

async function labels(provider: TimelineProvider, under?: string): Promise<string[]> {
  const roots = await provider.getChildren();
  const parent = roots.find((node) => provider.getTreeItem(node).label === under);
  if (under !== undefined) assert.ok(parent, `the timeline has no "${under}"`);
  const nodes = parent === undefined ? roots : await provider.getChildren(parent);
  return nodes.map((node) => String(provider.getTreeItem(node).label));
}

suite("the timeline", () => {
  teardown(closeEditors);

  test("shows what a session did together, and single commits by themselves, newest first", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    await api.acts.editTitle({ store, name: memoryTitled(api, TITLE).id }, "Money is counted in cents");
    await api.acts.undo();
    const provider = new TimelineProvider(api.workspace, memento());
    const [newest = "", ...older] = await labels(provider);
    assert.match(newest, /^alice, \d+ changes$/);
    assert.deepEqual((await labels(provider, newest)).slice(0, 2), [
      "Money is counted in cents",
      "Money is counted in cents",
    ]);
    // Other suites of this window commit by themselves too, before and after.
    const sample = ["Note the reset of staging", "Short answers with the command first"];
    assert.deepEqual(
      older.filter((label) => sample.includes(label)),
      sample,
    );
    provider.dispose();
  });

  test("opens a commit as a diff, and all of its files in one editor where there are more", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    const targets = [...projectStore(api).snapshot.memories()].slice(0, 2).map(({ id }) => ({ store, name: id }));
    await api.acts.expire(targets, "outdated", "Two at once.");
    const open = async (reason: string): Promise<void> => {
      const roots = await api.timeline.getChildren();
      const all = [...roots, ...(await Promise.all(roots.map((node) => api.timeline.getChildren(node)))).flat()];
      const items = all.map((node) => api.timeline.getTreeItem(node));
      const item = items.find((one) => one.command !== undefined && String(one.tooltip).includes(reason));
      assert.ok(item?.command, `no row for "${reason}"`);
      await vscode.commands.executeCommand(item.command.command, ...(item.command.arguments ?? []));
    };
    await until(async () => (await store.journal.entries())[0]?.text.reason === "Outdated. Two at once.", "the commit");
    await open("Outdated. Two at once");
    await until(
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes(" and 1 more") === true,
      "the changes of both",
    );
    await open("A code example used decimal prices");
    await until(
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff,
      "one diff",
    );
    await api.acts.undo();
  });

  test("shows a revert of a whole commit before it is done", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    await api.acts.editTitle({ store, name: memoryTitled(api, TITLE).id }, "Money is counted in cents");
    const count = await commitCount(api);
    const [first] = await api.timeline.getChildren();
    assert.ok(first);
    const [newest = first] = await api.timeline.getChildren(first);
    await vscode.commands.executeCommand("commitToMemory.revertEntry", newest);
    assert.equal(await commitCount(api), count);
    await vscode.commands.executeCommand("commitToMemory.applyRevert");
    assert.equal(await commitCount(api), count + 1);
    assert.ok(memoryTitled(api, TITLE));
  });

  test("is narrowed down by choosing, one condition on top of another, and comes back whole", async () => {
    const api = await extensionApi();
    const all = await labels(api.timeline);
    const chosen = vscode.commands.executeCommand("commitToMemory.filterHistory");
    await until(async () => {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      return api.timeline.filter !== null;
    }, "the choice of a writer");
    await chosen;
    const { actor = "" } = api.timeline.filter ?? {};
    const roots = await api.timeline.getChildren();
    const rows = [...roots, ...(await Promise.all(roots.map((node) => api.timeline.getChildren(node)))).flat()];
    const written = rows.map((node) => api.timeline.getTreeItem(node)).filter(({ command }) => command !== undefined);
    const by = new Set(written.map(({ description }) => / by (\S+)/.exec(String(description))?.[1]));
    assert.deepEqual([...by], [actor.replace("human:", "")]);
    api.timeline.narrow({ actor, until: "2020-01-01" });
    assert.deepEqual(await labels(api.timeline), []);
    await vscode.commands.executeCommand("commitToMemory.showAllHistory");
    assert.deepEqual(await labels(api.timeline), all);
  });

  test("begins with what was written since the person last looked, for as long as they look", async () => {
    const api = await extensionApi();
    const { store } = projectStore(api);
    const kept = memento();
    const provider = new TimelineProvider(api.workspace, kept);
    const news = async (): Promise<boolean> => (await labels(provider)).includes("Since you last looked");
    await provider.look(true);
    assert.equal(await news(), false);
    await provider.look(false);
    await api.acts.editTitle({ store, name: memoryTitled(api, TITLE).id }, "Money is counted in cents");
    await provider.look(true);
    assert.deepEqual(await labels(provider, "Since you last looked"), ["Money is counted in cents"]);
    assert.equal(await news(), true);
    await provider.look(false);
    await provider.look(true);
    assert.equal(await news(), false);
    await api.acts.undo();
    provider.dispose();
  });
});
