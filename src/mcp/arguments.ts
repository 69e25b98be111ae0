/** The command line of the server: what `git-memory mcp` and an agent's configuration may say. */
import { parseArgs } from "node:util";
import { type Mode, MODES } from "../core/mode.ts";
import { INTENTS, type RecallIntent } from "../core/recall/question.ts";

export type ServerArguments =
  | {
      readonly kind: "serve";
      readonly folder: string | null;
      /** May only lower the repository's own mode. */
      readonly mode: Mode;
      readonly intent: RecallIntent;
      /** Whether the file tool is offered as well, for agents that keep their memory as files. */
      readonly files: boolean;
    }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

export const USAGE = `Usage: git-memory mcp [--folder DIR] [--mode MODE] [--intent INTENT] [--files]

Serves this repository's memory to a coding agent, by the Model Context Protocol on standard input and output.

  --folder DIR   any folder of the repository (default: the current folder). Where that is in no repository, the first
                 root that the client names is served instead.
  --mode MODE    full (default), read-only (recalls, stores nothing) or off. The repository's own mode holds where it is
                 stricter.
  --intent WHAT  execute (default) or explore, which withholds what agents concluded themselves.
  --files        also offers the tool "memory": the same memory as files under /memories, for agents trained on that.
  --help         this text
`;

/** `mcp` may stand first: the program `git-memory` hands its whole command line over. */
export function readArguments(words: readonly string[]): ServerArguments {
  try {
    const { values } = parseArgs({
      args: words[0] === "mcp" ? words.slice(1) : [...words],
      options: {
        folder: { type: "string" },
        mode: { type: "string" },
        intent: { type: "string" },
        files: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
      strict: true,
    });
    if (values.help === true) return { kind: "help" };
    const mode = oneOf("mode", values.mode ?? "full", MODES);
    const intent = oneOf("intent", values.intent ?? "execute", INTENTS);
    return { kind: "serve", folder: values.folder ?? null, mode, intent, files: values.files === true };
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
}

function oneOf<T extends string>(name: string, said: string, words: readonly T[]): T {
  const word = words.find((one) => one === said);
  if (word === undefined) throw new Error(`--${name} takes ${words.join(", ")}, not "${said}".`);
  return word;
}
