/** One belief of a change, looked at as the gate would look at it, by the base's rules. */
import type { GateStore } from "../gate/anomalies.ts";
import { judge } from "../gate/gate.ts";
import type { Tombstone } from "../gate/tombstones.ts";
import { findSections } from "../memory/frontmatter.ts";
import { isBroken, type BrokenMemory, type Memory, type MemoryId, type Source, type Trust } from "../memory/model.ts";
import type { FrontMatterKey } from "../memory/keys.ts";
import { canonicalJson } from "../memory/claim.ts";
import type { Policy } from "../memory/policy.ts";
import { instantOf } from "../memory/time.ts";
import { compareTrust, effectiveTrust, lineageOf, lowerOf, stampedTrust } from "../memory/trust.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";
import { differenceOf, type BeliefDifference, type File } from "../review/difference.ts";
import { actorName } from "../view/actor.ts";
import type { Approval, Concern, Mentioned, Reason, ReviewedBelief } from "./model.ts";
import { concernOf, isTelling, shownPath } from "./places.ts";

/** A memory's two versions, with their text. */
export interface BeliefPair {
  readonly old: File | null;
  readonly fresh: File | null;
  readonly oldText: string;
  readonly freshText: string;
  /** Base and head have both changed it. */
  readonly both: boolean;
}

/** What all beliefs of a change are judged by. */
export interface Bench {
  readonly prefix: string;
  readonly now: Date;
  /** The base's. */
  readonly policy: Policy;
  /** The base's. */
  readonly tombstones: readonly Tombstone[];
  readonly entries: readonly JournalEntry[];
  /** A memory that is in the base, as it is there. */
  based(id: MemoryId): Memory | undefined;
  /** The same, and what the change brings. */
  known(id: MemoryId): Memory | undefined;
  approval(memory: Memory): Approval | null;
  against(memory: Memory): readonly Memory[];
  changedSources(memory: Memory): readonly Source[];
  /** Ids of the change's memories that take the place of others. */
  readonly superseded: ReadonlySet<MemoryId>;
}

/** How far words are trusted, in a clause. */
export const TRUST_WORDS: Readonly<Record<Trust, string>> = {
  untrusted: "from a source that nobody vouches for",
  agent: "an agent's word",
  user: "a user's word, as the file says",
  reviewed: "reviewed",
};

/** More of them are counted. */
const MOST_AGAINST = 3;
/** Where a belief comes from is no reason against ending it. */
const ABOUT_WORDS = /^(?:origin|score|order|security|danger|disguise|trust)\//;

export function reviewBelief(pair: BeliefPair, bench: Bench): ReviewedBelief | null {
  const { old, fresh } = pair;
  const id = idOf(fresh ?? old);
  const difference = differenceOf(id, old ?? undefined, fresh ?? undefined, bench.entries);
  if (difference === null) return null;
  const shown = fresh ?? old;
  const memory = shown === null || isBroken(shown) ? null : shown;
  const kind = difference.kind === "removed" && bench.superseded.has(id) ? "superseded" : difference.kind;
  const seen = judged(pair, bench);
  const withheld = seen.some(isTelling);
  const path = bench.prefix + (withheld ? shownPath(difference.path, memory?.title ?? "") : difference.path);
  const text = fresh === null ? pair.oldText : pair.freshText;
  const before = old === null || isBroken(old) ? null : old;
  const after = fresh === null || isBroken(fresh) ? null : fresh;
  const said = [
    ...(fresh !== null && isBroken(fresh) ? broken(fresh, old, path) : []),
    ...(after === null ? [] : ofMemory(after, before, bench, path)),
    ...(pair.both ? [bothChanged(path, fresh === null)] : []),
  ];
  // A secret may stand in any of its words, so where there is one nothing that repeats any is said.
  const concerns = withheld
    ? seen.map((finding) => withoutQuote(concernOf(finding, path, text)))
    : [...seen.map((finding) => concernOf(finding, path, text)), ...said];
  return {
    kind,
    id: difference.id,
    title: withheld ? "" : difference.title,
    path,
    ...(difference.movedFrom === undefined ? {} : { movedFrom: bench.prefix + difference.movedFrom }),
    before: difference.before,
    after: difference.after,
    ...partsOf(difference, memory, before, withheld),
    withheld,
    trust: memory === null ? "untrusted" : trustOf(memory, bench),
    approval: memory === null ? null : bench.approval(memory),
    lineage: memory === null || withheld ? [] : lineageOf(memory).map((each) => mentioned(each, bench)),
    supersedes: withheld ? [] : (memory?.front.supersedes ?? []).map((each) => mentioned(each, bench)),
    against: after === null || withheld ? [] : bench.against(after).map((other) => mentioned(other.id, bench)),
    reasons: difference.entries.map(reasonOf),
    frontMatter: withheld ? "" : frontMatterOf(text),
    concerns: gravestFirst(concerns),
  };
}

