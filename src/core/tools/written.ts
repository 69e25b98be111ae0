import type { Written } from "../proposal.ts";

/** As many characters of a commit as git itself shows. */
const SHORT_COMMIT = 7;

/** The sentences that acknowledge a write: what, where, in which commit, and what the gate had to say. */
export function writtenText(verb: "Stored" | "Updated" | "Expired", written: Written): string {
  const [first, ...others] = written.memories;
  const instead = others.length === 0 ? "" : ` in place of ${others.map((memory) => memory.id).join(", ")}`;
  const what = first === undefined ? "the change" : `${first.id}${instead}`;
  return [
    `${verb} ${what} in the ${written.store} store, commit ${shortCommit(written.commit)}.`,
    ...written.notices,
  ].join(" ");
}

export function shortCommit(commit: string): string {
  return commit.slice(0, SHORT_COMMIT);
}
