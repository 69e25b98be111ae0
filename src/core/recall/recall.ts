/**
 * Recall: which memories go into a request, under a budget of tokens. Pure and deterministic: the same question at the
 * same instant of the same commits, policy and engine gives the same bytes.
 */
import { InvalidInputError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { MemoryId, ObjectId, Trust } from "../memory/model.ts";
import { type Candidate, eligible } from "./candidates.ts";
import { entryText, envelopeText } from "./envelope.ts";
import type { LexicalIndex } from "./lexical-index.ts";
import { pack } from "./pack.ts";
import type { Question, RecallStore, WithheldReason } from "./question.ts";
import { shinglesOf } from "./rank.ts";
import { tokenBound } from "./tokens.ts";

/** Raised whenever the same input could give other bytes; a receipt of another version says so when it is replayed. */
export const ENGINE_VERSION = 2;

export const DEFAULT_BUDGET = 1200;
export const DEFAULT_LIMIT = 12;

export interface RecallInput {
  /** The project's first: on equal terms it goes before. */
  readonly stores: readonly RecallStore[];
  readonly question: Question;
  /** The policy's bounds: a question may ask for less, never for more. */
  readonly ceilings?: { readonly budget: number; readonly limit: number };
}

export interface Chosen {
  readonly id: MemoryId;
  readonly title: string;
  readonly path: string;
  readonly blob: ObjectId;
  readonly store: string;
  readonly trust: Trust;
  readonly pinned: boolean;
  /** An upper bound of what it costs. */
  readonly tokens: number;
  /** By words, times what else speaks for it; 0 for a pinned memory that no word of the question is in. */
  readonly score: number;
  /** Each reason in a few words, the strongest first. */
  readonly why: readonly string[];
}

export interface Withheld {
  readonly id: MemoryId;
  readonly title: string;
  readonly store: string;
  readonly blob: ObjectId;
  readonly reason: WithheldReason;
}

export interface RecallResult {
  /** What goes into the prompt; empty where nothing was chosen. */
  readonly text: string;
  /** One sentence for a person or an agent about what came of it. */
  readonly note: string;
  readonly chosen: readonly Chosen[];
  /** Best first. Memories that share no word with the question are not named. */
  readonly withheld: readonly Withheld[];
  /** How many were withheld, by reason. */
  readonly withheldCounts: Readonly<Partial<Record<WithheldReason, number>>>;
  /** How many memories share a word with the question, or cite a file at hand. */
  readonly matched: number;
  /** An upper bound of the whole text, never above the budget. */
  readonly tokens: number;
  readonly budget: number;
  readonly limit: number;
  /** The first store's commit: the project's, where it is asked. */
  readonly commit: ObjectId | null;
  readonly commits: readonly { readonly store: string; readonly commit: ObjectId | null }[];
}

function bound(name: string, asked: number | undefined, usual: number, ceiling: number | undefined): number {
  const wanted = asked ?? usual;
  if (!Number.isSafeInteger(wanted) || wanted < 0) {
    throw new InvalidInputError(`The ${name} must be a whole number of 0 or more; leave it out for ${usual}.`);
  }
  return Math.min(wanted, ceiling ?? wanted);
}

function noteOf(chosen: readonly Chosen[], tokens: number, leftOut: number, hasMemories: boolean): string {
  if (!hasMemories) return "Nothing is remembered here yet.";
  const rest = leftOut === 0 ? "" : ` ${leftOut} more did not fit.`;
  if (chosen.length === 0)
    return leftOut === 0 ? "Nothing in memory matches this question." : `Nothing fits the budget.${rest}`;
  const used = `${chosen.length} ${chosen.length === 1 ? "belief" : "beliefs"} used, ${tokens} tokens.${rest}`;
  return chosen.every((one) => one.score === 0)
    ? `Nothing in memory matches this question; what is pinned applies. ${used}`
    : used;
}

/** Why a candidate was taken: pinned, the words that it shares with the question, then what else speaks for it. */
function reasons(candidate: Candidate, question: Question, beside: readonly LexicalIndex[]): string[] {
  const why: string[] = candidate.pinned ? ["pinned"] : [];
  const { index } = candidate.store;
  const options = { files: question.files ?? [], beside: beside.filter((other) => other !== index) };
  for (const part of index.explain(question.text, candidate.memory, options))
    why.push(`${part.term} in ${part.field} ${part.score.toFixed(2)}`);
  return [...why, ...candidate.boost.why];
}

/** Throws InvalidInputError for a budget or limit that is no whole number. */
export function recall(input: RecallInput): RecallResult {
  const { stores } = input;
  const question = {
    ...input.question,
    files: (input.question.files ?? []).map((file) => file.replace(/^(?:\.?\/)+/, "")),
  };
  const budget = bound("budget", question.budget, DEFAULT_BUDGET, input.ceilings?.budget);
  const limit = bound("limit", question.limit, DEFAULT_LIMIT, input.ceilings?.limit);
  const commits = stores.map(({ label, commit }) => ({ store: label, commit }));
  const nothing = {
    text: "",
    chosen: [],
    withheld: [],
    withheldCounts: {},
    matched: 0,
    tokens: 0,
    budget,
    limit,
    commit: commits[0]?.commit ?? null,
    commits,
  };
  if (question.mode === "off") return { ...nothing, note: "Memory is off here, so nothing was recalled." };

  const found = eligible(stores, question, limit);
  const packed = pack(found.candidates, (candidate) => packedText(candidate, question.now), { budget, limit });
  const leftOut = packed.leftOut.filter(({ reason }) => reason !== "duplicate").length;
  const texts = packed.chosen.map((one) => one.text);
  const text =
    texts.length === 0
      ? ""
      : envelopeText(
          texts,
          leftOut,
          commits.map(({ commit }) => commit ?? ""),
        );
  const tokens = tokenBound(text);
  const indexes = stores.map((store) => store.index);
  const chosen = packed.chosen.map(({ item, tokens: cost }) => chosenOf(item, cost, reasons(item, question, indexes)));
  const withheld = [
    ...found.withheld,
    ...packed.leftOut.map(({ item, reason }) => ({ memory: item.memory, store: item.store, reason })),
  ].map(({ memory: { id, title, blob }, store, reason }) => ({ id, title, store: store.label, blob, reason }));
  const hasMemories = stores.some((store) => store.memories.length > 0);
  return {
    ...nothing,
    text,
    note: noteOf(chosen, tokens, leftOut, hasMemories),
    chosen,
    withheld,
    withheldCounts: countsOf(withheld),
    matched: found.matched,
    tokens,
  };
}

/** What a candidate would put into the prompt, and by what it is known to say the same as another. */
function packedText(
  { memory, trust, store }: Candidate,
  now: Date,
): { readonly text: string; readonly shingles: ReturnType<typeof shinglesOf> } {
  const { staleBecause } = lifecycle(memory, now, store.changedSources?.(memory));
  const beside = store.label === "project" ? {} : { store: store.label };
  return { text: entryText({ memory, trust, staleBecause, ...beside }, now), shingles: shinglesOf(memory) };
}

function chosenOf({ memory, store, trust, pinned, score }: Candidate, tokens: number, why: readonly string[]): Chosen {
  const { id, title, path, blob } = memory;
  return { id, title, path, blob, store: store.label, trust, pinned, tokens, score, why };
}

function countsOf(withheld: readonly Withheld[]): Partial<Record<WithheldReason, number>> {
  const counts: Partial<Record<WithheldReason, number>> = {};
  for (const { reason } of withheld) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
