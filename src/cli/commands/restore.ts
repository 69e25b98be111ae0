import { planRestore, restore as carryOut } from "../../core/provenance/restore.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { oneStore } from "../context.ts";
import { toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";
import { answerOfWrite } from "../written.ts";
import { differenceJson, linesFor } from "./diff.ts";

export const restore: Command = {
  name: "restore",
  usage: ["restore WHEN [--dry-run] [--reason TEXT]"],
  about:
    "Puts all memories back as they were at a commit, tag, snapshot or date, by a new commit. What was written since stays in history, and the store's rules stay as they are now.",
  options: {
    "dry-run": { summary: "Show what would change, and change nothing." },
    reason: { value: "TEXT", summary: "Why. Becomes the commit's message." },
    ...STORE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1, name: "one state of the store" },
  examples: [{ line: "restore 2026-11-20 --dry-run", says: "What going back to the end of that day would change." }],
  async run(context, args) {
    const store = await oneStore(context, args);
    const plan = await planRestore(store, args.operand(0) ?? "");
    const { commit, differences, broken } = plan;
    const more = { restores: commit, differences: differences.map(differenceJson), broken };
    const aside = broken.map((path) => toned(`${path} couldn't be read then, and is left out.`, "warning"));
    if (args.flag("dry-run") || differences.length === 0) {
      const status = differences.length === 0 ? "unchanged" : "planned";
      return {
        json: { status, store: store.label, commit: null, memories: [], notices: [], ...more },
        lines:
          differences.length === 0
            ? ["The store is already as it was then; nothing was done."]
            : [
                `Restoring ${shortCommit(commit)} would change this. Nothing was done.`,
                ...differences.flatMap((one) => linesFor({ ...one, entries: [] }, store.environment.now(), false)),
              ],
        aside,
      };
    }
    const written = await carryOut(store, plan, actOf(context, args));
    return { ...(await answerOfWrite(store, written, "Restored", more)), aside };
  },
};
