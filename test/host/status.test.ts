/** The status bar's facts, and what a recall leaves in the window. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { modeItems } from "../../src/extension/status/mode-pick.ts";
import { countOf, openUsed, usedBeliefs, usedItems } from "../../src/extension/status/recalls.ts";
import { closeEditors, extensionApi, memoryTitled, projectStore, rows, until } from "./beliefs.ts";

const NOTHING: readonly never[] = [];

suite("the status bar", () => {
  teardown(closeEditors);

  test("shows the mode, and counts what the view's badge counts", async () => {
    const api = await extensionApi();
    // A store that has just come back is counted when it is drawn, a moment after the window knows it.
    await until(async () => ((await api.status.facts())?.waiting ?? 0) > 0, "what needs a person in the sample");
    const facts = await api.status.facts();
    assert.equal(facts?.mode, "full");
    assert.equal(facts.waiting, (await rows(api, "Needs you")).length);
  });

  test("keeps a chosen mode beside the repository, where every door reads it", async () => {
    const api = await extensionApi();
    const { store, folder } = projectStore(api);
    assert.ok(folder);
    await api.status.setMode("off");
    try {
      assert.equal((await readFile(join(folder.uri.fsPath, ".git", "memory", "mode"), "utf8")).trim(), "off");
      assert.equal(await store.mode(), "off");
      assert.equal((await api.status.facts())?.mode, "off");
    } finally {
      await api.status.setMode("full");
    }
  });

  test("offers the modes, then what waits, then the last recall, each only where there is one", () => {
    assert.deepEqual(
      modeItems({ mode: "off", waiting: 0 }).map(({ description }) => description),
      [undefined, undefined, "now"],
    );
    const answers = modeItems({ mode: "full", waiting: 2, lastRecall: { beliefs: 3, tokens: 410 } }).map(
      ({ answer }) => answer,
    );
    assert.deepEqual(answers, [
      { mode: "full" },
      { mode: "read-only" },
      { mode: "off" },
      undefined,
      "waiting",
      "last-recall",
    ]);
  });
});

suite("what a recall used", () => {
  teardown(closeEditors);

  test("is opened as it was given: the living memory where it reads the same, else that version", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const memory = memoryTitled(api, "Money is an integer in cents");
    const first = (await store.store.journal.of(memory.id)).at(-1)?.changes.find(({ id }) => id === memory.id);
    assert.ok(first?.after);
    const receipt = {
      id: "r_0",
      at: "2026-11-23T09:00:00Z",
      tokens: 60,
      chosen: [memory.blob, first.after].map((blob) => ({
        id: memory.id,
        store: "project",
        blob,
        tokens: 30,
        trust: "user",
        score: 1,
      })),
    };
    const [now, then] = await usedBeliefs(receipt, [store]);
    assert.ok(now !== undefined && then !== undefined);
    assert.equal(now.unchanged, true);
    assert.equal(then.unchanged, first.after === memory.blob);
    await openUsed(now);
    assert.equal(vscode.window.activeTextEditor?.document.uri.scheme, "memory");
    await openUsed({ ...then, unchanged: false });
    const shown: vscode.TextDocument | undefined = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.scheme, "memory-history");
    const [bytes] = await store.store.repository.blobs([first.after]);
    assert.equal(shown.getText(), new TextDecoder().decode(bytes));
  });

  test("is listed by title with its tokens, and draws no icon that a title asks for", async () => {
    const api = await extensionApi();
    const store = projectStore(api);
    const [item] = usedItems([
      { store, path: "semantic/a.md", blob: "0", title: "Costs $(flame)", type: "Fact", tokens: 12, unchanged: false },
    ]);
    assert.equal(item?.label, "Costs $ (flame)");
    assert.equal(item.description, "Fact · 12 tokens · changed since");
  });

  test("is counted by its beliefs and tokens", () => {
    const receipt = { id: "r_1", at: "2026-11-23T09:00:00Z", tokens: 0, chosen: NOTHING };
    assert.deepEqual(countOf(receipt), { beliefs: 0, tokens: 0 });
  });
});
