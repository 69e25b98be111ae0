/** Two changes of a store's rules. Lines that only one side changed are taken; of two changes of one line the stricter. */
import { diff3Merge } from "node-diff3";
import { canonicalJson } from "../memory/claim.ts";
import { TRUST_LEVELS } from "../memory/model.ts";
import { type Policy, readPolicy } from "../memory/policy.ts";
import { isMapping } from "../memory/yaml.ts";
import { conflictBlock, linesOf, type Marks, type MergedText } from "./lines.ts";

/**
 * Merges `policy.yaml`. Where neither side is the stricter one in all that a place says, markers stand there: no reader can
 * use such a file, so the store is read and not written until a person has chosen.
 */
export function mergePolicies(base: string, ours: string, theirs: string, marks: Marks): MergedText {
  const regions = diff3Merge<string>(linesOf(ours), linesOf(base), linesOf(theirs), { excludeFalseConflicts: true });
  const common = (region: (typeof regions)[number]): string => (region.ok ?? region.conflict?.o ?? []).join("");
  let clean = true;
  let text = "";
  for (const [place, { ok, conflict }] of regions.entries()) {
    if (conflict === undefined) {
      text += (ok ?? []).join("");
      continue;
    }
    const [o, t] = [conflict.a.join(""), conflict.b.join("")];
    const around = (middle: string): Policy =>
      readPolicy(new TextEncoder().encode(regions.map((one, i) => (i === place ? middle : common(one))).join("")));
    const stricter = stricterOf(around(o), around(t));
    if (stricter === null) clean = false;
    // Policies that mean the same differ in comments or quotes: any choice is right that both sides make alike.
    text += stricter === null ? conflictBlock(o, t, marks) : stricter < 0 || (stricter === 0 && o <= t) ? o : t;
  }
  return { clean, text };
}

/**
 * Negative where `a` is at least as strict as `b` in everything and stricter in something, positive the other way round, 0
 * where they mean the same; null where each is stricter somewhere, or one can't be read, or nobody can say what is stricter.
 */
function stricterOf(a: Policy, b: Policy): number | null {
  if (a.readOnly || b.readOnly) return null;
  let result = 0;
  for (const [path, one, other] of differences("", a, b)) {
    const order = strictness(path, one, other);
    if (order === null || order * result < 0) return null;
    result ||= order;
  }
  return result;
}

type Difference = readonly [path: string, a: unknown, b: unknown];

function differences(path: string, a: unknown, b: unknown): Difference[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  if (!isMapping(a) || !isMapping(b)) return [[path, a, b]];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differences(path === "" ? key : `${path}.${key}`, a[key], b[key]));
}

const VERDICTS: readonly unknown[] = [undefined, "confirm", "quarantine", "block"];

/** Negative where `a` is stricter, null where it can't be told. */
function strictness(path: string, a: unknown, b: unknown): number | null {
  if (/^(?:ttl\.|gate\.waiting$)/.test(path)) return lifetime(a) - lifetime(b) || null;
  if (/^(?:gate\.limits|budgets)\./.test(path)) return Number(a) - Number(b);
  if (path === "gate.budget") return Number(b) - Number(a);
  if (path.startsWith("gate.stricter.")) return VERDICTS.indexOf(b) - VERDICTS.indexOf(a);
  if (path === "gate.allowed") return subset(a, b);
  if (path === "gate.secrets") return subset(b, a);
  if (path === "trust.remote") return a === false ? -1 : 1;
  if (path === "trust.undeclared") return a === "untrusted" ? -1 : 1;
  if (path.startsWith("trust.needed.")) return levelOf(b) - levelOf(a);
  return null;
}

/** No end is the longest. */
function lifetime(value: unknown): number {
  return typeof value === "number" ? value : Number.MAX_SAFE_INTEGER;
}

function levelOf(value: unknown): number {
  return TRUST_LEVELS.findIndex((level) => level === value);
}

/** Negative where `a` holds nothing that `b` doesn't. */
function subset(a: unknown, b: unknown): number | null {
  const [one, other] = [a, b].map((list) => new Set(Array.isArray(list) ? list.map(canonicalJson) : []));
  if (one === undefined || other === undefined) return null;
  if ([...one].every((item) => other.has(item))) return -1;
  return [...other].every((item) => one.has(item)) ? 1 : null;
}
