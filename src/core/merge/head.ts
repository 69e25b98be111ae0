/** The front matter of a merge, put together from the lines of the versions, so that what nobody changed keeps its bytes. */
import { canonicalJson } from "../memory/claim.ts";
import { placesOf } from "../memory/edit.ts";
import { FRONT_MATTER_KEYS, isFrontMatterKey } from "../memory/keys.ts";
import { renderLine } from "../memory/render.ts";
import { decide, sameValue, type Values } from "./rules.ts";

/** One version's front matter: what it says, and how it is written. */
export interface Head {
  readonly yaml: string;
  readonly values: Values;
}

export interface MergedHead {
  /** Null where a version is not written one key a line, so that its lines can't be taken over. */
  readonly yaml: string | null;
  readonly values: Values;
  /** The keys that a person has to choose; in `values` and `yaml` they are as in the base. */
  readonly conflicts: readonly string[];
}

/** @param base null where the two sides have no common version. */
export function mergeHeads(base: Head | null, ours: Head, theirs: Head): MergedHead {
  const values = new Map<string, unknown>();
  const conflicts: string[] = [];
  for (const key of orderOf(base, ours, theirs)) {
    const decision = decide(key, base?.values ?? null, ours.values, theirs.values);
    if (decision === "conflict") conflicts.push(key);
    const value = decision === "conflict" ? standIn(key, base, ours, theirs) : decision.value;
    if (value !== undefined) values.set(key, value);
  }
  return { yaml: linesFor(values, base, ours, theirs), values, conflicts };
}

/** Of three texts the one that was changed; of two changes always the same one, whichever side is called ours. */
export function changedOf<T extends string | undefined>(base: T | null, ours: T, theirs: T): T {
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  return (ours ?? "") <= (theirs ?? "") ? ours : theirs;
}

/** What stands in the front matter until somebody has chosen. */
function standIn(key: string, base: Head | null, ours: Head, theirs: Head): unknown {
  const [o, t] = [ours.values.get(key), theirs.values.get(key)];
  return base?.values.get(key) ?? (canonicalJson(o) <= canonicalJson(t) ? o : t);
}

/** The keys of all versions: those of the base where they stand there, new ones where the writer would put them. */
function orderOf(base: Head | null, ours: Head, theirs: Head): readonly string[] {
  const [o, t] = [[...ours.values.keys()], [...theirs.values.keys()]];
  const order = base === null ? (o.join("\n") === t.join("\n") ? o : []) : [...base.values.keys()];
  const known = FRONT_MATTER_KEYS.filter((key) => ours.values.has(key) || theirs.values.has(key));
  const others = [...new Set([...o, ...t])].filter((key) => !isFrontMatterKey(key)).sort();
  for (const key of [...known, ...others]) {
    if (order.includes(key)) continue;
    const rank = rankOf(key);
    const before = order.findLastIndex((one) => rankOf(one) < rank);
    order.splice(rank === FRONT_MATTER_KEYS.length ? order.length : before + 1, 0, key);
  }
  return order;
}

function rankOf(key: string): number {
  const rank = FRONT_MATTER_KEYS.findIndex((known) => known === key);
  return rank === -1 ? FRONT_MATTER_KEYS.length : rank;
}

function linesFor(values: Values, base: Head | null, ours: Head, theirs: Head): string | null {
  const [o, t] = [writtenOf(ours.yaml), writtenOf(theirs.yaml)];
  const b = base === null ? null : writtenOf(base.yaml);
  if (o === null || t === null || (base !== null && b === null)) return null;
  const lines = [...values].map(([key, value]) => {
    const says = (head: Head | null): boolean => head !== null && sameValue(head.values.get(key), value);
    const [ofOurs, ofTheirs] = [o.lines.get(key), t.lines.get(key)];
    if (says(ours) && says(theirs)) return changedOf(b?.lines.get(key) ?? null, ofOurs, ofTheirs);
    if (says(ours)) return ofOurs;
    if (says(theirs)) return ofTheirs;
    return says(base) ? b?.lines.get(key) : `${renderLine(key, value)}\n`;
  });
  if (lines.includes(undefined)) return null;
  return lines.join("") + changedOf(b?.rest ?? null, o.rest, t.rest);
}

interface Written {
  /** By key: its lines, with the comments and blank lines above them. */
  readonly lines: ReadonlyMap<string, string>;
  /** What follows the last key. */
  readonly rest: string;
}

function writtenOf(yaml: string): Written | null {
  const places = placesOf(yaml);
  if (places === null) return null;
  let from = 0;
  const lines = new Map<string, string>();
  for (const { key, end } of places) {
    lines.set(key, yaml.slice(from, end));
    from = end;
  }
  return { lines, rest: yaml.slice(from) };
}
