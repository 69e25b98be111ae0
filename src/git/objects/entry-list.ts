/**
 * A tree's entries in git's order, with the bytes that git stores of them. A write changes one entry of a folder of a
 * thousand; the others are taken over as they are, in both.
 */
import {
  decodeTree,
  encodedLength,
  encodeTree,
  type HashName,
  inTreeOrder,
  orderKey,
  type TreeEntry,
} from "./encode.ts";

export class EntryList {
  static readonly empty = new EntryList([], Buffer.alloc(0));

  readonly entries: readonly TreeEntry[];
  #bytes: Buffer | null;
  #byName: ReadonlyMap<string, TreeEntry> | undefined;
  /** Whether they are in git's order, each name once; null until a write asks. Not every tool writes its trees so. */
  #isOrdered: boolean | null;

  private constructor(entries: readonly TreeEntry[], bytes: Buffer | null, isOrdered: boolean | null = true) {
    this.entries = entries;
    this.#bytes = bytes;
    this.#isOrdered = isOrdered;
  }

  /** Throws RangeError on bytes that are no tree. */
  static decode(bytes: Buffer, hash: HashName): EntryList {
    return new EntryList(decodeTree(bytes, hash), bytes, null);
  }

  /** As they are stored and hashed, without the object's header. */
  get bytes(): Buffer {
    return (this.#bytes ??= encodeTree(this.entries));
  }

  get byName(): ReadonlyMap<string, TreeEntry> {
    return (this.#byName ??= new Map(this.entries.map((entry) => [entry.name, entry])));
  }

  /** The same in git's order, in which the other questions find their way. */
  ordered(): EntryList {
    const { entries } = this;
    this.#isOrdered ??= entries.slice(1).every((entry, i) => isBefore(entries[i], entry));
    return this.#isOrdered ? this : new EntryList(inTreeOrder(this.byName.values()), null);
  }

  /** The entry of a name, found without the map of all. */
  find(name: string): TreeEntry | undefined {
    return this.entries[this.#placeOf(name)];
  }

  /** The list with other entries under some names; null takes a name out. */
  with(changes: ReadonlyMap<string, TreeEntry | null>): EntryList {
    const added = inTreeOrder([...changes.values()].filter((entry) => entry !== null));
    const cuts = [
      // Before the one that stands there, which is the old one of that name or a later one.
      ...added.map((entry) => ({ at: this.#placeFor(orderKey(entry)), add: [entry], drop: 0 })),
      ...Array.from(changes.keys(), (name) => ({ at: this.#placeOf(name), add: [], drop: 1 })),
    ].filter(({ at }) => at >= 0);
    const old = this.bytes;
    const entries: (readonly TreeEntry[])[] = [];
    const bytes: Buffer[] = [];
    let [taken, offset] = [0, 0];
    const take = (end: number): void => {
      entries.push(this.entries.slice(taken, end));
      const start = offset;
      for (; taken < end; taken++) offset += this.#lengthAt(taken);
      bytes.push(old.subarray(start, offset));
    };
    for (const { at, add, drop } of cuts.toSorted((a, b) => a.at - b.at)) {
      take(at);
      entries.push(add);
      bytes.push(encodeTree(add));
      if (drop === 1) offset += this.#lengthAt(taken++);
    }
    entries.push(this.entries.slice(taken));
    bytes.push(old.subarray(offset));
    // Of the lists that came before the newest, the bytes are hardly ever asked for again.
    this.#bytes = null;
    return new EntryList(entries.flat(), Buffer.concat(bytes));
  }

  #lengthAt(place: number): number {
    const entry = this.entries[place];
    return entry === undefined ? 0 : encodedLength(entry);
  }

  /** -1 where the name is not there, as a file or a folder. */
  #placeOf(name: string): number {
    const key = Buffer.from(name).toString("latin1");
    const place = [this.#placeFor(key), this.#placeFor(`${key}/`)].find((one) => this.entries[one]?.name === name);
    // One whose bytes are spelled otherwise stands where its bytes belong.
    return place ?? this.entries.findIndex((entry) => entry.rawName !== undefined && entry.name === name);
  }

  /** Where the first entry stands that does not come before a key. */
  #placeFor(key: string): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.entries[middle];
      if (entry !== undefined && orderKey(entry) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether two entries stand in git's order, with names of their own. */
function isBefore(a: TreeEntry | undefined, b: TreeEntry): boolean {
  return a === undefined || (orderKey(a) < orderKey(b) && a.name !== b.name);
}
