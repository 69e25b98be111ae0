import { namedSnapshots } from "../../core/provenance/snapshots.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { storesFor } from "../context.ts";
import { table } from "../terminal.ts";
import { ageOf, shortCommit } from "../words.ts";

export const snapshots: Command = {
  name: "snapshots",
  usage: ["snapshots"],
  about: "Lists the named snapshots of the store, newest first, and those that were kept before large changes.",
  options: STORE_OPTION,
  operands: { least: 0, most: 0, name: "" },
  examples: [{ line: "snapshots", says: "Every name that --at, diff and restore understand." }],
  async run(context, args) {
    const stores = await storesFor(context, args);
    const all = (
      await Promise.all(stores.map(async (store) => (await namedSnapshots(store)).map((one) => ({ ...one, store }))))
    ).flat();
    return {
      json: {
        snapshots: all.map(({ store, name, commit, at, automatic }) => ({
          store: store.label,
          name,
          commit,
          at,
          automatic,
        })),
      },
      lines:
        all.length === 0
          ? ["Nothing is named yet. `git memory snapshot NAME` names what is believed now."]
          : table(
              all.map(({ store, name, commit, at, automatic }) => [
                { text: shortCommit(commit), tone: "accent" },
                { text: ageOf(at ?? undefined, store.environment.now()), tone: "quiet" },
                name,
                {
                  text: [automatic ? "kept before a large change" : "", stores.length > 1 ? store.label : ""]
                    .filter((word) => word !== "")
                    .join(", "),
                  tone: "quiet",
                },
              ]),
              2,
              context.host.columns,
            ),
    };
  },
};
