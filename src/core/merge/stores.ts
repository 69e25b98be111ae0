/**
 * Two histories of a store into one tree: memories by their ids, whatever became of their files' names; what a tombstone of
 * either side keeps out stays out; and an end beats a change. The same tree comes out whichever side is called ours, but for
 * the order inside conflict markers. The rules are those of `memory-schema/README.md`, "Merging".
 */
import { matchTombstones, readTombstone, type Tombstone } from "../gate/tombstones.ts";
import type { Memory, ObjectId } from "../memory/model.ts";
import { isMemoryPath } from "../memory/parse.ts";
import type { FileChange, StoreRepository } from "../ports.ts";
import { type Claim, claimsAt, type Sides, type Version } from "./claims.ts";
import { commonVersions, type Since } from "./common-version.ts";
import { mergeFile } from "./file.ts";
import type { Marks } from "./lines.ts";
import {
  changeOf,
  type Content,
  contentOf,
  type Delta,
  deltasOf,
  emptySide,
  fileOn,
  type Side,
  sideAt,
  withFiles,
} from "./side.ts";

/** A file in which a person has to choose. A memory with markers is not believed until then. */
export interface MergeConflict {
  readonly path: string;
  /** Keys of the front matter, `body`, or `file`. */
  readonly parts: readonly string[];
}

/** Something that a person may want to know though nobody has to choose. */
export interface MergeNote {
  /**
   * `ended`: one side ended what the other changed. `kept-out`: a tombstone of one side keeps out what the other wrote.
   * `moved`: two memories wanted the same path.
   */
  readonly kind: "ended" | "kept-out" | "moved";
  readonly path: string;
  /** The memory's title, or its path where it can't be read. */
  readonly title: string;
}

export interface StoreMerge {
  /** What a commit on top of `ours` has to change; empty where `ours` holds it all. */
  readonly changes: readonly FileChange[];
  readonly conflicts: readonly MergeConflict[];
  readonly notes: readonly MergeNote[];
}

type MergeRepository = Pick<StoreRepository, "tree" | "blobs" | "mergeBases" | "log">;

/** Criss-cross merges of criss-cross merges; deeper than this the first of the bases will do. */
const DEEPEST = 16;

/**
 * Merges two commits of a store. Writes nothing: the commit is the caller's, with `changes` and `theirs` among its `joins`.
 * The cost is that of what changed: folders with equal trees are not read.
 *
 * @param bases what `mergeBases` says of the two: several are merged first, and with none each file is taken for new unless
 * an old version of one side is found in the other's history.
 */
export async function mergeStores(
  repository: MergeRepository,
  bases: readonly ObjectId[],
  ours: ObjectId,
  theirs: ObjectId,
  marks: Marks = { ours: "ours", theirs: "theirs" },
): Promise<StoreMerge> {
  const base = await sideOfAll(repository, bases, DEEPEST);
  const sides = { base, ours: await sideAt(repository, ours), theirs: await sideAt(repository, theirs) };
  const { files, conflicts, notes } = await mergeSides(repository, sides, marks, {
    ours,
    theirs,
    base: bases.toSorted()[0],
  });
  const changes = [...files]
    .filter(([path, content]) => content?.name !== fileOn(sides.ours, path)?.name)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => changeOf(path, content));
  return { changes, conflicts, notes };
}

/** One base of several: they are merged with each other, as git does. */
async function sideOfAll(repository: MergeRepository, bases: readonly ObjectId[], depth: number): Promise<Side> {
  // In an order that both sides agree on.
  const [first, ...others] = bases.toSorted();
  if (first === undefined) return emptySide;
  let side = await sideAt(repository, first);
  for (const other of depth === 0 ? [] : others) {
    const sides = {
      base: await sideOfAll(repository, await repository.mergeBases(first, other), depth - 1),
      ours: side,
      theirs: await sideAt(repository, other),
    };
    // Longer markers, so that they aren't taken for those of the merge that this is a base of.
    const { files } = await mergeSides(repository, sides, { ours: "base", theirs: "base", size: 7 + depth }, null);
    side = withFiles(side, files);
  }
  return side;
}

