/**
 * Whether a claim was approved, by whom and by which evidence: this user's ledger, a signature of an allowed signer, or its
 * arrival on the team's branch. Nothing that a file, a commit or a ref says of itself counts.
 */
import { matchTombstones, readTombstone, type Tombstone } from "../gate/tombstones.ts";
import { claimDigest } from "../memory/claim.ts";
import type { Instant, Memory, MemoryId, ObjectId } from "../memory/model.ts";
import type { ApprovalLedger, Environment, LedgerApproval, LocalState, StoreRepository } from "../ports.ts";
import { idOfPath } from "../provenance/journal.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Base, BaseRules } from "./base.ts";
import { isRulesFile } from "./rules.ts";
import { type Ending, Endings, type EndingsUpTo, NO_ENDINGS, type OwnCommit } from "./endings.ts";
import type { CheckedApproval, Signatures } from "./signatures.ts";

/** Why a claim counts as reviewed. */
export interface Evidence {
  /** `ledger`: this user's own gesture. `signature`: an allowed signer's. `remote`: it came with the team's branch. */
  readonly kind: "ledger" | "signature" | "remote";
  /** Null where it came with the team's branch: its history tells who brought it. */
  readonly by: string | null;
  readonly at: Instant | null;
}

/** Something that looks like an approval and counts for nothing. */
export interface Doubt {
  readonly code:
    | "claimed"
    | "no-signers"
    | "unknown-signer"
    | "bad-signature"
    | "unavailable"
    | "unreadable"
    | "other-claim"
    | "future"
    | "retired"
    | "buried";
  readonly memory: MemoryId | null;
  readonly message: string;
}

/** All that is evidence at one snapshot. */
export interface EvidenceView {
  of(memory: Memory): Evidence | null;
  isReviewed(memory: Memory): boolean;
  /** What speaks for a memory and does not count, with the reason. */
  doubts(memory: Memory): readonly Doubt[];
  /** The signed approvals of the snapshot, whatever they are worth. */
  readonly signed: readonly CheckedApproval[];
}

export interface EvidenceParts {
  readonly repository: StoreRepository;
  readonly approvals: ApprovalLedger;
  readonly environment: Environment;
  /** Null: only the ledger is evidence. */
  readonly team: { readonly base: Base; readonly signatures: Signatures; readonly state: LocalState } | null;
}

/** One approval, made comparable. */
interface Candidate extends Evidence {
  readonly claim: string;
  readonly memory: MemoryId;
  readonly until?: Instant | null;
  readonly commit?: ObjectId;
}

interface Known {
  readonly endings: EndingsUpTo;
  /** Those that the team's branch does not have. */
  readonly local: EndingsUpTo;
  readonly tombstones: readonly Tombstone[];
  /** Approvals and endings of the same second that were put in order. */
  readonly settled: ReadonlySet<Candidate>;
}

const NO_RULES: BaseRules = {
  base: null,
  signers: { ssh: null, gpg: null },
  policy: null,
  arrived: null,
  lost: false,
};
const NO_SIGNATURES: readonly CheckedApproval[] = [];

/** Digests are asked for at every recall, and a memory never changes. */
const digests = new WeakMap<Memory, string>();

function digestOf(memory: Memory): string {
  let digest = digests.get(memory);
  if (digest === undefined) digests.set(memory, (digest = claimDigest(memory)));
  return digest;
}

