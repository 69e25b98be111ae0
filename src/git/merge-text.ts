/** Three-way merge of one file's text by `git merge-file`, in scratch files that are gone afterwards. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GitError } from "../core/errors.ts";
import type { GitCommand } from "./git-command.ts";

export async function mergeText(
  git: GitCommand,
  base: Uint8Array,
  ours: Uint8Array,
  theirs: Uint8Array,
): Promise<{ clean: boolean; bytes: Uint8Array }> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "memory-merge-"));
  try {
    const files = {
      ours: path.join(folder, "ours"),
      base: path.join(folder, "base"),
      theirs: path.join(folder, "theirs"),
    };
    await Promise.all([
      fs.writeFile(files.ours, ours),
      fs.writeFile(files.base, base),
      fs.writeFile(files.theirs, theirs),
    ]);
    // What a person reads beside git's marks, which would be the names of the scratch files.
    const labels = ["now", "when it was written", "before"].flatMap((label) => ["-L", label]);
    const done = await git.run(["merge-file", "-q", ...labels, files.ours, files.base, files.theirs]);
    // The code is the number of conflicts (at most 127), or more for an error such as binary content.
    if (!done.ok && (done.code === null || done.code > 127))
      throw new GitError(`git merge-file failed: ${done.stderr.trim()}`);
    return { clean: done.ok, bytes: await fs.readFile(files.ours) };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
