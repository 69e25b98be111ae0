/**
 * The one way in. Every door reads a snapshot from here and hands its proposals here; nothing else moves the ref.
 */
import {
  GestureNeededError,
  InvalidInputError,
  LocalStateError,
  NoStoreError,
  NotAStoreError,
  StoreBusyError,
  StoreExistsError,
} from "./errors.ts";
import { asDeclared } from "./gate/stamp.ts";
import { Admissions, groundsOf, type Grounds } from "./gate/admission.ts";
import { BlockedError, ConfirmationNeededError, HeldForReviewError, noticesOf, type Verdict } from "./gate/verdict.ts";
import { DigestCheck } from "./digested.ts";
import { Latest } from "./latest.ts";
import type { Memory, ObjectId, Trust } from "./memory/model.ts";
import { instantOf } from "./memory/time.ts";
import { POLICY_FILE, assertWritable, type Policy, readPolicy } from "./memory/policy.ts";
import { effectiveTrust } from "./memory/trust.ts";
import type {
  ApprovalLedger,
  CodeReader,
  CommitManner,
  CommitRequest,
  Environment,
  FileChange,
  LocalState,
  Placement,
  StoreRepository,
} from "./ports.ts";
import { PastSnapshots, readSnapshot } from "./past-snapshots.ts";
import { assertMayWrite, type Mode, readMode, writeMode } from "./mode.ts";
import { prepare } from "./prepare.ts";
import type { Caller, Proposal, ProposedFile, Written } from "./proposal.ts";
import { StoreIndex } from "./recall/store-index.ts";
import { snapshotBefore } from "./provenance/automatic-snapshots.ts";
import { authorOf, messageOf } from "./provenance/commit-words.ts";
import { Citations, unresolvedNotices } from "./provenance/citations.ts";
import { Journal } from "./provenance/journal.ts";
import { commitAt } from "./provenance/moment.ts";
import { Quarantine } from "./review/quarantine.ts";
import { StoreGate } from "./store-gate.ts";
import { EvidenceBook, type EvidenceView } from "./trust/evidence.ts";
import { approvedBefore, recordApproval, vouchedFor } from "./trust/gesture.ts";
import { Graves } from "./trust/graves.ts";
import { bringsSignature, provenBySignature } from "./trust/proof.ts";
import { type RulesStanding, StoreRules } from "./trust/rules.ts";
import type { TaintedSessions } from "./trust/taint.ts";
import { Team, type TeamParts } from "./trust/team.ts";
import { Snapshot } from "./snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot-cache.ts";

export interface StoreParts {
  readonly repository: StoreRepository;
  /** Local state of this repository: mode, receipts, caches. */
  readonly state: LocalState;
  readonly approvals: ApprovalLedger;
  readonly environment: Environment;
  /** The sessions that took something in from outside, the same for all stores of this user. */
  readonly tainted: TaintedSessions;
  /** The code that memories cite; absent where a store belongs to no code. */
  readonly code?: CodeReader;
  /** Where proposals wait for review: a ref of its own in the same repository. Without it, what should wait is refused. */
  readonly quarantine?: StoreRepository;
  /** What signatures and the team's branch are checked with. Without it, only the ledger is evidence. */
  readonly team?: TeamParts;
}

const SNAPSHOT_CACHE = "snapshot";
/** Parsing so many files again costs about as much as writing the cache of a few thousand. */
const CACHE_AFTER = 256;
/** A large one is written when this part of it is new, so that what caching costs a write does not grow with the store. */
const CACHED_PART = 1 / 32;
/** Tries of one write against other writers, before the caller is told that the store is busy. */
const MAX_TRIES = 12;

