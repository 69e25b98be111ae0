/** `git blame --porcelain`: the commit that put each line where it is. */
import type { BlameLine } from "../core/ports.ts";
import type { GitCommand } from "./git-command.ts";

/** Throws GitError where the commit has no such file. */
export async function readBlame(git: GitCommand, commit: string, path: string): Promise<BlameLine[]> {
  const output = await git.ask(["blame", "--porcelain", "--no-textconv", commit, "--", path]);
  const lines: BlameLine[] = [];
  let at: Omit<BlameLine, "text"> | undefined;
  for (const row of output.split("\n")) {
    const head = /^([0-9a-f]{40,64}) (\d+) (\d+)/.exec(row);
    if (row.startsWith("\t")) {
      if (at !== undefined) lines.push({ ...at, text: row.slice(1) });
      at = undefined;
    } else if (head !== null && at === undefined)
      at = { commit: head[1] ?? "", original: Number(head[2]), line: Number(head[3]) };
  }
  return lines;
}
