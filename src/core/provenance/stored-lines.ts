/** Which line of an edited text is which line of the stored one. */

/** Texts with more line pairs than this are compared by their common beginning and end alone, to stay quick while typing. */
const MOST_PAIRS = 1_000_000;

/**
 * For each line of `edited`, the 0-based line of `stored` that it is, or null where it is new. A longest common
 * subsequence, so that a line which moved counts once at most.
 */
export function storedLines(stored: readonly string[], edited: readonly string[]): (number | null)[] {
  let head = 0;
  while (head < stored.length && head < edited.length && stored[head] === edited[head]) head++;
  let tail = 0;
  while (tail < stored.length - head && tail < edited.length - head && stored.at(-1 - tail) === edited.at(-1 - tail))
    tail++;
  const middle = commonLines(stored.slice(head, stored.length - tail), edited.slice(head, edited.length - tail));
  return edited.map((_, line) => {
    if (line < head) return line;
    if (line >= edited.length - tail) return line + stored.length - edited.length;
    const found = middle[line - head] ?? null;
    return found === null ? null : found + head;
  });
}

function commonLines(stored: readonly string[], edited: readonly string[]): (number | null)[] {
  const matches: (number | null)[] = edited.map(() => null);
  if (stored.length * edited.length > MOST_PAIRS) return matches;
  const width = edited.length + 1;
  const lengths = new Uint32Array((stored.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = stored.length - 1; i >= 0; i--) {
    for (let j = edited.length - 1; j >= 0; j--) {
      lengths[i * width + j] = stored[i] === edited[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < stored.length && j < edited.length;) {
    if (stored[i] === edited[j]) matches[j++] = i++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return matches;
}
