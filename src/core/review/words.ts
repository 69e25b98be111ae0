/** What changed from one text to another, word by word, as a person reads a correction. */
import { storedLines } from "../provenance/stored-lines.ts";

export interface Part {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** The parts in reading order: what went before what came in its place. Joined without the `new` ones, they are `before`. */
export function wordDifference(before: string, after: string): Part[] {
  const [old, fresh] = [wordsOf(before), wordsOf(after)];
  const parts: Part[] = [];
  let added: string[] = [];
  let next = 0;
  const put = (kind: Part["kind"], texts: readonly string[]): void => {
    if (texts.length === 0) return;
    const last = parts.at(-1);
    const text = texts.join("");
    if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + text };
    else parts.push({ kind, text });
  };
  const reach = (word: number): void => {
    put("gone", old.slice(next, word));
    put("new", added);
    added = [];
    next = word;
  };
  storedLines(old, fresh).forEach((word, i) => {
    const text = fresh[i] ?? "";
    if (word === null) {
      added.push(text);
      return;
    }
    reach(word);
    put("same", [text]);
    next = word + 1;
  });
  reach(old.length);
  return parts;
}

/** Words and what stands between them. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}
