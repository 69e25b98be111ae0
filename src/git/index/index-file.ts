/**
 * git's index (gitformat-index): found in its bytes, and written anew with a few entries changed and all others as they are.
 * What is out of the ordinary (conflicts, a split or sparse index, extensions that would have to follow) is left to git.
 */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { ObjectId } from "../../core/memory/model.ts";
import type { HashName } from "../objects/encode.ts";
import type { FolderStep } from "../objects/tree-steps.ts";
import { steppedCacheTree } from "./cache-tree.ts";

/** One entry, without its name. */
export interface IndexEntry {
  readonly id: ObjectId;
  /** As in a tree: 0o100644 and the like. */
  readonly mode: number;
  /** How the file looked when it was known to be this: git takes one that still looks so for unchanged. */
  readonly look: Look;
  /** Whether it bears a mark, such as "assume unchanged". */
  readonly isMarked: boolean;
}

/** What git keeps of a file's stat, in its own order; 32 bits each. */
export type Look = readonly [
  ctime: number,
  ctimeNs: number,
  mtime: number,
  mtimeNs: number,
  dev: number,
  ino: number,
  uid: number,
  gid: number,
  size: number,
];

const HEAD = 12;
const STAT = 40;
/** Where each part of a `Look` is in an entry; the mode lies between. */
const LOOK_AT = [0, 4, 8, 12, 16, 20, 28, 32, 36] as const;
const MODE_AT = 24;
const STAGE = 0x3000;
const EXTENDED = 0x4000;
const ASSUMED = 0x8000;
const LENGTH = 0x0fff;
/** The kind in a mode, and those of a submodule and of a folder, which only a sparse index has. */
const KIND = 0o170000;
const SUBMODULE = 0o160000;
const SPARSE_FOLDER = 0o040000;
const TREE = "TREE";

export class IndexFile {
  readonly #bytes: Buffer;
  readonly #hash: HashName;
  /** Where each entry begins, and where the last one ends. */
  readonly #places: Uint32Array;
  /** The content of the extension TREE; null where there is none. */
  readonly #cacheTree: Buffer | null;

  private constructor(bytes: Buffer, hash: HashName, places: Uint32Array, cacheTree: Buffer | null) {
    this.#bytes = bytes;
    this.#hash = hash;
    this.#places = places;
    this.#cacheTree = cacheTree;
  }

  /** Null where git has to see to it. */
  static read(bytes: Buffer, hash: HashName): IndexFile | null {
    const end = bytes.length - idLength(hash);
    if (end < HEAD || bytes.toString("latin1", 0, 4) !== "DIRC") return null;
    const [version, count] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
    // With index.skipHash there is no digest.
    if ((version !== 2 && version !== 3) || count > end / STAT || bytes.subarray(end).every((byte) => byte === 0))
      return null;
    const places = new Uint32Array(count + 1);
    let at = HEAD;
    for (let n = 0; n < count; n++) {
      places[n] = at;
      const flagsAt = at + STAT + idLength(hash);
      if (flagsAt + 2 > end) return null;
      const flags = bytes.readUInt16BE(flagsAt);
      if ((flags & STAGE) !== 0 || (bytes.readUInt32BE(at + MODE_AT) & KIND) === SPARSE_FOLDER) return null;
      const nameAt = flagsAt + ((flags & EXTENDED) === 0 ? 2 : 4);
      const nameEnd = (flags & LENGTH) < LENGTH ? nameAt + (flags & LENGTH) : bytes.indexOf(0, nameAt);
      if (nameEnd < nameAt) return null;
      at += paddedLength(nameEnd - at);
    }
    places[count] = at;
    const cacheTree = cacheTreeIn(bytes, at, end);
    return cacheTree === "other" ? null : new IndexFile(bytes, hash, places, cacheTree);
  }

  get count(): number {
    return this.#places.length - 1;
  }

