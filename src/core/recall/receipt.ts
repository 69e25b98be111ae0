/** The record of one recall, from which the same bytes can be made again. One line of JSON. */
import { createHash } from "node:crypto";
import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import { ENGINE_VERSION, type Question, type RecallResult, type WithheldReason } from "./recall.ts";

export interface Receipt {
  /** `r_` and the first sixteen hex digits of the digest over everything else in it. */
  readonly id: string;
  readonly engine: number;
  readonly at: Instant;
  readonly session?: string;
  /** The code's commit, on which staleness depends; null where there is none. */
  readonly code: ObjectId | null;
  /** As it was asked. What the policy made of it shows in `budget` and `limit`, which serve as ceilings in a replay. */
  readonly question: Omit<Question, "now">;
  readonly commits: RecallResult["commits"];
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
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export function makeReceipt(question: Question, result: RecallResult, context: ReceiptContext = {}): Receipt {
  const { now, ...asked } = question;
  const record = {
    engine: ENGINE_VERSION,
    at: now.toISOString(),
    ...(context.session === undefined ? {} : { session: context.session }),
    code: context.code ?? null,
    question: asked,
    commits: result.commits,
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

/** The receipt as the one line that is appended to the log of receipts, without its line break. */
export function receiptLine(receipt: Receipt): string {
  return JSON.stringify(receipt);
}

/** Whether a text is, byte for byte, the one that the receipt was made for. */
export function isTextOf(receipt: Receipt, text: string): boolean {
  return sha256(text) === receipt.sha256;
}
