/**
 * Taking back with all that followed: planned file by file, so that it can be shown first, then stored as one commit that
 * names every commit it reverts. What others wrote into the same files since then survives by three-way merges.
 */
import { ConflictError, InvalidInputError } from "../errors.ts";
import type { BrokenMemory, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Act, Change, Written } from "../proposal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { MemoryStore } from "../store.ts";
import { type Contamination, contaminationOf, type Tainted } from "./contamination.ts";
import { decidedBytes } from "./decided.ts";
import type { BeliefChange, JournalEntry } from "./journal-entry.ts";
import { type Suspicion, wordsFor } from "./roots.ts";
import { claimLines, common, Versions } from "./versions.ts";

/** How far a taking back reaches: the suspected writes alone; what was derived from them too; or all that had them in context. */
export const REACHES = ["roots", "derived", "context"] as const;
export type Reach = (typeof REACHES)[number];

export interface TakenBack {
  readonly id: MemoryId;
  readonly title: string;
  readonly path: string;
  /** `stays`: it is as it was already, or nothing of those words is left in it. `conflict`: later edits touch the same lines. */
  readonly action: "goes" | "comes back" | "changes back" | "stays" | "conflict" | "resolved";
  /** The changes of this memory that are taken back, newest first. */
  readonly nodes: readonly Tainted[];
  /** The version there now, null where there is none. */
  readonly now: ObjectId | null;
  /** Before and after, for showing; null where there is no file. In a conflict `after` has the older words. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** In a conflict: both texts in one, with git's marks around what a person has to decide. */
  readonly merged?: Uint8Array;
  /** Edits by others that go with the file. */
  readonly editsLost: readonly JournalEntry[];
}

/** What is left alone, and why. */
export interface Spared {
  readonly id: MemoryId;
  readonly title: string;
  readonly why: "derived" | "context" | "rewritten";
  /** The change that would have been taken back, or that rewrote it. */
  readonly entry: JournalEntry;
}

export interface TakeBackPlan {
  readonly suspicion: Suspicion;
  readonly reach: Reach;
  readonly contamination: Contamination;
  readonly files: readonly TakenBack[];
  readonly spared: readonly Spared[];
}

/** Throws MemoryNotFoundError where nothing answers to the suspicion. Conflicts are in the plan. */
export async function planTakeBack(store: MemoryStore, suspicion: Suspicion, reach: Reach): Promise<TakeBackPlan> {
  const contamination = await contaminationOf(store, suspicion);
  const snapshot = await store.snapshot();
  const versions = new Versions(store.repository);
  const isTaken = (node: Tainted): boolean =>
    REACHES.indexOf(node.relation === "root" ? "roots" : node.relation) <= REACHES.indexOf(reach);
  const byId = grouped(contamination.nodes.filter(isTaken).toReversed(), (node) => node.change.id);
  const files: TakenBack[] = [];
  const washed = contamination.washed.filter(
    ({ id }) => !contamination.present.has(id) && snapshot.get(id) !== undefined,
  );
  for (const [id, nodes] of byId) {
    const file = await takenBack(store, snapshot, versions, id, nodes);
    files.push(washed.some((one) => one.id === id) ? { ...file, action: "stays", after: file.before } : file);
  }
  const taken = new Set(byId.keys());
  const left = [...contamination.present.values()].filter(
    (node) => !taken.has(node.change.id) && node.relation !== "root",
  );
  const spared = [
    ...left.map(({ change, title, relation, entry }): Spared => ({
      id: change.id,
      title,
      entry,
      why: relation === "context" ? "context" : "derived",
    })),
    ...washed.map(({ id, title, by }): Spared => ({ id, title, entry: by, why: "rewritten" })),
  ];
  return { suspicion, reach, contamination, files, spared };
}

/** The plan with one conflict decided: what the file is to hold. */
export function resolveTakeBack(plan: TakeBackPlan, path: string, bytes: Uint8Array): TakeBackPlan {
  const files = plan.files.map((file) =>
    file.path === path && file.merged !== undefined
      ? { ...file, after: decidedBytes(path, file.before, bytes), action: "resolved" as const }
      : file,
  );
  return { ...plan, files };
}

/**
 * Carries a plan out as one commit. A file in conflict is left as it is only where the caller says so; else throws
 * ConflictError, and nothing is stored.
 */
