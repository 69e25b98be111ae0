/** What the tests of the view, the editor and the history share: the running extension and short ways to its rows. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Memory } from "../../src/core/memory/model.ts";
import type { Api } from "../../src/extension/extension.ts";
import type { OpenStore } from "../../src/extension/workspace.ts";

export async function extensionApi(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>("commit-to-memory.commit-to-memory");
  assert.ok(extension, "the extension under development is not loaded");
  const api = await extension.activate();
  await api.workspace.ready();
  return api;
}

export function projectStore(api: Api): OpenStore {
  const store = api.workspace.stores.find((one) => one.folder !== null);
  assert.ok(store, `the sample has a store, but the window's state is ${api.workspace.state}`);
  return store;
}

export function memoryTitled(api: Api, title: string): Memory {
  const memory = [...projectStore(api).snapshot.memories()].find((one) => one.title === title);
  assert.ok(memory, `no memory is titled "${title}"`);
  return memory;
}

export function uriOf(api: Api, memory: Pick<Memory, "path">): vscode.Uri {
  return vscode.Uri.from({ scheme: "memory", path: `/${projectStore(api).key}/${memory.path}` });
}

export async function commitCount(api: Api): Promise<number> {
  return (await projectStore(api).store.journal.entries()).length;
}

/** The labels and descriptions under a row of the view; of its roots without one. */
export async function rows(
  api: Api,
  section?: string,
): Promise<{ label: string; description: string; spoken: string }[]> {
  const roots = await api.beliefs.getChildren();
  const items = await Promise.all(roots.map(async (node) => ({ node, item: await api.beliefs.getTreeItem(node) })));
  const parent = section === undefined ? undefined : items.find(({ item }) => item.label === section)?.node;
  if (section !== undefined) assert.ok(parent, `the view has no section "${section}"`);
  const children = parent === undefined ? roots : await api.beliefs.getChildren(parent);
  const drawn = await Promise.all(children.map((node) => api.beliefs.getTreeItem(node)));
  return drawn.map((item) => ({
    label: String(item.label),
    description: String(item.description ?? ""),
    spoken: item.accessibilityInformation?.label ?? "",
  }));
}

/** Waits until something holds; the events of an editor arrive when they arrive. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}
