/**
 * The search index over the memories of one store. A segment of typed arrays holds what was there when it was written; what
 * came since is in a small delta beside it, what went is marked. Scores are a pure function of the documents that are
 * in, never of the order in which they came, so that the same question on the same store has the same answer.
 */
import type { Memory, ObjectId } from "../memory/model.ts";
import { addSegmentScores, averageLength, idf, MOST_PER_TERM, saturation } from "./bm25.ts";
import { CITATION, eachWeightedTerm, FIELD_WEIGHTS, FIELDS, type Field, fieldTexts, questionTerms } from "./fields.ts";
import { countIn, type DeltaList, placeIn, whole } from "./postings.ts";
import { ScoreBoard } from "./score-board.ts";
import { MAX_WEIGHT, type Postings, Segment, writeSegment } from "./segment.ts";
import { eachTerm, fold, tokenize } from "./tokenize.ts";

export interface SearchHit {
  readonly blob: ObjectId;
  readonly score: number;
}

export interface SearchOptions {
  /** At most so many hits. Default 50. */
  readonly limit?: number;
  /** Left out are the documents that this refuses. Called for documents that would be among the hits only. */
  readonly accept?: (blob: ObjectId) => boolean;
  /** Paths of code files at hand: memories that cite one of them match. */
  readonly files?: readonly string[];
  /** Indexes that are asked the same question: how rare a word is, is counted over all, so that scores compare. */
  readonly beside?: readonly LexicalIndex[];
}

export interface SearchResult {
  /** Best first; equal scores by blob id. */
  readonly hits: readonly SearchHit[];
  /** How many documents match at all, accepted or not. */
  readonly matched: number;
  /**
   * What the question's words weigh together, those that no document has as if one had them; files at hand weigh nothing.
   */
  readonly mass: number;
}

/** What one term of the question adds to a memory's score through one field. */
export interface Contribution {
  readonly term: string;
  readonly field: Field | "citation";
  readonly score: number;
}

const DEFAULT_LIMIT = 50;
/** The longest English ending that stemming takes off a word that is still being typed (`-ation`, `-ness`). */
const LONGEST_SUFFIX = 5;
const SHORTEST_PREFIX = 3;

export class LexicalIndex {
  #segment: Segment;
  readonly #delta = new Map<string, DeltaList>();
  readonly #deltaBlobs: ObjectId[] = [];
  readonly #deltaLengths: number[] = [];
  readonly #deltaPinned: boolean[] = [];
  readonly #deltaNumbers = new Map<ObjectId, number>();
  readonly #gone = new Set<number>();
  #totalLength: number;
  /** What `pinned` answers, until a document comes or goes. */
  #pinned: readonly ObjectId[] | null = null;
  readonly #board: ScoreBoard;

  constructor(segment: Segment = Segment.empty()) {
    this.#segment = segment;
    this.#totalLength = segment.totalLength;
    this.#board = new ScoreBoard(segment.documents);
  }

  /** An index of these memories. Reads their bodies. */
  static build(memories: Iterable<Memory>): LexicalIndex {
    const index = new LexicalIndex();
    for (const memory of memories) index.add(memory);
    index.compact();
    return index;
  }

  /** The index that `serialize` wrote. The bytes are used in place and must not change. Throws IndexFormatError. */
  static deserialize(bytes: Uint8Array): LexicalIndex {
    return new LexicalIndex(new Segment(bytes));
  }

  /** How many documents are in. */
  get size(): number {
    return this.#segment.documents + this.#deltaBlobs.length - this.#gone.size;
  }

  has(blob: ObjectId): boolean {
    return this.#numberOf(blob) >= 0;
  }

  /** The sum of all documents' weighted numbers of terms. */
  get totalLength(): number {
    return this.#totalLength;
  }

  /** In how many documents a term, as `tokenize` gives it, occurs. */
  documentsWith(term: string): number {
    return this.#count(this.#lists(term));
  }

