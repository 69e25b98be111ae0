/** The command line of the server: what `git-memory mcp` and an agent's configuration may say. */
import { parseArgs } from "node:util";

export type ServerArguments =
  | { readonly kind: "serve"; readonly folder: string | null }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

export const USAGE = `Usage: git-memory mcp [--folder DIR]

Serves this repository's memory to a coding agent, by the Model Context Protocol on standard input and output.

  --folder DIR   any folder of the repository (default: the current folder). Where that is in no repository, the first
                 root that the client names is served instead.
  --help         this text
`;

/** `mcp` may stand first: the program `git-memory` hands its whole command line over. */
export function readArguments(words: readonly string[]): ServerArguments {
  try {
    const { values } = parseArgs({
      args: words[0] === "mcp" ? words.slice(1) : [...words],
      options: { folder: { type: "string" }, help: { type: "boolean", short: "h" } },
      strict: true,
    });
    if (values.help === true) return { kind: "help" };
    return { kind: "serve", folder: values.folder ?? null };
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
}
