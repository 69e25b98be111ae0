/** A commit in the manner that the policy wants. By default no program runs for it. */
import { SigningError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { CommitManner } from "../../core/ports.ts";
import { asUnsigned } from "../branch/raw-commit.ts";
import { contentOf } from "../branch/pending.ts";
import type { Opened } from "../opened.ts";
import { type CommitContent, encodeCommit } from "../objects/encode.ts";
import { writeObject } from "../objects/loose.ts";
import { hookedCommit } from "./hooked.ts";

type Means = Pick<Opened, "repository" | "objects" | "writer" | "signer">;

export interface Made {
  readonly commit: ObjectId;
  /** Its content, where it was made here as it was asked for. */
  readonly content?: Buffer;
  /** The policy wanted a signature that can't be made now; the commit says so itself. */
  readonly unsigned?: SigningError;
}

/**
 * Stores the commit, and moves no ref. Throws SigningError, HookError, GitError.
 * @param canWait a commit whose key can't be used now is made without the signature, to be signed before any branch takes it
 */
export async function makeCommit(
  { repository, objects, writer, signer }: Means,
  content: CommitContent,
  manner: CommitManner = { sign: "never", hooks: "skip" },
  canWait = false,
): Promise<Made> {
  const encoded = encodeCommit(content);
  const hooked = manner.hooks === "run" ? await hookedCommit(repository, encoded) : null;
  if (manner.sign !== "always")
    return hooked === null
      ? { commit: writeObject(await writer(), "commit", encoded), content: encoded }
      : { commit: hooked };
  const bytes = hooked === null ? encoded : await contentOf(objects, hooked);
  try {
    return { commit: await signer.sign(bytes) };
  } catch (error) {
    if (!(error instanceof SigningError) || !error.mayPass || !canWait) throw error;
    return { commit: writeObject(await writer(), "commit", asUnsigned(bytes)), unsigned: error };
  }
}
