/** The words of a memory that an agent would be given, in one text, with the way back to their places in the file. */
import type { Memory } from "../memory/model.ts";
import type { ProposedFile } from "../proposal.ts";
import type { Place, ScannedText } from "./rule.ts";
import { isClaimOfTrust } from "./rules/claims-of-trust.ts";

export interface Prose {
  /** Title, description, tags and body, apart by blank lines, so that no sentence runs from one into the next. */
  readonly text: string;
  /** The same of the version before; null for a new memory. */
  readonly before: string | null;
  /** Where a span of `text` is found: a text and a place in it. */
  locate(start: number, end: number): { readonly scanned: ScannedText; readonly place: Place };
}

interface Piece {
  readonly text: string;
  /** Where it stands in the file; null where YAML's escapes disguise it. */
  readonly at: number | null;
}

const APART = "\n\n";

/** The prose of a file as it will stand; null where the file goes. A file that is no memory is read as it is. */
export function proseOf({ path, bytes, after, before }: ProposedFile): Prose | null {
  if (bytes === null) return null;
  const file = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const pieces = after === null ? [{ text: file, at: 0 }] : piecesOf(after, file);
  return prose(path, file, pieces, before === null ? null : wordsOf(before).join(APART));
}

/** The prose of a bare text, such as a part of a commit's message. */
export function proseOfText(scanned: ScannedText): Prose {
  return {
    text: scanned.text,
    before: null,
    locate: (start, end) => ({ scanned, place: { start, end, others: 0 } }),
  };
}

function prose(path: string, file: string, pieces: readonly Piece[], before: string | null): Prose {
  return {
    text: pieces.map(({ text }) => text).join(APART),
    before,
    locate: (start, end) => {
      let from = 0;
      for (const { text, at } of pieces) {
        const to = from + text.length;
        if (start < to) {
          const length = Math.max(1, Math.min(end, to) - start);
          if (at === null)
            return {
              scanned: { path, text, kind: "value" },
              place: { start: start - from, end: start - from + length, others: 0 },
            };
          return {
            scanned: { path, text: file, kind: "file" },
            place: { start: at + start - from, end: at + start - from + length, others: 0 },
          };
        }
        from = to + APART.length;
      }
      return { scanned: { path, text: file, kind: "file" }, place: { start: 0, end: 1, others: 0 } };
    },
  };
}

function piecesOf(memory: Memory, file: string): Piece[] {
  const bodyAt = file.endsWith(memory.body) ? file.length - memory.body.length : null;
  const head = bodyAt ?? file.length;
  return wordsOf(memory).map((text, place, all) => {
    if (place === all.length - 1) return { text, at: bodyAt };
    const at = file.indexOf(text);
    return { text, at: at === -1 || at > head ? null : at };
  });
}

/** What an agent may be shown: the body last, and texts of unknown keys, which other readers may show. */
function wordsOf({ front, body }: Memory): string[] {
  return [front.title, front.description, ...(front.tags ?? []), ...textsIn(front.extra), body].filter(
    (text) => text !== undefined,
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    // What vouches for itself is ignored wherever it is read, and reported by a rule of its own.
    isClaimOfTrust(key) ? [] : typeof inner === "string" ? [`${key}: ${inner}`] : textsIn(inner),
  );
}
