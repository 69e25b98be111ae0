/** The difference of two snapshots in terms of beliefs: what came, what changed and how, what ended and by whom. */
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { FRONT_MATTER_KEYS, type FrontMatterKey } from "../memory/keys.ts";
import { canonicalJson } from "../memory/claim.ts";
import { idOfPath, type BeliefChange, type JournalEntry } from "../provenance/journal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
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

export interface BeliefDifference {
  readonly kind: DifferenceKind;
  readonly id: MemoryId;
  readonly title: string;
  readonly path: string;
  readonly movedFrom?: string;
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  /** What differs in the front matter besides the program's own keys. */
  readonly keys: readonly FrontMatterKey[];
  /** The title and body word by word; empty where neither changed. */
  readonly words: readonly Part[];
  /** The commits between the two that touched it, newest first; empty where the second is not ahead of the first. */
  readonly entries: readonly JournalEntry[];
}

/** In the order of paths. Folders that are the same are not looked at. */
export async function beliefDifferences(store: MemoryStore, a: Snapshot, b: Snapshot): Promise<BeliefDifference[]> {
  const [before, after] = differingFiles(a, b);
  const ids = new Set([...before.keys(), ...after.keys()]);
  const between = await entriesBetween(store, a, b, [...before.values(), ...after.values()]);
  return [...ids]
    .flatMap((id) => differenceOf(id, before.get(id), after.get(id), between) ?? [])
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

export type File = Memory | BrokenMemory;

function differingFiles(a: Snapshot, b: Snapshot): [Map<MemoryId, File>, Map<MemoryId, File>] {
  const only = (one: Snapshot, other: Snapshot): Map<MemoryId, File> =>
    new Map(
      [...one.folders.values()]
        .filter((folder) => other.folders.get(folder.path)?.tree !== folder.tree)
        .flatMap((folder) => [...folder.byPath.values()])
        .filter((file) => other.at(file.path)?.blob !== file.blob)
        .map((file) => [isBroken(file) ? idOfPath(file.path) : file.id, file]),
    );
  return [only(a, b), only(b, a)];
}

/** From so many memories on, one pass over all entries costs less than a look for each. */
const MANY = 16;

/** The entries after `a` and up to `b` that may have touched one of the files, newest first. */
async function entriesBetween(
  store: MemoryStore,
  a: Snapshot,
  b: Snapshot,
  files: readonly File[],
): Promise<readonly JournalEntry[]> {
  if (a.commit === null || b.commit === null || files.length === 0) return [];
  const [oldest, newest] = await Promise.all([store.journal.position(a.commit), store.journal.position(b.commit)]);
  // A commit that the history behind the present one doesn't have, or going back: nothing led from the one to the other.
  if (oldest === undefined || newest === undefined || newest >= oldest) return [];
  if (files.length >= MANY) return (await store.journal.entries()).slice(newest, oldest);
  const found = new Map<JournalEntry, number>();
  for (const file of files) {
    for (const entry of await store.journal.of(isBroken(file) ? idOfPath(file.path) : file.id, file.path)) {
      const position = (await store.journal.position(entry.commit)) ?? 0;
      if (position >= newest && position < oldest) found.set(entry, position);
    }
  }
  return [...found].toSorted(([, one], [, other]) => one - other).map(([entry]) => entry);
}

/** One belief's difference, from its two versions (undefined: it is not there) and the commits that led from one to the other. */
export function differenceOf(
  id: MemoryId,
  old: File | undefined,
  fresh: File | undefined,
  between: readonly JournalEntry[],
): BeliefDifference | null {
  const shown = fresh ?? old;
  if (shown === undefined) return null;
  const paths = new Set([old?.path, fresh?.path]);
  const concerns = (change: BeliefChange): boolean => change.id === id || paths.has(change.path);
  const entries = between.filter(({ changes }) => changes.some(concerns));
  const keys = old === undefined || fresh === undefined ? [] : keysBetween(old, fresh);
  let words: readonly Part[] | undefined;
  return {
    kind: kindOf(old, fresh, keys, entries, concerns),
    id,
    title: isBroken(shown) ? shown.path : shown.title,
    path: shown.path,
    ...(old !== undefined && fresh !== undefined && old.path !== fresh.path ? { movedFrom: old.path } : {}),
    before: old?.blob ?? null,
    after: fresh?.blob ?? null,
    keys: keys.filter((key) => key !== "generated" && key !== "origin"),
    // Most who ask want a list; the words are for the one that is opened.
    get words() {
      return (words ??= wordsBetween(old, fresh));
    },
    entries,
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

function wordsBetween(old: File | undefined, fresh: File | undefined): Part[] {
  const [before, after] = [textOf(old), textOf(fresh)];
  return before === after ? [] : wordDifference(before, after);
}

function textOf(file: File | undefined): string {
  return file === undefined || isBroken(file) ? "" : `${file.title}\n\n${file.body.trimEnd()}`;
}
