/**
 * What the core needs from outside. `src/git` implements these on real git; `test/support` has one in memory. Nothing in
 * `src/core` reaches a process, a file or the clock by another way.
 */
import type { Instant, MemoryId, ObjectId } from "./memory/model.ts";

export type Placement = "dedicated" | "branch" | "personal";

/** A name and address as git writes them. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface TreeFile {
  readonly path: string;
  readonly blob: ObjectId;
}

/** The files that lie directly in one folder. `tree` names their content: equal trees, equal files. */
export interface StoreFolder {
  /** `""` for the root, else without a slash at the end. */
  readonly path: string;
  readonly tree: ObjectId;
  readonly files: readonly TreeFile[];
}

/** The store's folders at one commit, in the order of a walk: a folder, then all below it. */
export interface StoreTree<Folder = StoreFolder> {
  readonly tree: ObjectId;
  readonly folders: readonly Folder[];
}

/** Folders that are known already, by path, with the tree that each had. */
export type KnownFolders = ReadonlyMap<string, { readonly tree: ObjectId }>;

/** A folder beside known ones. `as known`: it and all below it are what they were, and were not looked at. */
export type ChangedFolder =
  | StoreFolder
  | { readonly path: string; readonly tree: ObjectId; readonly files: "as known" };

/** Hands over the bytes of files, in any order. Throws GitError where one is missing. */
export type LoadFiles = (
  files: readonly TreeFile[],
  take: (file: TreeFile, bytes: Uint8Array) => void,
) => Promise<void>;

/** One file of a commit to be made: its new bytes, an existing blob, or null to remove it. */
export interface FileChange {
  readonly path: string;
  readonly content: Uint8Array | { readonly blob: ObjectId } | null;
}

/** How a commit is made: by default without any program of the user's. */
export interface CommitManner {
  /** `always`: by the signer that git is configured with. Throws SigningError where it does not sign at once. */
  readonly sign: "always" | "never";
  /** `run`: the repository's commit hooks see it first. Throws HookError where one refuses. */
  readonly hooks: "run" | "skip";
}

export interface CommitRequest {
  /** The tip that the change was made against; null where the store is yet to be born. */
  readonly parent: ObjectId | null;
  readonly changes: readonly FileChange[];
  readonly message: string;
  /** The author's and committer's date. */
  readonly at: Date;
  /** Who believes it. The committer is the user that git knows. */
  readonly author: Person;
  /** What the store's policy wants of the commit besides; default: nothing. */
  readonly manner?: CommitManner;
  /** Commits whose history this one joins, besides `parent`: a merge's other parents. */
  readonly joins?: readonly ObjectId[];
}

export type CommitResult =
  | {
      readonly moved: true;
      readonly commit: ObjectId;
      readonly blobs: ReadonlyMap<string, ObjectId>;
      /** Stored and believed, but the branch has not taken it yet: why, in a sentence. */
      readonly waits?: string;
    }
  /** Another writer was first. Nothing was changed. */
  | { readonly moved: false; readonly tip: ObjectId | null };

/** What is to leave a store's history, so that no commit of it, nor any object, holds it any more. */
export interface ErasureRequest {
  /** Every version of every file that holds it. */
  readonly blobs: ReadonlySet<ObjectId>;
  /** The message that a rewritten commit is to have. */
  readonly redact: (message: string, commit: ObjectId) => string;
  /** Go on though a remote has it already: this repository's record of the remote branch is given up as well. */
  readonly pushedToo: boolean;
  /** The commit that ends the new history, and says what was done; with it or not at all. */
  readonly closing?: Omit<CommitRequest, "parent">;
  /** Runs once nothing can refuse the erasure any more, before anything is changed. */
  readonly beforehand?: () => Promise<void>;
}

export interface Erasure {
  /** The tip before and after. */
  readonly before: ObjectId;
  readonly after: ObjectId;
  /** How many commits were written anew. */
  readonly rewritten: number;
  /** Named snapshots that were moved to the new commits. */
  readonly moved: readonly string[];
  /** Objects that were removed from the repository. */
  readonly purged: number;
  /** Refs and the like that still hold it, and so keep the bytes here: full names, or the folder of another object store. */
  readonly heldBy: readonly string[];
  /** Remote branches that had it. */
  readonly pushedTo: readonly string[];
}

