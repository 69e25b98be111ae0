import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Memory } from "../../src/core/memory/model.ts";
import { appendPlain } from "../../src/extension/editor/hover.ts";
import type { Api } from "../../src/extension/extension.ts";
import { closeEditors, commitCount, extensionApi, memoryTitled, projectStore, until, uriOf } from "./beliefs.ts";

/** An agent's own words: a change of a person's is stored only after a dialog, which no test can answer. */
const TITLE = "An open pg pool keeps the test run alive";
const PERSONS = "Money is an integer in cents";

suite("a memory in the editor", () => {
  let api: Api;
  let memory: Memory;
  let document: vscode.TextDocument;

  setup(async () => {
    api = await extensionApi();
    memory = memoryTitled(api, TITLE);
    document = await vscode.workspace.openTextDocument(uriOf(api, memory));
    await vscode.window.showTextDocument(document);
    // What the test before took back may still have to arrive.
    await until(async () => document.getText() === (await stored()), "the document to be what is stored");
  });
  teardown(closeEditors);

  const openPersons = async (): Promise<void> => {
    memory = memoryTitled(api, PERSONS);
    document = await vscode.workspace.openTextDocument(uriOf(api, memory));
    await vscode.window.showTextDocument(document);
  };
  const append = async (text: string): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };
  const stored = async (): Promise<string> => {
    const { store } = projectStore(api);
    const blob = (await store.snapshot()).blobAt(memory.path);
    const [bytes] = await store.repository.blobs(blob === null ? [] : [blob]);
    return new TextDecoder().decode(bytes);
  };

  test("opens with its front matter, in a language whose files are not saved by themselves", async () => {
    assert.equal(document.getText(), await stored());
    assert.equal(document.languageId, "memory");
    assert.equal(vscode.workspace.getConfiguration("files", document).get("autoSave"), "off");
  });

  test("becomes one commit when it is saved, and no more trusted by that", async () => {
    const { store } = projectStore(api);
    const before = await commitCount(api);
    await append("Discounts too.\n");
    assert.equal(await document.save(), true);
    assert.equal(await commitCount(api), before + 1);
    assert.match(await stored(), /Discounts too\./);
    const [newest] = await store.journal.entries();
    assert.equal(newest?.text.operation, "update");
    assert.equal(newest?.text.channel, "editor");
    // An agent may have saved it: the words are trusted as an agent's, and the open document says so.
    assert.equal(await store.trustOf(await store.snapshot(), memoryTitled(api, TITLE)), "agent");
    await until(async () => document.getText() === (await stored()), "the document to be what is stored");
    assert.equal(document.isDirty, false);
    await append("Taxes too.\n");
    assert.equal(await document.save(), true);
    assert.match(await stored(), /Discounts too\.\nTaxes too\./);
    await api.acts.undo();
    await api.acts.undo();
    await until(() => !document.getText().includes("Discounts too."), "the open document to follow the undo");
  });

  test("is stored only on a person's word in a dialog where the claim is a person's, and waits nowhere without it", async () => {
    await openPersons();
    const before = await commitCount(api);
    const waiting = async (): Promise<unknown> => projectStore(api).store.quarantine?.waiting(null);
    const waited = await waiting();
    await append("Store prices as decimals.\n");
    // The dialog is refused in tests; in a window it would stand there.
    assert.equal(await document.save(), false);
    assert.equal(document.isDirty, true);
    assert.equal(await commitCount(api), before);
    assert.deepEqual(await waiting(), waited);
  });

  test("is not committed by auto-save", async () => {
    const settings = vscode.workspace.getConfiguration("files");
    await settings.update("autoSave", "afterDelay", vscode.ConfigurationTarget.Global);
    await settings.update("autoSaveDelay", 50, vscode.ConfigurationTarget.Global);
    try {
      const before = await commitCount(api);
      await append("Half a thought");
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(document.isDirty, true);
      assert.equal(await commitCount(api), before);
      assert.ok(!(await stored()).includes("Half a thought"));
    } finally {
      await settings.update("autoSave", undefined, vscode.ConfigurationTarget.Global);
      await settings.update("autoSaveDelay", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  test("is not stored when it can't be read as a memory, and says at which line", async () => {
    const before = await commitCount(api);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 0), "type: Fact\n");
    await vscode.workspace.applyEdit(edit);
    await until(() => vscode.languages.getDiagnostics(document.uri).length > 0, "the problem");
    assert.equal(vscode.languages.getDiagnostics(document.uri)[0]?.severity, vscode.DiagnosticSeverity.Error);
    assert.ok((vscode.languages.getDiagnostics(document.uri)[0]?.range.start.line ?? 0) > 0);
    assert.equal(await document.save(), false);
    assert.equal(document.isDirty, true);
    assert.equal(await commitCount(api), before);
  });

  test("is not overwritten when somebody else changed it meanwhile", async () => {
    const { store } = projectStore(api);
    await append("Mine.\n");
    await api.acts.editTitle({ store, name: memory.id }, "An open pool keeps the test run alive");
    const before = await commitCount(api);
    assert.equal(await document.save(), false);
    assert.equal(document.isDirty, true);
    assert.equal(await commitCount(api), before);
    assert.ok((await stored()).includes("An open pool keeps the test run alive"));
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await api.acts.undo();
  });

  test("is not overwritten when somebody else's change left it as long as it was, and VS Code has looked since", async () => {
    const { store } = projectStore(api);
    await append("Mine.\n");
    await api.acts.editTitle({ store, name: memory.id }, TITLE.replace("pg pool", "my pool"));
    await vscode.workspace.fs.stat(document.uri);
    const before = await commitCount(api);
    assert.equal(await document.save(), false);
    assert.equal(await commitCount(api), before);
    assert.ok((await stored()).includes("An open my pool"));
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await api.acts.undo();
  });

  test("is overwritten when the person says so after having been shown that it is newer", async () => {
    const { store } = projectStore(api);
    await append("Mine.\n");
    await api.acts.editTitle({ store, name: memory.id }, "An open pool keeps the test run alive");
    assert.equal(await document.save(), false);
    await vscode.commands.executeCommand("workbench.files.action.acceptLocalChanges", document.uri);
    await until(async () => (await stored()).includes("Mine."), "the overwrite");
    assert.ok(!(await stored()).includes("An open pool keeps the test run alive"));
    await api.acts.undo();
    await api.acts.undo();
    await until(async () => !(await stored()).includes("Mine."), "the undo");
  });

  test("says over its front matter what can be done, and at a line's end why it is believed", async () => {
    await openPersons();
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
    );
    const titles = lenses.map((lens) => lens.command?.title ?? "");
    assert.ok(titles[0]?.startsWith("alice · 40d"), titles.join(", "));
    assert.deepEqual(titles.slice(1), ["Expire", "Revert last change", "Confirm as mine"]);
    const line = document.lineAt(1);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      document.uri,
      line.range.end,
    );
    const card = hovers
      .flatMap((hover) => hover.contents)
      .map((content) => (typeof content === "string" ? content : content.value))
      .join("\n");
    assert.match(card, /alice/);
    assert.match(card, /A rounding bug cost us a day of refunds\./);
    assert.match(card, /command:commitToMemory\.openChange/);
    assert.match(card, /command:commitToMemory\.why/);
  });

  test("has a card in which what others wrote is never a link, an icon or a list", () => {
    const card = new vscode.MarkdownString("", true);
    appendPlain(
      card,
      "See https://evil.example [x](command:workbench.action.quit) $(error)\n- a <b>b</b> www.evil.example a@evil.example",
    );
    assert.equal(card.value.includes("://"), false);
    assert.equal(card.value.includes("[x](command:"), false);
    assert.equal(/(?:^|[^\\])\$\(error/.test(card.value), false);
    assert.equal(card.value.includes("<b>"), false);
    assert.equal(/^- /m.test(card.value), false);
    assert.equal(/www\./.test(card.value), false);
  });

  const agents = (): Memory => {
    const other = [...projectStore(api).snapshot.memories()].find(({ front }) =>
      front.generated?.by.startsWith("copilot"),
    );
    return other ?? assert.fail("the sample has no memory that an agent wrote");
  };

  test("is not confirmed by a program that runs the command, because nobody answers the dialog", async () => {
    const { store, key } = projectStore(api);
    const other = agents();
    const before = await commitCount(api);
    const running = vscode.commands.executeCommand("commitToMemory.confirm", { key, path: other.path });
    // The dialog is refused in tests; in a window it would stand there.
    await Promise.race([Promise.resolve(running).catch(() => undefined), new Promise((end) => setTimeout(end, 1500))]);
    for (const key of ["workbench.action.acceptSelectedQuickOpenItem", "notification.acceptPrimaryAction"])
      await vscode.commands.executeCommand(key);
    assert.equal(await commitCount(api), before);
    assert.notEqual(await store.trustOf(await store.snapshot(), memoryTitled(api, other.title)), "reviewed");
  });

  test("is confirmed by a gesture, which is what makes it reviewed", async () => {
    const { store } = projectStore(api);
    const other = agents();
    assert.notEqual(await store.trustOf(await store.snapshot(), other), "reviewed");
    await api.acts.confirm({ store, name: other.path, read: other.blob });
    await until(() => memoryTitled(api, other.title).blob !== other.blob, "the confirmation");
    const confirmed = memoryTitled(api, other.title);
    assert.equal(await store.trustOf(await store.snapshot(), confirmed), "reviewed");
    assert.equal(confirmed.body, other.body);
  });

  test("can't be deleted or created as a file", async () => {
    await assert.rejects(Promise.resolve(vscode.workspace.fs.delete(document.uri)), /Expire the memory/);
    const other = document.uri.with({ path: document.uri.path.replace(/[^/]+$/, "new.md") });
    await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(other, new Uint8Array())), /no longer believed/);
  });
});
