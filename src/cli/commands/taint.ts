import { isSessionId } from "../../core/memory/id.ts";
import { UsageError } from "../arguments.ts";
import { sessionOf } from "../caller.ts";
import type { Command } from "../command.ts";

export const taint: Command = {
  name: "taint",
  usage: ["taint [SESSION]"],
  about:
    "Says that a session has read something from outside: a page, a dependency, another agent. What an agent writes in it waits for review from then on, also after a restart, and nothing takes that back. For a hook of the host, which knows what was read and need not trust the agent to tell. Without SESSION it is the one that COMMIT_TO_MEMORY_SESSION names.",
  options: {},
  operands: { least: 0, most: 1, name: "one session" },
  examples: [
    { line: "taint", says: "In a hook that runs after each fetch of a page." },
    { line: "taint s_9d2k4m7x", says: "A session by its name, as git memory history shows it." },
  ],
  async run(context, args) {
    const session = args.operand(0) ?? sessionOf(context.host);
    if (session === undefined || !isSessionId(session))
      throw new UsageError(
        "taint needs a session, such as s_9d2k4m7x. Name one, or set COMMIT_TO_MEMORY_SESSION for the agent and its hooks alike.",
      );
    const stores = await context.stores();
    await stores.personal.tainted.add(session);
    return { json: { session }, lines: [`What agents write in ${session} waits for review from now on.`] };
  },
};
