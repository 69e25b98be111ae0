/**
 * The message of a store's commit: a subject for people, the reason, and trailers for programs. Trailers are hints for
 * finding things, never trust: anybody can type them.
 */
import type { MemoryId } from "../memory/model.ts";
import { OPERATIONS, type Operation } from "../proposal.ts";

/** What a commit says of itself. */
export interface Trailers {
  readonly operation?: Operation;
  readonly ids: readonly MemoryId[];
  readonly session?: string;
  readonly turn?: number;
  readonly actor?: string;
  readonly channel?: string;
  /** What the session had recalled before this write. */
  readonly context: readonly MemoryId[];
  readonly gate?: string;
}

/** The parts of a message. */
export interface CommitText extends Trailers {
  readonly subject: string;
  /** The reason, in paragraphs; empty where none was given. */
  readonly reason: string;
}

/** A subject is cut at this length (git's own advice for a line that `log --oneline` shows in a terminal). */
const SUBJECT_LENGTH = 72;
/** `Memory-Context` and `Memory-Id` repeat after this many ids, so that no line grows past what mail and forges accept. */
const IDS_PER_LINE = 10;
const TRAILER = /^(Memory-[A-Za-z]+): ?(.*)$/;

/** The whole message. The reason can't forge a trailer: a line that looks like one is indented, and `---` never stands alone. */
export function formatMessage(text: CommitText & { readonly operation: Operation }): string {
  const subject = oneLine(`memory(${text.operation}): ${text.subject}`);
  const lines = [
    `Memory-Op: ${text.operation}`,
    ...idLines("Memory-Id", text.ids),
    ...optional("Memory-Session", text.session),
    ...optional("Memory-Turn", text.turn),
    ...optional("Memory-Actor", text.actor),
    ...optional("Memory-Channel", text.channel),
    ...idLines("Memory-Context", text.context),
    ...optional("Memory-Gate", text.gate),
  ];
  return (
    [cut(subject), ...(text.reason.trim() === "" ? [] : [neutralised(text.reason)]), lines.join("\n")].join("\n\n") +
    "\n"
  );
}

/** Reads a message that anybody may have typed. What is not there is left out. */
export function parseMessage(message: string): CommitText {
  const paragraphs = message
    .replace(/\r\n/g, "\n")
    .trim()
    .split(/\n{2,}/);
  const last = paragraphs.at(-1) ?? "";
  const isTrailers =
    paragraphs.length > 1 && last.split("\n").every((line) => /^[A-Za-z][A-Za-z-]*: /.test(line + " "));
  const trailers = new Map<string, string[]>();
  if (isTrailers) {
    for (const line of last.split("\n")) {
      const match = TRAILER.exec(line);
      if (match?.[1] !== undefined) trailers.set(match[1], [...(trailers.get(match[1]) ?? []), match[2] ?? ""]);
    }
  }
  const one = (key: string): string | undefined => trailers.get(key)?.at(-1);
  const ids = (key: string): string[] =>
    (trailers.get(key) ?? [])
      .flatMap((value) => value.split(","))
      .map((id) => id.trim())
      .filter((id) => id !== "");
  const operation = OPERATIONS.find((name) => name === one("Memory-Op"));
  const turn = Number.parseInt(one("Memory-Turn") ?? "", 10);
  const session = one("Memory-Session");
  const actor = one("Memory-Actor");
  const channel = one("Memory-Channel");
  const gate = one("Memory-Gate");
  return {
    subject: (paragraphs[0] ?? "").replace(/^memory\([a-z]+\): /, ""),
    reason: paragraphs.slice(1, isTrailers ? -1 : undefined).join("\n\n"),
    ids: ids("Memory-Id"),
    context: ids("Memory-Context"),
    ...(operation === undefined ? {} : { operation }),
    ...(session === undefined ? {} : { session }),
    ...(Number.isNaN(turn) ? {} : { turn }),
    ...(actor === undefined ? {} : { actor }),
    ...(channel === undefined ? {} : { channel }),
    ...(gate === undefined ? {} : { gate }),
  };
}

function idLines(key: string, ids: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < ids.length; i += IDS_PER_LINE)
    lines.push(
      `${key}: ${ids
        .slice(i, i + IDS_PER_LINE)
        .map(oneLine)
        .join(", ")}`,
    );
  return lines;
}

function optional(key: string, value: string | number | undefined): string[] {
  return value === undefined || value === "" ? [] : [`${key}: ${oneLine(String(value))}`];
}

function oneLine(text: string): string {
  // A file that came from outside may have anything in its title; a zero byte would cut the message short.
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}

function cut(subject: string): string {
  if (subject.length <= SUBJECT_LENGTH) return subject;
  const head = subject.slice(0, SUBJECT_LENGTH - 1);
  const word = head.lastIndexOf(" ");
  return `${head.slice(0, word > SUBJECT_LENGTH / 2 ? word : undefined).trimEnd()}…`;
}

/** `git am` cuts a message at a line `---`, and a trailer is whatever looks like one in the last paragraph. */
function neutralised(reason: string): string {
  return reason
    .replace(/\r\n?/g, "\n")
    .trim()
    .split("\n")
    .map((line) => (/^(---|Memory-[A-Za-z]+:)/.test(line) ? ` ${line}` : line.trimEnd()))
    .join("\n");
}