export class MemoryStore {
  readonly repository: StoreRepository;
  readonly state: LocalState;
  readonly approvals: ApprovalLedger;
  readonly environment: Environment;
  readonly tainted: TaintedSessions;
  readonly journal: Journal;
  readonly index: StoreIndex;
  /** The index of whichever snapshot of the past was asked last, kept apart so that the present one stays where it is. */
  readonly pastIndex = new StoreIndex(null);
  readonly citations: Citations;
  readonly code: CodeReader | undefined;
  readonly quarantine: Quarantine | null;
  readonly admissions: Admissions;
  /** What was rejected or erased, also where its file was taken out. */
  readonly graves: Graves;
  /** Whose signatures count here, and what the team's server has. Null where a store is nobody else's. */
  readonly team: Team | null;
  readonly #evidence: EvidenceBook;
  readonly #gate: StoreGate;
  #snapshot: Snapshot = Snapshot.empty;
  readonly #past: PastSnapshots;
  readonly #rules: StoreRules;
  readonly #refreshed = new Latest(() => this.#refresh());
  #writing: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #stopWatching: (() => void) | undefined;
  /** Files parsed since the cache was written. */
  #uncached = 0;
  #caching: Promise<void> = Promise.resolve();
  /** Whether the ref was looked at yet: what is found the first time is no change. */
  #looked = false;

