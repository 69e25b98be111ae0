/** Which two commits a review compares, where the store is in them, and which code its citations speak of. */
import { InvalidInputError, NoStoreError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { POLICY_FILE } from "../../core/memory/policy.ts";
import type { Named } from "../../core/pull-request/model.ts";
import type { ReviewMeans, ReviewRequest } from "../../core/pull-request/review.ts";
import { GitCode } from "../code.ts";
import { Citations } from "../../core/provenance/citations.ts";
import { MEMORY_BRANCH } from "../git-store.ts";
import { findRepository } from "../repository.ts";
import { ProgramVerifier } from "../signatures/verify.ts";
import { GitReviewRepository } from "./repository.ts";

/** Where a code branch keeps its memories. */
export const CODE_FOLDER = ".memory/";

const HEADS = [`refs/heads/${MEMORY_BRANCH}`] as const;
const MEMORY_BASES = [`refs/remotes/origin/${MEMORY_BRANCH}`, ...HEADS] as const;
const CODE_BASES = ["refs/remotes/origin/HEAD", "origin/main", "origin/master", "main", "master"] as const;

/** More branches than these can be named, but are not offered. */
const MOST_REFS = 200;
/** Where changes wait for a pull request into the team's memory. */
const REVIEW_BRANCH = /^refs\/(?:heads|remotes\/[^/]+)\/agent-memory-review\//;

/** A branch or tag with a store that a review may be about. */
export interface ReviewPoint {
  /** Without `refs/…`, for people. */
  readonly name: string;
  readonly ref: string;
  /** `proposal`: a branch that waits for a pull request into the team's memory. */
  readonly kind: "branch" | "proposal" | "tag";
  readonly isRemote: boolean;
  /** Where the store is: `""` or `.memory/`. */
  readonly prefix: string;
}

export interface ReviewPlace {
  readonly folder: string;
  readonly git?: string;
  /** Variables that name where objects are, from a server's hook. */
  readonly objects?: Readonly<Record<string, string>>;
}

export class ReviewPlaceOpened {
  readonly repository: GitReviewRepository;
  readonly citations: Citations;
  readonly #hasCode: boolean;

  /** @param code null where no code can be read here. */
  constructor(repository: GitReviewRepository, code: GitCode | null) {
    this.repository = repository;
    this.citations = new Citations(code ?? undefined);
    this.#hasCode = code !== null;
  }

  /** What a review needs besides what it is about. */
  get means(): Omit<ReviewMeans, "now"> {
    return { repository: this.repository, citations: this.citations, verifier: new ProgramVerifier() };
  }

  /**
   * Names as people and CI give them; what is left out is found: the memory branch against the remote's, or the branch
   * that is checked out against the default one. Throws InvalidInputError for a name that stands for nothing, NoStoreError.
   */
  async request(names: {
    readonly base?: string;
    readonly head?: string;
    readonly code?: string;
  }): Promise<ReviewRequest> {
    const head = names.head === undefined ? await this.#defaultHead() : await this.#named(names.head);
    const headPrefix = await this.storeIn(head.commit);
    const base = names.base === undefined ? await this.#defaultBase(headPrefix ?? "") : await this.#named(names.base);
    const prefix = (await this.storeIn(base.commit)) ?? headPrefix;
    if (prefix === null)
      throw new NoStoreError(
        `Neither ${base.name} nor ${head.name} has a memory store, so there is nothing to review. Name the branches with --base and --head.`,
      );
    const code = prefix === "" ? await this.#code(names.code) : head.commit;
    return { base, head, prefix, code: this.#hasCode ? code : null };
  }

  /** What a push would bring to where no memory was yet. Throws as `request` does. */
  async firstRequest(name: string): Promise<ReviewRequest> {
    const head = await this.#named(name);
    const prefix = await this.storeIn(head.commit);
    if (prefix === null) throw new NoStoreError(`${head.name} has no memory store, so there is nothing to review.`);
    const base = { name: "nothing", commit: await this.repository.emptyTree() };
    const code = prefix === "" ? await this.#code(undefined) : head.commit;
    return { base, head, prefix, code: this.#hasCode ? code : null, push: true, first: true };
  }

  /** Where the store is in a commit: `""` at the root, `.memory/`, or null where it has none. */
  async storeIn(commit: ObjectId): Promise<string | null> {
    const { repository } = this;
    if ((await repository.blobAt(commit, CODE_FOLDER + POLICY_FILE)) !== null) return CODE_FOLDER;
    const blob = await repository.blobAt(commit, POLICY_FILE);
    if (blob === null) return null;
    // Any project may have a file of that name; ours says its format.
    const bytes = (await repository.blobs([blob])).get(blob);
    return bytes !== undefined && /^format:[ \t]*\d/m.test(new TextDecoder().decode(bytes)) ? "" : null;
  }

  /** Branches and tags that have a store, the newest first. */
  async points(): Promise<ReviewPoint[]> {
    const refs = await this.repository.refsWith([POLICY_FILE, CODE_FOLDER + POLICY_FILE], MOST_REFS);
    return refs.map(({ ref, files }) => ({
      name: ref.replace(/^refs\/(?:heads|remotes|tags)\//, ""),
      ref,
      kind: ref.startsWith("refs/tags/") ? "tag" : REVIEW_BRANCH.test(ref) ? "proposal" : "branch",
      isRemote: ref.startsWith("refs/remotes/"),
      prefix: files.includes(CODE_FOLDER + POLICY_FILE) ? CODE_FOLDER : "",
    }));
  }

  async dispose(): Promise<void> {
    await this.citations.dispose();
    await this.repository.dispose();
  }

  async #named(name: string): Promise<Named> {
    // CI has branches only as the remote's.
    const commit = (await this.repository.resolve(name)) ?? (await this.repository.resolve(`origin/${name}`));
    if (commit !== null) return { name, commit };
    const isShallow = await this.repository.isShallow();
    throw new InvalidInputError(
      `"${name}" is no commit or branch of this clone${isShallow ? ", which is shallow" : ""}. Fetch it first (in a workflow: fetch-depth: 0), or check its name.`,
    );
  }

  async #defaultHead(): Promise<Named> {
    const checkedOut = await this.repository.resolve("HEAD");
    if (checkedOut !== null && (await this.storeIn(checkedOut)) !== null) return { name: "HEAD", commit: checkedOut };
    return (
      (await this.#first(HEADS)) ??
      refuse("There is no memory branch here, and what is checked out has none. Name what to review with --head.")
    );
  }

  async #defaultBase(prefix: string): Promise<Named> {
    const known = prefix === "" ? MEMORY_BASES : CODE_BASES;
    return (await this.#first(known)) ?? refuse("Nothing to compare with was found. Name it with --base.");
  }

  async #code(name: string | undefined): Promise<ObjectId | null> {
    if (name !== undefined) return (await this.#named(name)).commit;
    const checkedOut = await this.repository.resolve("HEAD");
    if (checkedOut !== null && (await this.storeIn(checkedOut)) !== "") return checkedOut;
    return (await this.#first(CODE_BASES))?.commit ?? null;
  }

  async #first(names: readonly string[]): Promise<Named | null> {
    for (const name of names) {
      const commit = await this.repository.resolve(name);
      if (commit !== null) return { name: name.replace(/^refs\/(?:heads|remotes)\//, ""), commit };
    }
    return null;
  }
}

/** Throws NoRepositoryError and GitError. */
export async function openReview({ folder, git, objects }: ReviewPlace): Promise<ReviewPlaceOpened> {
  const found = await findRepository(folder, git);
  const command = objects === undefined ? found.git : found.git.withObjects(objects);
  return new ReviewPlaceOpened(
    new GitReviewRepository({ git: command, commonDir: found.commonDir }),
    // What is being pushed to a server is in no place where its code could be read beside it.
    objects === undefined ? new GitCode(found.workTree ?? found.commonDir, git) : null,
  );
}

function refuse(message: string): never {
  throw new NoStoreError(message);
}