interface MergedSides {
  /** Every path that was decided on; null is absence. */
  readonly files: ReadonlyMap<string, Content | null>;
  readonly conflicts: readonly MergeConflict[];
  readonly notes: readonly MergeNote[];
}

async function mergeSides(
  repository: MergeRepository,
  sides: Sides<Side>,
  marks: Marks,
  since: Since | null,
): Promise<MergedSides> {
  const [fromOurs, fromTheirs] = [deltasOf(sides.base, sides.ours), deltasOf(sides.base, sides.theirs)];
  // Where only one side did anything, that side is the answer.
  const only = fromTheirs.size === 0 ? fromOurs : fromOurs.size === 0 ? fromTheirs : null;
  if (only !== null)
    return { files: new Map([...only].map(([path, { after }]) => [path, after])), conflicts: [], notes: [] };

  const paths = [...new Set([...fromOurs.keys(), ...fromTheirs.keys()])].sort();
  const bytesOf = await contentsAt(repository, paths, sides);
  const merge = new Merge(marks, bytesOf);
  const claims = claimsAt(paths, sides, bytesOf);
  const known = await commonVersions(repository, claims, since);
  const buried = { ours: newTombstones(fromOurs, bytesOf), theirs: newTombstones(fromTheirs, bytesOf) };
  for (const claim of claims) {
    const base = claim.base ?? known.get(claim.name) ?? null;
    merge.claim(withoutBuried({ ...claim, base }, buried, merge));
  }
  for (const path of paths.filter((one) => !isMemoryPath(one))) {
    merge.other(path, fileOn(sides.base, path), fileOn(sides.ours, path), fileOn(sides.theirs, path));
  }
  return merge.result(paths);
}

async function contentsAt(
  repository: MergeRepository,
  paths: readonly string[],
  sides: Sides<Side>,
): Promise<(content: Content) => Uint8Array> {
  const all = paths.flatMap((path) => [sides.base, sides.ours, sides.theirs].map((side) => fileOn(side, path)));
  const names = [
    ...new Set(all.flatMap((content) => (content === null || content.made !== null ? [] : [content.name]))),
  ];
  const blobs = await repository.blobs(names);
  const bytes = new Map(names.map((name, i) => [name, blobs[i] ?? new Uint8Array()]));
  return ({ name, made }) => made ?? bytes.get(name) ?? new Uint8Array();
}

function newTombstones(deltas: ReadonlyMap<string, Delta>, bytesOf: (content: Content) => Uint8Array): Tombstone[] {
  return [...deltas].flatMap(([path, { after }]) =>
    path.startsWith("tombstones/") && after !== null ? (readTombstone(bytesOf(after)) ?? []) : [],
  );
}

/**
 * What one side buried, the other can't have written: that side's own version, or absence, stands for it. A version that
 * stood beside the tombstone on its own side was looked at when the tombstone was made, and stays.
 */
function withoutBuried(
  claim: Claim,
  buried: { readonly ours: readonly Tombstone[]; readonly theirs: readonly Tombstone[] },
  merge: Merge,
): Claim {
  const { base, ours, theirs } = claim;
  const keepsOut = (tombstones: readonly Tombstone[], own: Version | null, other: Version | null): boolean =>
    other !== null &&
    other.content.name !== base?.content.name &&
    isBuried(other.memory, tombstones) &&
    !isBuried(own?.memory ?? null, tombstones);
  const [dropsTheirs, dropsOurs] = [keepsOut(buried.ours, ours, theirs), keepsOut(buried.theirs, theirs, ours)];
  if (dropsTheirs) merge.note("kept-out", theirs);
  if (dropsOurs) merge.note("kept-out", ours);
  if (dropsTheirs && dropsOurs) return { ...claim, ours: null, theirs: null };
  if (dropsTheirs) return { ...claim, theirs: ours };
  return dropsOurs ? { ...claim, ours: theirs } : claim;
}

