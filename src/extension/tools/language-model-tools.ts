/**
 * The memory tools as language model tools of the editor. Their names, words and inputs are the definitions' own, as they
 * stand in package.json; this file adds who asks, what the person sees meanwhile, and when they are asked.
 */
import {
  Disposable,
  type LanguageModelTool,
  LanguageModelTextPart,
  LanguageModelToolResult,
  type LanguageModelToolTokenizationOptions,
  lm,
  MarkdownString,
  type PreparedToolInvocation,
} from "vscode";
import { MemoryError, NoRepositoryError } from "../../core/errors.ts";
import { stampedTrust } from "../../core/memory/trust.ts";
import type { Stores } from "../../core/stores.ts";
import type { ToolDefinition } from "../../core/tools/definition.ts";
import type { ToolContext } from "../../core/tools/context.ts";
import type { Conversations } from "./conversations.ts";
import type { CurrentOffer } from "./offer.ts";

export interface ToolParts {
  readonly definitions: readonly ToolDefinition[];
  readonly offer: Pick<CurrentOffer, "value" | "onDidChange">;
  readonly conversations: Conversations;
  /** The stores of the folder that the window is about now; undefined where none is open yet or may be. */
  readonly stores: () => Promise<Stores | undefined>;
}

/** Registers the tools for as long as the setting offers them. */
export function registerLanguageModelTools(parts: ToolParts): Disposable {
  let registered: Disposable | undefined;
  const follow = (): void => {
    const wanted = parts.offer.value === "tools";
    if (wanted)
      registered ??= Disposable.from(
        ...parts.definitions.map((one) => lm.registerTool(one.name, languageModelTool(one, parts))),
      );
    else {
      registered?.dispose();
      registered = undefined;
    }
  };
  follow();
  const listening = parts.offer.onDidChange(follow);
  return new Disposable(() => {
    listening.dispose();
    registered?.dispose();
  });
}

/** Exported for tests: one tool, as it is registered. */
export function languageModelTool(
  definition: ToolDefinition,
  parts: Pick<ToolParts, "conversations" | "stores">,
): LanguageModelTool<object> {
  return {
    async prepareInvocation({ input }) {
      const stores = await parts.stores();
      const question = stores === undefined ? undefined : await questionFor(definition, input, stores);
      return {
        invocationMessage: new MarkdownString().appendText(doing(definition, input)),
        ...(question === undefined ? {} : { confirmationMessages: question }),
      };
    },
    async invoke({ input, toolInvocationToken, tokenizationOptions }) {
      const stores = await parts.stores();
      // What the host shows and hands to the model is the error's message.
      if (stores === undefined)
        throw new NoRepositoryError(
          "No memory is open in this window: it needs a trusted folder in a git repository. Go on without memory.",
        );
      const session = parts.conversations.session(toolInvocationToken);
      const answer = await definition.run({ stores, session, ...hostOf(tokenizationOptions) }, input);
      if (answer.isError) throw new ToolFailure(answer.text);
      return new LanguageModelToolResult([new LanguageModelTextPart(answer.text)]);
    },
  };
}

/** How much the model can take, and its own way of counting, where the host says. */
function hostOf(options: LanguageModelToolTokenizationOptions | undefined): Pick<ToolContext, "host"> {
  if (options === undefined) return {};
  const budget = Math.max(0, Math.floor(options.tokenBudget));
  return { host: { budget, countTokens: async (text) => options.countTokens(text) } };
}

/** The tool's own sentence for the model, thrown so that the host marks the call as failed. */
class ToolFailure extends MemoryError {
  readonly code = "tool";
}

/**
 * Asks only where the answer changes the outcome: an agent's claim of its own is stored, marked, ends by itself and can be
 * undone, but one that a person wrote or confirmed is not an agent's to change or end without that person.
 */
async function questionFor(
  definition: ToolDefinition,
  input: object,
  stores: Stores,
): Promise<PreparedToolInvocation["confirmationMessages"]> {
  const id = textOf(input, "id");
  if (!definition.destructive || id === undefined) return undefined;
  try {
    const { store, memory } = await stores.find(id);
    if (stampedTrust(memory) !== "user" && !(await store.isReviewed(memory))) return undefined;
    const ends = definition.name === "memory_expire";
    const message = new MarkdownString().appendText(`“${memory.title}” was written or confirmed by a person.`);
    const reason = textOf(input, "reason");
    if (reason !== undefined) message.appendText(` The agent's reason: ${reason}`);
    return { title: ends ? "Let the agent end this belief?" : "Let the agent change this belief?", message };
  } catch (error) {
    // The tool itself tells the model what is wrong with its request; there is nothing to ask a person.
    if (error instanceof MemoryError) return undefined;
    throw error;
  }
}

/** What the person reads while the tool runs. */
function doing(definition: ToolDefinition, input: object): string {
  const quoted = (key: string): string => {
    const text = (textOf(input, key) ?? "").replaceAll(/\s+/g, " ").trim();
    return text.length > 60 ? `“${text.slice(0, 59)}…”` : `“${text}”`;
  };
  switch (definition.name) {
    case "memory_recall":
      return `Recalling what is known about ${quoted("question")}`;
    case "memory_remember":
      return `Remembering ${quoted("title")}`;
    case "memory_update":
      return `Updating the memory ${quoted("id")}`;
    case "memory_expire":
      return `Expiring the memory ${quoted("id")}`;
    case "memory_inspect":
      return `Looking at the memory ${quoted("id")}`;
    default:
      return definition.title;
  }
}

function textOf(input: object, key: string): string | undefined {
  const value: unknown = Object.entries(input).find(([name]) => name === key)?.[1];
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
