/**
 * Reviews what a head would bring to a base, in terms of beliefs. Rules, tombstones and evidence are the base's: what the
 * head says about how it should be judged counts for nothing. Only what changed is read, and what that speaks of.
 */
import { MemoryError } from "../errors.ts";
import { readTombstone, type Tombstone } from "../gate/tombstones.ts";
import { isBroken, type Memory, type MemoryId, type ObjectId } from "../memory/model.ts";
import { isMemoryPath, readMemory } from "../memory/parse.ts";
import { defaultPolicy, POLICY_FILE, readPolicy, type Policy } from "../memory/policy.ts";
import { instantOf } from "../memory/time.ts";
import { lineageOf } from "../memory/trust.ts";
import type { AllowedSigners, CommitInfo, SignatureVerifier } from "../ports.ts";
import type { Citations } from "../provenance/citations.ts";
import { entriesOf, idOfPath } from "../provenance/journal.ts";
import type { File } from "../review/difference.ts";
import { APPROVALS_FOLDER, readApproval } from "../trust/signed-approval.ts";
import { KEYS_FILE, SIGNERS_FILE } from "../trust/base.ts";
import { Endings, type EndingsUpTo } from "../trust/endings.ts";
import { beatenBy } from "../trust/evidence.ts";
import { type Approvals, type Beaten, checkApprovals } from "./approvals.ts";
import { BaseStore } from "./base-store.ts";
import { type BeliefPair, type Bench, gravestFirst, gravityOf, reviewBelief } from "./belief.ts";
import { type ChangedFile, changedFiles } from "./changed-files.ts";
import { contradicted, mostAlike, titleFromPath } from "./contradictions.ts";
import { commitConcerns, tellsSecret } from "./history.ts";
import type { Concern, Named, Review, ReviewedBelief } from "./model.ts";
import type { ReviewRepository } from "./repository.ts";
import { modeConcerns, type OtherFile, reviewOther } from "./store-files.ts";

/** The clone lacks the history that a review needs. Nothing was reviewed. */
export class ShallowCloneError extends MemoryError {
  readonly code = "shallow";
}

export interface ReviewRequest {
  readonly base: Named;
  readonly head: Named;
  /** Where the store is: `""` for a memory branch, `.memory/` in a code branch. */
  readonly prefix: string;
  /** Compares with the base itself and not with where the head left it: what a push would make of the branch. */
  readonly push?: true;
  /** There was no memory before: `base` stands for a tree without files, and the built-in rules judge. */
  readonly first?: true;
  /** The commit of the code that memories cite; null where there is none at hand. */
  readonly code: ObjectId | null;
}

export interface ReviewMeans {
  readonly repository: ReviewRepository;
  readonly citations: Citations;
  readonly verifier: SignatureVerifier;
  readonly now: Date;
}

