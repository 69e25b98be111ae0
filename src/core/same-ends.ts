/** How many of two lists are the very same objects at the start, and then at the end: all that differs lies between. */
export function sameEnds<T>(a: readonly T[], b: readonly T[]): { readonly start: number; readonly end: number } {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return { start, end };
}