export class EvidenceBook {
  readonly #parts: EvidenceParts;
  readonly #endings: Endings;
  /** The one that every recall asks for again. */
  #last:
    | {
        readonly snapshot: Snapshot;
        readonly ledger: readonly LedgerApproval[];
        readonly rules: BaseRules;
        readonly signed: readonly CheckedApproval[];
        readonly view: EvidenceView;
      }
    | undefined;
  #tombstones: { readonly tree: ObjectId | null; readonly all: readonly Tombstone[] } = { tree: null, all: [] };

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
    this.#endings = new Endings(parts.repository, parts.team?.state);
  }

  /** @param until what was known by then; default: all that is known. */
  async at(snapshot: Snapshot, until?: Date): Promise<EvidenceView> {
    const { team, approvals, environment } = this.#parts;
    const [ledger, rules] = await Promise.all([approvals.approvals(until), team?.base.rules() ?? NO_RULES]);
    const signed = (await team?.signatures.of(snapshot, rules.signers)) ?? NO_SIGNATURES;
    const now = until ?? environment.now();
    const last = this.#last;
    if (
      until === undefined &&
      last?.snapshot === snapshot &&
      last.ledger === ledger &&
      last.rules === rules &&
      last.signed === signed
    )
      return last.view;
    const valid = signed.flatMap(({ approval, answer }): Candidate[] =>
      approval === null || answer !== "valid" || Date.parse(approval.at) > now.getTime()
        ? []
        : [{ kind: "signature", ...approval }],
    );
    const mine = ledger
      .filter(({ memory }) => !isRulesFile(memory) && snapshot.get(memory) !== undefined)
      .map(ledgerCandidate);
    const candidates = [...mine, ...valid];
    const known = await this.#known(snapshot, candidates, rules, until);
    const view = new View({ candidates, signed, rules, known, now });
    // A signature from the future begins to count by itself.
    const settles = signed.every(({ approval }) => approval === null || Date.parse(approval.at) <= now.getTime());
    if (until === undefined && settles) this.#last = { snapshot, ledger, rules, signed, view };
    return view;
  }

  /** Takes in what this process just wrote. */
  wrote(own: OwnCommit): void {
    this.#endings.wrote(own);
  }

  async #known(
    snapshot: Snapshot,
    candidates: readonly Candidate[],
    { base, arrived }: BaseRules,
    until: Date | undefined,
  ): Promise<Known> {
    const { commit } = snapshot;
    const repository = this.#parts.repository;
    if (commit === null || (candidates.length === 0 && arrived === null))
      return { endings: NO_ENDINGS, local: NO_ENDINGS, tombstones: [], settled: new Set() };
    // An ending counts for every older state too, which was taken from the same history.
    const tip = until === undefined ? commit : await repository.tip();
    const all = candidates.length === 0 ? NO_ENDINGS : await this.#endings.upTo(tip);
    const endings = until === undefined ? all : upTo(all, until);
    const local = arrived === null || base === null ? NO_ENDINGS : await this.#endings.between(base.commit, commit);
    return {
      endings,
      local,
      tombstones: await this.#buried(snapshot),
      settled: await this.#settled(candidates, endings),
    };
  }

  /** Of one second, only the history tells which was first. */
  async #settled(candidates: readonly Candidate[], { removed }: EndingsUpTo): Promise<ReadonlySet<Candidate>> {
    const settled = new Set<Candidate>();
    for (const one of candidates) {
      const ending = removed.get(one.memory);
      if (ending === undefined || one.commit === undefined || one.at === null) continue;
      if (secondOf(ending.at) !== secondOf(one.at)) continue;
      if (!(await this.#endings.isAfter(ending.commit, one.commit))) settled.add(one);
    }
    return settled;
  }

  async #buried(snapshot: Snapshot): Promise<readonly Tombstone[]> {
    const folder = snapshot.folders.get("tombstones");
    const tree = folder?.tree ?? null;
    if (tree !== this.#tombstones.tree) {
      const blobs = folder === undefined ? [] : await this.#parts.repository.blobs([...folder.others.values()]);
      this.#tombstones = { tree, all: blobs.flatMap((bytes) => readTombstone(bytes) ?? []) };
    }
    return this.#tombstones.all;
  }
}

class View implements EvidenceView {
  readonly signed: readonly CheckedApproval[];
  readonly #rules: BaseRules;
  readonly #known: Known;
  readonly #now: Date;
  readonly #byMemory = new Map<MemoryId, Candidate[]>();
  readonly #answers = new Map<Memory, { readonly evidence: Evidence | null; readonly doubts: readonly Doubt[] }>();

