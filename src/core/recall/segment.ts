/**
 * The immutable part of the index: typed arrays over one buffer, so that a cache is loaded by looking at it rather than
 * by reading it. Little-endian; on another machine the magic number doesn't fit and the cache is rebuilt.
 *
 * Layout, each section on a multiple of four bytes: eight header words (magic, version, checksum, documents, terms,
 * postings, bytes of terms, bytes of blob ids), document lengths, blob offsets, term offsets, posting offsets, posting
 * documents, posting weights (16 bits), document flags (8 bits), term bytes, blob bytes. Terms are sorted by their
 * UTF-8 bytes, documents by blob id, postings of a term by document: equal content, equal bytes.
 */
import { MemoryError } from "../errors.ts";
import type { ObjectId } from "../memory/model.ts";
import { TOKENIZER_VERSION } from "./tokenize.ts";

/** A cached index is damaged or of another version. It is a cache: build it anew from the memories. */
export class IndexFormatError extends MemoryError {
  readonly code = "index-format";
}

const MAGIC = 0x58_49_4d_43;
const LAYOUT_VERSION = 1;
const VERSION = LAYOUT_VERSION * 0x1_00_00 + TOKENIZER_VERSION;
const HEADER_WORDS = 8;
/** The most that one term can weigh in one document: what sixteen bits hold. */
export const MAX_WEIGHT = 0xff_ff;

/** What a segment is written from. `postings` are by document number into `documents`, in any order. */
export interface SegmentContent {
  readonly documents: readonly { readonly blob: ObjectId; readonly length: number; readonly pinned: boolean }[];
  readonly postings: ReadonlyMap<
    string,
    { readonly documents: ArrayLike<number>; readonly weights: ArrayLike<number> }
  >;
}

/** The postings of one term. */
export interface Postings {
  readonly documents: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

interface Layout {
  readonly lengths: number;
  readonly blobOffsets: number;
  readonly termOffsets: number;
  readonly postingOffsets: number;
  readonly postingDocuments: number;
  readonly postingWeights: number;
  readonly flags: number;
  readonly termBytes: number;
  readonly blobBytes: number;
  readonly end: number;
}

const padded = (bytes: number): number => (bytes + 3) & ~3;

function layoutOf(documents: number, terms: number, postings: number, termBytes: number, blobBytes: number): Layout {
  let at = HEADER_WORDS * 4;
  const section = (bytes: number): number => {
    const start = at;
    at += padded(bytes);
    return start;
  };
  return {
    lengths: section(documents * 4),
    blobOffsets: section((documents + 1) * 4),
    termOffsets: section((terms + 1) * 4),
    postingOffsets: section((terms + 1) * 4),
    postingDocuments: section(postings * 4),
    postingWeights: section(postings * 2),
    flags: section(documents),
    termBytes: section(termBytes),
    blobBytes: section(blobBytes),
    end: at,
  };
}

/** FNV-1a over words rather than bytes: finds a torn or flipped cache, and costs a millisecond for five megabytes. */
function checksum(words: Uint32Array): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 3; at < words.length; at++) hash = Math.imul(hash ^ (words[at] ?? 0), 0x01_00_01_93);
  return hash >>> 0;
}

