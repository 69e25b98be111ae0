import { type Receipt } from "../../core/recall/receipt.ts";
import type { Command } from "../command.ts";
import { oneLine } from "../entry.ts";
import { type Piece, table } from "../terminal.ts";
import { ageOf, counted, notShown } from "../words.ts";

const DEFAULT_LIMIT = 20;

export const receipts: Command = {
  name: "receipts",
  usage: ["receipts [--session SESSION] [--limit COUNT]"],
  about:
    "Lists the recalls that were made in this repository on this machine, newest first: what was asked, what it came to. A receipt is kept for sixty to ninety days and never leaves the machine.",
  options: {
    session: { value: "SESSION", summary: "Only the recalls of one session." },
    limit: { value: "COUNT", summary: `At most this many. Default: ${DEFAULT_LIMIT}.` },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "receipts", says: "The latest recalls, of all agents." },
    { line: "receipts --session s_9d2k4m7x --json", says: "All that one session was given, as JSON." },
  ],
  async run(context, args) {
    const stores = await context.stores();
    const session = args.text("session");
    const all = (await (await stores.receipts()).all()).filter(
      (receipt) => session === undefined || receipt.session === session,
    );
    const limit = args.count("limit") ?? DEFAULT_LIMIT;
    const told = all.toReversed().slice(0, limit);
    const more = all.length - told.length;
    const now = stores.personal.environment.now();
    return {
      json: { receipts: told.map(receiptJson), more },
      lines:
        told.length === 0
          ? ["Nothing was recalled here yet."]
          : table(
              told.map((receipt) => cellsOf(receipt, now)),
              4,
              context.host.columns,
            ),
      aside: notShown(told.length, all.length, "older one is", "older ones are"),
    };
  },
};

function cellsOf(receipt: Receipt, now: Date): Piece[] {
  const { id, at, chosen, tokens, question, asOf, session } = receipt;
  const marks = [
    counted(chosen.length, "belief", "beliefs"),
    counted(tokens, "token", "tokens"),
    ...(asOf === undefined ? [] : [`as of ${asOf.name}`]),
    ...(question.mode === "off" ? ["off"] : []),
    ...(question.intent === "explore" ? ["explore"] : []),
  ];
  return [
    { text: id, tone: "accent" },
    { text: ageOf(at, now), tone: "quiet" },
    { text: session ?? "", tone: "quiet" },
    { text: marks.join(" · "), tone: "quiet" },
    oneLine(question.text),
  ];
}

/** One key for one thing; null where the receipt doesn't say it. */
export function receiptJson(receipt: Receipt): object {
  const { id, at, asOf, session, code, question, commits, chosen, withheld, tokens, budget, limit, sha256 } = receipt;
  return {
    id,
    at,
    as_of: asOf === undefined ? null : { name: asOf.name, moment: asOf.moment },
    session: session ?? null,
    engine: receipt.engine,
    question: {
      text: question.text,
      files: question.files ?? [],
      tags: question.tags ?? [],
      types: question.types ?? [],
      tiers: question.tiers ?? [],
      mode: question.mode ?? "full",
      intent: question.intent ?? "execute",
    },
    commits: commits.map(({ store, commit }) => ({ store, commit })),
    code,
    chosen: chosen.map(({ store, id, blob, tokens, trust, score }) => ({ store, id, blob, tokens, trust, score })),
    withheld: withheld.map(({ store, id, blob, reason }) => ({ store, id, blob, reason })),
    tokens,
    budget,
    limit,
    sha256,
  };
}