  constructor(parts: {
    readonly candidates: readonly Candidate[];
    readonly signed: readonly CheckedApproval[];
    readonly rules: BaseRules;
    readonly known: Known;
    readonly now: Date;
  }) {
    this.signed = parts.signed;
    this.#rules = parts.rules;
    this.#known = parts.known;
    this.#now = parts.now;
    for (const one of parts.candidates) {
      const known = this.#byMemory.get(one.memory);
      if (known === undefined) this.#byMemory.set(one.memory, [one]);
      else known.push(one);
    }
  }

  of(memory: Memory): Evidence | null {
    return this.#answer(memory).evidence;
  }

  isReviewed(memory: Memory): boolean {
    return this.of(memory) !== null;
  }

  doubts(memory: Memory): readonly Doubt[] {
    const { evidence, doubts } = this.#answer(memory);
    const signed = this.signed.flatMap((one) => (one.approval?.memory === memory.id ? this.#doubtOf(one, memory) : []));
    return [...doubts, ...signed, ...(evidence === null ? claimedIn(memory) : [])];
  }

  #answer(memory: Memory): { readonly evidence: Evidence | null; readonly doubts: readonly Doubt[] } {
    const known = this.#answers.get(memory);
    if (known !== undefined) return known;
    const answer = this.#weigh(memory);
    this.#answers.set(memory, answer);
    return answer;
  }

  #weigh(memory: Memory): { readonly evidence: Evidence | null; readonly doubts: readonly Doubt[] } {
    const own = this.#byMemory.get(memory.id)?.filter((one) => binds(one, memory)) ?? [];
    const arrived: Evidence[] =
      this.#rules.arrived?.has(memory.blob) === true ? [{ kind: "remote", by: null, at: null }] : [];
    const doubts: Doubt[] = [];
    for (const { candidate, evidence } of [
      ...own.map((candidate) => ({
        candidate,
        evidence: { kind: candidate.kind, by: candidate.by, at: candidate.at },
      })),
      ...arrived.map((evidence) => ({ candidate: null, evidence })),
    ]) {
      const doubt = this.#beaten(memory, candidate);
      if (doubt === null) return { evidence, doubts };
      doubts.push(doubt);
    }
    return { evidence: null, doubts };
  }

  /** What speaks louder than an approval; `candidate` null: than its arrival. */
  #beaten(memory: Memory, candidate: Candidate | null): Doubt | null {
    const { endings, local, tombstones, settled } = this.#known;
    const doubt = beatenBy(memory, candidate?.at ?? null, candidate === null ? local : endings, tombstones);
    return doubt?.code === "retired" && candidate !== null && settled.has(candidate) ? null : doubt;
  }

  #doubtOf({ approval, answer }: CheckedApproval, memory: Memory): Doubt[] {
    if (approval === null) return [];
    const { by } = approval;
    if (answer === "valid") {
      if (Date.parse(approval.at) > this.#now.getTime())
        return [
          doubt(
            "future",
            memory,
            `The signature of ${by} says that it was made on ${approval.at.slice(0, 10)}, which is still to come.`,
          ),
        ];
      const is = binds(approval, memory);
      return is ? [] : [doubt("other-claim", memory, `${by} signed another wording of it.`)];
    }
    return [doubt(CODES[answer], memory, `${sayings[answer](by)} It counts for nothing.`)];
  }
}

const CODES = {
  "no-signers": "no-signers",
  "unknown-signer": "unknown-signer",
  bad: "bad-signature",
  unavailable: "unavailable",
  unreadable: "unreadable",
} as const satisfies Record<Exclude<CheckedApproval["answer"], "valid">, Doubt["code"]>;

const sayings: Readonly<Record<keyof typeof CODES, (by: string) => string>> = {
  "no-signers": (by) => `It is signed in the name of ${by}, and no signers are trusted here yet.`,
  "unknown-signer": (by) => `It is signed in the name of ${by}, with a key that no allowed signer has.`,
  bad: (by) => `The signature in the name of ${by} does not fit what it stands under.`,
  unavailable: (by) => `The signature of ${by} can't be checked, because ssh-keygen or gpg is not installed.`,
  unreadable: () => "A file under approvals/ is no approval.",
};