/** Orders strings as their UTF-8 bytes are ordered; UTF-16 order differs where surrogates meet U+E000 and above. */
export function byUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const bothHigh = left >= 0xd800 && right >= 0xd800;
    const surrogate = (unit: number): boolean => unit <= 0xdfff;
    if (bothHigh && surrogate(left) !== surrogate(right)) return surrogate(left) ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Segment {
  readonly bytes: Uint8Array;
  readonly documents: number;
  readonly terms: number;
  /** The sum of all documents' lengths. */
  readonly totalLength: number;
  readonly lengths: Uint32Array;
  readonly #flags: Uint8Array;
  readonly #termOffsets: Uint32Array;
  readonly #postingOffsets: Uint32Array;
  readonly #postingDocuments: Uint32Array;
  readonly #postingWeights: Uint16Array;
  readonly #termBytes: Uint8Array;
  readonly #blobBytes: Uint8Array;
  readonly #blobOffsets: Uint32Array;
  #blobs: string | null = null;
  readonly #probe = new Uint8Array(512);

  /** Throws IndexFormatError where the bytes are not a segment of this version, whole and undamaged. */
  constructor(given: Uint8Array) {
    const bytes = given.byteOffset % 4 === 0 ? given : given.slice();
    const word = (at: number): number => words[at] ?? 0;
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    if (bytes.byteLength < HEADER_WORDS * 4 || word(0) !== MAGIC || word(1) !== VERSION) {
      throw new IndexFormatError("The cached search index is of another version; it has to be built anew.");
    }
    const layout = layoutOf(word(3), word(4), word(5), word(6), word(7));
    if (layout.end !== bytes.byteLength || checksum(words) !== word(2)) {
      throw new IndexFormatError("The cached search index is damaged; it has to be built anew.");
    }
    const { buffer, byteOffset } = bytes;
    this.bytes = bytes;
    this.documents = word(3);
    this.terms = word(4);
    this.lengths = new Uint32Array(buffer, byteOffset + layout.lengths, this.documents);
    this.#flags = new Uint8Array(buffer, byteOffset + layout.flags, this.documents);
    this.#blobOffsets = new Uint32Array(buffer, byteOffset + layout.blobOffsets, this.documents + 1);
    this.#termOffsets = new Uint32Array(buffer, byteOffset + layout.termOffsets, this.terms + 1);
    this.#postingOffsets = new Uint32Array(buffer, byteOffset + layout.postingOffsets, this.terms + 1);
    this.#postingDocuments = new Uint32Array(buffer, byteOffset + layout.postingDocuments, word(5));
    this.#postingWeights = new Uint16Array(buffer, byteOffset + layout.postingWeights, word(5));
    this.#termBytes = new Uint8Array(buffer, byteOffset + layout.termBytes, word(6));
    this.#blobBytes = new Uint8Array(buffer, byteOffset + layout.blobBytes, word(7));
    let total = 0;
    for (const length of this.lengths) total += length;
    this.totalLength = total;
  }

  static empty(): Segment {
    return new Segment(writeSegment({ documents: [], postings: new Map() }));
  }

  blob(document: number): ObjectId {
    // One decode for all: the ids are then slices of one string.
    this.#blobs ??= decoder.decode(this.#blobBytes);
    return this.#blobs.slice(this.#blobOffsets[document], this.#blobOffsets[document + 1]);
  }

  pinned(document: number): boolean {
    return this.#flags[document] === 1;
  }

  /** The number of the document with this blob id, or -1. */
  find(blob: ObjectId): number {
    let low = 0;
    let high = this.documents;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.blob(middle) < blob) low = middle + 1;
      else high = middle;
    }
    return low < this.documents && this.blob(low) === blob ? low : -1;
  }

  term(number: number): string {
    return decoder.decode(this.#termBytes.subarray(this.#termOffsets[number], this.#termOffsets[number + 1]));
  }

  postings(term: string): Postings | null {
    const at = this.#lowerBound(term, false);
    return at < this.terms && this.term(at) === term ? this.postingsOf(at) : null;
  }

  postingsOf(number: number): Postings {
    return {
      documents: this.#postingDocuments,
      weights: this.#postingWeights,
      from: this.#postingOffsets[number] ?? 0,
      to: this.#postingOffsets[number + 1] ?? 0,
    };
  }

  /** The terms that begin with the prefix: their numbers from `from` up to, not including, `to`. */
  prefixRange(prefix: string): { readonly from: number; readonly to: number } {
    return { from: this.#lowerBound(prefix, false), to: this.#lowerBound(prefix, true) };
  }

  /** The first term not before the wanted one; with `past`, the first after all that begin with it. */
  #lowerBound(wanted: string, past: boolean): number {
    const probe = this.#probe;
    const { read, written } = encoder.encodeInto(wanted, probe);
    if (read < wanted.length) return past ? this.#lowerBound(wanted.slice(0, read), past) : this.terms;
    let low = 0;
    let high = this.terms;
    while (low < high) {
      const middle = (low + high) >> 1;
      const start = this.#termOffsets[middle] ?? 0;
      const end = this.#termOffsets[middle + 1] ?? 0;
      let order = 0;
      let at = 0;
      for (; at < written && start + at < end; at++) {
        order = (this.#termBytes[start + at] ?? 0) - (probe[at] ?? 0);
        if (order !== 0) break;
      }
      const before = order === 0 ? (at < written ? true : past) : order < 0;
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The bytes of a segment with this content. */
export function writeSegment(content: SegmentContent): Uint8Array {
  const { documents } = content;
  const order = documents.map((_, at) => at).sort((a, b) => (blobAt(documents, a) < blobAt(documents, b) ? -1 : 1));
  const place = new Uint32Array(documents.length);
  order.forEach((from, to) => (place[from] = to));

  const terms = [...content.postings.keys()].sort(byUtf8);
  let postings = 0;
  for (const list of content.postings.values()) postings += list.documents.length;
  const encodedTerms = encoder.encode(terms.join(""));
  const encodedBlobs = encoder.encode(order.map((at) => blobAt(documents, at)).join(""));
  const layout = layoutOf(documents.length, terms.length, postings, encodedTerms.length, encodedBlobs.length);
  const bytes = new Uint8Array(layout.end);
  const { buffer } = bytes;

  const lengths = new Uint32Array(buffer, layout.lengths, documents.length);
  const flags = new Uint8Array(buffer, layout.flags, documents.length);
  const blobOffsets = new Uint32Array(buffer, layout.blobOffsets, documents.length + 1);
  let blobAtByte = 0;
  order.forEach((from, to) => {
    const document = documents[from];
    lengths[to] = document?.length ?? 0;
    flags[to] = document?.pinned === true ? 1 : 0;
    blobAtByte += encoder.encode(blobAt(documents, from)).length;
    blobOffsets[to + 1] = blobAtByte;
  });

  const termOffsets = new Uint32Array(buffer, layout.termOffsets, terms.length + 1);
  const postingOffsets = new Uint32Array(buffer, layout.postingOffsets, terms.length + 1);
  const postingDocuments = new Uint32Array(buffer, layout.postingDocuments, postings);
  const postingWeights = new Uint16Array(buffer, layout.postingWeights, postings);
  let posting = 0;
  let termAtByte = 0;
  terms.forEach((term, number) => {
    const list = content.postings.get(term) ?? { documents: [], weights: [] };
    const from = posting;
    // Document and weight in one number, so that one native sort orders both.
    const pairs = new Float64Array(list.documents.length);
    for (let at = 0; at < pairs.length; at++) {
      pairs[at] =
        (place[list.documents[at] ?? 0] ?? 0) * (MAX_WEIGHT + 1) + Math.min(list.weights[at] ?? 0, MAX_WEIGHT);
    }
    pairs.sort();
    for (const pair of pairs) {
      postingDocuments[posting] = Math.floor(pair / (MAX_WEIGHT + 1));
      postingWeights[posting] = pair % (MAX_WEIGHT + 1);
      posting++;
    }
    postingOffsets[number] = from;
    postingOffsets[number + 1] = posting;
    termAtByte += encoder.encode(term).length;
    termOffsets[number + 1] = termAtByte;
  });

  bytes.set(encodedTerms, layout.termBytes);
  bytes.set(encodedBlobs, layout.blobBytes);
  const words = new Uint32Array(buffer);
  words.set([MAGIC, VERSION, 0, documents.length, terms.length, postings, encodedTerms.length, encodedBlobs.length]);
  words[2] = checksum(words);
  return bytes;
}

function blobAt(documents: SegmentContent["documents"], at: number): ObjectId {
  return documents[at]?.blob ?? "";
}
