import assert from "node:assert/strict";
import * as vscode from "vscode";
import { updateMemory } from "../../src/core/verbs.ts";
import type { Memory } from "../../src/core/memory/model.ts";
import type { Api } from "../../src/extension/extension.ts";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, until, uriOf } from "./beliefs.ts";

const TITLE = "Money is an integer in cents";
const SCHEME = "memory-versions";

suite("a conflict in the editor", () => {
  let api: Api;
  let memory: Memory;

  setup(async () => {
    api = await extensionApi();
    memory = memoryTitled(api, TITLE);
  });
  teardown(closeEditors);

  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const compare = (versions: {
    base: string | null;
    theirs: string | null;
    mine: string | null;
  }): Thenable<unknown> => {
    const coded = Object.entries(versions).map(([name, text]) => [name, text === null ? null : bytes(text)]);
    const conflict = { path: memory.path, ...Object.fromEntries(coded) };
    return vscode.commands.executeCommand("commitToMemory.compareVersions", conflict);
  };
  const shown = (): string[] =>
    vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === SCHEME).map((document) => document.getText());
  const labels = (): string[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));

  test("is shown as three versions in one editor, whose result is the memory's own file", async () => {
    await compare({ base: "read\n", theirs: "theirs\n", mine: "mine\n" });
    await until(() => shown().length === 3, "the three versions");
    assert.deepEqual(shown().toSorted(), ["mine\n", "read\n", "theirs\n"]);
    const result = uriOf(api, memory).toString();
    await until(() => vscode.workspace.textDocuments.some(({ uri }) => uri.toString() === result), "the result");
    assert.equal(labels().filter((label) => label.includes("Merging")).length, 1);
  });

  test("of a memory that has ended is shown as two comparisons with what was read", async () => {
    await compare({ base: "read\n", theirs: null, mine: "mine\n" });
    await until(() => labels().length === 2, "both comparisons");
    assert.deepEqual(
      labels().map((label) => label.replace(/^.*: /, "")),
      ["What was read ↔ What was to be stored", "What was read ↔ What is there now"],
    );
  });

  test("comes of an act on a version that somebody changed meanwhile, and carries all three", async () => {
    const { store } = projectStore(api);
    const caller = { channel: "editor", actor: "human:mate", trust: "user", gesture: true } as const;
    const act = { caller, reason: "Meanwhile." };
    await updateMemory(store, memory.id, { tags: ["changed"] }, act);
    await assert.rejects(api.acts.editTitle({ store, name: memory.id, read: memory.blob }, "Mine"), {
      code: "conflict",
      path: memory.path,
    });
    const newest = memoryTitled(api, TITLE);
    assert.notEqual(newest.blob, memory.blob);
  });

  test("never comes of a save that changes nothing, which is no commit", async () => {
    const uri = uriOf(api, memory);
    const stored = await vscode.workspace.fs.readFile(uri);
    const before = await commitCount(api);
    await vscode.workspace.fs.writeFile(uri, stored);
    assert.equal(await commitCount(api), before);
  });
});
