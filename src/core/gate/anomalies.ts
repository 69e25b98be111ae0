/**
 * What the state of the store makes suspicious about a write, whatever it says: a contradiction of a belief that is
 * trusted more, a burst, beliefs that rest on nothing but themselves, sizes out of proportion, and changes by which a
 * memory would count for more than before.
 */
import type { Instant, Memory, MemoryId, Trust } from "../memory/model.ts";
import { POLICY_FILE, type Policy } from "../memory/policy.ts";
import { compareTrust, stampedTrust } from "../memory/trust.ts";
import type { Caller, Operation, ProposedFile } from "../proposal.ts";
import { globMatches } from "../recall/glob.ts";
import { isRulesFile } from "../trust/rules.ts";
import { contradicts } from "./contradiction.ts";
import type { Row } from "./table.ts";
import type { Sighting } from "./rule.ts";

/** One earlier change set. */
export interface RecentWrite {
  readonly at: Instant;
  readonly session?: string;
  readonly actor: string;
  /** How many memories it touched. */
  readonly memories: number;
}

/** What the gate may know of the store. Everything is looked up, nothing is searched through. */
export interface GateStore {
  get(id: MemoryId): Memory | undefined;
  /** Beliefs that speak of the same things as a memory, the most alike first; a few dozen at most. */
  about(memory: Memory): Iterable<Memory>;
  /** The trust that a belief has by its evidence and lineage. */
  trustOf(memory: Memory): Trust;
  /** The change sets of the last ten minutes or more. */
  readonly recent: readonly RecentWrite[];
}

export interface AnomalyInput {
  /** As in `GateInput`. */
  readonly found?: true;
  readonly files: readonly ProposedFile[];
  readonly caller: Caller;
  readonly operation: Operation;
  readonly tier: Trust;
  readonly policy: Policy;
  /** Null where the moment is not known: what depends on it is not judged. */
  readonly now: Instant | null;
  /** Absent: only what the files themselves show is judged. */
  readonly store?: GateStore;
}

export interface Anomaly {
  readonly row: Row;
  readonly sighting: Sighting;
}

const BURST_WITHIN = 10 * 60_000;
/** A memory that grows to this many times its size has become another. Small ones may. */
const GROWTH = 4;
const SMALL = 1024;
const WEIGHT: Readonly<Record<string, number>> = {
  Episode: 0,
  Fact: 1,
  Preference: 1,
  Pitfall: 1,
  Decision: 2,
  Convention: 2,
  Procedure: 2,
};

/** What stands behind a memory, after "which". */
const BACKING: Readonly<Record<Trust, string>> = {
  untrusted: "nobody vouches for",
  agent: "an agent stands for",
  user: "is a person's own word",
  reviewed: "a person has approved",
};

/** Whose word a write is, after "it" or "and". */
const FROM: Readonly<Record<Trust, string>> = {
  untrusted: "comes from a source that nobody vouches for",
  agent: "may come from an agent",
  user: "is a person's word that nobody has approved",
  reviewed: "is a person's approval",
};

/** Everything anomalous about a change set. Pure: the same input gives the same findings. */
export function anomalies(input: AnomalyInput): Anomaly[] {
  return [...input.files.flatMap((file) => ofFile(file, input)), ...ofWrite(input), ...ofRules(input)];
}

