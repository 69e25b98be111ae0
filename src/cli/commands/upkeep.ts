import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { tendStore } from "../../git/upkeep.ts";

export const upkeep: Command = {
  name: "upkeep",
  usage: ["upkeep [--store STORE]"],
  about:
    "Packs the loose objects of the repository and adds the store's commits to git's commit graph, by git's own maintenance. Nothing is pruned. The editor and the MCP server do it by themselves when nobody is at work, unless git's maintenance.auto or gc.auto switches that off.",
  options: STORE_OPTION,
  operands: { least: 0, most: 0, name: "" },
  examples: [{ line: "upkeep", says: "For a scheduled job, or where neither the editor nor the server is used." }],
  async run(context, args) {
    const tended = [];
    for (const store of await storesFor(context, args)) {
      const done = await tendStore(store, true);
      if (done !== null) tended.push({ store: store.label, before: done.before, after: done.after });
    }
    return {
      json: { tended },
      lines: tended.map(
        ({ store, before, after }) =>
          `The ${store} store is tended: about ${before} loose objects before, ${after} now.`,
      ),
    };
  },
};