type Parts = Pick<
  ReviewedBelief,
  | "type"
  | "body"
  | "description"
  | "words"
  | "keys"
  | "scope"
  | "pinned"
  | "expires"
  | "by"
  | "at"
  | "channel"
  | "session"
  | "sources"
>;

function partsOf(difference: BeliefDifference, memory: Memory | null, before: Memory | null, withheld: boolean): Parts {
  if (memory === null || withheld) return { ...UNTOLD, expires: memory?.front.expires_at ?? null };
  const { front } = memory;
  const isChange = before !== null && difference.after !== null && difference.before !== null;
  return {
    type: front.type,
    body: memory.body.trim(),
    description: front.description ?? null,
    words: isChange ? difference.words : [],
    keys: isChange ? keysOf(difference.keys, before, memory) : [],
    scope: front.scope ?? [],
    pinned: front.pinned === true,
    expires: front.expires_at ?? null,
    by: front.generated?.by ?? null,
    at: front.generated?.at ?? null,
    channel: front.origin?.channel ?? null,
    session: front.origin?.session ?? null,
    sources: front.sources ?? [],
  };
}

const UNTOLD: Parts = {
  type: null,
  body: "",
  description: null,
  words: [],
  keys: [],
  scope: [],
  pinned: false,
  expires: null,
  by: null,
  at: null,
  channel: null,
  session: null,
  sources: [],
};

function withoutQuote({ quote: _quote, ...concern }: Concern): Concern {
  return concern;
}

function keysOf(
  keys: readonly FrontMatterKey[],
  before: Memory,
  after: Memory,
): { key: string; before: string; after: string }[] {
  const valueOf = (memory: Memory, key: FrontMatterKey): string => {
    const value = memory.front[key];
    return value === undefined ? "not set" : typeof value === "string" ? value : canonicalJson(value);
  };
  return keys
    .filter((key) => key !== "title")
    .map((key) => ({ key, before: valueOf(before, key), after: valueOf(after, key) }));
}

/** What the gate says of the new version, or of the end of the old one. Whoever reviews is shown all that it can see. */
function judged({ old, fresh, freshText }: BeliefPair, bench: Bench): ReturnType<typeof judge>["findings"] {
  const before = old === null || isBroken(old) ? null : old;
  const after = fresh === null || isBroken(fresh) ? null : fresh;
  const path = (fresh ?? old)?.path ?? "";
  const stamp = after ?? before;
  // A file in a pull request is worth no more than an agent's word, whatever it says of itself.
  const trust = stamp === null ? "agent" : lowerOf(stampedTrust(stamp), "agent");
  const store: GateStore = {
    get: bench.based,
    about: () => [],
    trustOf: (memory) => trustOf(memory, bench, bench.based),
    recent: [],
  };
  const { findings } = judge({
    files: [{ path, bytes: fresh === null ? null : new TextEncoder().encode(freshText), after, before }],
    caller: { channel: "sync", actor: stamp?.front.generated?.by ?? "unknown", trust },
    operation: fresh === null ? "expire" : old === null ? "add" : "update",
    reason: "",
    tier: after !== null && bench.approval(after) !== null ? "reviewed" : trust,
    policy: bench.policy,
    store,
    tombstones: bench.tombstones,
    now: instantOf(bench.now),
  });
  if (fresh === null) return findings.filter(({ rule }) => !ABOUT_WORDS.test(rule));
  // What the file says about its approval is told with who says so.
  return findings.filter(({ rule }) => !(rule === "trust/claim" && after?.front.verified !== undefined));
}

function trustOf(memory: Memory, bench: Bench, lookup: Bench["known"] = bench.known): Trust {
  return effectiveTrust(memory, lookup, (each) => bench.approval(each) !== null);
}

type Say = (rule: string, level: Concern["level"], sentence: string) => void;

function ofMemory(after: Memory, before: Memory | null, bench: Bench, path: string): Concern[] {
  const concerns: Concern[] = [];
  const say: Say = (rule, level, sentence) => {
    concerns.push({ rule, level, path, sentence });
  };
  ofTrust(after, before, bench, say);
  ofIdentity(after, before, bench, say);
  ofApproval(after, before, bench, say);
  ofOthers(after, bench, say);
  return concerns;
}

function ofTrust(after: Memory, before: Memory | null, bench: Bench, say: Say): void {
  if (trustOf(after, bench) === "untrusted" && stampedTrust(after) !== "untrusted") {
    const from = lineageOf(after).find((each) => {
      const parent = bench.known(each);
      return parent !== undefined && trustOf(parent, bench) === "untrusted";
    });
    say(
      "lineage/untrusted",
      "quarantine",
      `It rests on ${named(from === undefined ? undefined : bench.known(from))}, which comes from a source that nobody vouches for.`,
    );
  }
  if (before !== null && compareTrust(stampedTrust(after), stampedTrust(before)) > 0)
    say(
      "trust/raised",
      "quarantine",
      `Its file now claims the trust of ${stampedTrust(after)}; in the base it has ${stampedTrust(before)}. Only the program writes that key.`,
    );
}

