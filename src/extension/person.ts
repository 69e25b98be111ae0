/** The person at this window, as an actor and a session of the editor. */
import { randomBytes } from "node:crypto";
import { newSessionId } from "../core/memory/id.ts";
import type { Caller } from "../core/proposal.ts";
import type { MemoryStore } from "../core/store.ts";
import type { Trust } from "../core/memory/model.ts";

/** One window is one session of the `editor` channel. */
export class EditorPerson {
  readonly #session = newSessionId((length) => randomBytes(length));

  /** `human:alice`, by the name that git knows. */
  async name(store: MemoryStore): Promise<string> {
    const { name } = await store.repository.committer();
    return `human:${name.trim().toLowerCase().replaceAll(/\s+/g, "-")}`;
  }

  /**
   * Who asks. A gesture in the view or an input box is the person's own word (`user`); a file that was saved may have been
   * saved by an agent, so it counts as one's (`agent`).
   */
  async caller(store: MemoryStore, trust: Extract<Trust, "user" | "agent">): Promise<Caller> {
    const who = { channel: "editor", actor: await this.name(store), trust, session: this.#session } as const;
    return trust === "user" ? { ...who, gesture: true } : who;
  }
}
