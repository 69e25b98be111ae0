/**
 * When several agents found the same plain fact apart from each other. Repetition is cheap: one page can be quoted by many, one
 * host can carry many pages, and whoever reads a memory repeats it. So witnesses count only where nothing joins them.
 */
import type { Memory } from "../memory/model.ts";
import { lineageOf, stampedTrust } from "../memory/trust.ts";
import { folded } from "../same-claim.ts";

/**
 * The other memories that say the same as a fact and are independent of it: of another session, by another actor, resting on
 * pages of other sites alone, with nothing in common that the two were derived from or had read. Empty for anything but a
 * fact, for one that is graded by what it says, and for one without a page of its own. What such a fact may come to is the
 * trust of an agent, never more; what anybody wrote into this store or its code is no witness.
 *
 * @param isPlain whether a rule sees anything in it but where it comes from
 */
export function witnessesOf(
  fact: Memory,
  others: Iterable<Memory>,
  isPlain: (memory: Memory) => boolean,
): readonly Memory[] {
  if (!canWitness(fact, isPlain)) return [];
  const found: Memory[] = [];
  for (const other of others) {
    if (other.id === fact.id || !saysSame(fact, other) || !canWitness(other, isPlain)) continue;
    // Independent of the fact, and of each witness that counts already.
    if ([fact, ...found].every((one) => areIndependent(one, other))) found.push(other);
  }
  return found;
}

function canWitness(memory: Memory, isPlain: (memory: Memory) => boolean): boolean {
  const { type, origin, generated, derived_from: derived = [] } = memory.front;
  return (
    type === "Fact" &&
    origin?.session !== undefined &&
    generated !== undefined &&
    derived.length === 0 &&
    ["untrusted", "agent"].includes(stampedTrust(memory)) &&
    sitesOf(memory) !== null &&
    isPlain(memory)
  );
}

function saysSame(a: Memory, b: Memory): boolean {
  return folded(a.title) === folded(b.title) && folded(a.body) === folded(b.body);
}

function areIndependent(a: Memory, b: Memory): boolean {
  if (a.front.origin?.session === b.front.origin?.session) return false;
  if (programOf(a) === programOf(b)) return false;
  const [read, also] = [readBy(a), readBy(b)];
  if ([...read].some((id) => also.has(id))) return false;
  const [sites, others] = [sitesOf(a), sitesOf(b)];
  return sites !== null && others !== null && ![...sites].some((site) => others.has(site));
}

/** `copilot/gpt-5.2` and `copilot/gpt-4` are one program with one set of habits. */
function programOf({ front }: Memory): string {
  return (front.generated?.by ?? "").toLowerCase().split("/")[0] ?? "";
}

/** What it came from and what was in context, with itself: who had read the other one is no witness for it. */
function readBy(memory: Memory): ReadonlySet<string> {
  return new Set([memory.id, ...lineageOf(memory), ...(memory.front.origin?.context ?? [])]);
}

/** The sites that it cites; null where it cites none, or something that anybody here may have written. */
function sitesOf({ front }: Memory): ReadonlySet<string> | null {
  const sites = (front.sources ?? []).map(({ resource }) => siteOf(resource));
  if (sites.length === 0) return null;
  const named = sites.filter((site) => site !== null);
  return named.length === sites.length ? new Set(named) : null;
}

/**
 * The last two labels of the host, which takes whole country domains such as `co.uk` for one site: two sites may be taken for
 * one, never one for two. An address without a name, and one for this machine, is no site.
 */
function siteOf(resource: string): string | null {
  if (!/^https?:\/\//i.test(resource) || !URL.canParse(resource)) return null;
  const host = new URL(resource).hostname.replace(/\.$/, "").toLowerCase();
  const labels = host.split(".");
  return labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? "") || host.includes(":")
    ? null
    : labels.slice(-2).join(".");
}
