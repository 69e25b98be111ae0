/** Lists of the documents that have a term, in ascending order, as the index keeps them. */
import type { Postings } from "./segment.ts";

/** A list that grows. */
export interface DeltaList {
  readonly documents: number[];
  readonly weights: number[];
}

export function whole(list: DeltaList): Postings {
  return { ...list, from: 0, to: list.documents.length };
}

/** Where a document stands in a list; -1 where it does not. */
export function placeIn({ documents, from, to }: Postings, document: number): number {
  // Each is at least one more than the one before: where nearly all documents have the term, that says where to look.
  let low = Math.max(from, to - 1 - ((documents[to - 1] ?? 0) - document));
  let high = Math.min(to, from + 1 + (document - (documents[from] ?? 0)));
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((documents[middle] ?? 0) < document) low = middle + 1;
    else high = middle;
  }
  return low < to && documents[low] === document ? low : -1;
}

/** How many of a list's documents are not gone. Costs the shorter of the two. */
export function countIn(list: Postings, gone: ReadonlySet<number>): number {
  let count = list.to - list.from;
  if (gone.size < count) for (const document of gone) count -= placeIn(list, document) < 0 ? 0 : 1;
  else for (let at = list.from; at < list.to; at++) count -= gone.has(list.documents[at] ?? 0) ? 1 : 0;
  return count;
}