export async function takeBack(
  store: MemoryStore,
  plan: TakeBackPlan,
  act: Act & { leaveConflicts?: boolean },
): Promise<Written> {
  const { leaveConflicts, ...who } = act;
  const conflict = plan.files.find(({ action }) => action === "conflict");
  if (conflict !== undefined && leaveConflicts !== true) {
    throw new ConflictError(
      `"${conflict.title}" was changed again later in the same lines, so nothing was taken back. Edit that memory, or leave it out with --leave-conflicts.`,
      {
        path: conflict.path,
        base: null,
        theirs: conflict.before,
        mine: conflict.after,
      },
    );
  }
  const taken = plan.files.filter(({ action }) => action !== "stays" && action !== "conflict");
  const changes = taken.map(({ path, now, after, action }): Change => {
    if (action === "resolved" && now !== null && after !== null)
      return { kind: "replace", path, read: now, bytes: after };
    return after === null && now !== null
      ? { kind: "remove", path, read: now }
      : { kind: "restore", path, read: now, bytes: after ?? new Uint8Array() };
  });
  if (changes.length === 0 && conflict !== undefined)
    throw new ConflictError(
      `"${conflict.title}" was changed again later in the same lines, and there is nothing else to take back, so nothing was done. Edit that memory, or revert the later change first.`,
      { path: conflict.path, base: null, theirs: conflict.before, mine: conflict.after },
    );
  if (changes.length === 0)
    throw new InvalidInputError("There is nothing to take back: none of it is in the store any more.");
  return store.commit({
    operation: "revert",
    changes,
    subject: `Take back ${wordsFor(plan.suspicion)}`,
    note: noteOf(taken),
    ...who,
  });
}

/** One line for each commit, and whether it is taken back as a whole. */
function noteOf(files: readonly TakenBack[]): string {
  const changes = grouped(
    files.flatMap(({ nodes }) => nodes),
    ({ entry }) => entry,
  );
  return Array.from(changes, ([entry, nodes]) => {
    const whole = entry.changes.every((change) => nodes.some((node) => node.change === change));
    return `This reverts ${whole ? "" : "part of "}commit ${entry.commit}.`;
  }).join("\n");
}

async function takenBack(
  store: MemoryStore,
  snapshot: Snapshot,
  versions: Versions,
  id: MemoryId,
  nodes: readonly Tainted[],
): Promise<TakenBack> {
  const [newest] = nodes;
  const there: Memory | BrokenMemory | undefined = snapshot.get(id) ?? snapshot.at(newest?.change.path ?? "");
  const path = there?.path ?? newest?.change.path ?? "";
  const now = snapshot.blobAt(path);
  const before = await versions.bytes(now);
  const base = { id, path, now, before, nodes, title: newest?.title ?? path };
  const history = await store.journal.of(id, path);
  let content = before;
  for (const { entry, change } of nodes) {
    if (change.after === null && endedAgain(history, entry, nodes)) continue;
    const step = await undone(store, versions, change, content, path);
    if (step !== null && "merged" in step) {
      const merged = step.merged === null ? {} : { merged: step.merged };
      return { ...base, action: "conflict", after: await versions.bytes(change.before), editsLost: [], ...merged };
    }
    content = step;
  }
  const same = content === before || (content !== null && before !== null && Buffer.compare(content, before) === 0);
  const action = same ? "stays" : before === null ? "comes back" : content === null ? "goes" : "changes back";
  return { ...base, action, after: content, editsLost: action === "goes" ? othersEdits(history, nodes) : [] };
}

/** The content with one change taken out of it. */
async function undone(
  store: MemoryStore,
  versions: Versions,
  change: BeliefChange,
  now: Uint8Array | null,
  path: string,
): Promise<Uint8Array | null | { readonly merged: Uint8Array | null }> {
  const [after, before] = [await versions.bytes(change.after), await versions.bytes(change.before)];
  if (isSame(now, before)) return now;
  if (isSame(now, after)) return readable(path, before) ? before : { merged: null };
  // Ended since: that end stands. Back since: so does that.
  if (now === null || after === null) return now;
  if (before === null) {
    const left = common(await versions.newLines(change), claimLines(new TextDecoder().decode(now)));
    return left.size > 0 ? null : now;
  }
  const merged = await store.repository.mergeText(after, now, before);
  return merged.clean && readable(path, merged.bytes) ? merged.bytes : { merged: merged.bytes };
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0);
}

function readable(path: string, bytes: Uint8Array | null): boolean {
  return bytes === null || !isBroken(readMemory(path, "", bytes));
}

/** Whether somebody ended the memory once more after one of the ends that are to be taken back. That later word stands. */
function endedAgain(history: readonly JournalEntry[], entry: JournalEntry, nodes: readonly Tainted[]): boolean {
  const [id, since] = [nodes[0]?.change.id, history.findIndex(({ commit }) => commit === entry.commit)];
  const taken = new Set(nodes.map((node) => node.entry.commit));
  return history
    .slice(0, Math.max(since, 0))
    .some(
      ({ commit, changes }) =>
        !taken.has(commit) && changes.some((change) => change.id === id && change.after === null),
    );
}

/** Edits since the file came in which are not taken back for themselves, and yet go with it. */
function othersEdits(history: readonly JournalEntry[], nodes: readonly Tainted[]): JournalEntry[] {
  const [id, first] = [nodes[0]?.change.id, nodes.at(-1)?.entry.commit];
  const taken = new Set(nodes.map(({ entry }) => entry.commit));
  const since = history.findIndex(({ commit }) => commit === first);
  return history
    .slice(0, Math.max(since, 0))
    .filter(
      ({ commit, changes }) =>
        !taken.has(commit) && changes.some((change) => change.id === id && change.kind === "changed"),
    );
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
