/**
 * What can be wrong with a store though each of its files can be read, as a merge leaves it that knew nothing of memories:
 * the same twice, one against another, and what had been replaced or refused and is there again.
 */
import { matchTombstones, readTombstone, type Tombstone } from "../gate/tombstones.ts";
import { lifecycle } from "../memory/lifecycle.ts";
import type { Memory, MemoryId } from "../memory/model.ts";
import { folded } from "../same-claim.ts";
import type { StoreRepository } from "../ports.ts";
import type { FolderView, Snapshot } from "../snapshot.ts";
import { contradictions } from "./contradictions.ts";

export type DiscrepancyKind =
  /** Two files have one id; only the first answers to it. */
  | "same-id"
  /** Two memories say the same. */
  | "same-claim"
  /** Two memories can't both be so. */
  | "contradiction"
  /** The second replaced the first, which is still there. */
  | "superseded"
  /** Memories that replace each other, so that none is the newest. */
  | "supersedes-itself"
  /** It names a memory that never was in this store as one that it replaced. */
  | "supersedes-nothing"
  /** A tombstone keeps the claim out, and it is there. */
  | "kept-out";

export interface Discrepancy {
  readonly kind: DiscrepancyKind;
  /** The memory that is shown with it first, and those that it is about besides. */
  readonly memories: readonly [Memory, ...Memory[]];
  /** The id that is missing. */
  readonly missing?: MemoryId;
}

export interface Surroundings {
  readonly now: Date;
  /** Above so many memories contradictions are not looked for, which takes a second at a few thousand. */
  readonly mostCompared?: number;
  readonly tombstones?: readonly Tombstone[];
  /** Whether an id was ever in this store; without it, missing memories are not looked for. */
  readonly wasThere?: (id: MemoryId) => boolean;
}

/** For a list that is drawn at each change; the doctor looks at all. */
export const COMPARED_AT_ONCE = 1_000;

/** Of memories in force; what has ended contradicts nothing. */
export function discrepanciesOf(
  all: Iterable<Memory>,
  { now, tombstones = [], wasThere, mostCompared = Number.POSITIVE_INFINITY }: Surroundings,
): Discrepancy[] {
  const memories = [...all].filter((memory) => lifecycle(memory, now).inForce);
  const sameId = groups(memories, ({ id }) => id).map((group): Discrepancy => ({ kind: "same-id", memories: group }));
  // A file that is there twice says the same twice; that is one matter.
  const byId = new Map(memories.toReversed().map((memory) => [memory.id, memory]));
  const distinct = [...byId.values()].reverse();
  // Most titles are there once, so that few bodies need be read.
  const sameClaim = groups(distinct, titleOf)
    .flatMap((group) => groups(group, ({ body }) => folded(body)))
    .map((group): Discrepancy => ({ kind: "same-claim", memories: group }));
  return [
    ...sameId,
    ...kept(distinct, tombstones),
    ...chains(distinct, byId, wasThere),
    ...sameClaim,
    ...(distinct.length > mostCompared ? [] : contradictions(distinct)).map((pair): Discrepancy => ({
      kind: "contradiction",
      memories: [...pair],
    })),
  ];
}

function groups(memories: readonly Memory[], keyOf: (memory: Memory) => string): [Memory, ...Memory[]][] {
  const found = new Map<string, [Memory, ...Memory[]]>();
  for (const memory of memories) {
    const group = found.get(keyOf(memory));
    if (group === undefined) found.set(keyOf(memory), [memory]);
    else group.push(memory);
  }
  return [...found.values()].filter(({ length }) => length > 1);
}

/** A memory is immutable, and a snapshot shares most of its memories with the one before. */
const titles = new WeakMap<Memory, string>();

function titleOf(memory: Memory): string {
  const title = titles.get(memory) ?? folded(memory.title);
  titles.set(memory, title);
  return title;
}

function kept(memories: readonly Memory[], tombstones: readonly Tombstone[]): Discrepancy[] {
  // Comparing with an erased claim takes a slow digest, so only the memory that bears its id is.
  const rejected = tombstones.filter(({ kind }) => kind === "rejected");
  const erased = new Map(tombstones.flatMap((one) => (one.kind === "erased" ? [[one.id, one] as const] : [])));
  return memories.flatMap((memory): Discrepancy[] => {
    const own = erased.get(memory.id);
    const candidates = own === undefined ? rejected : [...rejected, own];
    const isKeptOut = candidates.length > 0 && matchTombstones(memory, candidates, false).length > 0;
    return isKeptOut ? [{ kind: "kept-out", memories: [memory] }] : [];
  });
}

