/** The memory's tools as an agent in the editor meets them. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { tools } from "../../src/core/tools/tools.ts";
import type { ToolDefinition } from "../../src/core/tools/definition.ts";
import { systemEnvironment } from "../../src/git/open.ts";
import { Conversations } from "../../src/extension/tools/conversations.ts";
import { languageModelTool } from "../../src/extension/tools/language-model-tools.ts";
import { commitCount, extensionApi, memoryTitled, projectStore, until } from "./beliefs.ts";

const NAMES = tools.map(({ name }) => name);
const PERSONS_MEMORY = "Money is an integer in cents";

async function call(name: string, input: object): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
}

interface ScriptedModel {
  readonly requests: readonly { readonly tools: readonly string[]; readonly messages: readonly string[] }[];
}

/** Asks the scripted agent, and tells which of the memory's tools came with the request. */
async function offered(query = "say nothing"): Promise<string[]> {
  const { requests } =
    (await vscode.extensions.getExtension<ScriptedModel>("commit-to-memory.scripted-model")?.activate()) ??
    assert.fail();
  await vscode.lm.selectChatModels({ vendor: "scripted" });
  const asked = requests.length;
  await vscode.commands.executeCommand("workbench.action.chat.open", {
    query,
    mode: "agent",
    blockOnResponse: true,
    modelSelector: { vendor: "scripted", id: "scripted-1" },
  });
  assert.ok(requests.length > asked, "the scripted model was not asked");
  return (requests.at(-1)?.tools ?? []).filter((name) =>
    /memory_(?:recall|remember|update|expire|inspect)$/.test(name),
  );
}

/** What a person would be asked before a tool runs; undefined where nothing is asked. */
async function question(
  tool: ToolDefinition | undefined,
  input: object,
): Promise<vscode.LanguageModelToolConfirmationMessages | undefined> {
  assert.ok(tool);
  const api = await extensionApi();
  const registered = languageModelTool(tool, {
    conversations: new Conversations(systemEnvironment),
    stores: async () => api.workspace.storesFor(),
  });
  const prepared = await registered.prepareInvocation?.({ input }, new vscode.CancellationTokenSource().token);
  return prepared?.confirmationMessages;
}

