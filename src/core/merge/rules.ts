/**
 * What becomes of a key of the front matter that both sides changed. The rules are those of `memory-schema/README.md`,
 * "Merging": each gives the same answer whichever side is called ours, and where two answers are possible the one with
 * less power: lower trust, an earlier end, not pinned.
 */
import { canonicalJson } from "../memory/claim.ts";
import type { FrontMatter, Generated, Origin } from "../memory/model.ts";
import { lowerOf } from "../memory/trust.ts";

/** The keys of a front matter with their values, the unknown ones among them. */
export type Values = ReadonlyMap<string, unknown>;

/** The value of a key after a merge (undefined: absent), or that nobody but a person can tell. */
export type Decision = { readonly value: unknown } | "conflict";

export function valuesOf(front: FrontMatter): Values {
  const { extra, ...known } = front;
  return new Map(Object.entries({ ...extra, ...known }).filter(([, value]) => value !== undefined));
}

/** Equal as data; absent is undefined. */
export function sameValue(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** @param base null where the two sides have no common version. */
export function decide(key: string, base: Values | null, ours: Values, theirs: Values): Decision {
  const [b, o, t] = [base?.get(key), ours.get(key), theirs.get(key)];
  // What a text rests on, and who vouches for it, concerns the words of both sides: neither can take it from the other's.
  if (key === "origin") return { value: mergeOrigins(o, t) };
  if (key === "derived_from") return { value: united(undefined, o, t) };
  if (sameValue(o, t)) return { value: o };
  if (base !== null && sameValue(o, b)) return { value: t };
  if (base !== null && sameValue(t, b)) return { value: o };
  switch (key) {
    case "tags":
    case "sources":
    case "supersedes":
    case "verified":
      return { value: united(b, o, t) };
    case "scope":
      return mergeScopes(b, o, t);
    case "pinned":
      return { value: undefined };
    case "expires_at":
    case "stale_after":
      return { value: earlier(o, t) };
    case "generated":
      return { value: newer(o, t) };
    default:
      // A change weighs more than its absence; of two changes a person chooses.
      return o === undefined || t === undefined ? { value: o ?? t } : "conflict";
  }
}

/** What both kept of the base, in its order, and what either added. Undefined where nothing is left. */
function united(base: unknown, ours: unknown, theirs: unknown): readonly unknown[] | undefined {
  const [b, o, t] = [keyed(base), keyed(ours), keyed(theirs)];
  const kept = [...b].filter(([key]) => o.has(key) && t.has(key));
  const added = (side: Keyed): Keyed => new Map([...side].filter(([key]) => !b.has(key)));
  const items = [...kept, ...joined(added(o), added(t))].map(([, item]) => item);
  return items.length === 0 ? undefined : items;
}

/** The items of a list by what they say. */
type Keyed = ReadonlyMap<string, unknown>;

function keyed(list: unknown): Keyed {
  return new Map(Array.isArray(list) ? list.map((item: unknown) => [canonicalJson(item), item]) : []);
}

/** One side's list in its own order where it holds the other's; else sorted, so that both sides agree. */
function joined(ours: Keyed, theirs: Keyed): Keyed {
  const both = new Map([...ours, ...theirs]);
  if (both.size === ours.size && both.size === theirs.size)
    return [...ours.keys()].join("\n") <= [...theirs.keys()].join("\n") ? ours : theirs;
  if (both.size === ours.size) return ours;
  if (both.size === theirs.size) return theirs;
  return new Map([...both].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** No scope at all means everywhere, so a merge must not come to that by itself. */
function mergeScopes(base: unknown, ours: unknown, theirs: unknown): Decision {
  if (ours === undefined || theirs === undefined) return { value: ours ?? theirs };
  const value = united(base, ours, theirs);
  return value === undefined ? "conflict" : { value };
}

function earlier(ours: unknown, theirs: unknown): unknown {
  if (typeof ours !== "string" || typeof theirs !== "string") return ours ?? theirs;
  const [o, t] = [Date.parse(ours), Date.parse(theirs)];
  return o < t || (o === t && ours < theirs) ? ours : theirs;
}

function newer(ours: unknown, theirs: unknown): unknown {
  if (!isGenerated(ours) || !isGenerated(theirs)) return lesser(ours, theirs);
  const [o, t] = [Date.parse(ours.at), Date.parse(theirs.at)];
  if (o !== t) return o > t ? ours : theirs;
  return lesser(ours, theirs);
}

/** The lower trust, with the channel that it came by, and the lineage of both. A file without a stamp is an agent's. */
function mergeOrigins(ours: unknown, theirs: unknown): Origin | undefined {
  const origins = [ours, theirs].filter(isOrigin);
  const [first] = origins;
  if (first === undefined) return undefined;
  const known = origins.map((origin) => origin.trust).reduce(lowerOf);
  const trust = origins.length === 2 ? known : lowerOf(known, "agent");
  const [one = first, other = one] = origins.filter((origin) => origin.trust === trust);
  const { context: _context, ...chosen } = lesser(one, other);
  const context = [...joined(keyed(first.context), keyed(origins[1]?.context)).values()].filter(isText);
  return { ...chosen, trust, ...(context.length === 0 ? {} : { context }) };
}

/** Any choice will do, as long as it is the same on both sides. */
function lesser<T>(ours: T, theirs: T): T {
  if (ours === undefined || theirs === undefined) return ours ?? theirs;
  return canonicalJson(ours) <= canonicalJson(theirs) ? ours : theirs;
}

function isGenerated(value: unknown): value is Generated {
  return typeof value === "object" && value !== null && "at" in value && typeof value.at === "string";
}

function isOrigin(value: unknown): value is Origin {
  return typeof value === "object" && value !== null && "trust" in value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
