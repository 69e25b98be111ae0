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
/** A signer that failed is left alone for so many times as long as it took to fail, which may have been a person's time. */
const REST_TIMES = 10;

/** What a signer says that has no key to sign with, or that can't be started: waiting would not help. */
const HAS_NO_KEY =
  /signing-?key|no secret key|no such file|cannot (?:run|exec|spawn)|unsupported|invalid value|bad config/i;

/** The signer of one repository. */
export class Signer {
  readonly #git: GitCommand;
  #failure: SigningError | undefined;
  /** In milliseconds of `performance.now`. */
  #restsUntil = 0;

  constructor(git: GitCommand) {
    this.#git = git;
  }

  /**
   * Stores the commit of the given bytes with a signature added.
   * @param asked a person wants it now, however lately it failed
   * @throws SigningError; nothing is stored then
   */
  async sign(bytes: Buffer, asked = false): Promise<ObjectId> {
    if (this.#failure !== undefined && !asked && performance.now() < this.#restsUntil) throw this.#failure;
    const start = performance.now();
    try {
      const commit = await signedCommit(this.#git, bytes);
      this.#failure = undefined;
      return commit;
    } catch (error) {
      if (error instanceof SigningError) {
        const now = performance.now();
        this.#failure = error;
        this.#restsUntil = now + REST_TIMES * (now - start);
      }
      throw error;
    }
  }
}

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

function notSigned(output: string): SigningError {
  const said = reasonIn(output);
  return new SigningError(
    `The policy wants memory commits signed, and this one could not be, so nothing was stored: ${said}. Check that \`git commit -S\` works here without asking (unlock the key, or add it to its agent), then try again.`,
    said,
    !HAS_NO_KEY.test(output),
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
    .filter((line) => line !== "" && !/^(?:failed to write commit object|\[GNUPG:\]|\(no gpg output\))/.test(line));
  const telling = lines.filter((line) => !line.startsWith("gpg failed to sign the data"));
  return telling.at(-1) ?? lines.at(-1) ?? "the signer gave no reason";
}
