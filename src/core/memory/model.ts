/**
 * What a memory is: one markdown file, one claim, with its front matter. The keys are the file's own (`expires_at`, not
 * `expiresAt`): one vocabulary from the file to the JSON answers. The specification is `memory-schema/README.md`.
 */

/** The name of a git object: 40 hex digits (SHA-1) or 64 (SHA-256). */
export type ObjectId = string;

/** A moment in RFC 3339 with a `Z`, as text, e.g. `2026-11-23T09:12:00Z`. Compared by `Date.parse`, stored as written. */
export type Instant = string;

/** `m_` and twelve characters of Crockford's base 32 (60 random bits). A file without one is known by `path:<its path>`. */
export type MemoryId = string;

export const MEMORY_TYPES = [
  "Preference",
  "Convention",
  "Decision",
  "Fact",
  "Procedure",
  "Pitfall",
  "Episode",
] as const;
/** The types that we write. Files may hold others; they are kept and shown. */
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** Least to most trusted. Stamped by the program from the door; what a payload claims can only lower it. */
export const TRUST_LEVELS = ["untrusted", "agent", "user", "reviewed"] as const;
export type Trust = (typeof TRUST_LEVELS)[number];

/** Where a write came in. One of these for every door; the gate treats them all alike. */
export const CHANNELS = ["tool", "mcp", "chat", "file-tool", "cli", "editor", "import", "sync"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Who made the file and when: `by` is an actor such as `copilot/gpt-5.2` or `human:alice`. */
export interface Generated {
  readonly by: string;
  readonly at: Instant;
}

/** How the claim reached us, stamped by the door. */
export interface Origin {
  readonly channel: string;
  readonly session?: string;
  readonly turn?: number;
  readonly trust: Trust;
  /** The memories that had been recalled in the session when this one was written. */
  readonly context?: readonly MemoryId[];
}

/** A person who confirmed the claim. A hint for readers: only the approval ledger or a signature is evidence. */
export interface Verified {
  readonly by: string;
  readonly at: Instant;
}

/** What a claim rests on. `resource` is a URI; `repo:/path` names a file of the code, with optional lines (`"3-7"`). */
export interface Source {
  readonly id?: string;
  readonly resource: string;
  readonly lines?: string;
  readonly commit?: ObjectId;
  readonly blob?: ObjectId;
}

/** The front matter of one file, checked against `memory-schema/memory.schema.json`. Unknown keys are kept in `extra`. */
export interface FrontMatter {
  readonly type: string;
  readonly id?: MemoryId;
  readonly title?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Globs of the code that the claim is about. Absent: everywhere. */
  readonly scope?: readonly string[];
  readonly pinned?: boolean;
  readonly generated?: Generated;
  readonly origin?: Origin;
  readonly verified?: readonly Verified[];
  readonly sources?: readonly Source[];
  readonly derived_from?: readonly MemoryId[];
  readonly supersedes?: readonly MemoryId[];
  /** From this moment on the claim is marked as stale; it stays in force. */
  readonly stale_after?: Instant;
  /** From this moment on the claim is not in force. */
  readonly expires_at?: Instant;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A readable memory file at one version. */
export interface Memory {
  /** `front.id`, or `path:<path>` where the file has none. */
  readonly id: MemoryId;
  /** `front.title`, or what stands for it: the first heading or line of the body, else the file's name. One line. */
  readonly title: string;
  readonly path: string;
  readonly blob: ObjectId;
  readonly front: FrontMatter;
  /** The text after the front matter, without the blank line that separates them, as written. */
  readonly body: string;
}

/** A file that cannot be read as a memory. It is shown as broken and left as it is; every other memory still works. */
export interface BrokenMemory {
  readonly path: string;
  readonly blob: ObjectId;
  readonly problems: readonly Problem[];
}

/** One finding about a file. */
export interface Problem {
  /** Stable, e.g. `duplicate-key`, `impossible-date`. */
  readonly code: string;
  /** 1-based line in the file. */
  readonly line: number;
  /** One sentence that says what is wrong and what to do. */
  readonly message: string;
}

export function isBroken(file: Memory | BrokenMemory): file is BrokenMemory {
  return "problems" in file;
}