/** Throws ShallowCloneError where the clone can't tell where the two parted, and GitError. */
export async function reviewChange(request: ReviewRequest, means: ReviewMeans): Promise<Review> {
  const { base, head, prefix } = request;
  const { repository, now } = means;
  const fork = request.push === true ? base.commit : await repository.mergeBase(base.commit, head.commit);
  if (fork === null && (await repository.isShallow()))
    throw new ShallowCloneError(
      `This clone is shallow, and the place where ${head.name} left ${base.name} is not in it. Fetch the whole history (git fetch --unshallow; fetch-depth: 0 in a workflow) and review again.`,
    );
  const [{ files, there }, before, commits] = await Promise.all([
    changedFiles(repository, fork, base.commit, head.commit, prefix),
    BaseStore.at(repository, base.commit, prefix),
    repository.commits(base.commit, head.commit, prefix),
  ]);
  const rules = await baseRules(before);
  const change = await Change.read(repository, files);
  const old = change.pairs.flatMap((pair) => (pair.old === null || isBroken(pair.old) ? [] : [pair.old]));
  const approvals = await approvalsOf(change, old, before, rules, {
    ...means,
    beaten: beatenIn(change, request, rules, repository),
  });
  const bench = await benchOf(change, { base: before, commits, rules, approvals }, request, means);
  const beliefs = change.pairs.flatMap((pair) => reviewBelief(pair, bench) ?? []);
  const concerns = gravestFirst([
    ...change.others.flatMap((file) => reviewOther(file, prefix, approvals)),
    ...change.odd.flatMap((file) => modeConcerns(file, prefix + file.path)),
    ...(await commitConcerns(repository, commits, change.finalBlobs, prefix)),
    ...(request.first === true ? [] : sizeConcerns(beliefs, before.size, rules.policy)),
  ]);
  return {
    base,
    head,
    mergeBase: fork,
    prefix,
    commits: commits.length,
    beliefs: inReadingOrder(beliefs),
    concerns,
    there,
    unseen: [
      ...(fork === null
        ? ["The two branches have no history in common, so everything that differs is taken as the change."]
        : []),
      ...(request.code === null && change.fresh.some(({ front }) => front.sources !== undefined)
        ? ["The code is not at hand here, so citations were not compared with it."]
        : []),
      ...(request.first === true ? ["It is the first memory there, so the built-in rules were used."] : []),
      ...(rules.policy.readOnly ? ["The base's policy.yaml can't be read, so the built-in rules were used."] : []),
    ],
    at: instantOf(now),
  };
}

interface Rules {
  readonly policy: Policy;
  readonly tombstones: readonly Tombstone[];
  readonly signers: AllowedSigners;
}

async function baseRules(base: BaseStore): Promise<Rules> {
  const [policy, tombstones, ssh, gpg] = await Promise.all([
    base.bytes(POLICY_FILE),
    base.folder("tombstones"),
    base.bytes(SIGNERS_FILE),
    base.bytes(KEYS_FILE),
  ]);
  return {
    policy: policy === null ? defaultPolicy : readPolicy(policy),
    tombstones: [...tombstones.values()].flatMap((bytes) => readTombstone(bytes) ?? []),
    signers: { ssh, gpg },
  };
}

/** The changed files, read and sorted into beliefs and others. */
class Change {
  readonly pairs: readonly BeliefPair[];
  readonly others: readonly OtherFile[];
  /** Paths of memories that hold something else than a plain file. */
  readonly odd: readonly OtherFile[];
  readonly finalBlobs: ReadonlySet<ObjectId>;
  /** The new versions that can be read. */
  readonly fresh: readonly Memory[];

  private constructor(all: readonly OtherFile[]) {
    const isPlain = (file: OtherFile): boolean => isMemoryPath(file.path) && modeConcerns(file, file.path).length === 0;
    const plain = all.filter(isPlain);
    this.pairs = paired(plain);
    this.odd = all.filter((file) => isMemoryPath(file.path) && !isPlain(file));
    this.others = all.filter(({ path }) => !isMemoryPath(path));
    this.finalBlobs = new Set(all.flatMap(({ after }) => after ?? []));
    this.fresh = this.pairs.flatMap(({ fresh }) => (fresh === null || isBroken(fresh) ? [] : [fresh]));
  }

  static async read(repository: ReviewRepository, files: readonly ChangedFile[]): Promise<Change> {
    const readable = files.filter(({ mode }) => mode.startsWith("100"));
    const bytes = await repository.blobs(readable.flatMap(({ before, after }) => [before ?? [], after ?? []].flat()));
    return new Change(
      files.map((file) => ({
        ...file,
        old: file.before === null ? null : (bytes.get(file.before) ?? null),
        fresh: file.after === null ? null : bytes.get(file.after),
      })),
    );
  }
}

interface Side {
  readonly file: File;
  readonly text: string;
  readonly both: boolean;
}

