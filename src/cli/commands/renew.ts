import { renewMemory } from "../../core/verbs.ts";
import { UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { storesFor } from "../context.ts";
import { findAnytime } from "../naming.ts";
import { answerOfWrite } from "../written.ts";

/** As long as an agent's own memory lives by the default policy. */
const DEFAULT_LIFE = "90d";

export const renew: Command = {
  name: "renew",
  usage: ["renew ID [--expires WHEN | --never] [--reason TEXT]"],
  about: `Moves the end of a memory, or brings back one that has ended. Default: ${DEFAULT_LIFE} from now.`,
  options: {
    expires: { value: "WHEN", summary: "The new end: 12h, 30d, 6w, or a date such as 2027-01-31." },
    never: { summary: "Without an end." },
    reason: { value: "TEXT", summary: "Why it is still so. Becomes the commit's message." },
    ...STORE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [
    { line: "renew m_7k3q9f2d --expires 30d", says: "Ends 30 days from now." },
    { line: 'renew m_7k3q9f2d --never --reason "Holds as long as the product does."', says: "Has no end." },
  ],
  async run(context, args) {
    if (args.flag("never") && args.flag("expires")) throw new UsageError("Give either --expires or --never.");
    const found = await findAnytime(await storesFor(context, args), args.operand(0) ?? "");
    const wanted = args.text("expires") ?? DEFAULT_LIFE;
    const expires = args.flag("never") || wanted === "never" ? null : wanted;
    const written = await renewMemory(found.store, found.id, expires, actOf(context, args));
    return answerOfWrite(found.store, written, "Renewed");
  },
};
