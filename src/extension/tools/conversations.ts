/** One session for each conversation, so that a write can name what that conversation, and no other, had been given. */
import { Session } from "../../core/session.ts";
import type { Environment } from "../../core/ports.ts";

/** How many conversations are remembered; an older one that speaks again begins a new session. */
const MOST = 100;

/** The editor does not tell which model calls a tool. */
const ACTOR = "vscode-agent";

export class Conversations {
  readonly #environment: Pick<Environment, "random">;
  readonly #sessions = new Map<string, Session>();

  constructor(environment: Pick<Environment, "random">) {
    this.#environment = environment;
  }

  /**
   * @param token the invocation token of a tool call, which is the same throughout a conversation. It is opaque: only
   * whether two are equal is used. Calls without one share the window's session.
   */
  session(token: unknown): Session {
    const key = token === undefined || token === null ? "window" : JSON.stringify(token);
    const known = this.#sessions.get(key);
    const session = known ?? new Session({ channel: "tool", actor: ACTOR, trust: "agent" }, this.#environment);
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST && oldest !== undefined) this.#sessions.delete(oldest);
    return session;
  }
}