suite("the tools of the editor's agents", () => {
  suiteSetup(extensionApi);

  test("are the five, each described as at every other door", () => {
    for (const { name, description, inputSchema } of tools) {
      const tool = vscode.lm.tools.find((one) => one.name === name);
      assert.equal(tool?.description, description);
      assert.deepEqual(tool.inputSchema, inputSchema);
    }
  });

  test("recall what is believed, and the window knows what was used", async () => {
    const api = await extensionApi();
    const text = await call("memory_recall", { question: "how is money stored, in cents?" });
    assert.match(text, /integer in cents/);
    const money = memoryTitled(api, PERSONS_MEMORY);
    await until(
      () => api.status.lastRecall?.chosen.some(({ id, blob }) => id === money.id && blob === money.blob) ?? false,
      "the receipt",
    );
  });

  test("store a claim as an agent's, in a commit that names the session, and end it again without a question", async () => {
    const api = await extensionApi();
    const before = await commitCount(api);
    const answer = await call("memory_remember", {
      title: "The host test leaves notes",
      body: "The host test leaves notes.",
      type: "Fact",
      reason: "A test of the tools said so.",
    });
    const stored = [...(await projectStore(api).store.snapshot()).memories()].find(
      ({ title }) => title === "The host test leaves notes",
    );
    assert.ok(stored, answer);
    assert.match(answer, new RegExp(stored.id));
    assert.equal(stored.front.origin?.trust, "agent");
    assert.equal(stored.front.origin.channel, "tool");
    assert.equal(stored.front.generated?.by, "vscode-agent");
    assert.match(stored.front.origin.session ?? "", /^s_/);
    assert.equal(await commitCount(api), before + 1);

    const expiry = tools.find(({ name }) => name === "memory_expire");
    assert.equal(await question(expiry, { id: stored.id, cause: "other" }), undefined);
    await call("memory_expire", { id: stored.id, cause: "other", reason: "The test is over." });
    assert.equal((await projectStore(api).store.snapshot()).get(stored.id), undefined);
  });

  test("ask before an agent ends or changes what a person wrote, and show the memory's words as text", async () => {
    const api = await extensionApi();
    const { id } = memoryTitled(api, PERSONS_MEMORY);
    for (const name of ["memory_expire", "memory_update"]) {
      const asked = await question(
        tools.find((one) => one.name === name),
        { id, reason: "See [here](command:evil)" },
      );
      assert.ok(asked, `${name} asks nothing`);
      assert.ok(asked.message instanceof vscode.MarkdownString);
      assert.match(asked.message.value.replaceAll("&nbsp;", " "), /integer in cents/);
      assert.ok(!/(?<!\\)\[here(?<!\\)\]\(/.test(asked.message.value), "the reason became a link");
      assert.ok(asked.message.isTrusted !== true);
    }
    assert.equal(
      await question(
        tools.find((one) => one.name === "memory_inspect"),
        { id },
      ),
      undefined,
    );
  });

  test("answer wrong input with a sentence that a model can act on", async () => {
    await assert.rejects(call("memory_inspect", { id: "m_000000000000" }), /m_000000000000/);
    await assert.rejects(call("memory_expire", { id: "m_000000000000", cause: "bored", reason: "x" }));
  });

  test("store nothing in read-only mode, and say so", async () => {
    const api = await extensionApi();
    const before = await commitCount(api);
    await api.status.setMode("read-only");
    try {
      await assert.rejects(
        call("memory_remember", { title: "No", body: "No.", type: "Fact", reason: "x" }),
        /read-only/,
      );
    } finally {
      await api.status.setMode("full");
    }
    assert.equal(await commitCount(api), before);
  });
});

suite("the MCP server in their place", () => {
  const offer = async (value: "tools" | "mcp" | "none" | undefined): Promise<void> => {
    await vscode.workspace
      .getConfiguration("commitToMemory.agents")
      .update("offer", value, vscode.ConfigurationTarget.Global);
  };
  teardown(() => offer(undefined));

  test("is never offered beside the tools, and answers in their stead", async () => {
    assert.deepEqual((await offered()).toSorted(), NAMES.toSorted());
    await offer("mcp");
    await until(async () => (await offered()).every((name) => !NAMES.includes(name)), "the tools to go");
    await vscode.commands.executeCommand(
      "workbench.mcp.startServer",
      "commit-to-memory.commit-to-memory/Commit to Memory",
      { waitForLiveTools: true, autoTrustChanges: true },
    );
    await until(async () => (await offered()).length === NAMES.length, "the server's tools");
    assert.ok((await offered()).every((name) => name.startsWith("mcp_")));
    await offer("tools");
    await until(
      async () => (await offered()).toSorted().join(" ") === NAMES.toSorted().join(" "),
      "the tools to come back and the server's to go",
    );
  });

  test("is not offered where nothing is", async () => {
    await offer("none");
    await until(async () => (await offered()).length === 0, "everything to go");
    assert.deepEqual(await offered(), []);
  });
});

suite("an agent in the chat", () => {
  test("recalls in a session of its conversation, and what it stores names what it had recalled", async () => {
    const api = await extensionApi();
    const money = memoryTitled(api, PERSONS_MEMORY);
    const claim = {
      title: "Receipts are printed in the language of the shop",
      body: "Receipts are printed in the language of the shop, whatever language the customer reads.",
      type: "Fact",
      reason: "A scripted conversation said so.",
    };
    await offered(`call memory_recall {"question":"money in cents"}\ncall memory_remember ${JSON.stringify(claim)}`);
    const stored = [...(await projectStore(api).store.snapshot()).memories()].find(
      ({ title }) => title === claim.title,
    );
    assert.ok(stored);
    assert.ok(stored.front.origin?.context?.includes(money.id));
    await api.acts.expire([{ store: projectStore(api).store, name: stored.id }], "other", "");
  });
});