/** Old and new versions of the same belief: by path, else by its id, else by the very same bytes. */
function paired(files: readonly OtherFile[]): BeliefPair[] {
  const pairs: BeliefPair[] = [];
  const gone: Side[] = [];
  const came: Side[] = [];
  for (const { path, before, after, old, fresh, both } of files) {
    const was = old === null ? null : sideOf(path, before ?? "", old, both);
    const is = fresh === null || fresh === undefined ? null : sideOf(path, after ?? "", fresh, both);
    if (was !== null && is !== null) pairs.push(pairOf(was, is));
    else if (was !== null) gone.push(was);
    else if (is !== null) came.push(is);
  }
  const left = new Set(gone);
  for (const side of came) {
    const from = [...left].find((other) => idIn(other.file) === idIn(side.file) || other.file.blob === side.file.blob);
    if (from !== undefined) left.delete(from);
    pairs.push(pairOf(from ?? null, side));
  }
  return [...pairs, ...[...left].map((side) => pairOf(side, null))];
}

function sideOf(path: string, blob: ObjectId, bytes: Uint8Array, both: boolean): Side {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return { file: readMemory(path, blob, bytes), text, both };
}

function pairOf(old: Side | null, fresh: Side | null): BeliefPair {
  return {
    old: old?.file ?? null,
    fresh: fresh?.file ?? null,
    oldText: old?.text ?? "",
    freshText: fresh?.text ?? "",
    both: (old?.both ?? false) || (fresh?.both ?? false),
  };
}

function idIn(file: File): MemoryId {
  return isBroken(file) ? idOfPath(file.path) : file.id;
}

/** What the base says about what the change speaks of. */
interface Known {
  readonly base: BaseStore;
  readonly commits: readonly CommitInfo[];
  readonly rules: Rules;
  readonly approvals: Approvals;
}

async function benchOf(
  change: Change,
  { base, commits, rules, approvals }: Known,
  request: ReviewRequest,
  { citations, now }: ReviewMeans,
): Promise<Bench> {
  const { pairs, fresh } = change;
  // A text with a secret is not to be told, not even as what another belief speaks against.
  const tellable = pairs.flatMap(({ fresh: file, freshText }) =>
    file === null || isBroken(file) || tellsSecret(freshText) ? [] : [file],
  );
  const against = await contradictions(base, change, tellable);
  const brought = new Map(tellable.map((memory) => [memory.id, memory]));
  const stale = await citations.changed(fresh, request.code);
  return {
    prefix: request.prefix,
    now,
    policy: rules.policy,
    tombstones: rules.tombstones,
    entries: entriesOf(commits.map((info) => (tellsSecret(info.message) ? { ...info, message: "" } : info))),
    based: (id) => base.get(id),
    known: (id) => base.get(id) ?? brought.get(id),
    approval: (memory) => approvals.of.get(memory.blob) ?? null,
    against: (memory) => against.get(memory.blob) ?? [],
    changedSources: (memory) => stale.get(memory.blob) ?? [],
    superseded: new Set(fresh.flatMap(({ front }) => front.supersedes ?? [])),
  };
}

/** Reads what the change speaks of, and checks the approvals of both sides. */
async function approvalsOf(
  { others, fresh }: Change,
  old: readonly Memory[],
  base: BaseStore,
  { signers }: Rules,
  { verifier, now, beaten }: ReviewMeans & { readonly beaten: Beaten },
): Promise<Approvals> {
  const files = new Map(await base.folder(APPROVALS_FOLDER));
  for (const { path, fresh: bytes } of others) {
    if (!path.startsWith(`${APPROVALS_FOLDER}/`)) continue;
    if (bytes === null || bytes === undefined) files.delete(path);
    else files.set(path, bytes);
  }
  const named = [...files.values()].flatMap((bytes) => readApproval(bytes)?.memory ?? []);
  await base.readLineage([
    ...old.map(({ id }) => id),
    ...named,
    ...fresh.flatMap((memory) => [memory.id, ...lineageOf(memory), ...(memory.front.supersedes ?? [])]),
  ]);
  const there = named.flatMap((id) => base.get(id) ?? []);
  return checkApprovals(files, [...old, ...fresh, ...there], { signers, verifier, now, beaten });
}

