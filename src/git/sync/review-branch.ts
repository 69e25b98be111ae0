/** A branch for review: what the memory branch may take only by a pull request, and where that is opened. */
import { InvalidInputError, RemoteError, TeamRemoteError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { GitCommand } from "../git-command.ts";
import { type GitStore, MEMORY_BRANCH } from "../git-store.ts";
import type { Repository } from "../repository.ts";
import { type Forge, type Place, placeOf, pullRequestUrl } from "./forges.ts";
import { isWithin } from "./histories.ts";
import type { Remote } from "./remote-choice.ts";
import type { Transport } from "./transport.ts";

export const REVIEW_PREFIX = "agent-memory-review/";

export interface Proposed {
  /** The branch on the server. */
  readonly branch: string;
  readonly base: string;
  /** Where a person opens the pull request; null where the host is none that we know and said nothing itself. */
  readonly url: string | null;
  readonly forge: Forge | null;
  /** Of the pull request. */
  readonly title: string;
}

export interface ReviewParts {
  readonly own: GitStore;
  readonly repository: Repository;
  readonly remote: Remote;
  readonly transport: Transport;
}

/** Throws RemoteError, InvalidInputError (no name for a branch). */
export async function pushForReview(
  parts: ReviewParts,
  commit: ObjectId,
  { topic, changes }: { readonly topic?: string; readonly changes: number },
): Promise<Proposed> {
  const { own, repository, remote } = parts;
  const me = await own.committer();
  const name = topic ?? topicOf(me.name);
  const branch = await checkedBranch(repository.git, name);
  const [pushedTo, said] = await pushTo(parts, commit, branch, topic === undefined);
  const place = placeOfRemote(remote);
  const page = place === null ? null : pullRequestUrl(place, pushedTo, MEMORY_BRANCH);
  return {
    branch: pushedTo,
    base: MEMORY_BRANCH,
    url: page ?? hinted(said, place?.host ?? null),
    forge: place?.forge ?? null,
    title: `Memory: ${changes === 1 ? "1 change" : `${changes} changes`} by ${me.name}`,
  };
}

/** One branch a person by default, which grows until it is merged; another where somebody else's work stands under its name. */
async function pushTo(
  { repository, transport, remote }: ReviewParts,
  commit: ObjectId,
  branch: string,
  mayRename: boolean,
): Promise<[string, string]> {
  const there = await transport.tipOf(branch);
  if (there === commit) return [branch, ""];
  const grows = there === null || (await isWithin(repository.git, there, commit));
  if (!grows && !mayRename)
    throw new TeamRemoteError(
      `${branch} on ${remote.shown} holds something else than what is here. Choose another name with --topic.`,
    );
  const name = grows ? branch : `${branch}-${commit.slice(0, 9)}`;
  try {
    return [name, await transport.push(commit, name)];
  } catch (error) {
    if (!(error instanceof RemoteError) || error.trouble !== "protected") throw error;
    throw new TeamRemoteError(
      `${remote.shown} does not take ${name} either. Ask whoever runs it to let branches below ${REVIEW_PREFIX} be pushed.`,
    );
  }
}

/** Where the remote's pages are: by where git goes, or by what stands in the configuration. */
export function placeOfRemote({ address, written }: Pick<Remote, "address" | "written">): Place | null {
  const place = placeOf(address);
  return place === null || place.forge === null ? (placeOf(written) ?? place) : place;
}

/** Letters and digits of a name, as a branch has them. */
export function topicOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return slug === "" ? "changes" : slug;
}

async function checkedBranch(git: GitCommand, topic: string): Promise<string> {
  const branch = REVIEW_PREFIX + topic.replace(REVIEW_PREFIX, "");
  const answer = await git.run(["check-ref-format", "--branch", branch]);
  if (answer.ok) return branch;
  throw new InvalidInputError(`"${topic}" can't be part of a branch's name. Use letters, digits and dashes.`);
}

/** Servers answer a push of a new branch with the page that they have for it. Only one of the host itself is passed on. */
function hinted(said: string, host: string | null): string | null {
  const urls = [...said.matchAll(/^remote:\s.*?(https?:\/\/[^\s\p{Cc}]+)/gmu)].flatMap(([, url]) => url ?? []);
  return urls.find((url) => host !== null && placeOf(url)?.host === host) ?? null;
}
