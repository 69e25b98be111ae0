/**
 * The journal in one file, so that the next process need not read the whole log again. Entries stay encoded until somebody
 * asks for them, and those of one memory are found without a look at the others. A cache that doesn't hold together is
 * thrown away, never believed.
 */
import { DigestCheck, withDigest } from "../digested.ts";
import type { MemoryId, ObjectId } from "../memory/model.ts";
import type { JournalEntry } from "./journal-entry.ts";

/** Changes whenever what is derived from a commit changes: an older cache is then rebuilt. */
const VERSION = "memory journal 1";

interface Head {
  readonly version: string;
  readonly count: number;
  /** Half the length of a commit's name: 20 bytes, or 32 in a SHA-256 repository. */
  readonly idBytes: number;
  readonly ids: readonly MemoryId[];
  /** How many entries touched each id. */
  readonly touches: readonly number[];
}

/** The entries as they were written, newest first. */
export class PackedJournal {
  readonly count: number;
  readonly #idBytes: number;
  readonly #commits: Buffer;
  readonly #ends: Uint32Array;
  readonly #postings: Uint32Array;
  readonly #ranges: ReadonlyMap<MemoryId, { readonly from: number; readonly to: number }>;
  readonly #texts: Buffer;
  readonly #decoded = new Map<number, JournalEntry>();

  private constructor(
    head: Head,
    columns: { commits: Buffer; ends: Uint32Array; postings: Uint32Array; texts: Buffer },
  ) {
    this.count = head.count;
    this.#idBytes = head.idBytes;
    this.#commits = columns.commits;
    this.#ends = columns.ends;
    this.#postings = columns.postings;
    this.#texts = columns.texts;
    let from = 0;
    this.#ranges = new Map(
      head.ids.map((id, i) => {
        const range = { from, to: from + (head.touches[i] ?? 0) };
        from = range.to;
        return [id, range];
      }),
    );
  }

  /** Null where the bytes are cut short, changed, or of another version. @param check one that was given them already */
  static decode(bytes: Uint8Array, check = new DigestCheck()): PackedJournal | null {
    const content = check.contentOf(bytes);
    if (content === null || content.length < 8) return null;
    const headLength = content.readUInt32LE(0);
    // The digest vouches that these are the bytes which `encodeJournal` wrote.
    const head = JSON.parse(content.toString("utf8", 4, 4 + headLength)) as Head;
    if (head.version !== VERSION) return null;
    let at = 4 + headLength;
    const take = (length: number): Buffer => content.subarray(at, (at += length));
    const commits = take(head.count * head.idBytes);
    const ends = numbers(take(head.count * 4));
    const postings = numbers(take(head.touches.reduce((sum, count) => sum + count, 0) * 4));
    return new PackedJournal(head, { commits, ends, postings, texts: content.subarray(at) });
  }

  /** The commit of the newest entry. */
  get newest(): ObjectId {
    return this.#commits.toString("hex", 0, this.#idBytes);
  }

  at(number: number): JournalEntry {
    const known = this.#decoded.get(number);
    if (known !== undefined) return known;
    const from = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
    const entry = JSON.parse(this.#texts.toString("utf8", from, this.#ends[number])) as JournalEntry;
    this.#decoded.set(number, entry);
    return entry;
  }

  /** The numbers of the entries that touched an id, newest first. */
  touching(id: MemoryId): Uint32Array {
    const range = this.#ranges.get(id);
    return range === undefined ? new Uint32Array() : this.#postings.subarray(range.from, range.to);
  }

  find(commit: ObjectId): JournalEntry | undefined {
    const number = this.positionOf(commit);
    return number === undefined ? undefined : this.at(number);
  }

  positionOf(commit: ObjectId): number | undefined {
    const wanted = Buffer.from(commit, "hex");
    if (wanted.length !== this.#idBytes) return undefined;
    for (let at = this.#commits.indexOf(wanted); at >= 0; at = this.#commits.indexOf(wanted, at + 1)) {
      if (at % this.#idBytes === 0) return at / this.#idBytes;
    }
    return undefined;
  }

  /** The entries from one number up to another, which is not among them. */
  slice(from: number, to: number): JournalEntry[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.at(from + i));
  }

  *entries(): Generator<JournalEntry> {
    for (let number = 0; number < this.count; number++) yield this.at(number);
  }
}

/** `digest | length of head | head, as JSON | commits | ends | postings | entries, as JSON each`. */
export function encodeJournal(entries: readonly JournalEntry[]): Uint8Array | null {
  const [first] = entries;
  if (first === undefined) return null;
  const idBytes = first.commit.length / 2;
  const touched = new Map<MemoryId, number[]>();
  entries.forEach((entry, number) => {
    for (const id of new Set(entry.changes.map((change) => change.id))) {
      const known = touched.get(id);
      if (known === undefined) touched.set(id, [number]);
      else known.push(number);
    }
  });
  const texts = entries.map((entry) => Buffer.from(JSON.stringify(entry)));
  const ends = new Uint32Array(entries.length);
  let end = 0;
  texts.forEach((text, i) => (ends[i] = end += text.length));
  const head: Head = {
    version: VERSION,
    count: entries.length,
    idBytes,
    ids: [...touched.keys()],
    touches: Array.from(touched.values(), (list) => list.length),
  };
  const headText = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(headText.length);
  const content = Buffer.concat([
    size,
    headText,
    Buffer.concat(entries.map((entry) => Buffer.from(entry.commit, "hex"))),
    littleEndian(ends),
    littleEndian(Uint32Array.from([...touched.values()].flat())),
    ...texts,
  ]);
  return withDigest(content);
}

function littleEndian(values: Uint32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  return bytes;
}

/** Copied, because a section of the file need not begin where the machine could read numbers in place. */
function numbers(bytes: Buffer): Uint32Array {
  const copy = new Uint8Array(bytes);
  if (!isLittleEndian) Buffer.from(copy.buffer).swap32();
  return new Uint32Array(copy.buffer);
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