/** One file's change in a commit, blob by blob; null is absence. */
export interface FileDelta {
  readonly path: string;
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
}

export interface CommitInfo {
  readonly commit: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Person;
  readonly at: Instant;
  /** The whole message, trailers included. */
  readonly message: string;
  /** Against the only parent. Empty for a merge: what it joined is told by the commits that it joined. */
  readonly deltas: readonly FileDelta[];
}

/** One line of a file and the commit that put it there. Lines are 1-based. */
export interface BlameLine {
  readonly line: number;
  readonly commit: ObjectId;
  /** Which line of the file it was in that commit. */
  readonly original: number;
  readonly text: string;
}

export interface LogQuery {
  /** From this commit backwards; default: the tip. */
  readonly from?: ObjectId;
  /** Stop before this commit. */
  readonly until?: ObjectId;
  readonly paths?: readonly string[];
  /** With `paths`: every commit that touched one, on whatever line, and with it all that it changed. */
  readonly whole?: boolean;
  readonly limit?: number;
}

/** A ref in a git repository, seen as a store: a tree of files with a history. */
export interface StoreRepository {
  readonly placement: Placement;
  /** The full ref, e.g. `refs/heads/agent-memory`. */
  readonly ref: string;
  /** What a person calls this store: `project`, `personal`. Named in every answer. */
  readonly label: string;
  /** Where it is, for a person: a folder. */
  readonly location: string;
  /** The same for every folder that leads to this repository, as all worktrees of one do; for comparing only. */
  readonly identity: string;

  tip(): Promise<ObjectId | null>;
  /** The commit that a name (a full or short commit, a tag, a branch, `<commit>~2`) stands for, or null. */
  resolve(name: string): Promise<ObjectId | null>;
  tree(commit: ObjectId): Promise<StoreTree>;
  /** The same beside folders that are known. Costs what differs, not the store. */
  treeBeside(commit: ObjectId, known: KnownFolders): Promise<StoreTree<ChangedFolder>>;
  /** The blob at a path of a commit, or null. */
  blobAt(commit: ObjectId, path: string): Promise<ObjectId | null>;
  /** The bytes of blobs, in the order asked for. Many at once is one round trip. Throws GitError where one is missing. */
  blobs(ids: readonly ObjectId[]): Promise<Uint8Array[]>;
  /** The folders of a commit, and the bytes of many of its files by the fastest way there is: for a first open. */
  whole(commit: ObjectId): Promise<{ readonly tree: StoreTree; readonly load: LoadFiles }>;
  /** Runs alone among all processes that write this ref, as far as they ask; `commit` stays safe without it. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** One commit, compare-and-swap on the ref. Returns after the ref moved. */
  commit(request: CommitRequest): Promise<CommitResult>;
  /** The best common ancestors of two commits: none where their histories are unrelated, several after a criss-cross merge. */
  mergeBases(a: ObjectId, b: ObjectId): Promise<readonly ObjectId[]>;
  /** The files that differ between two commits, whichever is the older. Costs what differs, not the store. */
  changes(before: ObjectId, after: ObjectId): Promise<FileDelta[]>;
  /** Newest first. */
  log(query?: LogQuery): Promise<CommitInfo[]>;
  blame(commit: ObjectId, path: string): Promise<BlameLine[]>;
  /**
   * Three-way merge of one file's text. `conflict` text carries git's markers.
   */
  mergeText(
    base: Uint8Array,
    ours: Uint8Array,
    theirs: Uint8Array,
  ): Promise<{ readonly clean: boolean; readonly bytes: Uint8Array }>;
  /** The refs below a prefix such as `refs/tags/memory/`, with the commits that they stand for, in the order of their names. */
  refs(prefix: string): Promise<readonly { readonly ref: string; readonly commit: ObjectId }[]>;
  /**
   * Makes a ref, or with null removes it. Never moves one that is there: false where it stands for another commit. Only within
   * `exclusively` does the next writer know which lock a killed one left.
   */
  setRef(ref: string, commit: ObjectId | null): Promise<boolean>;
  /** Takes bytes out of the history for good. The only act that rewrites commits; see `ErasureRequest`. */
  erase(request: ErasureRequest): Promise<Erasure>;
  /** The person that git's configuration names; where it names none, a stand-in under `.invalid`. */
  committer(): Promise<Person>;
  /** Calls back once at the start and then, within a second, whenever the ref moved, whoever moved it. Returns the way to stop. */
  watch(listener: () => void): () => void;
  /** Ends the long-lived processes. */
  dispose(): Promise<void>;
}