function ofIdentity(after: Memory, before: Memory | null, bench: Bench, say: Say): void {
  if (before !== null && before.id !== after.id)
    say(
      "identity/changed",
      "confirm",
      "The file has another id than in the base, so history and approvals don't follow it.",
    );
  const double = bench.based(after.id);
  if (before === null && double !== undefined)
    say(
      "identity/taken",
      "quarantine",
      `Another belief of the base has the same id: ${named(double)}. It would hide that one, or be hidden by it.`,
    );
}

function ofApproval(after: Memory, before: Memory | null, bench: Bench, say: Say): void {
  const was = before === null ? null : bench.approval(before);
  if (was !== null && bench.approval(after) === null)
    say(
      "approval/lost",
      "confirm",
      `${quoted(was.by)} approved this claim as it was. Changed, it is approved by nobody.`,
    );
  const claimed = (after.front.verified ?? []).filter(
    (entry) => !(before?.front.verified ?? []).some(({ by, at }) => by === entry.by && at === entry.at),
  );
  if (claimed.length > 0 && bench.approval(after) === null)
    say(
      "approval/unproven",
      "allow",
      `It says that ${claimed.map(({ by }) => quoted(by)).join(", ")} approved it. Nothing here proves that, so it counts for nothing.`,
    );
}

/** What other beliefs and the code say about it. */
function ofOthers(after: Memory, bench: Bench, say: Say): void {
  const trust = trustOf(after, bench);
  const against = bench.against(after);
  if (against.length > 0) {
    const shown = against
      .slice(0, MOST_AGAINST)
      .map((other) => `${named(other)} (${TRUST_WORDS[trustOf(other, bench)]})`);
    const more = against.length > shown.length ? ` and ${against.length - shown.length} more` : "";
    say(
      "state/contradiction",
      against.some((other) => compareTrust(trustOf(other, bench), trust) > 0) ? "quarantine" : "confirm",
      `It speaks against ${shown.join(", ")}${more}. They can't ${against.length === 1 ? "both" : "all"} be right.`,
    );
  }
  for (const source of bench.changedSources(after)) {
    const place = `${source.resource.replace(/^repo:\//, "")}${source.lines === undefined ? "" : `:${source.lines}`}`;
    say(
      "citation/stale",
      "confirm",
      `It cites ${quoted(place)}, and that place no longer says what it said when it was cited.`,
    );
  }
}

function broken(file: BrokenMemory, old: File | null, path: string): Concern[] {
  return file.problems.slice(0, 3).map(({ code, line, message }) => ({
    rule: `broken/${code}`,
    level: old === null || isBroken(old) ? "confirm" : "quarantine",
    path,
    region: { line },
    sentence:
      old === null || isBroken(old)
        ? `It can't be read as a memory. ${message}`
        : `It could be read before and can't be read any more, so ${named(old)} would end. ${message}`,
  }));
}

function bothChanged(path: string, ends: boolean): Concern {
  return {
    rule: "merge/both-changed",
    level: "confirm",
    path,
    sentence: `The base has changed this belief since; this ${ends ? "ends" : "changes"} an older version of it. Merge the base first, and look again.`,
  };
}

function mentioned(id: MemoryId, bench: Bench): Mentioned {
  const memory = bench.known(id);
  return memory === undefined
    ? { id, title: null, trust: null }
    : { id, title: memory.title, trust: trustOf(memory, bench) };
}

function reasonOf({ commit, at, text, author }: JournalEntry): Reason {
  const said = text.reason.trim() === "" ? text.subject : text.reason;
  return { commit, at, who: actorName(text.actor ?? author.name), text: said.trim() };
}

function idOf(file: File | null): MemoryId {
  if (file === null) return "";
  return isBroken(file) ? `path:${file.path}` : file.id;
}

function named(file: Memory | undefined): string {
  return file === undefined ? "a belief that is not here any more" : quoted(file.title);
}

/** Words of others in a sentence of ours. A quotation mark among them would end the quotation. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', "'").replaceAll(/\s+/g, " ").trim()}"`;
}

function frontMatterOf(text: string): string {
  const found = findSections(text);
  return found.ok ? text.slice(found.sections.yamlStart, found.sections.yamlEnd).trimEnd() : "";
}

const GRAVITY: readonly Concern["level"][] = ["block", "quarantine", "confirm", "allow"];

export function gravityOf(concerns: readonly Concern[]): number {
  return Math.min(GRAVITY.length, ...concerns.map(({ level }) => GRAVITY.indexOf(level)));
}

export function gravestFirst(concerns: readonly Concern[]): Concern[] {
  return concerns.toSorted((a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level));
}