function isBuried(memory: Memory | null, tombstones: readonly Tombstone[]): boolean {
  return (
    memory !== null && tombstones.length > 0 && matchTombstones(memory, tombstones).some(({ kind }) => kind === "same")
  );
}

/** Gathers the decisions of one merge. */
class Merge {
  readonly #marks: Marks;
  readonly #bytesOf: (content: Content) => Uint8Array;
  readonly #files = new Map<string, Content | null>();
  readonly #claims: { readonly name: string; readonly path: string; readonly content: Content }[] = [];
  readonly #conflicts: MergeConflict[] = [];
  readonly #notes: MergeNote[] = [];

  constructor(marks: Marks, bytesOf: (content: Content) => Uint8Array) {
    this.#marks = marks;
    this.#bytesOf = bytesOf;
  }

  note(kind: MergeNote["kind"], version: Version | null): void {
    if (version === null) return;
    this.#notes.push({ kind, path: version.path, title: version.memory?.title ?? version.path });
  }

  claim({ name, base, ours, theirs }: Claim): void {
    if (ours === null || theirs === null) {
      const left = ours ?? theirs;
      if (left === null) return;
      if (base === null) this.#claims.push({ name, path: left.path, content: left.content });
      // An end beats a change that was made without knowing of it; history keeps the change.
      else if (left.content.name !== base.content.name) this.note("ended", left);
      return;
    }
    const path = pathOf(base, ours, theirs);
    this.#claims.push({ name, path, content: this.#merged(path, base?.content ?? null, ours.content, theirs.content) });
  }

  /** A file that is no memory. */
  other(path: string, base: Content | null, ours: Content | null, theirs: Content | null): void {
    if (ours !== null && theirs !== null) {
      this.#files.set(path, this.#merged(path, base, ours, theirs));
      return;
    }
    const left = ours ?? theirs;
    const isUnchanged = left !== null && left.name === base?.name;
    // What was vouched for and then withdrawn is withdrawn.
    const isEnded = base !== null && (isUnchanged || path.startsWith("approvals/"));
    this.#files.set(path, isEnded ? null : left);
  }

  result(paths: readonly string[]): MergedSides {
    for (const path of paths) if (!this.#files.has(path)) this.#files.set(path, null);
    const taken = new Set<string>();
    for (const { name, path, content } of this.#claims.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const free = taken.has(path) ? besides(path, name) : path;
      if (free !== path) this.#notes.push({ kind: "moved", path: free, title: path });
      taken.add(free);
      this.#files.set(free, content);
    }
    return { files: this.#files, conflicts: this.#conflicts, notes: this.#notes };
  }

  #merged(path: string, base: Content | null, ours: Content, theirs: Content): Content {
    if (ours.name === theirs.name || theirs.name === base?.name) return ours;
    if (ours.name === base?.name) return theirs;
    const bytes = (content: Content): Uint8Array => this.#bytesOf(content);
    const merged = mergeFile(path, base === null ? null : bytes(base), bytes(ours), bytes(theirs), this.#marks);
    if (merged.conflicts.length > 0) this.#conflicts.push({ path, parts: merged.conflicts });
    // A result that is one side's own bytes is that side's own blob.
    return [ours, theirs].find((side) => Buffer.compare(bytes(side), merged.bytes) === 0) ?? contentOf(merged.bytes);
  }
}

/** Where the file goes: where it was moved to; of two moves always the same one. */
function pathOf(base: Version | null, ours: Version, theirs: Version): string {
  if (ours.path === theirs.path || theirs.path === base?.path) return ours.path;
  if (ours.path === base?.path) return theirs.path;
  return ours.path < theirs.path ? ours.path : theirs.path;
}

function besides(path: string, name: string): string {
  return `${path.replace(/\.md$/, "")}-${name.replace(/[^a-z0-9_]+/gi, "-")}.md`;
}
