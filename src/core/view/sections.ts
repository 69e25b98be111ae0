/** Which memories stand where in the view, and in what order. */
import type { Tombstone } from "../gate/tombstones.ts";
import { lifecycle, type Lifecycle } from "../memory/lifecycle.ts";
import { MEMORY_TYPES, type BrokenMemory, type Memory, type ObjectId, type Source } from "../memory/model.ts";
import { besideTitles, COMPARED_AT_ONCE, discrepanciesOf } from "../merge/discrepancies.ts";
import type { ChangedSources } from "../provenance/citations.ts";
import type { Held } from "../review/quarantine.ts";
import { isAbout } from "./about.ts";
import { brokenException, exceptionOf, EXCEPTIONS, type Exception } from "./belief.ts";
import { cardsOf, type Card } from "./waiting.ts";

/** A memory with where it comes from; `S` is the face's own notion of a store. */
export interface Placed<S> {
  readonly store: S;
  readonly memory: Memory;
  readonly life: Lifecycle;
  readonly exception: Exception | null;
  /** How it is at odds with another memory or with what was refused, in a few words. */
  readonly conflict: string | null;
  /** Why the gate keeps it out of use, in a sentence; null where it is in use. */
  readonly refused: string | null;
  /** When it was written, in milliseconds; 0 where the file doesn't say. */
  readonly writtenAt: number;
}

export interface PlacedBroken<S> {
  readonly store: S;
  readonly broken: BrokenMemory;
}

/** What waits for review. */
export interface PlacedCard<S> {
  readonly store: S;
  readonly card: Card<S>;
}

export interface Sections<S> {
  /** Conflicts, what waits for review, broken files, stale and ending memories, in that order. */
  readonly needsYou: readonly (Placed<S> | PlacedBroken<S> | PlacedCard<S>)[];
  /** Everything in force: what applies here before what is of other repositories, then pinned first, then newest. */
  readonly believed: readonly Placed<S>[];
  /** Files that are still there though their end has come, latest end first. */
  readonly ended: readonly Placed<S>[];
}

/** What a list needs of a store. */
export interface Shelf<S> {
  readonly store: S;
  readonly memories: Iterable<Memory>;
  readonly broken: Iterable<BrokenMemory>;
  /** The citations that no longer hold in the code. */
  readonly changed: ChangedSources;
  /** What is to be kept out, so that it is seen where it is there again. */
  readonly tombstones?: readonly Tombstone[];
  /** Why memories are not in use, by version. */
  readonly refused?: ReadonlyMap<ObjectId, string>;
  /** What waits for review; absent where the list is not about that. */
  readonly waiting?: readonly Held[];
  /** Of another repository than the one in view: its memories come after those that apply here. */
  readonly apart?: boolean;
}

/** Above this many, *Believed now* is grouped by type: a flat list of more is not read but searched. */
export const GROUP_ABOVE = 200;

/** @param shelves where memories are equal in rank, those of the earlier one come first */
export function sectionsOf<S>(shelves: readonly Shelf<S>[], now: Date): Sections<S> {
  const apart = new Set(shelves.filter((shelf) => shelf.apart === true).map(({ store }) => store));
  const hereFirst = (a: { store: S }, b: { store: S }): number =>
    Number(apart.has(a.store)) - Number(apart.has(b.store));
  const all = shelves.flatMap(({ store, memories, changed, refused, tombstones = [] }) => {
    const own = [...memories];
    const conflicts = besideTitles(discrepanciesOf(own, { now, tombstones, mostCompared: COMPARED_AT_ONCE }));
    return own.map((memory) =>
      placed(store, memory, now, {
        conflict: conflicts.get(memory) ?? null,
        refused: refused?.get(memory.blob) ?? null,
        changed: changed.get(memory.blob),
      }),
    );
  });
  const broken = shelves.flatMap(({ store, broken }) =>
    Array.from(broken, (file): PlacedBroken<S> => ({ store, broken: file })),
  );
  const cards = shelves.flatMap(({ store, waiting = [] }) =>
    cardsOf(store, waiting).map((card): PlacedCard<S> => ({ store, card })),
  );
  const inForce = all.filter(({ life }) => life.inForce);
  const exceptional = inForce.filter(({ exception }) => exception !== null);
  return {
    needsYou: [...exceptional, ...broken, ...cards].sort(
      (a, b) => rankOf(a) - rankOf(b) || hereFirst(a, b) || soonestEnd(a) - soonestEnd(b),
    ),
    believed: inForce
      .filter(({ refused }) => refused === null)
      .sort((a, b) => hereFirst(a, b) || pinnedThenNewest(a, b)),
    ended: all.filter(({ life }) => life.expired).sort((a, b) => endOf(b.memory) - endOf(a.memory)),
  };
}

/** The memories in force that speak of a file of the code, in the order of *Believed now*. */
export function aboutFile<S>(believed: readonly Placed<S>[], path: string): readonly Placed<S>[] {
  return believed.filter(({ memory }) => isAbout(memory, path));
}

/** The types that occur, the format's own first. */
export function groupsOf<S>(believed: readonly Placed<S>[]): ReadonlyMap<string, readonly Placed<S>[]> {
  const groups = new Map<string, Placed<S>[]>();
  for (const item of believed) {
    const group = groups.get(item.memory.front.type);
    if (group === undefined) groups.set(item.memory.front.type, [item]);
    else group.push(item);
  }
  const known: readonly string[] = MEMORY_TYPES;
  const rank = (type: string): number => (known.includes(type) ? known.indexOf(type) : known.length);
  return new Map([...groups].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b)));
}

function placed<S>(
  store: S,
  memory: Memory,
  now: Date,
  known: {
    readonly conflict: string | null;
    readonly refused: string | null;
    readonly changed: readonly Source[] | undefined;
  },
): Placed<S> {
  const { conflict, refused, changed } = known;
  const life = lifecycle(memory, now, changed);
  const exception = life.expired ? null : exceptionOf(life, conflict, refused);
  return { store, memory, life, exception, conflict, refused, writtenAt: writtenAt(memory) };
}

function rankOf<S>(item: Placed<S> | PlacedBroken<S> | PlacedCard<S>): number {
  if ("card" in item) return EXCEPTIONS.indexOf("waiting");
  return EXCEPTIONS.indexOf("broken" in item ? brokenException(item.broken) : (item.exception ?? "ending"));
}

function soonestEnd<S>(item: Placed<S> | PlacedBroken<S> | PlacedCard<S>): number {
  return "card" in item || "broken" in item || item.life.endsIn === null ? Number.MAX_SAFE_INTEGER : item.life.endsIn;
}

function pinnedThenNewest<S>(a: Placed<S>, b: Placed<S>): number {
  const pinned = Number(b.memory.front.pinned === true) - Number(a.memory.front.pinned === true);
  return pinned || b.writtenAt - a.writtenAt || (a.memory.path < b.memory.path ? -1 : 1);
}

function writtenAt(memory: Memory): number {
  const time = Date.parse(memory.front.generated?.at ?? "");
  return Number.isNaN(time) ? 0 : time;
}

function endOf(memory: Memory): number {
  return Date.parse(memory.front.expires_at ?? "");
}
