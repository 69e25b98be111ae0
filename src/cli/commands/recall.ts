import { NoRepositoryError, NoStoreError } from "../../core/errors.ts";
import { INTENTS, TIERS } from "../../core/recall/question.ts";
import { Session } from "../../core/session.ts";
import { MODES } from "../../core/mode.ts";
import { callerOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { WRITER_OPTIONS } from "../options.ts";
import { linesOf } from "../terminal.ts";

export const recall: Command = {
  name: "recall",
  usage: ['recall "QUESTION" [--file PATH]... [--budget TOKENS] [--limit COUNT] [--as-of WHEN]'],
  about:
    "Chooses the memories that bear on a question, under a budget of tokens, as an agent would be given them. The text on stdout is data, fenced for a prompt; a summary goes to stderr.",
  options: {
    file: {
      value: "PATH",
      many: true,
      summary: "A file at hand, from the repository's root; memories about it come first.",
    },
    tag: { value: "TAG", many: true, summary: "Only memories with this tag." },
    type: { value: "TYPE", many: true, summary: "Only memories of this type." },
    tier: {
      value: "TIER",
      many: true,
      choices: TIERS,
      summary: "Only semantic memories (what holds) or episodic ones (what happened).",
    },
    budget: { value: "TOKENS", summary: "At most this many tokens. Default: the store's policy." },
    limit: { value: "COUNT", summary: "At most this many memories. Default: the store's policy." },
    intent: {
      value: "INTENT",
      choices: INTENTS,
      summary: "explore withholds agents' own opinions. Default: execute.",
    },
    mode: {
      value: "MODE",
      choices: MODES,
      summary: "A stricter mode than the repository's, for this recall.",
    },
    "as-of": {
      value: "WHEN",
      summary: "As it was believed at a commit or tag of the store, or on a date such as 2026-11-20.",
    },
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1, name: "one question" },
  examples: [
    { line: 'recall "how do we install packages?"', says: "Prints what an agent would be told." },
    {
      line: 'recall "database migrations" --file db/migrate.ts --budget 600 --json',
      says: "With a file at hand, under 600 tokens, as JSON.",
    },
    { line: 'recall "database migrations" --as-of 2026-11-20', says: "What it would have been that day." },
  ],
  async run(context, args) {
    const stores = await context.stores();
    if ((await stores.existing()).length === 0) {
      if (stores.project === null)
        throw new NoRepositoryError(
          "This folder is in no git repository, so it has no project memory. Go to a repository, or name one with -C.",
        );
      throw new NoStoreError(
        "There is no memory store here yet. Ask the user to run `git memory init`, or to press the button in the Memory view.",
      );
    }
    const [budget, limit, intent, mode, asOf] = [
      args.count("budget"),
      args.count("limit"),
      args.choice("intent", INTENTS),
      args.choice("mode", MODES),
      args.text("as-of"),
    ];
    const caller = callerOf(context.host, args);
    const { channel, actor, trust } = caller;
    const session = new Session(
      { channel, actor, trust, ...(caller.session === undefined ? {} : { id: caller.session }) },
      stores.personal.environment,
    );
    const recalled = await stores.recall(
      {
        text: args.operand(0) ?? "",
        ...(args.flag("file") ? { files: args.texts("file") } : {}),
        ...(args.flag("tag") ? { tags: args.texts("tag") } : {}),
        ...(args.flag("type") ? { types: args.texts("type") } : {}),
        ...(budget === undefined ? {} : { budget }),
        ...(limit === undefined ? {} : { limit }),
        ...(intent === undefined ? {} : { intent }),
        ...(args.flag("tier") ? { tiers: TIERS.filter((tier) => args.texts("tier").includes(tier)) } : {}),
        ...(mode === undefined ? {} : { mode }),
        ...(asOf === undefined ? {} : { asOf }),
      },
      session,
    );
    const { text, note, chosen, withheld } = recalled;
    return {
      json: {
        text,
        note,
        chosen: chosen.map(({ store, id, title, path, blob, trust, pinned, tokens, score, why }) => ({
          store,
          id,
          title,
          path,
          blob,
          trust,
          pinned,
          tokens,
          score,
          why,
        })),
        withheld: withheld.map(({ store, id, title, blob, reason }) => ({ store, id, title, blob, reason })),
        withheld_counts: recalled.withheldCounts,
        matched: recalled.matched,
        tokens: recalled.tokens,
        budget: recalled.budget,
        limit: recalled.limit,
        commits: recalled.commits.map(({ store, commit }) => ({ store, commit })),
        receipt: recalled.receipt,
      },
      lines: text === "" ? [] : linesOf(text),
      aside: note === "" ? [] : linesOf(note, "quiet"),
    };
  },
};
