/** The branch that a store is on with the writes that wait for it. When the branch moves, they follow. */
import { MemoryNotFoundError, StoreBusyError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { Opened } from "../opened.ts";
import type { Move } from "../refs/left-locks.ts";
import type { RefUpdater } from "../refs/update-ref.ts";
import { type CarryMeans, carryTo, carryWrites, type StoreFiles } from "./carry.ts";
import { type Pending, pendingRef, readPending, writePending } from "./pending.ts";
import { shortName } from "./work-tree.ts";

/** The branch at one moment. */
export interface Here {
  /** Its full ref. */
  readonly branch: string;
  readonly head: ObjectId;
  /** What the pending ref points to; null where nothing waits. */
  readonly names: ObjectId | null;
  /** Its base is `head`, unless what waits could not be carried over. */
  readonly pending: Pending;
}

/** Tries against other processes that carry the same writes over. */
const MAX_TRIES = 5;

export class WaitingWrites {
  readonly carry: CarryMeans;
  readonly #branch: () => string | null;
  readonly #opened: Opened;
  readonly #updater: RefUpdater;
  readonly #note: (moves: readonly Move[]) => void;
  readonly #read = new Map<ObjectId, Pending>();

  /**
   * @param branch the branch that the store is on now, as a full ref; null where there is none
   * @param note told what is about to be moved, for whoever has to tidy up after a kill
   */
  constructor(
    branch: () => string | null,
    opened: Opened,
    folder: StoreFiles,
    updater: RefUpdater,
    note: (moves: readonly Move[]) => void,
  ) {
    this.#note = note;
    this.#branch = branch;
    this.#opened = opened;
    this.#updater = updater;
    this.carry = { ...opened, folder };
  }

  /** Null where HEAD is detached, or the branch has no commit yet. */
  async here(): Promise<Here | null> {
    const branch = this.#branch();
    return branch === null ? null : this.of(branch);
  }

  /** The same of any branch; null where there is no such branch. */
  async of(branch: string): Promise<Here | null> {
    const { refs } = this.#opened;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // In this order: what waits may be older than the branch that was read before it, never newer.
      const names = await refs.read(pendingRef(branch));
      const head = await refs.read(branch);
      if (head === null) return null;
      const pending = names === null ? { base: head, writes: [], aside: [] } : await this.#pending(names);
      const here = { branch, head, names, pending };
      if (pending.base === head) return here;
      const carried = await this.#follow(here);
      if (carried !== null) return carried;
    }
    throw changing(branch);
  }

  /** Puts other writes in the place of those that wait. False where another process was first. */
  async replace(here: Here, pending: Pending): Promise<Here | null> {
    const { objects, writer } = this.#opened;
    const names = await writePending(objects, await writer(), pending);
    if (names !== null) this.#know(names, pending);
    const change = { ref: pendingRef(here.branch), before: here.names, after: names };
    if (names !== here.names) this.#note([change]);
    if (names === here.names || (await this.#updater.swapAll([change]))) return { ...here, names, pending };
    return null;
  }

  /** Adds to what waits here all that waits there, which then waits there no more. How many writes that were. */
  async join(here: Here, there: Here): Promise<number> {
    const { objects, writer } = this.#opened;
    const all = [...here.pending.writes, ...there.pending.writes, ...there.pending.aside];
    const carried = await carryWrites(this.carry, all, here.head);
    const pending = { ...carried, aside: [...here.pending.aside, ...carried.aside] };
    const names = await writePending(objects, await writer(), pending);
    const moves = [
      ...(names === here.names ? [] : [{ ref: pendingRef(here.branch), before: here.names, after: names }]),
      { ref: pendingRef(there.branch), before: there.names, after: null },
    ];
    this.#note(moves);
    if (!(await this.#updater.swapAll(moves))) throw changing(here.branch);
    return there.pending.writes.length + there.pending.aside.length;
  }

  /** Forgets one of the writes that wait, by the beginning of its commit. Throws MemoryNotFoundError. */
  async dropNamed(here: Here | null, name: string): Promise<ObjectId> {
    const all = [...(here?.pending.writes ?? []), ...(here?.pending.aside ?? [])];
    const [commit, other] = all.filter((one) => name.length >= 4 && one.startsWith(name));
    if (here === null || commit === undefined || other !== undefined)
      throw new MemoryNotFoundError(`No write that waits here is "${name}". \`git memory land\` lists those that do.`);
    await this.#drop(here, commit);
    return commit;
  }

  async #drop(here: Here, write: ObjectId): Promise<void> {
    const rest = here.pending.writes.filter((one) => one !== write);
    const carried = await carryWrites(this.carry, rest, here.head);
    const aside = [...here.pending.aside.filter((one) => one !== write), ...carried.aside];
    if ((await this.replace(here, { ...carried, aside })) === null) throw changing(here.branch);
  }

  async #follow(here: Here): Promise<Here | null> {
    return this.replace(here, await carryTo(this.carry, here.pending, here.head));
  }

  async #pending(names: ObjectId): Promise<Pending> {
    const known = this.#read.get(names);
    if (known !== undefined) return known;
    const pending = await readPending(this.#opened.objects, names);
    this.#know(names, pending);
    return pending;
  }

  /** Only the newest is asked for again. */
  #know(names: ObjectId, pending: Pending): void {
    if (this.#read.size > 16) this.#read.clear();
    this.#read.set(names, pending);
  }
}

function changing(branch: string): StoreBusyError {
  return new StoreBusyError(
    `Other processes kept changing what waits for ${shortName(branch)}. Try again in a moment.`,
  );
}
