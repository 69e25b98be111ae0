/** One pass over the history: every commit with what it did to which file, blob by blob. */
import type { ObjectId } from "../core/memory/model.ts";
import type { CommitInfo, FileDelta, LogQuery } from "../core/ports.ts";
import type { GitCommand } from "./git-command.ts";

/** Fields end in NUL, which no message can hold. */
const FORMAT = ["%H", "%P", "%an", "%ae", "%aI", "%B"].map((field) => `${field}%x00`).join("");
const FIELDS = 6;

/** @param more further options of `git log`, such as `--parents` */
export async function readLog(
  git: GitCommand,
  from: ObjectId,
  query: LogQuery,
  more: readonly string[] = [],
): Promise<CommitInfo[]> {
  const output = await git.ask([
    "log",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-color",
    "--encoding=UTF-8",
    "--topo-order",
    `--format=${FORMAT}`,
    ...more,
    ...(query.whole === true ? ["--full-diff", "--full-history"] : []),
    ...(query.limit === undefined ? [] : [`--max-count=${query.limit}`]),
    from,
    ...(query.until === undefined ? [] : [`^${query.until}`]),
    "--",
    ...(query.paths ?? []).map((path) => `:(top,literal)${path}`),
  ]);
  return commitsOf(output.split("\0"));
}

function commitsOf(tokens: readonly string[]): CommitInfo[] {
  const commits: CommitInfo[] = [];
  for (let at = 0; at + FIELDS <= tokens.length;) {
    const id = (tokens[at] ?? "").trim();
    if (id === "") {
      at += 1;
      continue;
    }
    const [parents = "", name = "", email = "", date = "", message = ""] = tokens.slice(at + 1, at + FIELDS);
    at += FIELDS;
    const deltas: FileDelta[] = [];
    for (;;) {
      // The separator between the message and the changes is a NUL or a line break, by git version.
      const token = (tokens[at] ?? "").replace(/^\n/, "");
      if (token === "" && (tokens[at + 1] ?? "").replace(/^\n/, "").startsWith(":")) at += 1;
      else if (token.startsWith(":")) {
        const [, , before = "", after = ""] = token.split(" ");
        deltas.push({ path: tokens[at + 1] ?? "", before: orNull(before), after: orNull(after) });
        at += 2;
      } else break;
    }
    commits.push({
      commit: id,
      parents: parents === "" ? [] : parents.split(" "),
      author: { name, email },
      at: instantOf(date),
      message,
      deltas,
    });
  }
  return commits;
}

/** A commit by another tool may have a date that git itself can't read; one such must not hide the rest. */
function instantOf(date: string): string {
  const time = Date.parse(date);
  return new Date(Number.isNaN(time) ? 0 : time).toISOString().replace(/\.\d+Z$/, "Z");
}

function orNull(id: string): ObjectId | null {
  return /^0+$/.test(id) ? null : id;
}