/** The code that memories cite, at its checked-out commit. */
export interface CodeReader {
  /** The commit that is checked out, or null where there is none yet. */
  head(): Promise<ObjectId | null>;
  /** The blob at a path of a commit, or null. */
  blobAt(commit: ObjectId, path: string): Promise<ObjectId | null>;
  /** A blob's bytes, or null where the repository lacks them. */
  read(blob: ObjectId): Promise<Uint8Array | null>;
  dispose(): Promise<void>;
}

/** Local state beside the repository, never in a commit: caches (deletable), receipts, the mode. All keyed by name. */
export interface LocalState {
  /** @param onPart may be given the bytes in order, part by part, while the rest is still read */
  read(name: string, onPart?: (part: Uint8Array) => void): Promise<Uint8Array | null>;
  /** Whole or not at all (written beside and renamed). */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Appends one line durably; safe with several writers. */
  append(name: string, line: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** The names that begin so, with how many bytes each holds. */
  list(prefix: string): Promise<readonly { readonly name: string; readonly size: number }[]>;
  /** Gives a name's content another name; false where there is none. Who appends meanwhile loses nothing. */
  rename(from: string, to: string): Promise<boolean>;
}

/** One approval in the user's ledger. */
export interface LedgerApproval {
  readonly claimDigest: string;
  readonly by: string;
  readonly at: Instant;
  readonly store: string;
  readonly memory: MemoryId;
  /** The commit that stored it, which tells what came before it and what after. */
  readonly commit?: ObjectId;
  /** The latest end that it permits; null: none was asked for. Absent: exactly the end that the digest binds. */
  readonly until?: Instant | null;
}

/** The approvals that this user gave by a gesture, outside every repository. */
export interface ApprovalLedger {
  /** The newest approval of each memory's claim that was not taken back; with `until`, as it stood by then. */
  approvals(until?: Date): Promise<readonly LedgerApproval[]>;
  add(approval: LedgerApproval): Promise<void>;
  /** Takes an approval back: from this moment on the claim counts as approved no more, until it is approved again. */
  withdraw(withdrawal: { readonly withdrawn: string; readonly at: Instant }): Promise<void>;
}

/** Whose signatures count: the files of a trusted commit, as bytes. */
export interface AllowedSigners {
  /** `allowed_signers`, in OpenSSH's format. */
  readonly ssh: Uint8Array | null;
  /** `allowed_keys.asc`: armored OpenPGP public keys. */
  readonly gpg: Uint8Array | null;
}

/** `unavailable`: the program that could tell is not installed, so nothing is known. */
export type SignatureAnswer = "valid" | "unknown-signer" | "bad" | "unavailable";

export interface SignatureVerifier {
  /** Whether `by` signed the payload, as the allowed signers stood at `at`. */
  verify(question: {
    readonly payload: Uint8Array;
    readonly armor: string;
    readonly by: string;
    readonly at: Instant;
    readonly signers: AllowedSigners;
  }): Promise<SignatureAnswer>;
}

/** The branch that a team shares, on its own server. */
export interface TeamRemote {
  /** Where it is, as git would go there; null where the repository has no remote. */
  address(): Promise<string | null>;
  /** Asks the server itself and brings what it has; null where it has no such branch. Throws GitError where it can't be reached. */
  fetch(): Promise<ObjectId | null>;
  /** The versions that commits of this user brought there, between two commits of the branch; `since` null: from the beginning. */
  broughtBy(person: Person, since: ObjectId | null, tip: ObjectId): Promise<readonly ObjectId[]>;
  /** Brings the queue that was shared on the server, to where `Team.queue` reads it; false where there is none. */
  fetchQueue(): Promise<boolean>;
  /** Puts it back there; false where somebody else was first. Throws GitError where it can't be reached. */
  pushQueue(): Promise<boolean>;
  /** What this repository says of the branch, which any program may have written; null where it says nothing. */
  recorded(): Promise<ObjectId | null>;
}

/** The world's time and chance, so that tests choose them. */
export interface Environment {
  now(): Date;
  /** Random bytes for ids. */
  random(length: number): Uint8Array;
}
