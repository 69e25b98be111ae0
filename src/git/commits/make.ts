/** A commit in the manner that the policy wants. By default no program runs for it. */
import type { ObjectId } from "../../core/memory/model.ts";
import type { CommitManner } from "../../core/ports.ts";
import { type CommitContent, encodeCommit } from "../objects/encode.ts";
import { type LooseWriter, writeObject } from "../objects/loose.ts";
import type { Repository } from "../repository.ts";
import { hookedCommit } from "./hooked.ts";
import { signedCommit } from "./signed.ts";

/** Stores the commit, and moves no ref. Throws SigningError, HookError, GitError. */
export async function makeCommit(
  repository: Repository,
  writer: LooseWriter,
  content: CommitContent,
  manner: CommitManner = { sign: "never", hooks: "skip" },
): Promise<ObjectId> {
  const bytes = encodeCommit(content);
  if (manner.hooks === "run") return hookedCommit(repository, bytes, manner.sign === "always");
  return manner.sign === "always" ? signedCommit(repository.git, bytes) : writeObject(writer, "commit", bytes);
}
