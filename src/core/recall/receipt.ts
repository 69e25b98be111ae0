/** The record of one recall, from which the same bytes can be made again. One line of JSON. */
import { createHash } from "node:crypto";
import { jsonOf } from "../json.ts";
import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import { ENGINE_VERSION, type RecallResult } from "./recall.ts";
import type { Question, WithheldReason } from "./question.ts";

export interface Receipt {
  /** `r_` and the first sixteen hex digits of the digest over everything else in it. */
  readonly id: string;
  readonly engine: number;
  /** When the recall was made. */
  readonly at: Instant;
  /** For a question about the past: the moment in the caller's words, and what it stood for. */
  readonly asOf?: { readonly name: string; readonly moment: Instant };
  readonly session?: string;
  /** The code's commit, on which staleness depends; null where none was compared. */
  readonly code: ObjectId | null;
  /** As it was asked. What the policy made of it shows in `budget` and `limit`, which serve as ceilings in a replay. */
  readonly question: Omit<Question, "now">;
  readonly commits: RecallResult["commits"];
  /** The versions whose trust rested on evidence, such as an approval, as far as the recall looked: no later one counts. */
  readonly reviewed: readonly ObjectId[];
  /** The versions that the gate of then kept out, though they were in the tree. */
  readonly refused: readonly ObjectId[];
  readonly chosen: readonly {
    readonly id: MemoryId;
    readonly store: string;
    readonly blob: ObjectId;
    readonly tokens: number;
    readonly trust: string;
    readonly score: number;
  }[];
  readonly withheld: readonly {
    readonly id: MemoryId;
    readonly store: string;
    readonly blob: ObjectId;
    readonly reason: WithheldReason;
  }[];
  readonly tokens: number;
  readonly budget: number;
  readonly limit: number;
  /** sha256, hex, of the text as UTF-8. */
  readonly sha256: string;
}

export interface ReceiptContext {
  readonly session?: string;
  readonly code?: ObjectId | null;
  readonly reviewed?: readonly ObjectId[];
  readonly refused?: readonly ObjectId[];
  /** For a question about the past: how it was asked, and the present. */
  readonly asOf?: { readonly name: string; readonly madeAt: Date };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export function makeReceipt(question: Question, result: RecallResult, context: ReceiptContext = {}): Receipt {
  const { now, ...asked } = question;
  const { asOf, session } = context;
  const record = {
    engine: ENGINE_VERSION,
    at: (asOf?.madeAt ?? now).toISOString(),
    ...(asOf === undefined ? {} : { asOf: { name: asOf.name, moment: now.toISOString() } }),
    ...(session === undefined ? {} : { session }),
    code: context.code ?? null,
    question: asked,
    commits: result.commits,
    reviewed: context.reviewed ?? [],
    refused: context.refused ?? [],
    chosen: result.chosen.map(({ id, store, blob, tokens, trust, score }) => ({
      id,
      store,
      blob,
      tokens,
      trust,
      score,
    })),
    withheld: result.withheld.map(({ id, store, blob, reason }) => ({ id, store, blob, reason })),
    tokens: result.tokens,
    budget: result.budget,
    limit: result.limit,
    sha256: sha256(result.text),
  };
  return { id: `r_${sha256(JSON.stringify(record)).slice(0, 16)}`, ...record };
}

/** The moment that the question was put to: the present of then, or the past that it was about. */
export function momentOf(receipt: Receipt): Date {
  return new Date(receipt.asOf?.moment ?? receipt.at);
}

/** The receipt as the one line that is appended to the log of receipts, without its line break. */
export function receiptLine(receipt: Receipt): string {
  return JSON.stringify(receipt);
}

/** Null for a line that is no whole receipt: cut off by a crash, edited, or of another version. */
export function parseReceipt(line: string): Receipt | null {
  return jsonOf(line, isReceipt);
}

/** The id is a digest of all the rest, so that a line which fits its id is one that `receiptLine` wrote. */
function isReceipt(read: unknown): read is Receipt {
  if (typeof read !== "object" || read === null || !("id" in read) || !("reviewed" in read) || !("refused" in read))
    return false;
  const { id, ...record } = read;
  return id === `r_${sha256(JSON.stringify(record)).slice(0, 16)}`;
}

/** Whether a text is, byte for byte, the one that the receipt was made for. */
export function isTextOf(receipt: Receipt, text: string): boolean {
  return sha256(text) === receipt.sha256;
}
