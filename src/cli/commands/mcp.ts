import { fileURLToPath } from "node:url";
import type { Command } from "../command.ts";

export const mcp: Command = {
  name: "mcp",
  usage: ["mcp [-C DIR] [--mode MODE] [--intent INTENT] [--files]"],
  about:
    "Serves this repository's memory to one agent: the Model Context Protocol over stdin and stdout, until stdin ends.",
  options: {
    mode: {
      value: "MODE",
      choices: ["full", "read-only", "off"],
      summary: "For this agent only. The repository's own mode holds where it is stricter.",
    },
    intent: {
      value: "INTENT",
      choices: ["execute", "explore"],
      summary: "explore withholds what agents concluded themselves. Default: execute.",
    },
    files: { summary: "Offers the memory as files under /memories as well, for agents that keep theirs so." },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [{ line: "mcp", says: "Is what an agent's configuration calls; see Connect an agent in the editor." }],
  async run(context, args) {
    // The server is a bundle of its own beside this one (and a folder of its own in the source): doors never import each
    // other, and the other commands need not load it.
    const bundled = context.host.program.pathname.endsWith(".cjs");
    const server = new URL(bundled ? "mcp.cjs" : "../mcp/main.ts", context.host.program);
    // Only a folder that was named is fixed; else the client may say where it works.
    const folder = args.flag("folder") ? ["--folder", context.folder] : [];
    const session = ["mode", "intent"].flatMap((name) => {
      const value = args.text(name);
      return value === undefined ? [] : [`--${name}`, value];
    });
    const files = args.flag("files") ? ["--files"] : [];
    process.argv = [process.argv[0] ?? "node", fileURLToPath(server), ...folder, ...session, ...files];
    await import(server.href);
    return null;
  },
};
