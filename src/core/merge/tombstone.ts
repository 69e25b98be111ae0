/** Two tombstones of one memory. What either keeps out stays out. */
import { isMapping } from "../memory/yaml.ts";
import { readFrontMatter } from "../memory/frontmatter.ts";
import { renderLine } from "../memory/render.ts";

const LISTS = ["claim", "sentences", "minhashes"] as const;
/** The format's own limit. */
const MOST_MINHASHES = 64;

/**
 * The tombstone that holds what both do; null where no single one can, which two erased claims under one id are.
 * An erasure promises that no digest of the claim's parts is left, so it takes the place of a rejection.
 */
export function mergeTombstones(ours: string, theirs: string): string | null {
  const [o, t] = [valuesIn(ours), valuesIn(theirs)];
  if (o === null || t === null) return null;
  if (o["kind"] !== t["kind"]) return o["kind"] === "erased" ? ours : t["kind"] === "erased" ? theirs : null;
  if (o["kind"] !== "rejected") return o["digest"] === t["digest"] ? earlierOf(ours, o, theirs, t) : null;
  const first = earlierOf(ours, o, theirs, t);
  const [kept, other] = first === ours ? [o, t] : [t, o];
  const lists = LISTS.map((key) => {
    const all = [...new Set([...listIn(kept, key), ...listIn(other, key)])];
    return [key, key === "minhashes" ? all.slice(0, MOST_MINHASHES) : all] as const;
  });
  if (lists.every(([key, list]) => list.length === listIn(kept, key).length)) return first;
  const rest = Object.entries(kept).filter(([key]) => !LISTS.some((list) => list === key));
  const lines = [...rest, ...lists.filter(([, list]) => list.length > 0)].map(([key, value]) => renderLine(key, value));
  return `---\n${lines.join("\n")}\n---\n`;
}

type Values = Readonly<Record<string, unknown>>;

function valuesIn(text: string): Values | null {
  const read = readFrontMatter(text);
  return read.ok && isMapping(read.values) && read.values["type"] === "Tombstone" ? read.values : null;
}

function listIn(values: Values, key: string): readonly unknown[] {
  const value = values[key];
  return Array.isArray(value) ? value : [];
}

/** The first judgement's words stay: its moment is the older one. */
function earlierOf(ours: string, o: Values, theirs: string, t: Values): string {
  const [a, b] = [Date.parse(String(o["at"])), Date.parse(String(t["at"]))];
  if (a !== b) return a < b ? ours : theirs;
  return ours <= theirs ? ours : theirs;
}
