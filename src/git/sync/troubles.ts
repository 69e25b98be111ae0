/**
 * What git and servers say when they can't be reached or refuse, as typed reasons. The first row that fits counts, so that
 * what is particular stands before what is general. The words are those that git 2.39 and the forges themselves print.
 */
import { RemoteError, type RemoteTrouble } from "../../core/errors.ts";
import { withoutCredentials } from "../../core/trust/server-address.ts";

interface Trouble {
  readonly trouble: RemoteTrouble;
  readonly said: RegExp;
  /** After the server's name: what happened, and what to do. */
  readonly advice: string;
}

const TROUBLES: readonly Trouble[] = [
  {
    trouble: "host-key",
    said: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    advice:
      "is not known to ssh on this machine. Connect to it once in a terminal, compare its fingerprint, then sync again.",
  },
  {
    trouble: "secret",
    said: /push protection|cannot contain secrets|secret(?:s)? (?:was|were|has been|have been) (?:found|detected)/i,
    advice:
      "found a secret in what was pushed and took nothing. Change the secret, and take it out with `git memory erase`.",
  },
  {
    trouble: "unsigned",
    said: /must have (?:a )?(?:verified|valid) signature|must be signed|commits? (?:is|are) not signed|unsigned commit|GL-HOOK-ERR:.*sign/i,
    advice:
      "takes signed commits only. A person can set `commits: { sign: always }` in policy.yaml; what was written before has to be pushed by somebody who may.",
  },
  {
    trouble: "author",
    said: /GH007|email privacy|(?:author|committer)(?:'s)? (?:e-?mail|name|identity)|cannot push commits for|do(?:es)? not match (?:the|your) (?:user|e-?mail)|invalid committer|not verified.*e-?mail/i,
    advice:
      "does not take commits of this author or committer. Set your user.email to the one it knows; where authors count too, a person can set `author: user` in policy.yaml.",
  },
  {
    trouble: "protected",
    said: /GH006|protected branch|branch .* is protected|Changes must be made through a pull request|TF402455|must use a pull request|only be modified through pull requests|Pushing to .* is not permitted|prohibited by Gerrit|not allowed to (?:force )?push (?:code )?to (?:a |this )?(?:protected )?branch|refusing to allow .* to update/i,
    advice: "takes changes of this branch only by a pull request.",
  },
  {
    trouble: "another-first",
    said: /fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|incorrect old value|reference already exists|remote ref updated since checkout/i,
    advice: "was written to by somebody else in the same moment. Sync again.",
  },
  {
    trouble: "shallow",
    said: /shallow update not allowed/,
    advice: "takes nothing from a shallow clone. Run `git fetch --unshallow`, then sync again.",
  },
  {
    trouble: "sign-in",
    said: /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied \((?:publickey|password|keyboard|gssapi)|Access denied|invalid (?:credentials|username or password)|error: 401|support for password authentication was removed/i,
    advice:
      "wants you to sign in, and nobody could be asked here. Sign in once (`git fetch` in a terminal does it), then sync again.",
  },
  {
    trouble: "forbidden",
    said: /error: 403|Permission to .* denied|not allowed to (?:push|upload|read)|read-only|archived|You are not allowed|insufficient permission|denied to /i,
    advice: "does not let you write there. Ask whoever runs it, or name another remote with --remote.",
  },
  {
    trouble: "hook",
    said: /hook declined|GL-HOOK-ERR|GH013|VS403/,
    advice: "has a rule that refused the push.",
  },
  {
    trouble: "missing",
    said: /Repository not found|does not appear to be a git repository|repository .* not found|error: 404|No such remote|does not exist|not a git repository/i,
    advice: "has no repository there. Look at its address with `git remote -v`.",
  },
  {
    trouble: "offline",
    said: /Could not resolve host|Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset|closed)|Network is (?:unreachable|down)|No route to host|timed? ?out|Temporary failure in name resolution|Name or service not known|error: 5\d\d|Empty reply from server|remote end hung up|early EOF|gnutls_handshake|SSL_connect/i,
    advice: "can't be reached.",
  },
];

/** Rules of a server whose words a person has to read. */
const QUOTED: ReadonlySet<RemoteTrouble> = new Set(["hook", "unsigned", "author", "secret", "protected", "unknown"]);
const MOST_QUOTED = 300;

/** @param remote as a person calls it  @param said all that git printed; `late` where it was stopped by the time limit */
export function troubleOf(remote: string, said: string, late = false): RemoteError {
  if (late) return new RemoteError("offline", `${remote} did not answer in time.`);
  const row = TROUBLES.find((one) => one.said.test(said));
  const trouble = row?.trouble ?? "unknown";
  const quote = QUOTED.has(trouble) ? quoteOf(said) : "";
  const words = `${remote} ${row?.advice ?? "could not be synced with."}`;
  return new RemoteError(trouble, quote === "" ? words : `${words} It said: ${quote}`);
}

/** What the server said of its own accord; else git's last line. Without what a terminal or a secret keeper would mind. */
function quoteOf(said: string): string {
  const lines = said.split(/\r?\n|\r/).map((line) => line.trim());
  const remote = lines.flatMap((line) => /^remote: *(\S.*)$/.exec(line)?.[1] ?? []);
  const chosen =
    remote.length > 0
      ? remote
      : lines.filter((line) => /^(?:fatal|error|!)/.test(line) && !/failed to push/.test(line));
  const text = withoutCredentials(chosen.join(" ").replace(/\s+/g, " ").trim());
  return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED - 1)}…` : text;
}
