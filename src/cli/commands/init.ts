import { InvalidInputError, NoRepositoryError } from "../../core/errors.ts";
import { adoptRemoteStore, initialiseStore } from "../../core/initialise.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Stores } from "../../core/stores.ts";
import { actOf } from "../caller.ts";
import { type Command, EXIT } from "../command.ts";
import { WRITER_OPTIONS } from "../options.ts";
import type { Context } from "../context.ts";
import { PRICE, projectOf } from "../placement.ts";
import { render, toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";

export const init: Command = {
  name: "init",
  usage: ["init [--placement dedicated|branch|personal] [--sign] [--dry-run] [--yes]"],
  about:
    "Starts a memory store. `dedicated` is the branch agent-memory of this repository: it has its own history, shares nothing with the code, and is written without touching your files, your index or HEAD. `branch` is the folder .memory/ of the branch that is checked out; it has a price, which is told first and needs --yes. `personal` is a repository of your own in your data directory, for preferences that hold in all projects.",
  options: {
    placement: {
      value: "WHERE",
      choices: ["dedicated", "personal", "branch"],
      summary: "Where the store is kept. Default: dedicated.",
    },
    sign: { summary: "Have every commit of it signed, with the key that git is configured with." },
    yes: { summary: "Agree to the price of the placement branch." },
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
    const stores = await context.stores();
    const store = storeOf(stores, placement);
    if (placement === "branch") projectOf(stores).repository.beginIn("branch");
    // Which branch that is may be known only after the first look.
    await store.exists();
    const { ref, location, label } = store.repository;
    const name = ref.replace("refs/heads/", "");
    const where =
      placement === "branch" ? `.memory/ on the branch ${name} of ${location}` : `the branch ${name} in ${location}`;
    const plan = { store: label, placement, ref, location, files: ["policy.yaml", "README.md"] };
    const agreed = placement !== "branch" || args.flag("yes") || (await saysYes(context));
    if (args.flag("dry-run") || !agreed) {
      return {
        json: { status: "planned", ...plan },
        lines: [
          ...(placement === "branch" ? PRICE : []),
          `Would create ${where}, with policy.yaml (its rules) and README.md (for reviewers). Nothing was created.`,
          ...(agreed ? [] : ["To go on: git memory init --placement branch --yes"]),
        ],
      };
    }
    const adopted = placement === "dedicated" ? await adoptRemoteStore(store) : null;
    if (adopted !== null) {
      return {
        json: { ...plan, status: "adopted", commit: adopted },
        lines: [
          toned(
            `The team's memory is here already; ${where} now starts from it (commit ${shortCommit(adopted)}).`,
            "good",
          ),
        ],
      };
    }
    const act = actOf(context, args, "Started with git memory init.");
    const written = await initialiseStore(store, act, args.flag("sign"));
    return {
      exit: written.status === "stored" ? EXIT.done : EXIT.held,
      json: { ...plan, status: written.status, commit: written.commit },
      lines: [
        toned(`Created ${where} (commit ${shortCommit(written.commit)}).`, "good"),
        placement === "branch"
          ? "It holds policy.yaml (its rules) and README.md (for reviewers)."
          : "It holds policy.yaml (its rules) and README.md (for reviewers). Your files, index and HEAD were not touched.",
        ...(written.status === "waiting" ? written.notices.slice(0, 1) : []),
        'Next: git memory add --title "…" --type Convention --body "…" --reason "…"',
      ],
    };
  },
};

/** Only where a person can answer. */
async function saysYes({ host }: Context): Promise<boolean> {
  if (host.ask === undefined) return false;
  host.error(render(PRICE, false));
  return /^y(?:es)?$/i.test((await host.ask("Put the memory there? Type yes: ")).trim());
}

function storeOf(stores: Stores, placement: string): MemoryStore {
  if (placement === "personal") return stores.personal;
  if (placement !== "dedicated" && placement !== "branch")
    throw new InvalidInputError(`There is no placement "${placement}".`);
  if (stores.project === null)
    throw new NoRepositoryError(
      "This folder is in no git repository. Run `git init` first, go to a repository, or use --placement personal.",
    );
  return stores.project;
}
