/** All tools for agents, in the order in which a model should meet them. */
import type { ToolDefinition } from "./definition.ts";
import { expireTool } from "./expire.ts";
import { inspectTool } from "./inspect.ts";
import { recallTool } from "./recall.ts";
import { rememberTool } from "./remember.ts";
import { updateTool } from "./update.ts";

export const tools: readonly ToolDefinition[] = [recallTool, rememberTool, updateTool, expireTool, inspectTool];