/**
 * The same rule by which a store weighs approvals: a later end beats an older signature. What the change itself ends was
 * approved until then, so only what it brings is held against its own history too.
 */
function beatenIn(
  { fresh }: Change,
  { base, head, prefix }: ReviewRequest,
  { tombstones }: Rules,
  repository: ReviewRepository,
): Beaten {
  const endings = new Endings({
    log: async ({ from, until } = {}) => [...(await repository.commits(until ?? null, from ?? head.commit, prefix))],
    blobs: async (ids) => {
      const bytes = await repository.blobs(ids);
      return ids.map((id) => bytes.get(id) ?? new Uint8Array());
    },
  });
  let known: Promise<readonly [EndingsUpTo, EndingsUpTo]> | undefined;
  return async (memory, at) => {
    known ??= endings.upTo(base.commit).then(async (before) => [before, await endings.upTo(head.commit)] as const);
    const [before, after] = await known;
    const histories = fresh.includes(memory) ? [before, after] : [before];
    return histories.some((ended) => beatenBy(memory, at, ended, tombstones) !== null);
  };
}

async function contradictions(
  base: BaseStore,
  { pairs }: Change,
  fresh: readonly Memory[],
): Promise<ReadonlyMap<ObjectId, readonly Memory[]>> {
  const found = new Map<ObjectId, readonly Memory[]>();
  if (fresh.length === 0) return found;
  const replaced = new Set(pairs.flatMap(({ old }) => (old === null ? [] : [old.path])));
  const titles = await base.titles();
  const brought = new Map(fresh.map((memory) => [`new:${memory.path}`, memory]));
  const believed = base.paths().filter((path) => !replaced.has(path));
  const keys = mostAlike(fresh, [
    ...believed.map((path) => [path, titles.get(path) ?? titleFromPath(path)] as const),
    ...[...brought].map(([key, { title }]) => [key, title] as const),
  ]);
  const alike = fresh.map((memory, place) => ({ memory, keys: keys[place] ?? [] }));
  await base.read(alike.flatMap(({ keys }) => keys));
  for (const { memory, keys } of alike) {
    const others = keys.flatMap((key) => brought.get(key) ?? base.at(key) ?? []);
    found.set(memory.blob, contradicted(memory, others));
  }
  return found;
}

function sizeConcerns(beliefs: readonly ReviewedBelief[], believed: number, { gate }: Policy): Concern[] {
  const ended = beliefs.filter((belief) => isEnd(belief)).length;
  const say = (rule: string, level: Concern["level"], sentence: string): Concern => ({
    rule,
    level,
    path: null,
    sentence,
  });
  return [
    ...(ended >= MANY_ENDS && ended * 2 >= believed
      ? [say("size/ends", "quarantine", `It ends ${ended} of the ${believed} beliefs that the base has.`)]
      : []),
    ...(beliefs.length > gate.limits.files
      ? [
          say(
            "size/change",
            "confirm",
            `It touches ${beliefs.length} beliefs at once; the base's rules call more than ${gate.limits.files} too many to be read with care. Ask for smaller changes.`,
          ),
        ]
      : []),
  ];
}

/** Fewer ends are read one by one. */
const MANY_ENDS = 5;
const ENDS: ReadonlySet<string> = new Set(["expired", "superseded", "reverted", "erased", "removed"]);

export function isEnd({ kind }: Pick<ReviewedBelief, "kind">): boolean {
  return ENDS.has(kind);
}

function inReadingOrder(beliefs: readonly ReviewedBelief[]): ReviewedBelief[] {
  return beliefs.toSorted((a, b) => gravityOf(a.concerns) - gravityOf(b.concerns) || (a.path < b.path ? -1 : 1));
}