function chains(
  memories: readonly Memory[],
  byId: ReadonlyMap<MemoryId, Memory>,
  wasThere: Surroundings["wasThere"],
): Discrepancy[] {
  const found: Discrepancy[] = [];
  for (const newer of memories) {
    for (const id of newer.front.supersedes ?? []) {
      const older = byId.get(id);
      if (older === undefined) {
        if (wasThere?.(id) === false) found.push({ kind: "supersedes-nothing", memories: [newer], missing: id });
      } else if (!isReplacedBy(newer, older, byId)) found.push({ kind: "superseded", memories: [older, newer] });
      // Told once, with the memory whose id comes first.
      else if (newer.id <= older.id)
        found.push({ kind: "supersedes-itself", memories: id === newer.id ? [newer] : [newer, older] });
    }
  }
  return found;
}

/** Whether a memory was replaced, in however many steps, by another. */
function isReplacedBy(memory: Memory, by: Memory, byId: ReadonlyMap<MemoryId, Memory>): boolean {
  const seen = new Set<MemoryId>();
  const waiting: Memory[] = [by];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const id of next.front.supersedes ?? []) {
      if (id === memory.id) return true;
      const older = byId.get(id);
      if (older === undefined || seen.has(id)) continue;
      seen.add(id);
      waiting.push(older);
    }
  }
  return false;
}

/** The words that stand beside each memory with a discrepancy; of several the first. */
export function besideTitles(found: readonly Discrepancy[]): ReadonlyMap<Memory, string> {
  const words = new Map<Memory, string>();
  for (const one of found) {
    const [first, ...others] = one.memories;
    const shown =
      one.kind === "superseded" || one.kind === "kept-out" || one.kind === "supersedes-nothing"
        ? [first]
        : one.memories;
    for (const memory of shown) {
      const [other] = memory === first ? others : [first];
      if (!words.has(memory)) words.set(memory, discrepancyShort(one.kind, other));
    }
  }
  return words;
}

/** Beside a title in a list. */
function discrepancyShort(kind: DiscrepancyKind, other: Memory | undefined): string {
  switch (kind) {
    case "same-id":
      return "id used twice";
    case "same-claim":
      return "said twice";
    case "contradiction":
      return `contradicts "${other?.title ?? ""}"`;
    case "superseded":
      return "replaced, still here";
    case "supersedes-itself":
      return "replaces what replaces it";
    case "supersedes-nothing":
      return "replaces what never was";
    case "kept-out":
      return "refused, here again";
  }
}

/** One sentence, and another with what to do. */
export function discrepancySentence({ kind, memories, missing }: Discrepancy): { says: string; advice: string } {
  const [memory, other] = memories;
  const [one, two] = [nameOf(memory), nameOf(other ?? memory)];
  switch (kind) {
    case "same-id":
      return {
        says: `${memories.length} files say that they are ${memory.id}: ${memories.map(({ path }) => path).join(", ")}.`,
        advice: "Expire the copies by their paths, or give each an id of its own.",
      };
    case "same-claim":
      return {
        says: `${memories.length} memories say the same: ${memories.map(nameOf).join(", ")}.`,
        advice: "Expire all but one.",
      };
    case "contradiction":
      return { says: `${one} and ${two} can't both be so.`, advice: "Expire or reword the one that is wrong." };
    case "superseded":
      return { says: `${one} was replaced by ${two} and is still believed.`, advice: "Expire it." };
    case "supersedes-itself":
      return {
        says: `${one} and ${two} replace each other.`,
        advice: "Take the key `supersedes` out of the one that came first.",
      };
    case "supersedes-nothing":
      return {
        says: `${one} says that it replaced ${missing ?? ""}, which never was in this store.`,
        advice: "Mend or take out its key `supersedes`.",
      };
    case "kept-out":
      return {
        says: `${one} was refused or erased before, and is in the store again.`,
        advice: "Expire it; or remove its tombstone if it is to be believed.",
      };
  }
}

function nameOf({ title, id, path }: Memory): string {
  return `"${title}" (${id.startsWith("m_") ? id : path})`;
}

/** A snapshot shares the folder with the one before as long as nothing is buried or let out. */
const buried = new WeakMap<FolderView, readonly Tombstone[]>();

/** The tombstones of a snapshot. */
export async function tombstonesIn(
  repository: Pick<StoreRepository, "blobs">,
  snapshot: Snapshot,
): Promise<readonly Tombstone[]> {
  const folder = snapshot.folders.get("tombstones");
  if (folder === undefined) return [];
  const known = buried.get(folder);
  if (known !== undefined) return known;
  const blobs = await repository.blobs([...folder.others.values()]);
  const found = blobs.flatMap((bytes) => readTombstone(bytes) ?? []);
  buried.set(folder, found);
  return found;
}
