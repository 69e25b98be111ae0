/**
 * Commits signed by the user's own signer, whichever git is configured with. git makes the commit, so that its bytes are
 * git's; the signer gets no terminal and no window, and a limited time: a locked key is an error, never a prompt.
 */
import { SigningError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { decodeCommit } from "../branch/raw-commit.ts";
import type { GitCommand } from "../git-command.ts";

/** Milliseconds. A signer answers in less than one second; a security key that waits for a touch needs some more. */
const SIGNING_LIMIT = 20_000;

/** Stores the commit of the given bytes with a signature added. Throws SigningError; nothing is stored then. */
export async function signedCommit(git: GitCommand, bytes: Buffer, limit = SIGNING_LIMIT): Promise<ObjectId> {
  const { tree, parents, people, message } = decodeCommit(bytes);
  const args = ["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", ...parents.flatMap((id) => ["-p", id]), tree];
  const made = await git.runApart(args, { limit, input: message, env: peopleIn(people) });
  if (made.ok) return made.stdout.toString("utf8").trim();
  throw notSigned(made.late === true ? "the signer did not answer in time" : made.stderr);
}

/** The lines `author …` and `committer …` of a commit, as git wants them in its environment. */
export function peopleIn(lines: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of lines) {
    const [, role = "", name = "", email = "", date = ""] =
      /^(author|committer) (.*?) ?<(.*)> (\d+ [+-]\d{4})$/.exec(Buffer.from(line, "latin1").toString("utf8")) ?? [];
    const key = `GIT_${role.toUpperCase()}`;
    Object.assign(env, { [`${key}_NAME`]: name, [`${key}_EMAIL`]: email, [`${key}_DATE`]: `@${date}` });
  }
  return env;
}

export function notSigned(said: string): SigningError {
  return new SigningError(
    `The policy wants memory commits signed, and this one could not be, so nothing was stored: ${reasonIn(said)}. Check that \`git commit -S\` works here without asking (unlock the key, or add it to its agent), then try again.`,
  );
}

/** The signer's own last word; what git adds says only that it failed. */
function reasonIn(said: string): string {
  const lines = said
    .split("\n")
    .map((line) =>
      line
        .replace(/^(?:error|fatal|gpg|Enter passphrase(?: for "[^"]*")?): /, "")
        .replace(/[.?]*$/, "")
        .trim(),
    )
    .filter((line) => line !== "" && !/^(?:failed to write commit object|\[GNUPG:\])/.test(line));
  const telling = lines.filter((line) => !line.startsWith("gpg failed to sign the data"));
  return telling.at(-1) ?? lines.at(-1) ?? "the signer gave no reason";
}
