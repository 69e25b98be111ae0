/** Who may be recalled: filters first, then rank. Bodies are not read here. */
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory, MemoryId, ObjectId, Trust } from "../memory/model.ts";
import { compareTrust } from "../memory/trust.ts";
import { idf } from "./bm25.ts";
import { inScope } from "./glob.ts";
import type { LexicalIndex } from "./lexical-index.ts";
import { type Boost, boostOf } from "./rank.ts";
import type { Question, RecallStore, Tier, WithheldReason } from "./question.ts";

/**
 * A memory whose words score less than this share of the best one's is filler. Measured on three sets of questions: of
 * the relevant documents among the first twelve it drops at most 3%.
 */
const WEAK = 0.25;

/**
 * Where the best memory's words add up to less than this share of what all words of the question weigh, and to less than
 * one word that a single memory has, the question is about something else. Chosen on questions asked of the wrong store:
 * it refuses four in ten of them, and costs at most 3% of the right answers (docs/recall.md).
 */
const LEAST_SHARE = 1 / 3;

/**
 * What an agent holds on its own word and of these types is knowledge that is checked by looking; of every other type
 * (preferences, decisions, pitfalls, episodes, unknown ones) it is an opinion, and withheld while exploring.
 */
const NOT_OPINIONS = new Set(["Fact", "Convention", "Procedure"]);

/** Whether a memory is what an agent concluded by itself, which is withheld while exploring. */
export function isOpinion(memory: Memory, trust: Trust): boolean {
  return trust === "agent" && !NOT_OPINIONS.has(memory.front.type);
}

export interface Candidate {
  readonly memory: Memory;
  readonly store: RecallStore;
  readonly trust: Trust;
  readonly pinned: boolean;
  readonly boost: Boost;
  readonly score: number;
}

export interface Eligible {
  /** Pinned ones first, then best first. */
  readonly candidates: readonly Candidate[];
  readonly withheld: readonly {
    readonly memory: Memory;
    readonly store: RecallStore;
    readonly reason: WithheldReason;
  }[];
  readonly matched: number;
}

interface Hit {
  readonly memory: Memory;
  readonly store: RecallStore;
  readonly words: number;
}

/** A snapshot's list never changes, so what is found by blob id is kept with it. */
const lookups = new WeakMap<readonly Memory[], ReadonlyMap<ObjectId, readonly Memory[]>>();

function byBlob(memories: readonly Memory[]): ReadonlyMap<ObjectId, readonly Memory[]> {
  const known = lookups.get(memories);
  if (known !== undefined) return known;
  const lookup = new Map<ObjectId, Memory[]>();
  for (const memory of memories) {
    const same = lookup.get(memory.blob);
    if (same === undefined) lookup.set(memory.blob, [memory]);
    else same.push(memory);
  }
  for (const same of lookup.values()) same.sort((a, b) => (a.path < b.path ? -1 : 1));
  lookups.set(memories, lookup);
  return lookup;
}

const replacing = new WeakMap<readonly Memory[], ReadonlyMap<MemoryId, readonly Memory[]>>();

/** By the id of a replaced memory, those that say they replace it, whether or not they share a word with the question. */
function replacements(memories: readonly Memory[]): ReadonlyMap<MemoryId, readonly Memory[]> {
  const known = replacing.get(memories);
  if (known !== undefined) return known;
  const lookup = new Map<MemoryId, Memory[]>();
  for (const memory of memories)
    for (const id of memory.front.supersedes ?? []) lookup.set(id, [...(lookup.get(id) ?? []), memory]);
  replacing.set(memories, lookup);
  return lookup;
}

const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

function hasOneOf(wanted: readonly string[] | undefined, had: readonly string[]): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  const folds = new Set(had.map(folded));
  return wanted.some((one) => folds.has(folded(one)));
}

/** A store keeps episodes in a folder of their own; whatever else it holds is distilled knowledge. */
function tierOf({ path }: Memory): Tier {
  return path.startsWith("episodic/") ? "episodic" : "semantic";
}

/**
 * Why a memory may not be recalled, or null. With files at hand, scope decides, for pinned memories too: a pin says
 * "always where it applies". A scoped memory and no files at hand: it may apply, so it stays.
 */
function refusal(memory: Memory, trust: Trust, pinned: boolean, question: Question): WithheldReason | null {
  if (!lifecycle(memory, question.now).inForce) return "expired";
  if (trust === "untrusted") return "untrusted";
  const files = question.files ?? [];
  if (files.length > 0 && !inScope(memory.front.scope, files)) return "scope";
  if (pinned) return null;
  if (!hasOneOf(question.types, [memory.front.type])) return "type";
  if (!hasOneOf(question.tags, memory.front.tags ?? [])) return "tag";
  if (!hasOneOf(question.tiers, [tierOf(memory)])) return "tier";
  if (question.intent === "explore" && isOpinion(memory, trust)) return "opinion";
  return null;
}

interface Hits {
  readonly hits: readonly Hit[];
  readonly matched: number;
  /** What words must add up to for an answer: see `LEAST_SHARE`. */
  readonly least: number;
}

