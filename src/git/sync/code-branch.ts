/** A store in the code's branch travels with the code: here only the remote is asked, and nothing is merged or pushed. */
import { InvalidInputError, RemoteError } from "../../core/errors.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { ProjectRepository } from "../branch/project-repository.ts";
import { FOLDER } from "../branch/folder.ts";
import { shortName } from "../branch/work-tree.ts";
import { chooseRemote, SyncMemo } from "./remote-choice.ts";
import type { SyncOptions } from "./sync.ts";
import { Transport } from "./transport.ts";

export interface FetchedCode {
  /** The code's branch. */
  readonly branch: string;
  readonly remote: string;
  /** Commits to memory that only the remote's branch has, and that only this one has; null where the remote has no such branch. */
  readonly behind: number | null;
  readonly ahead: number;
  readonly isOffline: boolean;
}

/** Throws RemoteError, InvalidInputError (no branch is checked out, or no remote). */
export async function fetchCodeBranch(
  store: MemoryStore,
  place: ProjectRepository,
  options: SyncOptions,
): Promise<FetchedCode> {
  const ref = place.branch.branch;
  if (ref === null)
    throw new InvalidInputError("No branch is checked out here (HEAD is detached). Switch to one first.");
  const { repository } = await place.dedicated.opened();
  const { git } = repository;
  const remote = await chooseRemote(git, new SyncMemo(store.state), { ...options, onlyNamed: false });
  if (remote === null || !remote.isNamed)
    throw new InvalidInputError("This store is in the code's branch, which goes to a remote that `git remote` lists.");
  const branch = shortName(ref);
  const tracking = `refs/remotes/${remote.name}/${branch}`;
  const transport = new Transport(repository.remoteGit, remote, options.asks);
  let isOffline = false;
  try {
    if ((await transport.tipOf(branch)) !== null) await transport.track(branch, tracking);
  } catch (error) {
    if (!(error instanceof RemoteError) || error.trouble !== "offline") throw error;
    isOffline = true;
  }
  const count = async (range: string): Promise<number | null> => {
    const answer = await git.run(["rev-list", "--count", range, "--", `:(top)${FOLDER}`]);
    return answer.ok ? Number(answer.stdout.toString("utf8").trim()) : null;
  };
  const behind = await count(`${ref}..${tracking}`);
  const ahead = (await count(behind === null ? ref : `${tracking}..${ref}`)) ?? 0;
  return { branch, remote: remote.shown, behind, ahead, isOffline };
}

export function codeBranchSentence({ branch, remote, behind, ahead, isOffline }: FetchedCode): string {
  const there = isOffline
    ? `${remote} can't be reached.`
    : behind === null
      ? `${remote} has no branch ${branch} yet.`
      : `${remote} has ${behind === 0 ? "no memory commit" : behind === 1 ? "1 memory commit" : `${behind} memory commits`} that you don't have.`;
  const here = ahead === 0 ? "none" : String(ahead);
  return `This store is in ${FOLDER}/ of ${branch}, which is yours to pull and push. ${there} Of yours, ${here} ${ahead === 1 ? "is" : "are"} not there.`;
}
