/** What git tells a hook about a push, and which of it is memory. */
import type { Review } from "../../core/pull-request/model.ts";
import { type ReviewRequest, reviewChange } from "../../core/pull-request/review.ts";
import type { ReviewPlaceOpened } from "../../git/pull-request/open.ts";
import { MEMORY_BRANCH } from "../../git/git-store.ts";
import { UsageError } from "../arguments.ts";

export const HOOKS = ["pre-push", "pre-receive"] as const;
export type HookName = (typeof HOOKS)[number];

/** One ref that is pushed; null: it is made, or removed. */
export interface Pushed {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
}

export type Judged =
  | { readonly kind: "reviewed"; readonly ref: string; readonly review: Review }
  /** It has nothing to do with memory. */
  | { readonly kind: "passed"; readonly ref: string }
  | { readonly kind: "removed"; readonly ref: string };

const ABSENT = /^0+$/;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const MEMORY_REF = `refs/heads/${MEMORY_BRANCH}`;

/** githooks(5): `pre-push` names local ref and commit, then the remote's; `pre-receive` the old commit, the new one, and the ref. */
export function pushesIn(hook: HookName, input: string): Pushed[] {
  return input
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const words = line.split(" ");
      const [after = "", ref = "", before = ""] =
        hook === "pre-push" ? words.slice(1) : [words[1] ?? "", words.slice(2).join(" "), words[0] ?? ""];
      if (ref === "" || !COMMIT.test(before) || !COMMIT.test(after))
        throw new UsageError(
          `hook ${hook} reads what git gives to a ${hook} hook on its input. Call it from such a hook; docs/pull-requests.md shows how.`,
        );
      return { ref, before: orNull(before), after: orNull(after) };
    });
}

/** @param remote its name, where a push names one: its branches stand for what it has. */
export async function judgePush(
  opened: ReviewPlaceOpened,
  { ref, before, after }: Pushed,
  remote: string | undefined,
  now: Date,
): Promise<Judged> {
  if (!ref.startsWith("refs/heads/")) return { kind: "passed", ref };
  if (after === null) return ref === MEMORY_REF ? { kind: "removed", ref } : { kind: "passed", ref };
  const prefix = await opened.storeIn(after);
  const isKnown = before !== null && (await opened.repository.resolve(before)) !== null;
  const had = isKnown ? await opened.storeIn(before) : null;
  if (prefix === null && had === null) return { kind: "passed", ref };
  const base = isKnown ? before : await baseOf(opened, ref, prefix ?? "", remote);
  const request: ReviewRequest =
    base === null
      ? await opened.firstRequest(after)
      : { ...(await opened.request({ base, head: after })), ...(isKnown ? { push: true } : {}) };
  const head = { ...request.head, name: ref.replace("refs/heads/", "") };
  return { kind: "reviewed", ref, review: await reviewChange({ ...request, head }, { ...opened.means, now }) };
}

async function baseOf(
  opened: ReviewPlaceOpened,
  ref: string,
  prefix: string,
  remote: string | undefined,
): Promise<string | null> {
  const memory = prefix === "";
  const candidates =
    remote === undefined
      ? [memory ? MEMORY_REF : "HEAD"]
      : memory
        ? // Of an address without a name nothing is known; what the team's server has was judged already.
          [`refs/remotes/${remote}/${MEMORY_BRANCH}`, `refs/remotes/origin/${MEMORY_BRANCH}`]
        : [`refs/remotes/${remote}/HEAD`, `refs/remotes/${remote}/main`, `refs/remotes/${remote}/master`];
  for (const name of candidates) {
    const commit = name === ref ? null : await opened.repository.resolve(name);
    if (commit !== null) return commit;
  }
  return null;
}

function orNull(commit: string): string | null {
  return ABSENT.test(commit) ? null : commit;
}
