/** The memories that a merge is about, told apart by their ids and not by where their files lie. */
import { isBroken, type Memory } from "../memory/model.ts";
import { isMemoryPath, readMemory } from "../memory/parse.ts";
import { type Content, fileOn, type Side } from "./side.ts";

/** A memory's file on one side. */
export interface Version {
  readonly path: string;
  readonly content: Content;
  /** Null where the file can't be read as a memory. */
  readonly memory: Memory | null;
}

/** One memory on all sides. */
export interface Claim {
  /** Its id, or what stands for it where it has none. */
  readonly name: string;
  readonly base: Version | null;
  readonly ours: Version | null;
  readonly theirs: Version | null;
}

export interface Sides<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

const SIDES = ["base", "ours", "theirs"] as const;

/** @param paths all that either side changed, sorted. */
export function claimsAt(
  paths: readonly string[],
  sides: Sides<Side>,
  bytesOf: (content: Content) => Uint8Array,
): Claim[] {
  const claims = new Map<string, { name: string } & { -readonly [side in (typeof SIDES)[number]]: Version | null }>();
  for (const path of paths.filter(isMemoryPath)) {
    for (const side of SIDES) {
      const content = fileOn(sides[side], path);
      if (content === null) continue;
      const file = readMemory(path, content.name, bytesOf(content));
      const version = { path, content, memory: isBroken(file) ? null : file };
      const name = version.memory?.id ?? `path:${path}`;
      // A second file with the same id on one side is a copy, and known by its path.
      for (const known of [name, `copy:${path}`]) {
        const claim = claims.get(known) ?? { name: known, base: null, ours: null, theirs: null };
        if (claim[side] !== null) continue;
        claim[side] = version;
        claims.set(known, claim);
        break;
      }
    }
  }
  return [...claims.values()].map((claim) => joinedByPath(claim, claims)).filter((claim) => claim !== null);
}

/**
 * A file that one side left unreadable is known by its path, and belongs to the memory that the other versions of the path
 * are; else a damaged file would count as one that was ended.
 */
function joinedByPath(claim: Claim, claims: ReadonlyMap<string, Claim>): Claim | null {
  if (claim.name.startsWith("path:")) {
    const owner = ownerOf(claim, claims);
    return owner === undefined ? claim : null;
  }
  const version = claim.base ?? claim.ours ?? claim.theirs;
  const damaged = version === null ? undefined : claims.get(`path:${version.path}`);
  if (damaged === undefined || ownerOf(damaged, claims) !== claim) return claim;
  return {
    name: claim.name,
    base: claim.base ?? damaged.base,
    ours: claim.ours ?? damaged.ours,
    theirs: claim.theirs ?? damaged.theirs,
  };
}

/** The memory, read on another side, that has no version on any side where this path can't be read. */
function ownerOf(damaged: Claim, claims: ReadonlyMap<string, Claim>): Claim | undefined {
  const path = (damaged.base ?? damaged.ours ?? damaged.theirs)?.path;
  for (const claim of claims.values()) {
    if (claim === damaged || claim.name.startsWith("path:")) continue;
    if ((claim.base ?? claim.ours ?? claim.theirs)?.path !== path) continue;
    if (SIDES.every((side) => claim[side] === null || damaged[side] === null)) return claim;
  }
  return undefined;
}