  /** Every document's blob id, in no particular order. */
  *blobs(): Generator<ObjectId> {
    const count = this.#segment.documents + this.#deltaBlobs.length;
    for (let number = 0; number < count; number++) if (!this.#gone.has(number)) yield this.#blobOf(number);
  }

  /** The documents whose memory is pinned, by blob id in ascending order. */
  pinned(): readonly ObjectId[] {
    if (this.#pinned !== null) return this.#pinned;
    const found: ObjectId[] = [];
    const { documents } = this.#segment;
    const count = documents + this.#deltaBlobs.length;
    for (let number = 0; number < count; number++) {
      const pinned = number < documents ? this.#segment.pinned(number) : this.#deltaPinned[number - documents] === true;
      if (pinned && !this.#gone.has(number)) found.push(this.#blobOf(number));
    }
    this.#pinned = found.sort();
    return this.#pinned;
  }

  /** Adds a memory at its version; one that is in already is left as it is. Reads its body. */
  add(memory: Memory): void {
    if (this.has(memory.blob)) return;
    this.#pinned = null;
    const number = this.#segment.documents + this.#deltaBlobs.length;
    const length = eachWeightedTerm(memory, (term, weight) => {
      const list = this.#delta.get(term);
      if (list === undefined) {
        this.#delta.set(term, { documents: [number], weights: [weight] });
        return;
      }
      const last = list.documents.length - 1;
      if (list.documents[last] === number) {
        list.weights[last] = Math.min((list.weights[last] ?? 0) + weight, MAX_WEIGHT);
      } else {
        list.documents.push(number);
        list.weights.push(weight);
      }
    });
    this.#deltaNumbers.set(memory.blob, number);
    this.#deltaBlobs.push(memory.blob);
    this.#deltaLengths.push(length);
    this.#deltaPinned.push(memory.front.pinned === true);
    this.#totalLength += length;
  }

  /** Takes a version out. Returns whether it was in. */
  remove(blob: ObjectId): boolean {
    const number = this.#numberOf(blob);
    if (number < 0) return false;
    this.#pinned = null;
    this.#gone.add(number);
    this.#deltaNumbers.delete(blob);
    this.#totalLength -= this.#lengthOf(number);
    return true;
  }

  /** Makes the index hold exactly these memories, reading the bodies of the new ones only. */
  sync(memories: readonly Memory[]): { readonly added: number; readonly removed: number } {
    const wanted = new Set(memories.map((memory) => memory.blob));
    const unwanted = [...this.blobs()].filter((blob) => !wanted.has(blob));
    for (const blob of unwanted) this.remove(blob);
    const before = this.size;
    for (const memory of memories) this.add(memory);
    return { added: this.size - before, removed: unwanted.length };
  }

  /** The memories that share a term with the text, or cite one of the files, best first. */
  search(text: string, options: SearchOptions = {}): SearchResult {
    this.#fit();
    let touched = 0;
    const all = [this, ...(options.beside ?? [])];
    const average = averageLength(all);
    let mass = 0;
    for (const { term, weight } of questionTerms(text, options.files)) {
      const idf = idfOf(term, all) * weight;
      if (!term.startsWith(CITATION)) mass += Math.min(idf, idfOfRare(all) * weight);
      for (const list of this.#lists(term)) touched = this.#addScores(list, idf, average, touched);
    }
    return { ...this.#take(touched, options), mass };
  }

  /**
   * The best as `search` finds them, without counting what else matches. The rarest words come first; once no document that
   * has only the others could be among the best, the long lists of common words are asked about the candidates alone.
   */
  best(text: string, limit: number): readonly SearchHit[] {
    this.#fit();
    const average = averageLength([this]);
    const terms = questionTerms(text)
      .map(({ term, weight }) => ({ lists: this.#lists(term), idf: idfOf(term, [this]) * weight }))
      .sort((a, b) => b.idf - a.idf);
    let rest = terms.reduce((sum, term) => sum + term.idf, 0) * MOST_PER_TERM;
    let touched = 0;
    let isDecided = false;
    for (const { lists, idf: rarity } of terms) {
      const longest = Math.max(0, ...lists.map(({ from, to }) => to - from));
      // Looking for the least of the best costs less than such a list.
      if (touched >= limit && longest > touched) {
        const least = this.#board.leastOfBest(touched, limit);
        // Sums of fractions are not exact.
        const most = rest * (1 + 1e-9);
        isDecided ||= most < least;
        if (isDecided) touched = this.#board.dropBelow(least - most, touched);
      }
      for (const list of lists)
        touched = isDecided
          ? this.#addToTouched(list, rarity, average, touched)
          : this.#addScores(list, rarity, average, touched);
      rest -= rarity * MOST_PER_TERM;
    }
    return this.#take(touched, { limit }).hits;
  }

  /**
   * As `search`, for a text that is still being typed: every word must match, and the last one, unless something follows
   * it, matches whatever begins with it.
   */
  searchAsYouType(text: string, options: SearchOptions = {}): Omit<SearchResult, "mass"> {
    this.#fit();
    const typed = /[\p{L}\p{N}\p{M}]+$/u.exec(text)?.[0] ?? "";
    const { size } = this;
    const groups = [...new Set(tokenize(text.slice(0, text.length - typed.length)))].map((term) => [this.#lists(term)]);
    if (typed !== "") groups.push(this.#beginningWith(typed));
    const average = averageLength([this]);
    let matches: Map<number, number> | null = null;
    for (const group of groups) {
      const next: Map<number, number> = new Map();
      for (const lists of group) {
        const rarity = idf(size, this.#count(lists));
        for (const list of lists) {
          for (let at = list.from; at < list.to; at++) {
            const number = list.documents[at] ?? 0;
            if (this.#gone.has(number) || (matches !== null && !matches.has(number))) continue;
            const score = rarity * this.#saturation(list.weights[at] ?? 0, number, average);
            next.set(number, Math.max(next.get(number) ?? 0, score));
          }
        }
      }
      if (matches !== null) for (const [number, score] of next) next.set(number, score + (matches.get(number) ?? 0));
      matches = next;
    }
    let touched = 0;
    for (const [number, score] of matches ?? []) {
      this.#board.scores[number] = score;
      this.#board.touched[touched++] = number;
    }
    return this.#take(touched, options);
  }

  /** Why a memory that is in scored as it did, largest first: the parts add up to its score. Reads its body. */
  explain(text: string, memory: Memory, options: Pick<SearchOptions, "files" | "beside"> = {}): Contribution[] {
    const weights = new Map<string, number>();
    const length = eachWeightedTerm(memory, (term, weight) =>
      weights.set(term, Math.min((weights.get(term) ?? 0) + weight, MAX_WEIGHT)),
    );
    const all = [this, ...(options.beside ?? [])];
    const average = averageLength(all);
    const perField = new Map<Field, Map<string, number>>();
    const texts = fieldTexts(memory);
    for (const field of FIELDS) {
      const counts = new Map<string, number>();
      eachTerm(texts[field], (term) => counts.set(term, (counts.get(term) ?? 0) + FIELD_WEIGHTS[field]));
      perField.set(field, counts);
    }
    const found: Contribution[] = [];
    for (const { term, weight } of questionTerms(text, options.files)) {
      const total = weights.get(term);
      if (total === undefined) continue;
      const score = idfOf(term, all) * weight * saturation(total, length, average);
      if (term.startsWith(CITATION)) found.push({ term: term.slice(1), field: "citation", score });
      else {
        for (const [field, counts] of perField) {
          const share = counts.get(term);
          if (share !== undefined) found.push({ term, field, score: (score * share) / total });
        }
      }
    }
    return found.sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1));
  }

  /** The index as one buffer for a cache, a pure function of the documents in it. Compacts first. */
  serialize(): Uint8Array {
    this.compact();
    return this.#segment.bytes;
  }

  /** Folds the delta and the removals into the segment. Search gives the same before and after. */
  compact(): void {
    if (this.#deltaBlobs.length === 0 && this.#gone.size === 0) return;
    const documents: { blob: ObjectId; length: number; pinned: boolean }[] = [];
    const count = this.#segment.documents + this.#deltaBlobs.length;
    const place = new Int32Array(count).fill(-1);
    for (let number = 0; number < count; number++) {
      if (this.#gone.has(number)) continue;
      const inDelta = number - this.#segment.documents;
      place[number] = documents.length;
      documents.push({
        blob: this.#blobOf(number),
        length: this.#lengthOf(number),
        pinned: inDelta < 0 ? this.#segment.pinned(number) : this.#deltaPinned[inDelta] === true,
      });
    }
    const postings = this.#segment.documents === 0 && this.#gone.size === 0 ? this.#delta : this.#livePostings(place);
    this.#segment = new Segment(writeSegment({ documents, postings }));
    this.#delta.clear();
    this.#deltaBlobs.length = 0;
    this.#deltaLengths.length = 0;
    this.#deltaPinned.length = 0;
    this.#deltaNumbers.clear();
    this.#gone.clear();
  }

  /** All postings of documents that are still in, by the places that those get. */
  #livePostings(place: Int32Array): Map<string, DeltaList> {
    const postings = new Map<string, DeltaList>();
    const keep = (term: string, list: Postings): void => {
      let kept = postings.get(term);
      for (let at = list.from; at < list.to; at++) {
        const to = place[list.documents[at] ?? 0] ?? -1;
        if (to < 0) continue;
        if (kept === undefined) postings.set(term, (kept = { documents: [], weights: [] }));
        kept.documents.push(to);
        kept.weights.push(list.weights[at] ?? 0);
      }
    };
    for (let number = 0; number < this.#segment.terms; number++) {
      keep(this.#segment.term(number), this.#segment.postingsOf(number));
    }
    for (const [term, list] of this.#delta) keep(term, whole(list));
    return postings;
  }

  #numberOf(blob: ObjectId): number {
    const inDelta = this.#deltaNumbers.get(blob);
    if (inDelta !== undefined) return inDelta;
    const number = this.#segment.find(blob);
    return this.#gone.has(number) ? -1 : number;
  }

  #blobOf(number: number): ObjectId {
    const { documents } = this.#segment;
    return number < documents ? this.#segment.blob(number) : (this.#deltaBlobs[number - documents] ?? "");
  }

  #lengthOf(number: number): number {
    const { documents } = this.#segment;
    return (number < documents ? this.#segment.lengths[number] : this.#deltaLengths[number - documents]) ?? 0;
  }

  /** The postings of a term: at most one list in the segment and one in the delta. */
  #lists(term: string): Postings[] {
    const lists: Postings[] = [];
    const old = this.#segment.postings(term);
    if (old !== null) lists.push(old);
    const fresh = this.#delta.get(term);
    if (fresh !== undefined) lists.push(whole(fresh));
    return lists;
  }

  /** In how many documents that are still in a term occurs. */
  #count(lists: readonly Postings[]): number {
    return lists.reduce((count, list) => count + countIn(list, this.#gone), 0);
  }

  #saturation(weight: number, number: number, average: number): number {
    return saturation(weight, this.#lengthOf(number), average);
  }

  /**
   * The inner loop of recall. Lists of the segment are typed arrays and those of the delta are not; each kind has its own
   * copy of the function in the engine's eyes, which is worth a factor of three.
   */
  #addScores(list: Postings, idf: number, average: number, from: number): number {
    const { documents, weights } = list;
    const gone = this.#gone.size > 0 ? this.#gone : null;
    if (documents instanceof Uint32Array && weights instanceof Uint16Array) {
      return addSegmentScores(
        documents,
        weights,
        list,
        this.#segment.lengths,
        idf,
        average,
        gone,
        this.#board.scores,
        this.#board.touched,
        from,
      );
    }
    let count = from;
    for (let at = list.from; at < list.to; at++) {
      const number = documents[at] ?? 0;
      if (gone?.has(number) === true) continue;
      const score = this.#board.scores[number] ?? 0;
      if (score === 0) this.#board.touched[count++] = number;
      this.#board.scores[number] = score + idf * this.#saturation(weights[at] ?? 0, number, average);
    }
    return count;
  }

  /** As `#addScores`, for the documents alone that have a score already. */
  #addToTouched(list: Postings, rarity: number, average: number, touched: number): number {
    for (let at = 0; at < touched; at++) {
      const number = this.#board.touched[at] ?? 0;
      const place = placeIn(list, number);
      if (place < 0) continue;
      const score = this.#board.scores[number] ?? 0;
      this.#board.scores[number] = score + rarity * this.#saturation(list.weights[place] ?? 0, number, average);
    }
    return touched;
  }

  /** The best of the touched documents; leaves the score board clean. */
  #take(touched: number, options: SearchOptions): Omit<SearchResult, "mass"> {
    const limit = Math.max(0, options.limit ?? DEFAULT_LIMIT);
    const scores = this.#board.scores;
    const best: { blob: ObjectId; score: number }[] = [];
    let worst = limit === 0 ? Infinity : 0;
    for (let at = 0; at < touched; at++) {
      const number = this.#board.touched[at] ?? 0;
      const score = scores[number] ?? 0;
      scores[number] = 0;
      if (score < worst) continue;
      const blob = this.#blobOf(number);
      const hit = { blob, score };
      const last = best.at(-1);
      if (best.length === limit && last !== undefined && !isBetter(hit, last)) continue;
      if (options.accept !== undefined && !options.accept(blob)) continue;
      let low = 0;
      let high = best.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = best[middle];
        if (other !== undefined && isBetter(other, hit)) low = middle + 1;
        else high = middle;
      }
      best.splice(low, 0, hit);
      if (best.length > limit) best.pop();
      if (best.length === limit) worst = best.at(-1)?.score ?? 0;
    }
    return { hits: best, matched: touched };
  }

  /** Lists of the terms that begin with what is typed; where stemming cut it (`installi`), with its beginning. */
  #beginningWith(typed: string): Postings[][] {
    const found: Postings[][] = [];
    const folded = fold(typed).toLowerCase();
    const shortest = Math.max(Math.min(SHORTEST_PREFIX, folded.length), folded.length - LONGEST_SUFFIX);
    for (let length = folded.length; length >= shortest && found.length === 0; length--) {
      const prefix = folded.slice(0, length);
      const terms = new Set<string>();
      const range = this.#segment.prefixRange(prefix);
      for (let number = range.from; number < range.to; number++) terms.add(this.#segment.term(number));
      for (const term of this.#delta.keys()) if (term.startsWith(prefix)) terms.add(term);
      for (const term of terms) found.push(this.#lists(term));
    }
    const words = tokenize(typed);
    // Of an identifier typed in full, one part alone would match too much.
    if (words.length === 1 || found.length === 0) found.push(...words.map((term) => this.#lists(term)));
    return found.filter((lists) => this.#count(lists) > 0);
  }

  #fit(): void {
    this.#board.fit(this.#segment.documents + this.#deltaBlobs.length);
  }
}

/** The order of hits: by score, and equal ones by blob id, so that ties never depend on how the index came to be. */
function isBetter(a: SearchHit, b: SearchHit): boolean {
  return a.score > b.score || (a.score === b.score && a.blob < b.blob);
}

function idfOf(term: string, indexes: readonly LexicalIndex[]): number {
  let size = 0;
  let count = 0;
  for (const index of indexes) {
    size += index.size;
    count += index.documentsWith(term);
  }
  return idf(size, count);
}

/** What a word weighs that one document has. */
function idfOfRare(indexes: readonly LexicalIndex[]): number {
  return idf(
    indexes.reduce((size, index) => size + index.size, 0),
    1,
  );
}
