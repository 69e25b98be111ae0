/** Where a search adds up what each document's words are worth; clean between two searches. */
export class ScoreBoard {
  /** By document. */
  scores: Float64Array;
  /** The documents that have a score, as far as the search has counted. */
  touched: Uint32Array;

  constructor(documents: number) {
    this.scores = new Float64Array(documents);
    this.touched = new Uint32Array(documents);
  }

  fit(documents: number): void {
    if (this.scores.length >= documents) return;
    this.scores = new Float64Array(documents * 2);
    this.touched = new Uint32Array(documents * 2);
  }

  /** The score of the last of so many best, among the touched ones. */
  leastOfBest(touched: number, limit: number): number {
    const best = new Float64Array(limit);
    for (let at = 0; at < touched; at++) {
      const score = this.scores[this.touched[at] ?? 0] ?? 0;
      if (score <= (best[0] ?? 0)) continue;
      best[0] = score;
      for (let to = 1; to < limit && (best[to] ?? 0) < score; to++) {
        best[to - 1] = best[to] ?? 0;
        best[to] = score;
      }
    }
    return best[0] ?? 0;
  }

  /** Forgets the touched documents that score less; returns how many are left. */
  dropBelow(least: number, touched: number): number {
    let kept = 0;
    for (let at = 0; at < touched; at++) {
      const number = this.touched[at] ?? 0;
      if ((this.scores[number] ?? 0) < least) this.scores[number] = 0;
      else this.touched[kept++] = number;
    }
    return kept;
  }
}
