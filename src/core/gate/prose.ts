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
  /** The title and the line after it, where a sentence can run from one into the other; agents are shown both together. */
  readonly seam: Seam | null;
  /** Where a span of `text` is found: a text and a place in it. */
  locate(start: number, end: number): { readonly scanned: ScannedText; readonly place: Place };
}

export interface Seam {
  readonly text: string;
  /** Where the title ends in it. */
  readonly at: number;
  /** Where its second part begins in the prose. */
  readonly bodyAt: number;
}

interface Piece {
  readonly text: string;
  /** Where it stands in the file; null where YAML's escapes disguise it. */
  readonly at: number | null;
}

/** A body that begins in the middle of a sentence: with a small letter, or with a verb that wants the title for its subject. */
const GOES_ON =
  /^["'(*_]*(?:\p{Ll}|(?:Is|Are|Was|Were|Has|Have|Had|Can|May|Might|Must|Should|Will|Would|Need|Needs)\b)/u;
const APART = "\n\n";

/** The prose of a file as it will stand; null where the file goes. A file that is no memory is read as it is. */
export function proseOf({ path, bytes, after, before }: ProposedFile): Prose | null {
  if (bytes === null) return null;
  const file = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const pieces = after === null ? [{ text: file, at: 0 }] : piecesOf(after, file);
  return {
    ...prose(path, file, pieces, before === null ? null : wordsOf(before).join(APART)),
    seam: after === null ? null : seamOf(after),
  };
}

/** The prose of a bare text, such as a part of a commit's message. */
export function proseOfText(scanned: ScannedText): Prose {
  return {
    text: scanned.text,
    before: null,
    seam: null,
    locate: (start, end) => ({ scanned, place: { start, end, others: 0 } }),
  };
}

function prose(path: string, file: string, pieces: readonly Piece[], before: string | null): Omit<Prose, "seam"> {
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

function seamOf(memory: Memory): Seam | null {
  const title = memory.title.trimEnd();
  const body = memory.body.trimStart();
  if (/[.!?:;…。！？]$/u.test(title) || !GOES_ON.test(body)) return null;
  const line = body.slice(0, Math.max(0, `${body}\n`.indexOf("\n")));
  const before = wordsOf(memory).slice(0, -1).join(APART).length + APART.length;
  return { text: `${title} ${line}`, at: title.length, bodyAt: before + memory.body.length - body.length };
}

/** What an agent may be shown: the body last, and texts of unknown keys, which other readers may show. */
function wordsOf({ front, body }: Memory): string[] {
  const scope = (front.scope ?? []).filter((glob) => glob.includes(" "));
  return [front.title, front.description, ...(front.tags ?? []), ...scope, ...textsIn(front.extra), body].filter(
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
