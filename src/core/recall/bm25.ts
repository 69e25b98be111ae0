/**
 * BM25, after Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), over weighted
 * fields: a field's weight multiplies how often a term occurs in it, before the sum is saturated once.
 */

/** BM25's usual constants. Of three sets of questions, other values of B gained two per cent on one and lost as much on another. */
const K1 = 1.2;
const B = 0.75;

/** What one term can add to a score, of its own rarity, is less than this. */
export const MOST_PER_TERM = K1 + 1;

/** How much a term says: the rarer, the more. Never below zero, so that a common term can't count against a memory. */
export function idf(size: number, count: number): number {
  return Math.log(1 + (size - count + 0.5) / (count + 0.5));
}

/** What a term that weighs so much in a text of this length is worth: grows with the weight, towards K1 + 1. */
export function saturation(weight: number, length: number, average: number): number {
  const fixed = K1 * (1 - B);
  const perLength = (K1 * B) / average;
  return ((K1 + 1) * weight) / (weight + fixed + perLength * length);
}

/** How long a document of several indexes is, in terms as they weigh. */
export function averageLength(indexes: readonly { readonly size: number; readonly totalLength: number }[]): number {
  let size = 0;
  let total = 0;
  for (const index of indexes) {
    size += index.size;
    total += index.totalLength;
  }
  return size === 0 ? 1 : Math.max(total / size, 1);
}

/**
 * Adds one term's part to the score of each document in a list of typed arrays: the inner loop of recall. Returns how
 * many documents have a score after it; those are listed in `touched`.
 */
export function addSegmentScores(
  documents: Uint32Array,
  weights: Uint16Array,
  { from, to }: { readonly from: number; readonly to: number },
  lengths: Uint32Array,
  idf: number,
  average: number,
  gone: ReadonlySet<number> | null,
  scores: Float64Array,
  touched: Uint32Array,
  alreadyTouched: number,
): number {
  const fixed = K1 * (1 - B);
  const perLength = (K1 * B) / average;
  let count = alreadyTouched;
  for (let at = from; at < to; at++) {
    const number = documents[at] ?? 0;
    if (gone !== null && gone.has(number)) continue;
    const weight = weights[at] ?? 0;
    const score = scores[number] ?? 0;
    if (score === 0) touched[count++] = number;
    scores[number] = score + idf * (((K1 + 1) * weight) / (weight + fixed + perLength * (lengths[number] ?? 0)));
  }
  return count;
}
