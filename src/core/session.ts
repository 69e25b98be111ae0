/**
 * One session at one door: an initialised MCP connection, a conversation that the host identifies, or an editor window. It
 * knows who is there and what they were given, so that a write can name what had been in context.
 */
import { newSessionId } from "./memory/id.ts";
import type { Channel, MemoryId, ObjectId, Trust } from "./memory/model.ts";
import type { Environment } from "./ports.ts";
import type { Caller } from "./proposal.ts";
import type { Mode } from "./mode.ts";
import type { RecallIntent } from "./recall/question.ts";

export class Session {
  readonly id: string;
  readonly channel: Channel;
  readonly actor: string;
  readonly trust: Trust;
  /** The session's own mode; the repository's may be stricter, and then holds. */
  readonly mode: Mode;
  /** What its recalls are for, where a question doesn't say. */
  readonly intent: RecallIntent;
  /** The versions that this session was given, newest last. */
  readonly #given = new Map<MemoryId, ObjectId>();
  /** The versions that it knows without having been given their text: what it wrote itself. */
  readonly #known = new Map<MemoryId, ObjectId>();
  /** The last that it heard of each memory that it was given or wrote: a version, or null for its end. */
  readonly #heard = new Map<MemoryId, ObjectId | null>();
  #tainted = false;

  constructor(
    who: { channel: Channel; actor: string; trust: Trust; id?: string; mode?: Mode; intent?: RecallIntent },
    environment: Pick<Environment, "random">,
  ) {
    this.id = who.id ?? newSessionId((length) => environment.random(length));
    this.channel = who.channel;
    this.actor = who.actor;
    this.trust = who.trust;
    this.mode = who.mode ?? "full";
    this.intent = who.intent ?? "execute";
  }

  /** Notes what a recall put into the session's context. */
  gave(memories: readonly { readonly id: MemoryId; readonly blob: ObjectId }[]): void {
    for (const { id, blob } of memories) {
      this.#given.delete(id);
      this.#given.set(id, blob);
      this.#known.delete(id);
      this.#heard.set(id, blob);
    }
  }

  /** Notes versions that the session knows because it wrote them. They are not lineage: nothing was recalled. */
  knows(memories: readonly { readonly id: MemoryId; readonly blob: ObjectId }[]): void {
    for (const { id, blob } of memories) {
      this.#known.set(id, blob);
      this.#heard.set(id, blob);
    }
  }

  /** Notes that the session was told of a change (null: the end) of a memory, without having been given the text. */
  hears(id: MemoryId, blob: ObjectId | null): void {
    this.#heard.set(id, blob);
  }

  /** The last that the session heard of each memory that it was given or wrote: a version, or null for its end. */
  get heard(): ReadonlyMap<MemoryId, ObjectId | null> {
    return this.#heard;
  }

  /** The version of a memory that the session was given or wrote last; a write that names no version is checked against it. */
  given(id: MemoryId): ObjectId | undefined {
    return this.#known.get(id) ?? this.#given.get(id);
  }

  get recalled(): readonly MemoryId[] {
    return [...this.#given.keys()];
  }

  /**
   * Notes that words of an untrusted source came into the session: a page, a dependency, another agent. From here on nothing
   * tells its own words from theirs, so all that it writes counts as untrusted.
   */
  taint(): void {
    this.#tainted = true;
  }

  /** Who asks, for a proposal. */
  caller(turn?: number): Caller {
    return {
      channel: this.channel,
      actor: this.actor,
      trust: this.#tainted ? "untrusted" : this.trust,
      session: this.id,
      recalled: this.recalled,
      ...(turn === undefined ? {} : { turn }),
    };
  }
}
