/**
 * The rules of a store that are in force: those that somebody vouched for, and what the tip adds to them. Whoever has a shell
 * can commit a milder `policy.yaml`, so the file at the tip counts by itself only where it is the one that the trusted base
 * has, or that a person accepted here.
 */
import { createHash } from "node:crypto";
import type { ObjectId } from "../memory/model.ts";
import { defaultPolicy, type Policy, POLICY_FILE, readPolicy } from "../memory/policy.ts";
import { policyText } from "../memory/store-files.ts";
import { saySame, stricterOf } from "../memory/stricter.ts";
import type { ApprovalLedger, LedgerApproval, StoreRepository } from "../ports.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Base, type BaseRules, KEYS_FILE, SIGNERS_FILE } from "./base.ts";

/** Whether a file says by what the store is judged, or whose word counts. Only people change those. */
export function isRulesFile(path: string): boolean {
  return path === POLICY_FILE || path === SIGNERS_FILE || path === KEYS_FILE;
}

/** What an approval of such a file binds: its bytes. */
export function rulesDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** How `policy.yaml` at a snapshot stands to what was vouched for. */
export interface RulesStanding {
  readonly policy: Policy;
  /** The file at the snapshot asks for something that is not in force until a person accepts it; null where all of it is. */
  readonly unvouched: {
    readonly blob: ObjectId;
    readonly bytes: Uint8Array;
    /** The version that was vouched for; the one that a new store begins with where there is none. */
    readonly vouched: Uint8Array;
  } | null;
}

export interface RulesParts {
  readonly repository: Pick<StoreRepository, "blobAt" | "blobs" | "log" | "resolve" | "identity">;
  readonly approvals: ApprovalLedger;
  /** Null where a store is nobody else's. */
  readonly team: { readonly base: Base } | null;
}

interface Known {
  readonly blob: ObjectId | null;
  readonly ledger: readonly LedgerApproval[];
  readonly rules: BaseRules | null;
  readonly standing: RulesStanding;
}

export class StoreRules {
  readonly #parts: RulesParts;
  /** What every write and recall asks for again. */
  #known: Known | undefined;

  constructor(parts: RulesParts) {
    this.#parts = parts;
  }

  async at(snapshot: Snapshot): Promise<RulesStanding> {
    const { approvals, team, repository } = this.#parts;
    const blob = snapshot.blobAt(POLICY_FILE);
    const [ledger, rules] = await Promise.all([approvals.approvals(), team?.base.rules() ?? null]);
    const known = this.#known;
    if (known?.blob === blob && known.ledger === ledger && known.rules === rules) return known.standing;
    const [bytes] = blob === null ? [] : await repository.blobs([blob]);
    const standing =
      blob === null || bytes === undefined
        ? { policy: defaultPolicy, unvouched: null }
        : await this.#standing(blob, bytes, ledger, rules);
    this.#known = { blob, ledger, rules, standing };
    return standing;
  }

  async #standing(
    blob: ObjectId,
    bytes: Uint8Array,
    ledger: readonly LedgerApproval[],
    rules: BaseRules | null,
  ): Promise<RulesStanding> {
    const found = readPolicy(bytes);
    // What can't be read closes the store to every writer, whoever vouched for what.
    if (found.readOnly) return { policy: found, unvouched: null };
    const vouched = (await this.#vouched(bytes, ledger, rules)) ?? new TextEncoder().encode(policyText);
    const before = readPolicy(vouched);
    if (rulesDigest(vouched) === rulesDigest(bytes) || before.readOnly) return { policy: found, unvouched: null };
    const policy = stricterOf(before, found);
    return { policy, unvouched: saySame(policy, found) ? null : { blob, bytes, vouched } };
  }

  /** The newest version with somebody's word: what a person accepted here, until the trusted base has taken it in. */
  async #vouched(
    bytes: Uint8Array,
    ledger: readonly LedgerApproval[],
    rules: BaseRules | null,
  ): Promise<Uint8Array | null> {
    const { identity } = this.#parts.repository;
    const base = rules === null || rules.lost ? null : rules.policy;
    const own = ledger.filter(({ memory, store }) => memory === POLICY_FILE && store === identity);
    const mine = own.reduce<LedgerApproval | undefined>(
      (last, one) => (last !== undefined && last.at > one.at ? last : one),
      undefined,
    );
    if (mine === undefined) return base;
    if (base !== null && (await this.#isIn(mine.commit, rules?.base?.commit))) return base;
    if (mine.claimDigest === rulesDigest(bytes)) return bytes;
    return (await this.#accepted(mine)) ?? base;
  }

  async #accepted({ commit, claimDigest }: LedgerApproval): Promise<Uint8Array | null> {
    const { repository } = this.#parts;
    // An erasure rewrites commits, and a repository can be copied without some.
    if (commit === undefined || (await repository.resolve(commit)) === null) return null;
    const blob = await repository.blobAt(commit, POLICY_FILE);
    const [bytes] = blob === null ? [] : await repository.blobs([blob]);
    return bytes !== undefined && rulesDigest(bytes) === claimDigest ? bytes : null;
  }

  async #isIn(older: ObjectId | undefined, newer: ObjectId | undefined): Promise<boolean> {
    const { repository } = this.#parts;
    if (older === undefined || newer === undefined || (await repository.resolve(older)) === null) return false;
    return (await repository.log({ from: older, until: newer, limit: 1 })).length === 0;
  }
}
