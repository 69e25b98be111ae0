/** Decides when the branch takes what waits for it, and how much of it; `Landing` then does it. */
import type { ObjectId } from "../../core/memory/model.ts";
import { carryWrites } from "./carry.ts";
import type { DefaultBranches } from "./default-branch.ts";
import { inFolder } from "./folder.ts";
import type { Landing, Outcome } from "./landing.ts";
import { type Pending, pendingRef, writePending } from "./pending.ts";
import { changedJustNow, stampOf, whyNotQuiet } from "./quiet.ts";
import { readyIn, signWaiting } from "./signing.ts";
import type { Here, WaitingWrites } from "./waiting.ts";
import { currentBranch, shortName, type WorkTree } from "./work-tree.ts";

/** What came of trying to land. */
export interface Landed {
  /** The branch that is checked out; null where there is none. */
  readonly branch: string | null;
  /** How many writes the branch took. */
  readonly landed: number;
  /** Those that wait still, oldest first, and why, as the end of a sentence. */
  readonly waiting: readonly ObjectId[];
  readonly why: string | null;
  /** Those that the branch can't take as they are, because it changed the same memory. */
  readonly aside: readonly ObjectId[];
  /** For each write that was made anew on the way, the commit that stands for it. */
  readonly now: ReadonlyMap<ObjectId, ObjectId>;
}

export class Lander {
  readonly #place: WorkTree;
  readonly #waiting: WaitingWrites;
  readonly #landing: Landing;
  readonly #defaults: DefaultBranches;

  constructor(place: WorkTree, waiting: WaitingWrites, landing: Landing, defaults: DefaultBranches) {
    this.#place = place;
    this.#waiting = waiting;
    this.#landing = landing;
    this.#defaults = defaults;
  }

  /** @param asked a person wants it now: the remote's default branch and the pause count no more */
  async land(asked: boolean): Promise<Landed> {
    await this.#landing.repair();
    const here = await this.#waiting.here();
    if (here === null || here.pending.writes.length === 0) return stay(here, null);
    const why = await this.whyWait(here, asked);
    if (why !== null) return stay(here, why);
    const signed = await signWaiting(this.#waiting.carry, here.pending, asked);
    const sorted = signed.pending === here.pending ? here : await this.#waiting.replace(here, signed.pending);
    if (sorted === null) return stay(here, "another process was first");
    const { ready, now } = signed;
    if (ready === 0) return { ...stay(sorted, signed.why), now };
    const whole = await this.#take(sorted, ready);
    if (whole === "taken") return { ...left(sorted, ready, signed.why), now };
    if ("waits" in whole) return { ...stay(sorted, whole.waits), now };
    const around = await this.#landAround(sorted, whole.changed);
    const later = Array.from(now, ([old, one]) => [old, around.now.get(one) ?? one] as const);
    return { ...around, now: new Map([...around.now, ...later]) };
  }

  /** What `land` would say, without doing it. */
  async look(here: Here | null): Promise<Landed> {
    if (here === null || here.pending.writes.length === 0) return stay(here, null);
    const why = await this.whyWait(here, false);
    const isReady = (await readyIn(this.#waiting.carry, here.pending)) > 0;
    return stay(here, why ?? (isReady ? null : "it is to be signed first"));
  }

  /** Why what waits would not land now; null where it would. */
  async whyWait({ branch }: Here, asked: boolean): Promise<string | null> {
    const { gitDir } = this.#place.repository;
    const busy = whyNotQuiet(this.#place);
    if (busy !== null || asked) return busy;
    const remote = await this.#defaults.remoteOf(branch);
    if (remote !== null)
      return `${shortName(branch)} is the default branch of ${remote}, where nothing lands by itself. Switch to another branch, or run git memory land`;
    return changedJustNow(gitDir, await this.#landing.lastStamp()) ? "the repository changed a moment ago" : null;
  }

  /** What touches a file that the user is at waits, and so does what builds on it; the rest goes first. */
  async #landAround(here: Here, changed: readonly string[]): Promise<Landed> {
    const why = `${inFolder(changed[0] ?? "")} has changes that are not committed`;
    const ready = await readyIn(this.#waiting.carry, here.pending);
    const { free, stuck } = await this.#part(here.pending, ready, new Set(changed));
    if (free.length === 0) return stay(here, why);
    const carried = await carryWrites(this.#waiting.carry, [...free, ...stuck], here.head);
    const goes = new Set(free.map((write) => carried.now.get(write)));
    const count = carried.writes.filter((write) => goes.has(write)).length;
    const sorted = await this.#waiting.replace(here, { ...carried, aside: [...here.pending.aside, ...carried.aside] });
    if (sorted === null) return stay(here, "another process was first");
    const part = await this.#take(sorted, count);
    if (part === "taken") return { ...left(sorted, count, why), now: carried.now };
    return { ...stay(sorted, "waits" in part ? part.waits : why), now: carried.now };
  }

  async #part(
    { base, writes }: Pending,
    ready: number,
    blocked: Set<string>,
  ): Promise<{ readonly free: readonly ObjectId[]; readonly stuck: readonly ObjectId[] }> {
    const [free, stuck]: [ObjectId[], ObjectId[]] = [[], []];
    let before = base;
    for (const [n, write] of writes.entries()) {
      const paths = (await this.#waiting.carry.folder.steps(before, write)).map(({ path }) => path);
      const isStuck = n >= ready || paths.some((path) => blocked.has(path));
      (isStuck ? stuck : free).push(write);
      if (isStuck) for (const path of paths) blocked.add(path);
      before = write;
    }
    return { free, stuck };
  }

  /** Lets the branch take the oldest of what waits. */
  async #take(here: Here, count: number): Promise<Outcome> {
    const { branch, head, names, pending } = here;
    // What was carried over has lost its signature where the key did not answer.
    if ((await readyIn(this.#waiting.carry, pending)) < count) return { waits: "it is to be signed first" };
    const after = pending.writes[count - 1];
    if (names === null || after === undefined) return { waits: "nothing waits" };
    // Only what is checked out has an index and files to be kept in step.
    if (currentBranch(this.#place.repository) !== branch) return { waits: "another branch was checked out" };
    const rest = { base: after, writes: pending.writes.slice(count), aside: pending.aside };
    const { objects, writer } = this.#waiting.carry;
    const still = await writePending(objects, await writer(), rest);
    const step = { branch, before: head, after, pending: { ref: pendingRef(branch), before: names, after: still } };
    const outcome = await this.#landing.take(step);
    if (outcome === "taken") await this.#landing.noteStamp(stampOf(this.#place.repository.gitDir));
    return outcome;
  }
}

function stay(here: Here | null, why: string | null): Landed {
  return left(here, 0, why);
}

/** What waits still, after the first of them `landed`. */
export function left(here: Here | null, landed: number, why: string | null): Landed {
  return {
    branch: here?.branch ?? null,
    landed,
    waiting: here?.pending.writes.slice(landed) ?? [],
    why,
    aside: here?.pending.aside ?? [],
    now: new Map(),
  };
}
