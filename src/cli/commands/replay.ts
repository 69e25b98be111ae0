import type { Chosen } from "../../core/recall/recall.ts";
import { type Command, EXIT } from "../command.ts";
import { oneLine } from "../entry.ts";
import { type Line, linesOf, toned } from "../terminal.ts";
import { receiptJson } from "./receipts.ts";

export const replay: Command = {
  name: "replay",
  usage: ["replay RECEIPT"],
  about:
    "Makes an old recall again from git alone, at the commits, the moment and the policy of then, and compares its digest with the receipt's. The text on stdout is data, as it was given; what is different today goes to stderr. Exit code 1 where the bytes are not the same.",
  options: {},
  operands: { least: 1, most: 1, name: "the id of one receipt" },
  examples: [
    { line: "replay r_3f9a1c2b4d5e6f70", says: "Prints exactly what an agent was given." },
    { line: "replay r_3f9a --json", says: "The beginning of an id is enough." },
  ],
  async run(context, args) {
    const { result, receipt, sha256, same, because, today } = await (
      await context.stores()
    ).replay(args.operand(0) ?? "");
    const { added, removed, changed } = today;
    return {
      exit: same ? EXIT.done : EXIT.failed,
      json: {
        receipt: receiptJson(receipt),
        same,
        sha256,
        because,
        text: result.text,
        tokens: result.tokens,
        today: { added: added.map(briefJson), removed: removed.map(briefJson), changed: changed.map(briefJson) },
      },
      lines: result.text === "" ? [] : linesOf(result.text),
      aside: [
        same ? toned("The same, byte for byte.", "good") : toned(`Not the same bytes. ${because.join(" ")}`, "bad"),
        ...(result.text === "" ? [toned(result.note, "quiet")] : []),
        ...(added.length + removed.length + changed.length === 0
          ? ["The same question would be given the same memories today."]
          : ["Today the same question would be given:"]),
        ...linesFor("and also", added),
        ...linesFor("no more", removed),
        ...linesFor("in other words", changed),
      ],
    };
  },
};

function linesFor(how: string, memories: readonly Chosen[]): Line[] {
  return memories.map(({ id, title }) => [`  ${how}: `, oneLine(title), { text: `  ${id}`, tone: "quiet" }]);
}

function briefJson({ store, id, title, blob }: Chosen): object {
  return { store, id, title, blob };
}
