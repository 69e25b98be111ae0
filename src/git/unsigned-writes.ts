/**
 * The writes of a memory branch whose key can't be used now. They wait on a ref beside it, as those do that wait for a quiet
 * moment of the code's branch, are believed from then on, and are signed and taken once the key answers.
 */
import type { ObjectId } from "../core/memory/model.ts";
import type { StoreFiles } from "./branch/carry.ts";
import { type Landed, left } from "./branch/lander.ts";
import { pendingRef, writePending } from "./branch/pending.ts";
import { readyIn, signWaiting } from "./branch/signing.ts";
import { type Here, WaitingWrites } from "./branch/waiting.ts";
import type { Opened } from "./opened.ts";
import type { Move } from "./refs/left-locks.ts";
import { Retry } from "./retry.ts";

/** Tries against other writers. */
const MAX_TRIES = 3;

export class UnsignedWrites {
  readonly #opened: Opened;
  readonly #ref: string;
  readonly #waiting: WaitingWrites;
  readonly #note: (moves: readonly Move[]) => void;
  readonly #exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #landing = new Retry(async () => (await this.land(false)).waiting.length === 0);

  /**
   * @param note told what is about to be moved, for whoever has to tidy up after a kill
   * @param exclusively holds the lock in which that is noted
   */
  constructor(
    opened: Opened,
    ref: string,
    note: (moves: readonly Move[]) => void,
    exclusively: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#opened = opened;
    this.#ref = ref;
    this.#note = note;
    this.#exclusively = exclusively;
    const { trees } = opened;
    const files: StoreFiles = {
      pathOf: (path) => path,
      steps: async (before, after) => trees.changes(await trees.rootOf(before), await trees.rootOf(after)),
    };
    this.#waiting = new WaitingWrites(() => ref, opened, files, opened.updater, note);
  }

  /** The branch with what waits for it; null where there is no branch. */
  async here(): Promise<Here | null> {
    const here = await this.#waiting.here();
    if (here !== null && here.pending.writes.length > 0) this.#landing.start();
    return here;
  }

  /** Adds a write to those that wait. False where another writer was first. */
  async add(here: Here, commit: ObjectId): Promise<boolean> {
    const pending = { ...here.pending, writes: [...here.pending.writes, commit] };
    if ((await this.#waiting.replace(here, pending)) === null) return false;
    this.#landing.start();
    return true;
  }

  /** What waits, and why. Changes nothing. */
  async look(): Promise<Landed> {
    const here = await this.#waiting.here();
    const isIdle = here === null || here.pending.writes.length === 0;
    if (isIdle) return left(here, 0, null);
    const isReady = (await readyIn(this.#opened, here.pending)) === here.pending.writes.length;
    return left(here, 0, isReady ? null : "it is to be signed first");
  }

  /**
   * Signs what waits and moves the branch to it, as far as the key answers.
   * @param asked a person wants it now, however lately the key did not answer
   * @param isHeld whether the caller holds the lock; it is not waited for twice, nor held while a key is asked for
   */
  async land(asked: boolean, isHeld = false): Promise<Landed> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const here = await this.#waiting.here();
      if (here === null || here.pending.writes.length === 0) return left(here, 0, null);
      const { pending, ready, why, now } = await signWaiting(this.#opened, here.pending, asked);
      const after = pending.writes[ready - 1];
      if (after === undefined) return left(here, 0, why);
      const rest = { base: after, writes: pending.writes.slice(ready), aside: pending.aside };
      const still = await this.#named(rest);
      const move = async (): Promise<boolean> => this.#move(here, after, still);
      if (await (isHeld ? move() : this.#exclusively(move))) return { ...left({ ...here, pending }, ready, why), now };
    }
    return left(await this.#waiting.here(), 0, "another writer was first");
  }

  /** Forgets one of the writes that wait, by the beginning of its commit. Throws MemoryNotFoundError. */
  async drop(name: string): Promise<ObjectId> {
    return this.#waiting.dropNamed(await this.#waiting.here(), name);
  }

  async dispose(): Promise<void> {
    await this.#landing.stop();
  }

  async #named(pending: Here["pending"]): Promise<ObjectId | null> {
    return writePending(this.#opened.objects, await this.#opened.writer(), pending);
  }

  async #move({ head, names }: Here, after: ObjectId, still: ObjectId | null): Promise<boolean> {
    const { checkouts, updater } = this.#opened;
    const moves = [
      { ref: this.#ref, before: head, after },
      { ref: pendingRef(this.#ref), before: names, after: still },
    ];
    this.#note(moves);
    return checkouts.follow(this.#ref, head, after, () => updater.swapAll(moves));
  }
}