function ofFile(file: ProposedFile, input: AnomalyInput): Anomaly[] {
  const { before, after, path } = file;
  const found: Anomaly[] = [];
  const add = (rule: string, forPerson: string, forModel: string, row: Row = "anomaly"): void => {
    found.push({ row, sighting: { rule, path, forPerson, forModel } });
  };
  const trusted = before === null ? null : trustIn(before, input);
  if (before !== null && trusted !== null && compareTrust(trusted, input.tier) > 0) {
    add(
      "state/edit-above-trust",
      `This ${after === null ? "ends" : "changes"} "${before.title}", which ${BACKING[trusted]}, and ${FROM[input.tier]}.`,
      `"${before.title}" is trusted more than this session, so a person decides about changing it. Propose a new memory that says what is different.`,
    );
  }
  if (after === null) return found;
  // What stands in the tree is as it is: whether a version before it weighed less, nobody knows.
  if (input.found !== true)
    for (const [rule, forPerson, forModel] of escalations(before, after, input)) add(rule, forPerson, forModel);
  for (const [rule, forPerson, forModel] of sizes(file, input)) add(rule, forPerson, forModel);
  const needed = neededTrust(after, input.policy);
  if (needed !== null && compareTrust(input.tier, needed) < 0) {
    add(
      "trust/needed",
      `The store's policy wants more here than this has: it ${FROM[input.tier]}.`,
      `Memories of this type or scope need a person's word in this store; it waits for one.`,
      "waits",
    );
  }
  const { store } = input;
  if (store === undefined) return found;
  for (const other of store.about(after)) {
    if (other.id === after.id || (after.front.supersedes ?? []).includes(other.id)) continue;
    if (compareTrust(store.trustOf(other), input.tier) <= 0 || !contradicts(after, other)) continue;
    add(
      "state/contradiction",
      `This contradicts "${other.title}", which is trusted more.`,
      `It contradicts "${other.title}" (${other.id}), which is trusted more. If that is wrong, say so to the user.`,
    );
    break;
  }
  if (restsOnItself(after, store)) {
    add(
      "state/self-reinforcement",
      "It rests on nothing but what agents themselves wrote.",
      "A belief that is derived only from agents' beliefs is no better founded than they are; cite a source.",
      "reported",
    );
  }
  return found;
}

type Said = readonly [rule: string, forPerson: string, forModel: string];

/** Changes by which a memory would weigh more: nobody's but a person's to make. */
function* escalations(before: Memory | null, after: Memory, input: AnomalyInput): Generator<Said> {
  const was = before?.front;
  const is = after.front;
  if (is.pinned === true && was?.pinned !== true)
    yield [
      "escalation/pin",
      "It would be recalled first, whatever is asked.",
      "Only a person pins a memory. Leave `pinned` out.",
    ];
  for (const id of is.supersedes ?? []) {
    const other = (was?.supersedes ?? []).includes(id) ? undefined : input.store?.get(id);
    if (other !== undefined && compareTrust(trustIn(other, input), input.tier) > 0)
      yield [
        "escalation/supersede",
        `It would replace "${other.title}", which is trusted more.`,
        `"${other.title}" is trusted more than this session; a person decides about replacing it.`,
      ];
  }
  const longest = longestLife(after, input.policy);
  const end = endOf(is.expires_at);
  // A new memory without an end gets one from the policy before it comes here; what is judged is an end that somebody named.
  const isLater = was === undefined ? is.expires_at !== undefined : end > endOf(was.expires_at);
  // A day of grace, because the end was reckoned a moment before this is judged.
  if (
    isLater &&
    input.now !== null &&
    longest !== null &&
    end > Date.parse(input.now) + longest + 86_400_000 &&
    compareTrust(input.tier, "user") < 0
  )
    yield [
      "escalation/expiry",
      "It would live longer than the policy gives to what only an agent vouches for.",
      "Leave `expires_at` out, or name an earlier end; a person can extend it.",
    ];
  if (was === undefined) return;
  if (was.scope !== undefined && widens(was.scope, is.scope))
    yield [
      "escalation/scope",
      "It would apply to more of the code than before.",
      "Write another memory for the other code, or let a person widen this one.",
    ];
  if ((WEIGHT[is.type] ?? 1) > (WEIGHT[was.type] ?? 1))
    yield [
      "escalation/type",
      `It would turn from ${was.type} into ${is.type}, which agents follow.`,
      "Write a new memory of the other type, so that it is judged as one.",
    ];
}

function* sizes({ bytes, before }: ProposedFile, { policy }: AnomalyInput): Generator<Said> {
  const size = bytes?.length ?? 0;
  if (size > policy.gate.limits.bytes)
    yield [
      "size/memory",
      `It is ${size} bytes long, over the limit of ${policy.gate.limits.bytes} for one claim.`,
      "One memory holds one claim. Split it, or shorten it.",
    ];
  const was = before?.body.length ?? 0;
  if (was > 0 && size > SMALL && size > GROWTH * was + SMALL)
    yield ["size/growth", "It would become several times as long as it was.", "Write a new memory for what is new."];
}

