/**
 * Bisection over a store's history: which commit to look at next, by what is known so far. The state is plain data, so that
 * an interrupted search goes on where it was. The code's own history plays no part.
 */
import type { ObjectId } from "../memory/model.ts";
import type { JournalEntry } from "./journal-entry.ts";

export type Verdict = "good" | "bad" | "skip";

export interface BisectState {
  readonly good: ObjectId;
  readonly bad: ObjectId;
  /** What was found out about each commit that was looked at. */
  readonly verdicts: Readonly<Record<ObjectId, Verdict>>;
}

export type BisectStep =
  | {
      readonly kind: "test";
      readonly commit: ObjectId;
      /** About how many more, this one included. */
      readonly left: number;
    }
  | {
      readonly kind: "found";
      readonly entry: JournalEntry;
      /** Commits that could not be judged and may be the first as well. */
      readonly unsure: readonly JournalEntry[];
    }
  /** `good` is bad, `bad` is good, one of them can't be told, or the one is not behind the other: nothing lies between them. */
  | {
      readonly kind: "impossible";
      readonly because: "good-is-bad" | "bad-is-good" | "good-is-unsure" | "bad-is-unsure" | "unrelated";
    };

/** The ends are looked at first: an assumption that is wrong would lead anywhere. */
export function nextStep(entries: readonly JournalEntry[], state: BisectState): BisectStep {
  const { good, bad, verdicts } = state;
  const byCommit = new Map(entries.map((entry) => [entry.commit, entry]));
  const behindBad = reachable(byCommit, [bad]);
  if (good === bad || !behindBad.has(good)) return { kind: "impossible", because: "unrelated" };
  if (verdicts[bad] === "good") return { kind: "impossible", because: "bad-is-good" };
  if (verdicts[bad] === "skip") return { kind: "impossible", because: "bad-is-unsure" };
  if (verdicts[good] === "bad") return { kind: "impossible", because: "good-is-bad" };
  if (verdicts[good] === "skip") return { kind: "impossible", because: "good-is-unsure" };
  const total = behindBad.size - reachable(byCommit, [good]).size;
  if (verdicts[bad] === undefined) return { kind: "test", commit: bad, left: stepsFor(total) + 2 };
  if (verdicts[good] === undefined) return { kind: "test", commit: good, left: stepsFor(total) + 1 };
  return narrowed(byCommit, state);
}

function narrowed(byCommit: ReadonlyMap<ObjectId, JournalEntry>, { good, bad, verdicts }: BisectState): BisectStep {
  const innocent = reachable(byCommit, [
    good,
    ...Object.keys(verdicts).filter((commit) => verdicts[commit] === "good"),
  ]);
  let first = bad;
  for (;;) {
    const line = lineFrom(byCommit, first, innocent);
    const worse = line.slice(1).findLast((commit) => verdicts[commit] === "bad");
    if (worse !== undefined) {
      first = worse;
      continue;
    }
    const open = line.slice(1).filter((commit) => verdicts[commit] !== "skip");
    const middle = nearestToMiddle(line, open);
    if (middle !== undefined) return { kind: "test", commit: middle, left: stepsFor(line.length) };
    // Nothing is left on the line itself; what a merge brought in is a line of its own.
    const side = (byCommit.get(first)?.parents.slice(1) ?? []).find(
      (parent) => byCommit.has(parent) && !innocent.has(parent) && verdicts[parent] !== "skip",
    );
    if (side === undefined) return found(byCommit, first, line.slice(1));
    if (verdicts[side] === undefined)
      return { kind: "test", commit: side, left: stepsFor(lineFrom(byCommit, side, innocent).length) + 1 };
    first = side;
  }
}

function found(
  byCommit: ReadonlyMap<ObjectId, JournalEntry>,
  first: ObjectId,
  skipped: readonly ObjectId[],
): BisectStep {
  const entry = byCommit.get(first);
  if (entry === undefined) return { kind: "impossible", because: "unrelated" };
  return { kind: "found", entry, unsure: skipped.flatMap((commit) => byCommit.get(commit) ?? []) };
}

/** From a commit along first parents, itself first, as long as they are not known to be innocent. */
function lineFrom(
  byCommit: ReadonlyMap<ObjectId, JournalEntry>,
  from: ObjectId,
  innocent: ReadonlySet<ObjectId>,
): ObjectId[] {
  const line: ObjectId[] = [];
  for (let at: ObjectId | undefined = from; at !== undefined && !innocent.has(at); at = byCommit.get(at)?.parents[0]) {
    if (!byCommit.has(at)) break;
    line.push(at);
  }
  return line;
}

function nearestToMiddle(line: readonly ObjectId[], open: readonly ObjectId[]): ObjectId | undefined {
  const middle = line.length / 2;
  const distance = (commit: ObjectId): number => Math.abs(line.indexOf(commit) - middle);
  let best = open[0];
  for (const commit of open) if (best === undefined || distance(commit) < distance(best)) best = commit;
  return best;
}

function reachable(byCommit: ReadonlyMap<ObjectId, JournalEntry>, from: readonly ObjectId[]): Set<ObjectId> {
  const seen = new Set<ObjectId>();
  const waiting = [...from];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    if (seen.has(commit)) continue;
    seen.add(commit);
    waiting.push(...(byCommit.get(commit)?.parents ?? []));
  }
  return seen;
}

function stepsFor(commits: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(commits, 1))));
}
