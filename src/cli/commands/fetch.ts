import { NoRepositoryError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { toned } from "../terminal.ts";
import { shortCommit } from "../words.ts";

export const fetch: Command = {
  name: "fetch",
  usage: ["fetch"],
  about:
    "Asks the team's server what its memory branch holds, and trusts the signers and rules that it finds there. What teammates brought to that branch counts as reviewed from then on, where its policy says so; what you pushed yourself does not. Changes neither your memory branch nor any file.",
  options: {},
  operands: { least: 0, most: 0, name: "" },
  examples: [{ line: "fetch", says: "Before you look at what the team approved." }],
  async run(context) {
    const { project } = await context.stores();
    if (project === null || project.team === null)
      throw new NoRepositoryError("This folder is in no git repository. Go to one, or name one with -C.");
    const { address, commit, before, rewritten } = await project.team.base.fetch();
    const changed = commit !== before;
    return {
      json: { address, commit, before, changed, rewritten },
      lines: [
        changed
          ? `The team's branch at ${address} stands at ${shortCommit(commit)}. Its signers and rules count from now on.`
          : `The team's branch at ${address} is still at ${shortCommit(commit)}.`,
      ],
      aside: rewritten
        ? [toned("Its history was rewritten: what it held before is not in it any more.", "warning")]
        : [],
    };
  },
};
