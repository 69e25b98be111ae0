/** What a tool for agents is. One list of definitions serves MCP clients and the editor's language model tools alike. */
import { answerOfError, type ToolAnswer } from "./answer.ts";
import type { ToolContext } from "./context.ts";
import { withNews } from "./news.ts";
import { checkInput, type InputOf, type InputSchema } from "./schema.ts";

export interface ToolDefinition {
  /** `memory_recall`; the same at every door. */
  readonly name: string;
  /** For people: three words at most. */
  readonly title: string;
  /** For a model: what it does, when to use it and when not, what comes back. */
  readonly description: string;
  readonly inputSchema: InputSchema;
  /** Changes nothing that is believed. */
  readonly readOnly: boolean;
  /** Changes or ends what is believed, where a tool that only adds is not destructive. All of it can be reverted. */
  readonly destructive: boolean;
  /** The same call twice comes to the same as once. */
  readonly idempotent: boolean;
  /**
   * Never throws a MemoryError: what a caller can do something about is an answer with `isError`. Anything else that it
   * throws is a defect.
   */
  readonly run: (context: ToolContext, input: unknown) => Promise<ToolAnswer>;
}

/** A tool before its input's check is joined to it. */
interface ToolParts<S extends InputSchema> extends Omit<ToolDefinition, "inputSchema" | "run"> {
  readonly inputSchema: S;
  readonly work: (context: ToolContext, input: InputOf<S>) => Promise<ToolAnswer>;
}

/** Joins a tool's work to its schema: input is checked first, failures become sentences. */
export function defineTool<const S extends InputSchema>(parts: ToolParts<S>): ToolDefinition {
  const { work: _work, ...rest } = parts;
  return {
    ...rest,
    run: async (context, input) => {
      const answer = await run(parts, context, input);
      return withNews(context, answer);
    },
  };
}

async function run<const S extends InputSchema>(
  { name, inputSchema, work }: Pick<ToolParts<S>, "name" | "inputSchema" | "work">,
  context: ToolContext,
  input: unknown,
): Promise<ToolAnswer> {
  try {
    const { values, ignored } = checkInput(name, inputSchema, input);
    // The check has just established that the values are what the schema says.
    const answer = await work(context, values as InputOf<S>);
    return ignored.length === 0
      ? answer
      : {
          ...answer,
          text: `${answer.text}\nIgnored: ${ignored.join(", ")}. The program records where a memory came from; a caller can't vouch for it.`,
        };
  } catch (error) {
    return answerOfError(error);
  }
}