function* ofWrite({ files, caller, policy, now, store, tier }: AnomalyInput): Generator<Anomaly> {
  const { limits } = policy.gate;
  const path = files[0]?.path ?? "";
  const say = (rule: string, forPerson: string, forModel: string): Anomaly => ({
    row: "anomaly",
    sighting: { rule, path, forPerson, forModel },
  });
  if (files.length > limits.files)
    yield say(
      "size/write",
      `It touches ${files.length} memories at once, over the limit of ${limits.files}.`,
      "Change fewer memories at once.",
    );
  if (store === undefined || now === null || compareTrust(tier, "user") > 0) return;
  const since = Date.parse(now) - BURST_WITHIN;
  const own = store.recent.filter(
    ({ at, session, actor }) =>
      (caller.session === undefined ? actor === caller.actor : session === caller.session) && Date.parse(at) > since,
  );
  const written = own.reduce((sum, { memories }) => sum + memories, files.length);
  if (written > limits.burst)
    yield say(
      "burst/session",
      `This session wrote ${written} memories in ten minutes, over the limit of ${limits.burst}.`,
      "Too many memories in a short time. Keep what lasts, and wait with the rest.",
    );
}

/** The store's own rules are people's to change; only a new store gets them from the program. */
function* ofRules({ files, caller, operation }: AnomalyInput): Generator<Anomaly> {
  if (operation === "init") return;
  for (const { path, bytes } of files) {
    if (isRulesFile(path)) yield { row: "rules", sighting: changeOfRules(path) };
    if (compareTrust(caller.trust, "user") >= 0 || !/^(?:approvals|tombstones)\//.test(path)) continue;
    // The program leaves one where it erased a claim.
    if (operation === "erase" && bytes !== null && path.startsWith("tombstones/")) continue;
    yield {
      row: "tampering",
      sighting: {
        rule: "tampering/store-rules",
        path,
        forPerson: "An agent would change the store's own approvals or tombstones.",
        forModel: "Only people change approvals and tombstones. Tell the user what you would change and why.",
      },
    };
  }
}

function changeOfRules(path: string): Sighting {
  return {
    rule: "rules/changed",
    path,
    forPerson:
      path === POLICY_FILE
        ? "It changes the rules of this store. The ones before stay in force until a person accepts it."
        : `It changes ${path}, which says whose approvals count.`,
    forModel: `${path} holds the store's rules, so a person looks at the change first. The old rules stay in force until then.`,
  };
}

function endOf(expires: Instant | undefined): number {
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
}

function trustIn(memory: Memory, { store }: AnomalyInput): Trust {
  return store === undefined ? stampedTrust(memory) : store.trustOf(memory);
}

function longestLife({ front }: Memory, { ttl }: Policy): number | null {
  const cited = (front.sources ?? []).some(({ resource }) => resource.startsWith("repo:/"));
  const agent = cited ? ttl.agentCited : ttl.agent;
  const type = ttl.types[front.type];
  return type === undefined || type === null || agent === null ? agent : Math.max(agent, type);
}

function widens(was: readonly string[], is: readonly string[] | undefined): boolean {
  if (is === undefined || is.length === 0) return true;
  return is.some((glob) => !was.some((old) => old === glob || globMatches(old, glob)));
}

/** The most trust that the policy asks for a memory's type or any of its scopes; null where it asks for none. */
function neededTrust({ front }: Memory, { trust }: Policy): Trust | null {
  const byScope = Object.entries(trust.needed.scopes)
    .filter(([glob]) =>
      (front.scope ?? []).some((own) => own === glob || globMatches(glob, own) || globMatches(own, glob)),
    )
    .map(([, needed]) => needed);
  const all = [trust.needed.types[front.type], ...byScope].filter((needed) => needed !== undefined);
  return all.length === 0 ? null : all.reduce((most, needed) => (compareTrust(needed, most) > 0 ? needed : most));
}

function restsOnItself({ front }: Memory, store: GateStore): boolean {
  const parents = (front.derived_from ?? []).flatMap((id) => store.get(id) ?? []);
  if (parents.length < 2 || (front.sources ?? []).length > 0) return false;
  return parents.every(
    (parent) => compareTrust(store.trustOf(parent), "agent") <= 0 && (parent.front.sources ?? []).length === 0,
  );
}
