import { costOf } from "../../core/recall/cost.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { durationOf, isInstant } from "../../core/memory/time.ts";
import type { Command } from "../command.ts";
import { type Piece, table, toned } from "../terminal.ts";
import { counted } from "../words.ts";

export const cost: Command = {
  name: "cost",
  usage: ["cost [--since WHEN]"],
  about:
    "Adds up the receipts: what recall put into requests, against sending all that was believed at that time, and against no memory. Tokens are upper bounds of what a model counts, on both sides alike.",
  options: {
    since: { value: "WHEN", summary: "Only recalls since a date such as 2026-11-01, or within a time such as 7d." },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "cost", says: "Over all receipts that are kept here." },
    { line: "cost --since 7d --json", says: "The last week, as JSON." },
  ],
  async run(context, args) {
    const stores = await context.stores();
    const since = sinceOf(args.text("since"), stores.personal.environment.now());
    const receipts = (await (await stores.receipts()).all()).filter(({ at }) => Date.parse(at) >= since);
    const sum = await costOf(receipts, await stores.existing());
    const { requests, sessions, recalled, everything, comparable, lost } = sum;
    const share = everything === 0 ? null : comparable / everything;
    const compared = requests - lost;
    return {
      json: {
        requests,
        sessions,
        empty: sum.empty,
        from: sum.from,
        to: sum.to,
        tokens: { nothing: 0, recall: recalled, everything },
        per_request: {
          nothing: 0,
          recall: perRequest(recalled, requests),
          everything: perRequest(everything, compared),
        },
        share_of_everything: share,
        not_compared: lost,
      },
      lines:
        requests === 0
          ? ["Nothing was recalled here yet, so there is nothing to compare."]
          : [
              `${counted(requests, "request", "requests")} in ${counted(sessions, "session", "sessions")}, ${sum.from?.slice(0, 10)} to ${sum.to?.slice(0, 10)}; ${counted(sum.empty, "of them was", "of them were")} given nothing.`,
              "",
              ...table(
                [
                  row("", "tokens", "a request", ""),
                  row("no memory", "0", "0", ""),
                  row(
                    "recall",
                    number(recalled),
                    number(perRequest(recalled, requests)),
                    share === null ? "" : `${(share * 100).toFixed(1)}% of everything`,
                  ),
                  row("everything", number(everything), number(perRequest(everything, compared)), ""),
                ],
                3,
                context.host.columns,
              ),
            ],
      aside:
        lost === 0
          ? []
          : [
              toned(
                `${counted(lost, "request", "requests")} can't be compared: their commit is not in the store any more.`,
                "quiet",
              ),
            ],
    };
  },
};

/** Columns of numbers stand on their right edge. */
function row(name: string, tokens: string, each: string, note: string): Piece[] {
  return [
    { text: name.padEnd(10), tone: "strong" },
    tokens.padStart(12),
    each.padStart(10),
    { text: note, tone: "quiet" },
  ];
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function perRequest(sum: number, requests: number): number {
  return requests === 0 ? 0 : Math.round(sum / requests);
}

function sinceOf(text: string | undefined, now: Date): number {
  if (text === undefined) return -Infinity;
  const duration = durationOf(text);
  if (duration !== null) return now.getTime() - duration;
  if (!isInstant(text.trim()))
    throw new InvalidInputError(
      `"${text.slice(0, 40)}" is no date; write one such as 2026-11-01, or a time such as 7d.`,
    );
  return Date.parse(text.trim());
}
