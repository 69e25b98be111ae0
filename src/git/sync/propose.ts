/** What is here and not on the server, put up for a pull request. Nothing is merged and the memory branch there is left alone. */
import { execFile } from "node:child_process";
import os from "node:os";
import { promisify } from "node:util";
import { NoStoreError, RewrittenError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { MemoryStore } from "../../core/store.ts";
import { changedFiles, differs } from "./arrivals.ts";
import type { Place } from "./forges.ts";
import { relationOf } from "./histories.ts";
import { placeOfRemote, type Proposed, pushForReview } from "./review-branch.ts";
import { rewriting } from "./rewriting.ts";
import { arrived, meansFor, type SyncOptions } from "./sync.ts";

export interface Proposal {
  readonly remote: string;
  readonly commit: ObjectId;
  /** Memories that differ from the server's. */
  readonly changes: number;
  /** Null where the server has all. */
  readonly proposed: Proposed | null;
  /** The host's pages, for `openPullRequest`; null where the remote is a folder. */
  readonly place: Place | null;
}

/** Throws what `syncStore` throws. */
export async function propose(
  store: MemoryStore,
  options: SyncOptions & { readonly topic?: string },
): Promise<Proposal> {
  const means = await meansFor(store, options);
  const { own, remote } = means;
  const local = await own.localTip();
  if (local === null)
    throw new NoStoreError("There is no memory branch here yet, so there is nothing to propose. Write a memory first.");
  // Throws where the branch here is none of ours, so that nothing foreign is pushed.
  await store.snapshot();
  const theirs = await arrived(means, local);
  if (theirs === null)
    throw new NoStoreError(
      `${remote.shown} has no memory branch yet, so there is nothing to open a pull request into. Push the first one with \`git memory sync\`, or have whoever runs it create agent-memory.`,
    );
  const relation = await relationOf(own, local, theirs);
  const rewritten = await rewriting(means, local, theirs, relation);
  if (rewritten !== null) throw new RewrittenError(rewritten);
  const result = { remote: remote.shown, commit: local, place: placeOfRemote(remote) };
  // What only the server changed since is no proposal of ours.
  if (relation.isWithinTheirs || !(await differs(own, theirs, local))) return { ...result, changes: 0, proposed: null };
  const changes = (await changedFiles(own, relation.bases[0] ?? null, local)).length;
  const { topic } = options;
  const proposed = await pushForReview(means, local, { changes, ...(topic === undefined ? {} : { topic }) });
  return { ...result, changes, proposed };
}

export type Opener = "gh" | "glab" | "browser";
export interface Opened {
  readonly by: Opener;
  /** The pull request, where the tool told; else the page on which it is opened. */
  readonly url: string;
}

/** Milliseconds for a tool of the forge to answer. */
const TOOL_LIMIT = 60_000;
const call = promisify(execFile);

/**
 * Opens the pull request by the forge's own tool where that is there and logged in, else its page in the browser. Null where
 * neither could be done: the page's address is then all there is.
 */
export async function openPullRequest(
  { proposed, place }: Pick<Proposal, "place"> & { readonly proposed: Proposed },
  env: NodeJS.ProcessEnv,
): Promise<Opened | null> {
  const tool = place === null ? null : await toolFor(place, proposed, env);
  if (tool !== null) return tool;
  if (proposed.url === null) return null;
  const opener = os.platform() === "darwin" ? "open" : os.platform() === "win32" ? "explorer.exe" : "xdg-open";
  return (await answerOf(opener, [proposed.url], env)) === null ? null : { by: "browser", url: proposed.url };
}

async function toolFor(place: Place, proposed: Proposed, env: NodeJS.ProcessEnv): Promise<Opened | null> {
  const { forge, host, path } = place;
  const { branch, base, title } = proposed;
  const body = "What an agent came to believe, for review.";
  if (forge === "github" && (await answerOf("gh", ["auth", "status", "--hostname", host], env)) !== null) {
    const repository = `${host}/${path.slice(-2).join("/")}`;
    const words = ["--base", base, "--head", branch, "--title", title, "--body", body, "--repo", repository];
    const url = urlIn(await answerOf("gh", ["pr", "create", ...words], env));
    return url === null ? null : { by: "gh", url };
  }
  if (forge === "gitlab" && (await answerOf("glab", ["auth", "status", "--hostname", host], env)) !== null) {
    const repository = `${place.web}/${path.join("/")}`;
    const words = ["--target-branch", base, "--source-branch", branch, "--title", title, "--description", body];
    const url = urlIn(await answerOf("glab", ["mr", "create", ...words, "--repo", repository, "--yes"], env));
    return url === null ? null : { by: "glab", url };
  }
  return null;
}

/** What a program printed; null where it is not there or failed, which leaves the page to be opened by hand. */
async function answerOf(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  const asked = call(program, words, { env: { ...env, GH_PROMPT_DISABLED: "1" }, timeout: TOOL_LIMIT });
  return asked.then(
    ({ stdout }) => stdout,
    () => null,
  );
}

function urlIn(text: string | null): string | null {
  return /https?:\/\/\S+/.exec(text ?? "")?.[0] ?? null;
}