/** What may be said of a file under `approvals/` that speaks for no memory of the snapshot, or can't be read. */
export function doubtOfFile({ path, approval, answer }: CheckedApproval): Doubt | null {
  if (answer === "valid") return null;
  return {
    code: CODES[answer],
    memory: approval?.memory ?? null,
    message: `${path}: ${sayings[answer](approval?.by ?? "")}`,
  };
}

/** A bare line in a file is typed by anybody. */
function claimedIn(memory: Memory): Doubt[] {
  const people = (memory.front.verified ?? []).flatMap(({ by }) =>
    by.startsWith("human:") ? [by.slice("human:".length)] : [],
  );
  if (people.length === 0) return [];
  return [
    doubt(
      "claimed",
      memory,
      `The file says that ${[...new Set(people)].join(" and ")} confirmed it, and nothing here proves it.`,
    ),
  ];
}

function doubt(code: Doubt["code"], memory: Memory, message: string): Doubt {
  return { code, memory: memory.id, message };
}

/**
 * What speaks louder than an approval: a rejection that stands, and any end or rejection that is not older.
 *
 * @param at the moment of the approval; null where it has none, so that every ending beats it
 */
export function beatenBy(
  memory: Memory,
  at: Instant | null,
  { removed, buried }: EndingsUpTo,
  tombstones: readonly Tombstone[],
): Doubt | null {
  const [grave] = same(memory, tombstones);
  if (grave !== undefined)
    return doubt(
      "buried",
      memory,
      `It was ${grave.kind} on ${grave.at.slice(0, 10)}, which an older approval can't undo.`,
    );
  const isOlder = (end: Instant): boolean => at === null || secondOf(at) <= secondOf(end);
  const past = buried.find((one) => isOlder(one.at) && same(memory, [one.tombstone]).length > 0);
  if (past !== undefined)
    return doubt(
      "buried",
      memory,
      `It was approved before it was ${past.tombstone.kind} on ${past.at.slice(0, 10)}. Approve it again if it holds.`,
    );
  const ending: Ending | undefined = removed.get(memory.id) ?? removed.get(idOfPath(memory.path));
  if (ending === undefined || !isOlder(ending.at)) return null;
  return doubt(
    "retired",
    memory,
    `It was approved before it was taken out on ${ending.at.slice(0, 10)}. Approve it again if it holds.`,
  );
}

function same(memory: Memory, tombstones: readonly Tombstone[]): Tombstone[] {
  // The slow digests of erased claims are for the gate; here their ids do.
  const byId = tombstones.filter(({ id }) => id === memory.id);
  const rejected = tombstones.filter(({ kind }) => kind === "rejected");
  const matches = rejected.length === 0 ? [] : matchTombstones(memory, rejected);
  return [...byId, ...matches.flatMap(({ kind, tombstone }) => (kind === "same" ? [tombstone] : []))];
}

/** Whether an approval is for what the memory says, and the memory ends no later than it permits. */
function binds({ claim, until }: Pick<Candidate, "claim" | "until">, memory: Memory): boolean {
  if (claim === digestOf(memory)) return true;
  const end = memory.front.expires_at;
  if (until === undefined || end === undefined) return false;
  return (until === null || Date.parse(end) <= Date.parse(until)) && claim === claimDigest(memory, until);
}

function ledgerCandidate({ claimDigest: claim, by, at, memory, until, commit }: LedgerApproval): Candidate {
  return {
    kind: "ledger",
    claim,
    by,
    at,
    memory,
    ...(until === undefined ? {} : { until }),
    ...(commit === undefined ? {} : { commit }),
  };
}

function upTo({ removed, buried }: EndingsUpTo, until: Date): EndingsUpTo {
  const isKnown = (at: Instant): boolean => Date.parse(at) <= until.getTime();
  return {
    removed: new Map([...removed].filter(([, { at }]) => isKnown(at))),
    buried: buried.filter(({ at }) => isKnown(at)),
  };
}

/** Moments of commits are whole seconds. */
function secondOf(at: Instant): number {
  return Math.floor(Date.parse(at) / 1000);
}