  find(path: string): IndexEntry | null {
    const name = Buffer.from(path);
    const place = this.#placeFor(name);
    if (place === this.count || this.#compare(place, name) !== 0) return null;
    const at = this.#places[place] ?? 0;
    const idAt = at + STAT;
    const flags = this.#bytes.readUInt16BE(idAt + idLength(this.#hash));
    return {
      id: this.#bytes.toString("hex", idAt, idAt + idLength(this.#hash)),
      mode: this.#bytes.readUInt32BE(at + MODE_AT),
      look: LOOK_AT.map((part) => this.#bytes.readUInt32BE(at + part)) as unknown as Look,
      isMarked: (flags & (EXTENDED | ASSUMED)) !== 0,
    };
  }

  /** Whether there are entries below a path, as of a folder. */
  hasBelow(path: string): boolean {
    const prefix = Buffer.from(`${path}/`);
    const place = this.#placeFor(prefix);
    if (place === this.count) return false;
    const { start, end } = this.#nameOf(place);
    return this.#bytes.subarray(start, Math.min(end, start + prefix.length)).equals(prefix);
  }

  /**
   * The paths whose files may have changed after git looked without looking otherwise, because they are as young as the index:
   * read-cache.c, `is_racy_timestamp`, in seconds, as most gits are built.
   * @param most null where there are more
   */
  racy(indexSeconds: number, most: number): readonly string[] | null {
    const paths: string[] = [];
    for (let n = 0; n < this.count; n++) {
      const at = this.#places[n] ?? 0;
      if (this.#bytes.readUInt32BE(at + 8) < indexSeconds) continue;
      if ((this.#bytes.readUInt32BE(at + MODE_AT) & KIND) === SUBMODULE) continue;
      const { start, end } = this.#nameOf(n);
      const name = this.#bytes.subarray(start, end);
      if (paths.length === most || !Buffer.from(name.toString("utf8")).equals(name)) return null;
      paths.push(name.toString("utf8"));
    }
    return paths;
  }

  /**
   * The bytes of the index with other entries at some paths, in parts; null takes one out.
   * @param step from the tree of which the entries were taken to that of which they will be, for git's cache of trees
   */
  with(changes: ReadonlyMap<string, Omit<IndexEntry, "isMarked"> | null>, step: FolderStep): readonly Buffer[] {
    const parts: Buffer[] = [];
    const sorted = [...changes].map(([path, entry]) => ({ name: Buffer.from(path), entry }));
    let [taken, count] = [0, this.count];
    const takeTo = (place: number): void => {
      parts.push(this.#bytes.subarray(this.#places[taken], this.#places[place]));
      taken = place;
    };
    for (const { name, entry } of sorted.sort((a, b) => Buffer.compare(a.name, b.name))) {
      const place = this.#placeFor(name);
      takeTo(place);
      if (place < this.count && this.#compare(place, name) === 0) {
        taken += 1;
        count -= 1;
      }
      if (entry !== null) {
        parts.push(encodeEntry(name, entry));
        count += 1;
      }
    }
    takeTo(this.count);
    const cacheTree = this.#cacheTree === null ? null : steppedCacheTree(this.#cacheTree, this.#hash, step);
    if (cacheTree !== null) parts.push(extension(TREE, cacheTree));
    const head = Buffer.from(this.#bytes.subarray(0, HEAD));
    head.writeUInt32BE(count, 8);
    parts.unshift(head);
    const digest = createHash(this.#hash);
    for (const part of parts) digest.update(part);
    return [...parts, digest.digest()];
  }

  /** Where the first entry is whose name does not come before this one. */
  #placeFor(name: Buffer): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(middle, name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(place: number, name: Buffer): number {
    const { start, end } = this.#nameOf(place);
    return this.#bytes.compare(name, 0, name.length, start, end);
  }

  #nameOf(place: number): { readonly start: number; readonly end: number } {
    const flagsAt = (this.#places[place] ?? 0) + STAT + idLength(this.#hash);
    const flags = this.#bytes.readUInt16BE(flagsAt);
    const start = flagsAt + ((flags & EXTENDED) === 0 ? 2 : 4);
    return { start, end: (flags & LENGTH) < LENGTH ? start + (flags & LENGTH) : this.#bytes.indexOf(0, start) };
  }
}

/** As git would note it now. */
export function lookOf(stat: BigIntStats): Look {
  const nanoseconds = 1_000_000_000n;
  const parts = [
    stat.ctimeNs / nanoseconds,
    stat.ctimeNs % nanoseconds,
    stat.mtimeNs / nanoseconds,
    stat.mtimeNs % nanoseconds,
    stat.dev,
    stat.ino,
    stat.uid,
    stat.gid,
    stat.size,
  ];
  return parts.map((part) => Number(BigInt.asUintN(32, part))) as unknown as Look;
}

function idLength(hash: HashName): number {
  return hash === "sha1" ? 20 : 32;
}

/** An entry ends with one to eight zeros, so that the next begins at a multiple of eight. */
function paddedLength(length: number): number {
  return (length + 8) & ~7;
}

function encodeEntry(name: Buffer, { id, mode, look }: Omit<IndexEntry, "isMarked">): Buffer {
  const idBytes = Buffer.from(id, "hex");
  const nameAt = STAT + idBytes.length + 2;
  const bytes = Buffer.alloc(paddedLength(nameAt + name.length));
  for (const [n, part] of LOOK_AT.entries()) bytes.writeUInt32BE(look[n] ?? 0, part);
  bytes.writeUInt32BE(mode, MODE_AT);
  idBytes.copy(bytes, STAT);
  bytes.writeUInt16BE(Math.min(name.length, LENGTH), nameAt - 2);
  name.copy(bytes, nameAt);
  return bytes;
}

function extension(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32BE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** The content of TREE, null without it; `other` where there is another extension, or the bytes are damaged. */
function cacheTreeIn(bytes: Buffer, from: number, end: number): Buffer | null | "other" {
  if (from === end) return null;
  if (from + 8 > end || bytes.toString("latin1", from, from + 4) !== TREE) return "other";
  const length = bytes.readUInt32BE(from + 4);
  return from + 8 + length === end ? bytes.subarray(from + 8, end) : "other";
}
