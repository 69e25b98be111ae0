/** What recall is asked, and of which stores. */
import type { Memory, ObjectId, Source, Trust } from "../memory/model.ts";
import type { Mode } from "../mode.ts";
import type { LexicalIndex } from "./lexical-index.ts";

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
  readonly mode?: Mode;
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