  constructor(parts: StoreParts) {
    this.repository = parts.repository;
    this.state = parts.state;
    this.approvals = parts.approvals;
    this.environment = parts.environment;
    this.tainted = parts.tainted;
    this.journal = new Journal(parts.repository, parts.state);
    this.index = new StoreIndex(parts.state);
    this.code = parts.code;
    // With the user, where there is such a place: a repository that is unpacked or copied brings no answers along.
    const own = parts.team?.state ?? parts.state;
    this.admissions = new Admissions(own);
    this.team = parts.team === undefined ? null : new Team(parts.team, parts);
    const { repository, approvals, environment } = parts;
    this.#evidence = new EvidenceBook({ repository, approvals, environment, team: this.team });
    this.#rules = new StoreRules({ repository, approvals, team: this.team });
    this.graves = new Graves({ repository, state: own, team: this.team });
    this.#gate = new StoreGate({ ...parts, evidence: this.#evidence, graves: this.graves });
    this.quarantine = parts.quarantine === undefined ? null : new Quarantine(parts.quarantine, parts.environment);
    this.citations = new Citations(parts.code);
    this.#past = new PastSnapshots(parts.repository, async () =>
      this.#snapshot.commit === null ? this.#cached() : this.#snapshot,
    );
  }

  /** What a person calls this store, e.g. `project`. */
  get label(): string {
    return this.repository.label;
  }

  get placement(): Placement {
    return this.repository.placement;
  }

  async exists(): Promise<boolean> {
    return (await this.repository.tip()) !== null;
  }

  /** What is believed now. Reads the ref each time, so it is never older than the call. Throws NoStoreError. */
  async snapshot(): Promise<Snapshot> {
    return this.#refreshed.get();
  }

  /**
   * What was believed at a commit, tag or branch, a named snapshot, a date (the end of that day, in UTC), or so long ago
   * (`3d`). Throws InvalidInputError where the name stands for nothing.
   */
  async snapshotAt(name: string): Promise<Snapshot> {
    return this.#past.at(this.commitOf(name));
  }

  /** The commit that a name stands for, as `snapshotAt` takes it; without a name the newest. Reads no memory. */
  async commitOf(name?: string): Promise<ObjectId> {
    const commit = name === undefined ? await this.repository.tip() : await commitAt(this, name);
    if (commit !== null && (await this.repository.blobAt(commit, POLICY_FILE)) !== null) return commit;
    // The present one says itself what is wrong with it.
    if (name === undefined) await this.snapshot();
    throw new InvalidInputError(
      `"${name ?? commit ?? ""}" is a commit of something else than this store. Run \`git memory history\` to see its commits.`,
    );
  }

  async policy(): Promise<Policy> {
    return this.policyAt(await this.snapshot());
  }

  async mode(): Promise<Mode> {
    return readMode(this.state);
  }

  async setMode(mode: Mode): Promise<void> {
    await writeMode(this.state, mode);
  }

  /** The rules in force at a snapshot: what somebody vouched for, and what is stricter there. */
  async policyAt(snapshot: Snapshot): Promise<Policy> {
    return (await this.rulesAt(snapshot)).policy;
  }

  /** The same, with what the snapshot's own file asks for and nobody vouched for. */
  async rulesAt(snapshot: Snapshot): Promise<RulesStanding> {
    return this.#rules.at(snapshot);
  }

  /** Whether somebody who may approve approved exactly this claim. */
  async isReviewed(memory: Memory): Promise<boolean> {
    return (await this.evidence(await this.snapshot())).isReviewed(memory);
  }

  /** What counts as an approval at a snapshot; with `until`, as it stood by then. */
  async evidence(snapshot: Snapshot, until?: Date): Promise<EvidenceView> {
    return this.#evidence.at(snapshot, until);
  }

  /**
   * Whether the gate lets the words of a memory reach a prompt, however they came into the tree: by the rules and rejections
   * of now, whenever the memory is from.
   */
  async admission(): Promise<(memory: Memory, trust: Trust) => boolean> {
    await this.admissions.ready();
    const grounds = await this.grounds();
    return (memory, trust) => this.admissions.admits(memory, trust, grounds);
  }

  /** What the gate judges by here and now, of what is found in the tree. */
  async grounds(): Promise<Grounds> {
    const present = await this.snapshot();
    const now = instantOf(this.environment.now());
    return groundsOf(await this.policyAt(present), await this.graves.buried(present), now);
  }

  /** The trust that a memory has here and now: the minimum over its lineage, unless it was reviewed. */
  async trustOf(snapshot: Snapshot, memory: Memory): Promise<Trust> {
    return (await this.trustAt(snapshot))(memory);
  }

  async trustAt(snapshot: Snapshot): Promise<(memory: Memory) => Trust> {
    const evidence = await this.evidence(snapshot);
    const isReviewed = (memory: Memory): boolean => evidence.isReviewed(memory);
    return (memory) => effectiveTrust(memory, (id) => snapshot.get(id), isReviewed);
  }

  /**
   * Stores a change set as one commit, or nothing. Returns after the ref moved.
   * Throws BlockedError (the gate), ConflictError (somebody changed what the caller had read), ModeError, NewerFormatError,
   * NoStoreError, InvalidInputError and StoreBusyError.
   */
  async commit(proposal: Proposal): Promise<Written> {
    const { operation, caller, changes } = proposal;
    if (operation === "approve" && caller.gesture !== true && !bringsSignature(changes)) {
      throw new GestureNeededError("Only a person can approve a memory, in the editor. Ask them to open it there.");
    }
    assertMayWrite(await this.mode(), caller);
    // Writes of one process queue here, so that they never compete with themselves for the lock.
    const turn = this.#writing.then(() => this.repository.exclusively(() => this.#commitNow(proposal)));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** What the gate would say of a change set now. Stores nothing. */
  async check(proposal: Proposal): Promise<Verdict> {
    const base = await this.snapshot();
    const policy = await this.policyAt(base);
    const asked = { ...proposal, caller: asDeclared(proposal.caller, policy) };
    return this.#gate.judge(base, await this.#prepared(base, asked, policy), asked, policy);
  }

  /** Calls back after what is believed changed, whoever changed it, with the new snapshot. Returns the way to stop. */
  onDidChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    // A store that is gone or unreadable is no error of the watch: whoever reads it next is told.
    this.#stopWatching ??= this.repository.watch(() => void this.snapshot().catch(() => undefined));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopWatching?.();
      this.#stopWatching = undefined;
    };
  }

  async dispose(): Promise<void> {
    this.#stopWatching?.();
    this.#listeners.clear();
    await this.#writing;
    await this.#caching;
    await this.journal.dispose();
    await this.index.dispose();
    await this.pastIndex.dispose();
    await this.citations.dispose();
    await this.#gate.dispose();
    await this.quarantine?.dispose();
    await this.team?.dispose();
    await this.repository.dispose();
  }

  async #commitNow(worded: Proposal): Promise<Written> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const base = worded.operation === "init" ? await this.#unborn() : await this.snapshot();
      const policy = await this.policyAt(base);
      assertWritable(policy);
      const asked = { ...worded, caller: asDeclared(await this.tainted.callerOf(worded), policy) };
      const files = await this.#prepared(base, asked, policy);
      const isProven = asked.operation !== "approve" || asked.caller.gesture === true;
      const proposal = isProven ? asked : await provenBySignature(asked, files, this.team);
      const verdict = await this.#judge(base, files, proposal, policy);
      if (verdict.kind === "quarantine") throw await this.#hold(proposal, files, verdict, policy);
      const vouched = await vouchedFor(files, proposal, verdict, { signed: !isProven, grounds: () => this.grounds() });
      if (tries === 0 && base.commit !== null && policy.snapshots === "automatic")
        await snapshotBefore(this, proposal, base.commit);
      const at = this.environment.now();
      const result = await this.repository.commit({
        parent: base.commit,
        changes: files.map(fileChange),
        message: messageOf(files, proposal, verdict),
        at,
        author: authorOf(proposal.caller, policy, await this.repository.committer()),
        manner: base.commit === null ? startingManner(files) : policy.commits,
      });
      if (!result.moved) continue;
      this.#gate.wrote(proposal, files.length);
      this.#evidence.wrote({ parent: base.commit, commit: result.commit, at: instantOf(at), files });
      // It is stored, whatever becomes of the rest: whoever reads next is told what is wrong with reading.
      await this.snapshot().catch(() => undefined);
      const unkept = await this.#keepApproval(files, vouched, proposal, result.commit);
      return {
        status: result.waits === undefined ? "stored" : "waiting",
        store: this.label,
        commit: result.commit,
        memories: files
          .map((file) => ({ file, memory: file.after ?? file.before }))
          .flatMap(({ file, memory }) =>
            memory === null
              ? []
              : [{ id: memory.id, title: memory.title, path: file.path, blob: result.blobs.get(file.path) ?? null }],
          ),
        notices: [
          ...(result.waits === undefined ? [] : [result.waits]),
          ...(unkept === null ? [] : [unkept]),
          ...noticesOf(verdict, proposal.caller.gesture === true),
          ...unresolvedNotices(proposal, files),
        ],
      };
    }
    throw new StoreBusyError(
      "Other writers kept changing the memory store. Nothing was stored; try again in a moment.",
    );
  }

  async #prepared(base: Snapshot, proposal: Proposal, policy: Policy): Promise<ProposedFile[]> {
    const { environment, repository, code } = this;
    return prepare(base, proposal, { environment, policy, repository, code, trustOf: await this.trustAt(base) });
  }

  async #judge(base: Snapshot, files: readonly ProposedFile[], proposal: Proposal, policy: Policy): Promise<Verdict> {
    const verdict = await this.#gate.judge(base, files, proposal, policy);
    if (verdict.kind === "block")
      throw new BlockedError(verdict.findings.filter((finding) => finding.verdict === "block"));
    const isConfirmed = proposal.confirmed === true && proposal.caller.gesture === true;
    const asks = verdict.kind === "confirm" || (verdict.kind === "quarantine" && proposal.attended === true);
    if (asks && !isConfirmed) throw new ConfirmationNeededError(verdict.findings, (path) => textIn(files, path));
    return verdict;
  }

  async #hold(
    proposal: Proposal,
    files: readonly ProposedFile[],
    verdict: Verdict,
    { gate }: Policy,
  ): Promise<HeldForReviewError | BlockedError> {
    // Where nothing can wait, what should wait is refused.
    if (this.quarantine === null) return new BlockedError(verdict.findings);
    await this.quarantine.lapse(gate.waiting, proposal.caller);
    const { held, commit } = await this.quarantine.hold(proposal, files, verdict);
    return new HeldForReviewError({ id: held.id, commit, store: this.label }, verdict.findings);
  }

  /** The stored write can't be taken back for the sake of the ledger, so what the ledger refuses is told: one sentence, or null. */
  async #keepApproval(
    files: readonly ProposedFile[],
    vouched: readonly ProposedFile[],
    { operation, caller }: Proposal,
    commit: ObjectId,
  ): Promise<string | null> {
    try {
      if (operation === "init") await this.graves.forget();
      await this.graves.wrote(files);
      await this.#approve(vouched, caller, commit);
      if (vouched.length === 0 && operation === "revert" && caller.gesture === true)
        await this.#approve(await approvedBefore(this.approvals, files), caller, commit);
      return null;
    } catch (error) {
      if (!(error instanceof LocalStateError)) throw error;
      return `It is stored, but your approval could not be kept, so it counts as not approved until you approve it again. ${error.message}`;
    }
  }

  async #approve(files: readonly ProposedFile[], { actor: by }: Caller, commit: ObjectId): Promise<void> {
    const about = { by, at: instantOf(this.environment.now()), commit };
    await recordApproval(this.approvals, files, about, this.repository);
  }

  /** All that a commit has beside its files, for an act on words that were judged before: an erasure's last commit. */
  async commitFor(proposal: Proposal): Promise<Pick<CommitRequest, "message" | "at" | "author" | "manner">> {
    const policy = await this.policy();
    return {
      message: messageOf([], proposal, { kind: "allow", findings: [] }),
      at: this.environment.now(),
      author: authorOf(proposal.caller, policy, await this.repository.committer()),
      manner: policy.commits,
    };
  }

  async #unborn(): Promise<Snapshot> {
    if (!(await this.exists())) return Snapshot.empty;
    await this.snapshot();
    throw new StoreExistsError("There is a memory store here already. `git memory list` shows what is in it.");
  }

  async #refresh(): Promise<Snapshot> {
    // The first time, the cache is read while git starts.
    const isFirst = this.#snapshot.commit === null;
    const [tip, known] = await Promise.all([this.repository.tip(), isFirst ? this.#cached() : this.#snapshot]);
    if (tip === null) {
      this.#believe(Snapshot.empty);
      throw new NoStoreError(
        "This repository has no memory store yet. Ask the user to run `git memory init`, or to press the button in the Memory view.",
      );
    }
    if (tip === this.#snapshot.commit) return this.#snapshot;
    const isKnown = tip === known.commit;
    const { snapshot, read } = isKnown ? { snapshot: known, read: 0 } : await readSnapshot(this.repository, known, tip);
    if (snapshot.blobAt(POLICY_FILE) === null) {
      this.#believe(Snapshot.empty);
      throw new NotAStoreError(
        `The branch ${this.repository.ref.replace("refs/heads/", "")} has no policy.yaml, so it isn't a memory store and is left alone. Rename that branch, or bring its policy.yaml back with \`git revert\`.`,
      );
    }
    this.#believe(snapshot);
    this.#cache(snapshot, read);
    return snapshot;
  }

  #believe(snapshot: Snapshot): void {
    const isNews = this.#looked && this.#snapshot.commit !== snapshot.commit;
    this.#looked = true;
    this.#snapshot = snapshot;
    if (isNews) for (const listener of this.#listeners) listener(snapshot);
  }

  async #cached(): Promise<Snapshot> {
    // One that can't be read costs what one that isn't there does.
    const check = new DigestCheck();
    const bytes = await this.state.read(SNAPSHOT_CACHE, check.add).catch(() => null);
    const cached = bytes === null ? null : decodeSnapshot(bytes, check);
    return cached ?? Snapshot.empty;
  }

  /** Kept for the next process, once enough files had to be read and parsed that it saves more than it costs. */
  #cache(snapshot: Snapshot, parsed: number): void {
    this.#uncached += parsed;
    if (this.#uncached < Math.max(CACHE_AFTER, snapshot.size * CACHED_PART)) return;
    this.#uncached = 0;
    const write = async (): Promise<void> => {
      // Whoever asked for the snapshot goes on first.
      await new Promise((resolve) => setImmediate(resolve));
      const bytes = encodeSnapshot(snapshot);
      if (bytes !== null) await this.state.write(SNAPSHOT_CACHE, bytes);
    };
    // The cache may fail (a full disk, a read-only folder): what it would have saved is then paid again.
    this.#caching = this.#caching.then(write).catch(() => undefined);
  }
}

function textIn(files: readonly ProposedFile[], path: string): string | undefined {
  const bytes = files.find((file) => file.path === path)?.bytes ?? null;
  return bytes === null ? undefined : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** What a store's first commit brings holds for it already; hooks have nothing to compare it with. */
function startingManner(files: readonly ProposedFile[]): CommitManner {
  const bytes = files.find(({ path }) => path === POLICY_FILE)?.bytes ?? new Uint8Array();
  return { sign: readPolicy(bytes).commits.sign, hooks: "skip" };
}

function fileChange(file: ProposedFile): FileChange {
  return { path: file.path, content: file.bytes };
}
