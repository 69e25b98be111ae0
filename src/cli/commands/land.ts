import { parseMessage } from "../../core/provenance/trailers.ts";
import type { MemoryStore } from "../../core/store.ts";
import { shortName } from "../../git/branch/work-tree.ts";
import { type Command, EXIT } from "../command.ts";
import { landingIn, projectOf } from "../placement.ts";
import { type Line, toned } from "../terminal.ts";
import { counted, shortCommit } from "../words.ts";

interface Write {
  readonly commit: string;
  readonly subject: string;
}

export const land: Command = {
  name: "land",
  usage: ["land [--from BRANCH]", "land --drop COMMIT"],
  about:
    "Lets the store's branch take the writes that wait: for the key that signs them, which is asked now, or, where the store is in .memory/ of the code's branch, for a quiet moment, also where that is the remote's default branch. Nothing lands while git is in the middle of something, and no file that you have changed is touched. Ends with 5 where something waits still.",
  options: {
    from: { value: "BRANCH", summary: "First bring here what waits for another branch." },
    drop: { value: "COMMIT", summary: "Forget one write that waits, and land nothing." },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "land", says: "Lands what waits, and says what can't land and why." },
    { line: "land --from main", says: "Takes over what waits for main to the branch that is checked out." },
  ],
  async run(context, args) {
    const stores = await context.stores();
    const [from, drop] = [args.text("from"), args.text("drop")];
    const { store, repository } = await landingIn(stores);
    const dropped = drop === undefined ? null : await repository.drop(drop);
    if (dropped !== null)
      return {
        json: { status: "dropped", commit: dropped },
        lines: [`Dropped ${shortCommit(dropped)}. It is no longer believed, and nothing was landed.`],
      };
    if (from !== undefined) await projectOf(stores).repository.branch.takeOver(`refs/heads/${from}`);
    const result = await repository.land(true);
    const [waiting, aside] = [await writesOf(store, result.waiting), await writesOf(store, result.aside)];
    const branch = result.branch === null ? null : shortName(result.branch);
    const isLeft = waiting.length + aside.length > 0;
    return {
      exit: isLeft ? EXIT.held : EXIT.done,
      json: {
        status: isLeft ? "waiting" : result.landed > 0 ? "landed" : "unchanged",
        branch,
        landed: result.landed,
        waiting,
        why: result.why,
        aside,
      },
      lines: [
        ...(result.landed > 0
          ? [
              [
                {
                  text: `Landed ${counted(result.landed, "write", "writes")} on ${branch ?? ""}.`,
                  tone: "good" as const,
                },
              ],
            ]
          : []),
        ...(result.landed === 0 && !isLeft ? ["Nothing waits to land here."] : []),
        ...left(waiting, `${counted(waiting.length, "write waits", "writes wait")}: ${result.why ?? ""}.`),
        ...left(
          aside,
          `${counted(aside.length, "write does", "writes do")} not fit this branch, which changed the same memory. Make the change anew, then forget the old one with --drop:`,
        ),
      ],
    };
  },
};

async function writesOf(store: MemoryStore, commits: readonly string[]): Promise<Write[]> {
  const writes: Write[] = [];
  for (const commit of commits) {
    const [info] = await store.repository.log({ from: commit, limit: 1 });
    writes.push({ commit, subject: info === undefined ? "" : parseMessage(info.message).subject });
  }
  return writes;
}

function left(writes: readonly Write[], sentence: string): Line[] {
  if (writes.length === 0) return [];
  return [
    toned(sentence, "warning"),
    ...writes.map(({ commit, subject }): Line => [{ text: `  ${shortCommit(commit)}  `, tone: "quiet" }, subject]),
  ];
}
