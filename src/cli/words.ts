/** Short words for moments, ids and numbers, as the lists print them. */
import { shortSpan, since } from "../core/view/age.ts";
import { type Line, toned } from "./terminal.ts";

/** `3d`, or an empty text where the moment is unknown. */
export function ageOf(instant: string | undefined, now: Date): string {
  const age = since(instant, now);
  return age === null ? "" : shortSpan(age);
}

/** The first characters of a commit's id; git itself begins at seven. */
export function shortCommit(id: string): string {
  return id.slice(0, 9);
}

/** `2 memories`, `1 memory`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What a list that was cut says below it; nothing where all is shown. `one` and `many` are as for `counted`. */
export function notShown(shown: number, all: number, one: string, many: string): Line[] {
  const more = all - shown;
  return more === 0 ? [] : [toned(`${counted(more, one, many)} not shown; --limit ${all} shows all.`, "quiet")];
}

const SHORTEST_ID = 8;

/** For each id its shortest beginning, of at least eight characters, that no other of them shares. */
export function shortIds(ids: Iterable<string>): (id: string) => string {
  const sorted = [...new Set(ids)].toSorted();
  const lengths = new Map<string, number>();
  sorted.forEach((id, i) => {
    lengths.set(id, Math.max(sharedLength(id, sorted[i - 1]), sharedLength(id, sorted[i + 1])) + 1);
  });
  return (id) => id.slice(0, Math.max(SHORTEST_ID, lengths.get(id) ?? id.length));
}

function sharedLength(a: string, b: string | undefined): number {
  if (b === undefined) return 0;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
