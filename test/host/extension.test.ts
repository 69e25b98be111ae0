import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("the extension", () => {
  test("activates in a workspace with a store", async () => {
    const extension = vscode.extensions.getExtension("commit-to-memory.commit-to-memory");
    assert.ok(extension, "the extension under development is not loaded");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test("shares the window with the scripted model", async () => {
    const helper = vscode.extensions.getExtension("commit-to-memory.scripted-model");
    assert.ok(helper, "the helper extension is not installed");
    await helper.activate();
    const [model] = await vscode.lm.selectChatModels({ vendor: "scripted" });
    assert.equal(model?.name, "Scripted");
  });
});
