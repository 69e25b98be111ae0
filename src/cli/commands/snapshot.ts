import { nameSnapshot, removeSnapshot } from "../../core/provenance/snapshots.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { oneStore } from "../context.ts";
import { toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";

export const snapshot: Command = {
  name: "snapshot",
  usage: ["snapshot NAME [--at WHEN]", "snapshot --remove NAME"],
  about:
    "Gives the store as it is now a name, so that it can be looked at, compared and restored later. The name is the tag refs/tags/memory/NAME.",
  options: {
    at: { value: "WHEN", summary: "The store at a commit or date instead of now." },
    remove: { value: "NAME", summary: "Remove a name; the commits stay." },
    ...STORE_OPTION,
  },
  operands: { least: 0, most: 1, name: "one name" },
  examples: [
    { line: "snapshot before-release-2", says: "Names what is believed now." },
    { line: "snapshot friday --at 2026-11-20", says: "Names what was believed at the end of that day." },
  ],
  async run(context, args) {
    const store = await oneStore(context, args);
    const [name, removed] = [args.operand(0), args.text("remove")];
    if ((name === undefined) === (removed === undefined))
      throw new UsageError("snapshot takes one name, or --remove and one name. `git memory snapshots` lists them.");
    if (removed !== undefined) {
      await removeSnapshot(store, removed);
      return {
        json: { status: "removed", store: store.label, name: removed, commit: null },
        lines: [`Removed the name ${removed}; the commits stay.`],
      };
    }
    const made = await nameSnapshot(store, name ?? "", args.text("at"));
    return {
      json: { status: "stored", store: store.label, name: made.name, commit: made.commit },
      lines: [
        toned(`Named commit ${shortCommit(made.commit)} ${made.name}.`, "good"),
        toned(`Look: git memory list --at ${made.name}. Compare: git memory diff ${made.name}`, "quiet"),
      ],
    };
  },
};
