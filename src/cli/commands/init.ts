import { InvalidInputError, NoStoreError } from "../../core/errors.ts";
import { adoptRemoteStore, initialiseStore } from "../../core/initialise.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Stores } from "../../core/stores.ts";
import { UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import { type Command, WRITER_OPTIONS } from "../command.ts";
import { shortCommit } from "../words.ts";

export const init: Command = {
  name: "init",
  usage: ["init [--placement dedicated|personal] [--dry-run]"],
  about:
    "Starts a memory store. `dedicated` is the branch agent-memory of this repository: it has its own history, shares nothing with the code, and is written without touching your files, your index or HEAD. `personal` is a repository of your own in your data directory, for preferences that hold in all projects.",
  options: {
    placement: {
      value: "WHERE",
      choices: ["dedicated", "personal", "branch"],
      summary: "Where the store is kept. Default: dedicated.",
    },
    "dry-run": { summary: "Say what would be created, and create nothing." },
    ...WRITER_OPTIONS,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "init", says: "Creates the branch agent-memory in this repository." },
    { line: "init --placement personal", says: "Creates your own store, outside every repository." },
  ],
  async run(context, args) {
    const placement = args.text("placement") ?? "dedicated";
    if (placement === "branch")
      throw new UsageError(
        "The placement branch is not available in this version. Use dedicated, which is the default, or personal.",
      );
    const store = storeOf(await context.stores(), placement);
    const { ref, location, label } = store.repository;
    const where = `the branch ${ref.replace("refs/heads/", "")} in ${location}`;
    const plan = { store: label, placement, ref, location, files: ["policy.yaml", "README.md"] };
    if (args.flag("dry-run")) {
      return {
        json: { status: "planned", ...plan },
        lines: [
          `Would create ${where}, with policy.yaml (its rules) and README.md (for reviewers). Nothing was created.`,
        ],
      };
    }
    const adopted = placement === "dedicated" ? await adoptRemoteStore(store) : null;
    if (adopted !== null) {
      return {
        json: { ...plan, status: "adopted", commit: adopted },
        lines: [
          [
            {
              text: `The team's memory is here already; ${where} now starts from it (commit ${shortCommit(adopted)}).`,
              tone: "good",
            },
          ],
        ],
      };
    }
    const act = actOf(context, args, "Started with git memory init.");
    const written = await initialiseStore(store, act);
    return {
      json: { ...plan, status: written.status, commit: written.commit },
      lines: [
        [{ text: `Created ${where} (commit ${shortCommit(written.commit)}).`, tone: "good" }],
        "It holds policy.yaml (its rules) and README.md (for reviewers). Your files, index and HEAD were not touched.",
        'Next: git memory add --title "…" --type Convention --body "…" --reason "…"',
      ],
    };
  },
};

function storeOf(stores: Stores, placement: string): MemoryStore {
  if (placement === "personal") return stores.personal;
  if (placement !== "dedicated") throw new InvalidInputError(`There is no placement "${placement}".`);
  if (stores.project === null)
    throw new NoStoreError(
      "This folder is in no git repository. Run `git init` first, go to a repository, or use --placement personal.",
    );
  return stores.project;
}
