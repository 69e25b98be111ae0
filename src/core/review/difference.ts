/** The difference of two snapshots in terms of beliefs: what came, what changed and how, what ended and by whom. */
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { isMemoryPath, readMemory } from "../memory/parse.ts";
import { FRONT_MATTER_KEYS, type FrontMatterKey } from "../memory/keys.ts";
import { canonicalJson } from "../memory/claim.ts";
import { idOfPath } from "../provenance/journal.ts";
import type { BeliefChange, JournalEntry } from "../provenance/journal-entry.ts";
import type { MemoryStore } from "../store.ts";
import { keepDifferences, keptDifferences } from "./difference-cache.ts";
import { type Part, wordDifference } from "./words.ts";

/**
 * `approved`: a person confirmed it and the claim is the same. `renewed`: only its end was moved. `moved`: only its path.
 * The ends are told apart by what the ending commit says; `removed` where it says nothing.
 */
export type DifferenceKind =
  | "added"
  | "changed"
  | "approved"
  | "renewed"
  | "moved"
  | "expired"
  | "superseded"
  | "reverted"
  | "erased"
  | "removed";

/** A belief that two commits don't have alike. */
export interface DifferingBelief {
  readonly kind: DifferenceKind;
  readonly id: MemoryId;
  readonly title: string;
  readonly path: string;
  readonly movedFrom?: string;
  /** The version of the first commit; null for what comes. */
  readonly before: ObjectId | null;
  /** The version of the second; null for what ends. */
  readonly after: ObjectId | null;
}

export interface BeliefDifference extends DifferingBelief {
  /** What differs in the front matter besides the program's own keys. */
  readonly keys: readonly FrontMatterKey[];
  /** The title and body word by word; empty where neither changed. */
  readonly words: readonly Part[];
  /** The commits between the two that touched it, newest first; empty where the second is not ahead of the first. */
  readonly entries: readonly JournalEntry[];
}

export type File = Memory | BrokenMemory;

/** What differs between two commits never changes, so the last ones are kept for who goes to and fro. */
const KEPT = 8;
const kept = new WeakMap<MemoryStore, Map<string, Promise<readonly BeliefDifference[]>>>();

/** From one commit to another, in the order of paths. Costs what differs, not the store. */
export async function beliefDifferences(
  store: MemoryStore,
  a: ObjectId,
  b: ObjectId,
): Promise<readonly BeliefDifference[]> {
  const own = kept.get(store) ?? new Map<string, Promise<readonly BeliefDifference[]>>();
  kept.set(store, own);
  const known = own.get(`${a} ${b}`);
  if (known !== undefined) return known;
  const reading = readDifferences(store, a, b);
  own.set(`${a} ${b}`, reading);
  reading.catch(() => own.delete(`${a} ${b}`));
  const [oldest] = own.keys();
  if (own.size > KEPT && oldest !== undefined) own.delete(oldest);
  return reading;
}

async function readDifferences(store: MemoryStore, a: ObjectId, b: ObjectId): Promise<readonly BeliefDifference[]> {
  const known = await keptDifferences<Compared>(store.state, a, b);
  if (known !== null) return known.map(withWords);
  const [deltas, between] = await Promise.all([store.repository.changes(a, b), store.journal.between(a, b)]);
  const files = deltas.filter(({ path }) => isMemoryPath(path));
  const [before, after] = await Promise.all([
    filesOf(
      store,
      files.map(({ path, before: blob }) => ({ path, blob })),
    ),
    filesOf(
      store,
      files.map(({ path, after: blob }) => ({ path, blob })),
    ),
  ]);
  const differences = [...new Set([...before.keys(), ...after.keys()])]
    .flatMap((id) => compare(id, before.get(id), after.get(id), between) ?? [])
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
  // Where no commit leads from one to the other, a fetch may bring one.
  if (between.length > 0) await keepDifferences(store.state, a, b, differences);
  return differences.map(withWords);
}

