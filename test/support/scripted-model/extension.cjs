/**
 * An agent loop without a network. The model is a script that the user types, one step a line:
 *
 *   call memory_recall {"query":"pnpm"}     calls the tool
 *   say done                                answers
 *
 * Each tool result moves it to the next line; after the last one it repeats what the tool said. It keeps no state: the
 * step is counted from the conversation. `requests` holds what the model was sent, for tests to look at.
 */
const vscode = require("vscode");

const MODEL = {
  id: "scripted-1",
  name: "Scripted",
  family: "scripted",
  version: "1",
  maxInputTokens: 100_000,
  maxOutputTokens: 10_000,
  capabilities: { toolCalling: true },
  isUserSelectable: true,
  isDefault: true,
};
const MAX_ROUNDS = 10;

const requests = [];

const textOf = (message) =>
  message.content
    .filter((part) => part instanceof vscode.LanguageModelTextPart)
    .map((part) => part.value)
    .join("");
const resultsOf = (message) => message.content.filter((part) => part instanceof vscode.LanguageModelToolResultPart);

/** The steps of the newest message that a person wrote, and how many of them have been carried out. */
function position(messages) {
  const start = messages.findLastIndex(
    (message) => message.role === vscode.LanguageModelChatMessageRole.User && resultsOf(message).length === 0,
  );
  const results = messages.slice(start + 1).flatMap((message) => resultsOf(message));
  const lines = start === -1 ? [] : textOf(messages[start]).split("\n");
  const steps = lines.map((line) => line.trim()).filter((line) => line !== "");
  return { step: steps[results.length], lastResult: results.at(-1) };
}

const provider = {
  provideLanguageModelChatInformation: () => [MODEL],
  provideTokenCount: (_model, text) => Math.ceil((typeof text === "string" ? text : textOf(text)).length / 4),
  provideLanguageModelChatResponse: (_model, messages, options, progress) => {
    requests.push({
      tools: (options.tools ?? []).map((tool) => tool.name),
      messages: messages.map((message) => textOf(message)),
    });
    const { step, lastResult } = position(messages);
    const call = /^call (\S+) (\{.*\})$/.exec(step ?? "");
    if (call) {
      const id = `call-${requests.length}`;
      progress.report(new vscode.LanguageModelToolCallPart(id, call[1], JSON.parse(call[2])));
      return;
    }
    const said = lastResult
      ? `The tool said: ${lastResult.content.map((part) => part.value).join("")}`
      : "Nothing to do.";
    progress.report(new vscode.LanguageModelTextPart(step ? step.replace(/^say /, "") : said));
  },
};

/** Answers as a default agent does: asks the model, runs the tools that it calls, and asks again until it only talks. */
async function answer(request, _context, stream, token) {
  const messages = [vscode.LanguageModelChatMessage.User(request.prompt)];
  // `lm.tools` lists tools that are switched off too; which ones are on comes with the request.
  const on = new Set([...request.tools].filter(([, enabled]) => enabled).map(([tool]) => tool.name));
  const tools = vscode.lm.tools
    .filter((tool) => /memory/i.test(tool.name) && on.has(tool.name))
    .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const response = await request.model.sendRequest(messages, { tools }, token);
    const calls = [];
    for await (const part of response.stream) {
      if (part instanceof vscode.LanguageModelToolCallPart) calls.push(part);
      else if (part instanceof vscode.LanguageModelTextPart) stream.markdown(part.value);
    }
    if (calls.length === 0) return {};
    const results = [];
    for (const call of calls) {
      const input = { input: call.input, toolInvocationToken: request.toolInvocationToken };
      const result = await vscode.lm.invokeTool(call.name, input, token);
      results.push(new vscode.LanguageModelToolResultPart(call.callId, result.content));
    }
    messages.push(vscode.LanguageModelChatMessage.Assistant(calls), vscode.LanguageModelChatMessage.User(results));
  }
  throw new Error(`The scripted model was still calling tools after ${MAX_ROUNDS} rounds.`);
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.lm.registerLanguageModelChatProvider("scripted", provider),
    vscode.chat.createChatParticipant("commit-to-memory.scripted-agent", answer),
  );
  // The model picker lists a model only after somebody has asked for it.
  setTimeout(() => vscode.lm.selectChatModels({ vendor: "scripted" }), 0);
  return { requests };
};
