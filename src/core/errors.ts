/**
 * Every failure that a door can meet is one of these classes. `code` is stable (scripts and tests match on it); `message`
 * is one sentence that says what happened and what to do next, and never contains a secret.
 */
export abstract class MemoryError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The repository has no memory store yet. Creating one needs a person's consent, so no door does it on its own. */
export class NoStoreError extends MemoryError {
  readonly code = "no-store";
}

/** No memory answers to the id, path or prefix that was asked for (or a prefix fits several). */
export class MemoryNotFoundError extends MemoryError {
  readonly code = "not-found";
}

/** The words of a request are wrong: an unknown type, an impossible date, an empty title. */
export class InvalidInputError extends MemoryError {
  readonly code = "invalid-input";
}

/** The store was written by a newer version; it is read, never written. */
export class NewerFormatError extends MemoryError {
  readonly code = "newer-format";
}

/** The mode in force (`read-only` or `off`) does not let this door write or read. */
export class ModeError extends MemoryError {
  readonly code = "mode";
}

/** git is missing, too old, or answered something that it should not. */
export class GitError extends MemoryError {
  readonly code: string = "git";
}

/** What this clone left out is needed, and could not be fetched. */
export class PartialCloneError extends GitError {}

/** The policy wants memory commits to be signed, and the user's signer did not. Nothing was stored. */
export class SigningError extends GitError {
  override readonly code = "signing";
  /** The signer's own words, as a part of a sentence. */
  readonly said: string;
  /** The key is there and can't be used now (locked, not plugged in), so that a write can wait for it. */
  readonly mayPass: boolean;

  constructor(message: string, said: string, mayPass: boolean) {
    super(message);
    this.said = said;
    this.mayPass = mayPass;
  }
}

/** The policy has the repository's hooks run, and one of them refused the write or changed it. Nothing was stored. */
export class HookError extends GitError {
  override readonly code = "hook";
}

/** The folder is in no git repository. */
export class NoRepositoryError extends MemoryError {
  readonly code = "no-repository";
}

/** What is kept beside the repository (the mode, receipts, approvals, caches) can't be read or written. */
export class LocalStateError extends MemoryError {
  readonly code = "local-state";
}

/** Other writers kept moving the ref. Nothing was stored. */
export class StoreBusyError extends MemoryError {
  readonly code = "busy";
}

/** Somebody changed the memory after the caller had read it. Carries all three versions, so that a door can show them. */
export class ConflictError extends MemoryError {
  readonly code = "conflict";
  readonly path: string;
  /** What the caller had read; null where it had read an absence. */
  readonly base: Uint8Array | null;
  /** What is there now. */
  readonly theirs: Uint8Array | null;
  /** What the caller wanted to store. */
  readonly mine: Uint8Array | null;
  constructor(
    message: string,
    versions: { path: string; base: Uint8Array | null; theirs: Uint8Array | null; mine: Uint8Array | null },
  ) {
    super(message);
    this.path = versions.path;
    this.base = versions.base;
    this.theirs = versions.theirs;
    this.mine = versions.mine;
  }
}

/** The memory branch is checked out somewhere with uncommitted work on the same files. Nothing was stored. */
export class CheckoutDirtyError extends MemoryError {
  readonly code = "checkout-dirty";
}

/** There is a memory store here already. */
export class StoreExistsError extends MemoryError {
  readonly code = "store-exists";
}

/** The branch is there, but nobody started it as a memory store: it has no `policy.yaml` of ours. It is left alone. */
export class NotAStoreError extends MemoryError {
  readonly code = "not-a-store";
}

/** `policy.yaml` can't be read, so the store is read and never written. */
export class BrokenPolicyError extends MemoryError {
  readonly code = "broken-policy";
}

/** A remote has what is to be erased, and the caller has not said that this is known. Nothing was changed. */
export class ErasePushedError extends MemoryError {
  readonly code = "erase-pushed";
}

/** An approval needs a person's own gesture, and this door proves none. */
export class GestureNeededError extends MemoryError {
  readonly code = "gesture-needed";
}

/** The team's server can't be taken at its word: there is none, it is another one than before, or it holds no memory store. */
export class TeamRemoteError extends MemoryError {
  readonly code = "team-remote";
}

/** What kept a remote from being asked or from taking a push; the table is `src/git/sync/troubles.ts`. */
export type RemoteTrouble =
  | "offline"
  | "sign-in"
  | "host-key"
  | "missing"
  | "forbidden"
  | "another-first"
  | "protected"
  | "unsigned"
  | "author"
  | "secret"
  | "shallow"
  | "hook"
  | "unknown";

/** A remote could not be asked, or it refused what was pushed. All that is here is safe, and as it was. */
export class RemoteError extends GitError {
  override readonly code = "remote";
  readonly trouble: RemoteTrouble;
  constructor(trouble: RemoteTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** The memory branch here and the one on the server are no longer one history, so neither may be put on the other. Nothing was changed. */
export class RewrittenError extends MemoryError {
  readonly code = "rewritten";
}