/** By id, those that are there. */
async function filesOf(
  { repository }: MemoryStore,
  versions: readonly { readonly path: string; readonly blob: ObjectId | null }[],
): Promise<Map<MemoryId, File>> {
  const there = versions.flatMap(({ path, blob }) => (blob === null ? [] : [{ path, blob }]));
  const bytes = await repository.blobs(there.map(({ blob }) => blob));
  const files = there.map(({ path, blob }, i) => readMemory(path, blob, bytes[i] ?? new Uint8Array()));
  return new Map(files.map((file) => [isBroken(file) ? idOfPath(file.path) : file.id, file]));
}

/** One belief's difference, from its two versions (undefined: it is not there) and the commits that led from one to the other. */
export function differenceOf(
  id: MemoryId,
  old: File | undefined,
  fresh: File | undefined,
  between: readonly JournalEntry[],
): BeliefDifference | null {
  const compared = compare(id, old, fresh, between);
  return compared === null ? null : withWords(compared);
}

/** A difference with the two texts that its words come from. */
type Compared = Omit<BeliefDifference, "words"> & { readonly texts: readonly [before: string, after: string] };

function compare(
  id: MemoryId,
  old: File | undefined,
  fresh: File | undefined,
  between: readonly JournalEntry[],
): Compared | null {
  const shown = fresh ?? old;
  if (shown === undefined) return null;
  const paths = new Set([old?.path, fresh?.path]);
  const concerns = (change: BeliefChange): boolean => change.id === id || paths.has(change.path);
  const entries = between.filter(({ changes }) => changes.some(concerns));
  const keys = old === undefined || fresh === undefined ? [] : keysBetween(old, fresh);
  return {
    kind: kindOf(old, fresh, keys, entries, concerns),
    id,
    title: isBroken(shown) ? shown.path : shown.title,
    path: shown.path,
    ...(old !== undefined && fresh !== undefined && old.path !== fresh.path ? { movedFrom: old.path } : {}),
    before: old?.blob ?? null,
    after: fresh?.blob ?? null,
    keys: keys.filter((key) => key !== "generated" && key !== "origin"),
    texts: [textOf(old), textOf(fresh)],
    entries,
  };
}

/** Most who ask want a list; the words are for the one that is opened. */
function withWords({ texts: [before, after], ...difference }: Compared): BeliefDifference {
  let words: readonly Part[] | undefined;
  return {
    ...difference,
    get words() {
      return (words ??= before === after ? [] : wordDifference(before, after));
    },
  };
}

function kindOf(
  old: File | undefined,
  fresh: File | undefined,
  keys: readonly FrontMatterKey[],
  entries: readonly JournalEntry[],
  concerns: (change: BeliefChange) => boolean,
): DifferenceKind {
  if (old === undefined) return "added";
  if (fresh === undefined) {
    const end = entries.find(({ changes }) => changes.some((change) => concerns(change) && change.after === null));
    return endOf(end);
  }
  if (old.blob === fresh.blob) return "moved";
  if (keys.length > 0 && textOf(old) === textOf(fresh)) {
    if (keys.every((key) => key === "verified" || key === "expires_at") && keys.includes("verified")) return "approved";
    if (keys.every((key) => key === "expires_at")) return "renewed";
  }
  return "changed";
}

function endOf(end: JournalEntry | undefined): DifferenceKind {
  const ends = {
    expire: "expired",
    supersede: "superseded",
    consolidate: "superseded",
    revert: "reverted",
    erase: "erased",
  } as const;
  const operation = end?.text.operation;
  return operation !== undefined && operation in ends ? ends[operation as keyof typeof ends] : "removed";
}

function keysBetween(old: File, fresh: File): FrontMatterKey[] {
  if (isBroken(old) || isBroken(fresh)) return [];
  return FRONT_MATTER_KEYS.filter(
    (key) => canonicalJson(old.front[key] ?? null) !== canonicalJson(fresh.front[key] ?? null),
  );
}

function textOf(file: File | undefined): string {
  return file === undefined || isBroken(file) ? "" : `${file.title}\n\n${file.body.trimEnd()}`;
}
