/**
 * What a door hands to the store: a change set with a reason, and who asks. One proposal becomes one commit or nothing.
 */
import type { Channel, FrontMatter, Memory, MemoryId, ObjectId, Source, Trust } from "./memory/model.ts";

/** What a change set is called in its commit (`Memory-Op`). What happened to each memory is read from the diff. */
export const OPERATIONS = [
  "init",
  "add",
  "update",
  "expire",
  "renew",
  "approve",
  "reject",
  "supersede",
  "revert",
  "consolidate",
  "import",
  "erase",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Who asks, stamped by the door and never by what the caller sends. */
export interface Caller {
  readonly channel: Channel;
  /** `copilot/gpt-5.2`, `claude-code/2.1`, `human:alice`; `agent` where a door can't tell. */
  readonly actor: string;
  /** The most that this door can vouch for. A payload may lower it, never raise it. */
  readonly trust: Trust;
  /** A person's own gesture in the editor, proven by the door. A file that was saved is none: agents save files too. */
  readonly gesture?: true;
  readonly session?: string;
  readonly turn?: number;
  /** What the session had recalled before it wrote, as the door recorded it. */
  readonly recalled?: readonly MemoryId[];
}

/** Who does it and why; the reason becomes the commit's body. */
export interface Act {
  readonly caller: Caller;
  readonly reason: string;
  /** The person has seen what the gate asked about and said yes. Counts only with a caller's own gesture. */
  readonly confirmed?: true;
  /** A person is at this door and can be asked: what would wait for review is asked about on the spot instead. */
  readonly attended?: true;
}

/** A claim as a caller words it. Trust, origin and id are not the caller's to say. */
export interface Draft {
  readonly type: string;
  readonly title: string;
  readonly body: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly scope?: readonly string[];
  readonly pinned?: boolean;
  readonly sources?: readonly Source[];
  readonly derived_from?: readonly MemoryId[];
  readonly supersedes?: readonly MemoryId[];
  readonly stale_after?: string;
  readonly expires_at?: string;
  /** A lower trust that the caller itself declares, e.g. `untrusted` for text that came from a web page. */
  readonly trust?: Trust;
}

/** New values for some keys; null removes a key. What is not named keeps its bytes. */
export interface Edits {
  readonly type?: string;
  readonly title?: string;
  readonly body?: string;
  readonly description?: string | null;
  readonly tags?: readonly string[] | null;
  readonly scope?: readonly string[] | null;
  readonly pinned?: boolean | null;
  readonly sources?: FrontMatter["sources"] | null;
  readonly derived_from?: readonly MemoryId[] | null;
  readonly supersedes?: readonly MemoryId[] | null;
  readonly stale_after?: string | null;
  readonly expires_at?: string | null;
  readonly verified?: FrontMatter["verified"] | null;
  /** A lower trust that the caller itself declares for the new words. */
  readonly trust?: Trust;
}

/** One file of a change set. `read` is the version that the caller had seen; another one there now is a conflict. */
export type Change =
  | { readonly kind: "add"; readonly draft: Draft }
  | { readonly kind: "edit"; readonly path: string; readonly read: ObjectId; readonly edits: Edits }
  /** The whole file as a person saved it. */
  | { readonly kind: "replace"; readonly path: string; readonly read: ObjectId; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly path: string; readonly read: ObjectId }
  /** An old version put back (`read` null: the path was absent). */
  | { readonly kind: "restore"; readonly path: string; readonly read: ObjectId | null; readonly bytes: Uint8Array };

export interface Proposal {
  readonly operation: Operation;
  readonly changes: readonly Change[];
  /** Why, in a sentence or two: the commit's body. */
  readonly reason: string;
  readonly caller: Caller;
  /** As in `Act`. */
  readonly confirmed?: true;
  /** As in `Act`. */
  readonly attended?: true;
  /** The commit's subject without `memory(op): `; default: the first memory's title. */
  readonly subject?: string;
  /** Extra lines for the body, e.g. `This reverts commit …`. */
  readonly note?: string;
}

/** A file as it will stand after the proposal, which is what the gate judges: stamped, rendered, parsed back. */
export interface ProposedFile {
  readonly path: string;
  /** The bytes to be stored; null: the file goes. */
  readonly bytes: Uint8Array | null;
  readonly after: Memory | null;
  readonly before: Memory | null;
}

/** What a write came to. */
export interface Written {
  /** `waiting`: stored and believed, and the branch takes it at a quiet moment; `notices` begins with why. */
  readonly status: "stored" | "waiting";
  /** The store's label: `project` or `personal`. */
  readonly store: string;
  readonly commit: ObjectId;
  readonly memories: readonly {
    readonly id: MemoryId;
    readonly title: string;
    readonly path: string;
    readonly blob: ObjectId | null;
  }[];
  /** What the gate had to say though it let the write pass: one sentence each. */
  readonly notices: readonly string[];
}
