/**
 * Sessions into which words of an untrusted source came. It is kept with the user, so that a server which starts again under
 * the same session's name takes what it writes for no more than it was before.
 */
import type { LocalState } from "../ports.ts";
import type { Caller, Change, Proposal } from "../proposal.ts";

const FILE = "tainted-sessions";
/** Sessions that are remembered; older ones are over. */
const MOST = 5_000;

export class TaintedSessions {
  readonly #state: LocalState;

  constructor(state: LocalState) {
    this.#state = state;
  }

  /** From here on, what an agent writes in this session is nobody's word. */
  async add(session: string): Promise<void> {
    const known = await this.#read();
    if (known.includes(session)) return;
    if (known.length < MOST) await this.#state.append(FILE, session);
    else
      await this.#state.write(FILE, new TextEncoder().encode(`${[...known.slice(-MOST / 2), session].join("\n")}\n`));
  }

  async has(session: string): Promise<boolean> {
    return (await this.#read()).includes(session);
  }

  /** Notes what a write admits to, and says as whose word it counts. What a person typed or did stays theirs. */
  async callerOf({ caller, changes }: Pick<Proposal, "caller" | "changes">): Promise<Caller> {
    const { session, trust, gesture } = caller;
    if (session === undefined || gesture === true) return caller;
    if (trust === "untrusted" || changes.some(admits)) await this.add(session);
    return trust === "agent" && (await this.has(session)) ? { ...caller, trust: "untrusted" } : caller;
  }

  async #read(): Promise<readonly string[]> {
    const bytes = await this.#state.read(FILE);
    return bytes === null
      ? []
      : new TextDecoder()
          .decode(bytes)
          .split("\n")
          .filter((line) => line !== "");
  }
}

function admits(change: Change): boolean {
  if (change.kind === "add") return change.draft.trust === "untrusted";
  return change.kind === "edit" && change.edits.trust === "untrusted";
}
