/** What a citation of the code names: the commit and the blob in which the cited lines can still be read years later. */
import { createHash } from "node:crypto";
import type { ObjectId } from "../../core/memory/model.ts";
import { GitCommand } from "../../git/git-command.ts";

export interface CodeVersion {
  readonly commit: ObjectId;
  readonly blob: ObjectId;
}

/**
 * The version of each file at HEAD, for those files that stand in the folder as HEAD has them. A changed or untracked file
 * has none: its lines are in no commit yet.
 *
 * @param files by their path from `folder`, with slashes.
 */
export async function versionsAtHead(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Map<string, CodeVersion>> {
  const git = new GitCommand({ folder });
  const versions = new Map<string, CodeVersion>();
  const head = await git.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  if (!head.ok) return versions;
  const commit = head.stdout.toString("utf8").trim();
  // Pathspecs are read as they are, so that a file's name can't select another file.
  const listed = await git.run(["--literal-pathspecs", "ls-tree", "-z", commit, "--", ...files.keys()]);
  if (!listed.ok) return versions;
  for (const line of listed.stdout.toString("utf8").split("\0")) {
    const match = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(line);
    const bytes = match === null ? undefined : files.get(match[2] ?? "");
    if (match === null || bytes === undefined) continue;
    const [, blob = "", path = ""] = match;
    if (blobIds(bytes, blob.length).includes(blob)) versions.set(path, { commit, blob });
  }
  return versions;
}

/** Where a folder is in its repository: empty at the root, else a path with a slash at its end. */
export async function prefixInRepository(folder: string): Promise<string> {
  const prefix = await new GitCommand({ folder }).run(["rev-parse", "--show-prefix"]);
  return prefix.ok ? prefix.stdout.toString("utf8").replace(/\n$/, "") : "";
}

/** The ids that these bytes can have in git: as they are, and with the line endings that a checkout on Windows adds. */
function blobIds(bytes: Uint8Array, length: number): ObjectId[] {
  const text = Buffer.from(bytes);
  const unix = Buffer.from(text.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  return [text, unix].map((content) =>
    createHash(length === 64 ? "sha256" : "sha1")
      .update(`blob ${content.length}\0`)
      .update(content)
      .digest("hex"),
  );
}