/** Pinned memories, then the best by words; equal ones by the order of stores and paths. */
function hitsOf(stores: readonly RecallStore[], question: Question, depth: number): Hits {
  const indexes = stores.map((store) => store.index);
  const hits: Hit[] = [];
  let [matched, mass, size] = [0, 0, 0];
  for (const store of stores) {
    const lookup = byBlob(store.memories);
    const beside = indexes.filter((other: LexicalIndex) => other !== store.index);
    const result = store.index.search(question.text, { limit: depth, files: question.files ?? [], beside });
    matched += result.matched;
    // Counted over all indexes, so it is the same for each.
    mass = result.mass;
    size += store.index.size;
    const words = new Map(result.hits.map((hit) => [hit.blob, hit.score]));
    for (const blob of store.index.pinned()) if (!words.has(blob)) words.set(blob, 0);
    for (const [blob, score] of words)
      for (const memory of lookup.get(blob) ?? []) hits.push({ memory, store, words: score });
  }
  return { hits, matched, least: Math.min(LEAST_SHARE * mass, idf(size, 1)) };
}

/** Those that take the place of a memory: in force, and trusted no less. */
function successorsOf({ memory, store }: Hit, now: Date): readonly Memory[] {
  const named = replacements(store.memories).get(memory.id) ?? [];
  return named.filter(
    (other) =>
      other.blob !== memory.blob &&
      lifecycle(other, now).inForce &&
      compareTrust(store.trustOf(other), store.trustOf(memory)) >= 0,
  );
}

/** Who asks in the words of what was believed once is given what took its place: hits hand their words to successors. */
function withSuccessors(hits: readonly Hit[], now: Date): { hits: Hit[]; superseded: Hit[] } {
  const byVersion = new Map<Memory, Hit>(hits.map((hit) => [hit.memory, hit]));
  const superseded: Hit[] = [];
  const waiting = [...hits];
  const seen = new Set<Memory>();
  for (let hit = waiting.pop(); hit !== undefined; hit = waiting.pop()) {
    const successors = successorsOf(hit, now);
    if (successors.length === 0 || seen.has(hit.memory)) continue;
    seen.add(hit.memory);
    superseded.push(hit);
    for (const memory of successors) {
      const words = Math.max(hit.words, byVersion.get(memory)?.words ?? 0);
      const heir: Hit = { memory, store: hit.store, words };
      byVersion.set(memory, heir);
      waiting.push(heir);
    }
  }
  return { hits: [...byVersion.values()].filter(({ memory }) => !seen.has(memory)), superseded };
}

function judge(stores: readonly RecallStore[], question: Question, depth: number): Eligible {
  const { hits: found, matched, least } = hitsOf(stores, question, depth);
  const { hits, superseded } = withSuccessors(found, question.now);
  const withheld: { memory: Memory; store: RecallStore; reason: WithheldReason; words: number }[] = superseded.map(
    (hit) => ({ ...hit, reason: lifecycle(hit.memory, question.now).inForce ? "superseded" : "expired" }),
  );
  const able: (Candidate & { readonly words: number })[] = [];
  for (const hit of hits) {
    const { memory, store, words } = hit;
    const trust = store.trustOf(memory);
    // An agent's own pin is a wish: only what a person vouches for is injected unasked.
    const pinned = memory.front.pinned === true && compareTrust(trust, "user") >= 0;
    const reason = refusal(memory, trust, pinned, question);
    if (reason !== null) withheld.push({ ...hit, reason });
    else if (pinned || words > 0) {
      const stale = lifecycle(memory, question.now, store.changedSources?.(memory)).stale;
      const boost = boostOf(memory, { trust, stale, files: question.files ?? [], now: question.now });
      able.push({ memory, store, trust, pinned, boost, words, score: words * boost.factor });
    }
  }
  const best = Math.max(0, ...able.map(({ words }) => words));
  const enough = best < least ? Infinity : WEAK * best;
  const candidates: Candidate[] = [];
  for (const one of able) {
    if (one.pinned || one.words >= enough) candidates.push(one);
    else withheld.push({ memory: one.memory, store: one.store, words: one.words, reason: "weak" });
  }
  const order = (store: RecallStore): number => stores.indexOf(store);
  candidates.sort(
    (a, b) =>
      Number(b.pinned) - Number(a.pinned) ||
      b.score - a.score ||
      order(a.store) - order(b.store) ||
      (a.memory.path < b.memory.path ? -1 : 1),
  );
  withheld.sort(
    (a, b) => b.words - a.words || order(a.store) - order(b.store) || (a.memory.path < b.memory.path ? -1 : 1),
  );
  return { candidates, withheld, matched };
}

/**
 * The memories that may be recalled for a question. Looks at a few times as many as are wanted, and at more where
 * filters leave too few, always at whole ranks from the top, so that the outcome does not depend on the index's past.
 */
export function eligible(stores: readonly RecallStore[], question: Question, limit: number): Eligible {
  for (let depth = Math.max(4 * limit, 32); ; depth *= 4) {
    const found = judge(stores, question, depth);
    const weak = found.withheld.some(({ reason }) => reason === "weak");
    const enough = found.candidates.filter((one) => !one.pinned).length >= limit;
    if (weak || enough || depth >= found.matched) return found;
  }
}
