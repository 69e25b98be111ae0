/**
 * Recall: which memories go into a request, under a budget of tokens. Pure and deterministic: the same question at the
 * same instant of the same commits, policy and engine gives the same bytes.
 */
import { InvalidInputError } from "../errors.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory, MemoryId, ObjectId, Source, Trust } from "../memory/model.ts";
import { type Candidate, eligible } from "./candidates.ts";
import { entryText, envelopeText } from "./envelope.ts";
import type { LexicalIndex } from "./lexical-index.ts";
import { pack } from "./pack.ts";
import { shinglesOf } from "./rank.ts";
import { tokenBound } from "./tokens.ts";

/** Raised whenever the same input could give other bytes; a receipt of another version says so when it is replayed. */
export const ENGINE_VERSION = 2;

export const DEFAULT_BUDGET = 1200;
export const DEFAULT_LIMIT = 12;

/** `full` reads and writes, `read-only` reads, `off` does neither. */
export type RecallMode = "full" | "read-only" | "off";

/** `explore` withholds the agents' own opinions, so that parallel explorers don't converge on one frame. */
export const INTENTS = ["execute", "explore"] as const;
export type RecallIntent = (typeof INTENTS)[number];

/** The tiers that a store keeps: what happened, and what was distilled from it. */
export const TIERS = ["semantic", "episodic"] as const;
export type Tier = (typeof TIERS)[number];

export interface Question {
  /** What the request is about, in any words. Empty: what is pinned, and what cites the files. */
  readonly text: string;
  /** Code files at hand, relative to the code's root. Memories scoped to other files are withheld, pinned ones too. */
  readonly files?: readonly string[];
  /** Only memories with one of these tags. What is pinned applies anyway. */
  readonly tags?: readonly string[];
  /** Only memories of one of these types. What is pinned applies anyway. */
  readonly types?: readonly string[];
  /** Only memories of one of these tiers. What is pinned applies anyway. */
  readonly tiers?: readonly Tier[];
  /** Tokens, the envelope's own included. Default 1200. */
  readonly budget?: number;
  /** Memories. Default 12. */
  readonly limit?: number;
  /** Default `full`. */
  readonly mode?: RecallMode;
  /** Default `execute`. */
  readonly intent?: RecallIntent;
  readonly now: Date;
}

/** One store at one commit. */
export interface RecallStore {
  /** `project`, `personal`. */
  readonly label: string;
  readonly commit: ObjectId | null;
  /** The snapshot's own list: what is derived from it is kept with the array, so pass the same one for the same commit. */
  readonly memories: readonly Memory[];
  /** Holds exactly these memories (`LexicalIndex.sync`), or scores would depend on more than the commit. */
  readonly index: LexicalIndex;
  /** The effective trust of a memory. */
  readonly trustOf: (memory: Memory) => Trust;
  /** The cited places of a memory whose lines have changed since. */
  readonly changedSources?: (memory: Memory) => readonly Source[];
}

export interface RecallInput {
  /** The project's first: on equal terms it goes before. */
  readonly stores: readonly RecallStore[];
  readonly question: Question;
  /** The policy's bounds: a question may ask for less, never for more. */
  readonly ceilings?: { readonly budget: number; readonly limit: number };
}

/**
 * Why a memory that was looked at is not in: its time has come, it isn't trusted, it is about other files, another type,
 * tag or tier was asked for, it is an opinion while exploring, another replaces it or says the same, it fits the question
 * far worse than the best or hardly at all, the number or the tokens were used up.
 */
export type WithheldReason =
  | "expired"
  | "untrusted"
  | "scope"
  | "type"
  | "tag"
  | "tier"
  | "opinion"
  | "superseded"
  | "duplicate"
  | "weak"
  | "limit"
  | "budget";

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
  const packed = pack(
    found.candidates,
    ({ memory, trust, store }) => ({
      text: entryText(
        {
          memory,
          trust,
          staleBecause: lifecycle(memory, question.now, store.changedSources?.(memory)).staleBecause,
          ...(store.label === "project" ? {} : { store: store.label }),
        },
        question.now,
      ),
      shingles: shinglesOf(memory),
    }),
    { budget, limit },
  );
  const leftOut = packed.leftOut.filter(({ reason }) => reason !== "duplicate").length;
  const text =
    packed.chosen.length === 0
      ? ""
      : envelopeText(
          packed.chosen.map((one) => one.text),
          leftOut,
          commits.map(({ commit }) => commit ?? ""),
        );
  const tokens = tokenBound(text);

  const indexes = stores.map((store) => store.index);
  const chosen = packed.chosen.map(({ item, tokens: cost }): Chosen => ({
    id: item.memory.id,
    title: item.memory.title,
    path: item.memory.path,
    blob: item.memory.blob,
    store: item.store.label,
    trust: item.trust,
    pinned: item.pinned,
    tokens: cost,
    score: item.score,
    why: reasons(item, question, indexes),
  }));
  const withheld = [
    ...found.withheld,
    ...packed.leftOut.map(({ item, reason }) => ({ memory: item.memory, store: item.store, reason })),
  ].map(({ memory, store, reason }): Withheld => ({
    id: memory.id,
    title: memory.title,
    store: store.label,
    blob: memory.blob,
    reason,
  }));
  const withheldCounts: Partial<Record<WithheldReason, number>> = {};
  for (const { reason } of withheld) withheldCounts[reason] = (withheldCounts[reason] ?? 0) + 1;
  const note = noteOf(
    chosen,
    tokens,
    leftOut,
    stores.some((store) => store.memories.length > 0),
  );
  return { ...nothing, text, note, chosen, withheld, withheldCounts, matched: found.matched, tokens };
}
