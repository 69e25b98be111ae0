import assert from "node:assert/strict";
import * as vscode from "vscode";

interface ScriptedModel {
  readonly requests: readonly { readonly tools: readonly string[]; readonly messages: readonly string[] }[];
}

suite("the agent loop of the chat", () => {
  test("runs with the scripted model, without a network", async () => {
    const helper = vscode.extensions.getExtension<ScriptedModel>("commit-to-memory.scripted-model");
    assert.ok(helper, "the helper extension is not installed");
    const { requests } = await helper.activate();
    await vscode.lm.selectChatModels({ vendor: "scripted" });
    await vscode.commands.executeCommand("workbench.action.chat.open", {
      query: "say nothing of it",
      mode: "agent",
      blockOnResponse: true,
      modelSelector: { vendor: "scripted", id: "scripted-1" },
    });
    assert.deepEqual(requests.at(-1)?.messages, ["say nothing of it"]);
  });
});
