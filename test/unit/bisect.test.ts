import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type BisectState, nextStep, type Verdict } from "../../src/core/provenance/bisect.ts";
import type { JournalEntry } from "../../src/core/provenance/journal-entry.ts";

function entry(commit: string, parents: readonly string[]): JournalEntry {
  return {
    commit,
    parents,
    author: { name: "A", email: "a" },
    at: "2026-11-23T09:12:00Z",
    text: { subject: commit, reason: "", ids: [], context: [] },
    trusted: true,
    changes: [],
  };
}

/** `c0` … `c<n-1>` in a line, newest first as the journal has them. */
function line(count: number): JournalEntry[] {
  return Array.from({ length: count }, (_, i) => entry(`c${i}`, i === 0 ? [] : [`c${i - 1}`])).toReversed();
}

function search(
  entries: readonly JournalEntry[],
  judge: (commit: string) => Verdict,
  good = "c0",
  bad = entries[0]?.commit ?? "",
): { found: string; unsure: string[]; tests: number } | string {
  let state: BisectState = { good, bad, verdicts: {} };
  for (let tests = 0; tests < 1_000; tests++) {
    const step = nextStep(entries, state);
    if (step.kind === "impossible") return step.because;
    if (step.kind === "found")
      return { found: step.entry.commit, unsure: step.unsure.map(({ commit }) => commit), tests };
    expect(state.verdicts).not.toHaveProperty(step.commit);
    state = { ...state, verdicts: { ...state.verdicts, [step.commit]: judge(step.commit) } };
  }
  throw new Error("it does not end");
}

const number = (commit: string): number => Number(commit.slice(1));

test("the first bad commit of a line is found by halves", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 600 }), fc.nat(), (count, at) => {
      const first = 1 + (at % (count - 1));
      const result = search(line(count), (commit) => (number(commit) >= first ? "bad" : "good"));
      expect(result).toMatchObject({ found: `c${first}`, unsure: [] });
      expect(typeof result === "string" ? 0 : result.tests).toBeLessThanOrEqual(3 + Math.ceil(Math.log2(count)));
    }),
  );
});

test("a commit that can't be judged is passed over, and named where it may be the first", () => {
  const judge = (commit: string): Verdict =>
    ["c4", "c5"].includes(commit) ? "skip" : number(commit) >= 6 ? "bad" : "good";
  expect(search(line(10), judge)).toMatchObject({ found: "c6", unsure: ["c5", "c4"] });
});

test("what a merge brought in is searched on its own line", () => {
  const side = [entry("s1", ["c2"]), entry("s2", ["s1"]), entry("s3", ["s2"])];
  const merged = [entry("c5", ["m"]), entry("m", ["c4", "s3"]), entry("c4", ["c3"]), ...side.toReversed(), ...line(4)];
  const bad = new Set(["s2", "s3", "m", "c5"]);
  expect(search(merged, (commit) => (bad.has(commit) ? "bad" : "good"))).toMatchObject({ found: "s2" });
  const onlyMerge = new Set(["m", "c5"]);
  expect(search(merged, (commit) => (onlyMerge.has(commit) ? "bad" : "good"))).toMatchObject({ found: "m" });
});

test("ends that contradict the search are told apart", () => {
  expect(search(line(5), () => "good")).toBe("bad-is-good");
  expect(search(line(5), () => "bad")).toBe("good-is-bad");
  expect(search(line(5), () => "bad", "c4", "c2")).toBe("unrelated");
  expect(search(line(5), () => "bad", "c4", "c4")).toBe("unrelated");
});
