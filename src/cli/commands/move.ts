import { shortName } from "../../git/branch/work-tree.ts";
import { type Command, EXIT } from "../command.ts";
import { UsageError } from "../arguments.ts";
import { PRICE, projectOf } from "../placement.ts";
import { shortCommit } from "../words.ts";

export const move: Command = {
  name: "move",
  usage: ["move --to dedicated|branch [--yes]"],
  about:
    "Moves this repository's store between the branch agent-memory (dedicated) and .memory/ of the branch that is checked out (branch), with its history. Without --yes it says what it would do. A move that was cut off goes on when it is run again.",
  options: {
    to: { value: "WHERE", choices: ["dedicated", "branch"], summary: "Where the store is to be." },
    yes: { summary: "Really do it." },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "move --to branch", says: "Says what it means to have memory in the code's branch." },
    { line: "move --to dedicated --yes", says: "Makes the branch agent-memory of .memory/ and takes the folder away." },
  ],
  async run(context, args) {
    const to = args.choice("to", ["dedicated", "branch"] as const);
    if (to === undefined) throw new UsageError("move needs --to dedicated or --to branch.");
    const { store, repository } = projectOf(await context.stores());
    await store.exists();
    const branch = repository.branch.branch;
    const on = branch === null ? "the checked-out branch" : shortName(branch);
    if (!args.flag("yes")) {
      return {
        json: { status: "planned", from: store.placement, to, commit: null, kept: null, waiting: false },
        lines: [
          ...(to === "branch"
            ? [
                ...PRICE,
                `One merge commit on ${on} would bring the memory branch in with its history; that branch is kept under refs/memory/moved/.`,
              ]
            : [
                `The history of .memory/ on ${on} would become the branch agent-memory, commit by commit, and one commit would remove the folder from ${on}.`,
              ]),
          `Nothing was moved. To do it: git memory move --to ${to} --yes`,
        ],
      };
    }
    const moved = await repository.moveTo(to, store.environment.now());
    const { why } = await repository.branch.land(false);
    // What is believed must be readable where it is now, or the move is none.
    await store.snapshot();
    return {
      exit: why === null ? EXIT.done : EXIT.held,
      json: { status: "moved", from: to === "branch" ? "dedicated" : "branch", to, ...moved, waiting: why !== null },
      lines: [
        [
          {
            text:
              to === "branch"
                ? `The store is in .memory/ of ${on} now (commit ${shortCommit(moved.commit)}).`
                : `The store is the branch agent-memory now (commit ${shortCommit(moved.commit)}).`,
            tone: "good",
          },
        ],
        ...(moved.kept === null ? [] : [`The memory branch is kept as ${moved.kept}.`]),
        ...(why === null ? [] : [`The commit on ${on} waits: ${why}.`]),
      ],
    };
  },
};
