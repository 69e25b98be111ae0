import type { Instant, MemoryId, ObjectId } from "../memory/model.ts";
import type { Person } from "../ports.ts";
import type { CommitText } from "./trailers.ts";

/** What one commit did to one memory. */
export interface BeliefChange {
  readonly kind: "added" | "changed" | "removed";
  readonly id: MemoryId;
  readonly path: string;
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  /** The path before, where the file was moved in this commit. */
  readonly movedFrom?: string;
}

export interface JournalEntry {
  readonly commit: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Person;
  readonly at: Instant;
  /** The message's parts. Where its ids don't match the files that changed, its trailers are left out (`trusted` false). */
  readonly text: CommitText;
  readonly trusted: boolean;
  readonly changes: readonly BeliefChange[];
}
