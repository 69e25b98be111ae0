/**
 * Twenty stores with a poison 6 to 60 sessions deep. The root must be found from a symptom, everything that followed must
 * go, and every innocent belief must stand afterwards.
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BisectState, nextStep } from "../../src/core/provenance/bisect.ts";
import { contaminationOf, type Tainted } from "../../src/core/provenance/contamination.ts";
import { planTakeBack, takeBack } from "../../src/core/provenance/take-back.ts";
import { hintsFor, originOf, suspectsOf } from "../../src/core/provenance/why.ts";
import { haunt, KINDS, type Plan } from "../support/haunted.ts";
import { human, Scratch } from "../support/scratch.ts";

const DEPTHS = [6, 12, 20, 36, 60];
const PLANS: Plan[] = KINDS.flatMap((kind, k) =>
  DEPTHS.map((depth, d) => ({ kind, depth, seed: 1 + k * DEPTHS.length + d })),
);

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

const namesOf = (nodes: readonly Tainted[]): string[] =>
  nodes.map(({ change, relation }) => `${relation} ${change.kind} ${change.id}`);

const totals = { found: 0, right: 0, wanted: 0, stores: 0 };
afterAll(() => {
  const [precision, recall] = [totals.right / totals.found, totals.right / totals.wanted];
  console.log(
    `closure of ${totals.stores} haunted stores: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
  );
});

describe.each(PLANS)("a poison of the kind $kind, $depth sessions deep (seed $seed)", (plan) => {
  test("is found from its symptom, and taken back with all that followed and nothing else", async () => {
    const { store, haunted } = await haunt(scratch, plan);
    const [suspect] = await suspectsOf(
      store,
      await hintsFor(store, await store.snapshot(), haunted.symptom, 10),
      haunted.symptom,
    );
    if (suspect === undefined) throw new Error("nobody is suspected");
    const origin = originOf(suspect);
    expect(origin.id).toBe(haunted.root.id);
    expect(origin.sources.map(({ resource }) => resource)).toContain("https://pastes.example/zyxomat-notes");

    const entries = await store.journal.entries();
    const isHaunted = (commit: string): boolean =>
      scratch.git("grep", "--count", "-e", haunted.marker, "-e", "^format: 1$", commit).includes(":semantic/");
    let search: BisectState = { good: entries.at(-1)?.commit ?? "", bad: entries[0]?.commit ?? "", verdicts: {} };
    let step = nextStep(entries, search);
    for (; step.kind === "test"; step = nextStep(entries, search)) {
      search = { ...search, verdicts: { ...search.verdicts, [step.commit]: isHaunted(step.commit) ? "bad" : "good" } };
    }
    if (step.kind !== "found") throw new Error("the search found nothing");
    expect(step.entry.parents).toEqual([haunted.lastGood]);
    expect(isHaunted(step.entry.commit)).toBe(true);
    // Each merge on the way may cost two looks more.
    expect(Object.keys(search.verdicts).length).toBeLessThanOrEqual(3 + Math.ceil(Math.log2(entries.length)) * 2);

    const suspicion = { kind: "source", source: "pastes.example" } as const;
    const { nodes } = await contaminationOf(store, suspicion);
    const infected = new Set(
      nodes
        .filter(({ relation, change }) => relation !== "context" && change.after !== null)
        .map(({ change }) => change.id),
    );
    const wanted = new Set([...haunted.contaminated, haunted.root.id]);
    totals.stores += 1;
    totals.found += infected.size;
    totals.wanted += wanted.size;
    totals.right += [...infected].filter((id) => wanted.has(id)).length;
    expect([...infected].toSorted()).toEqual([...wanted].toSorted());

    // An edit that was squashed leaves no trace of its session: the file names the one that it began in.
    const traceable = plan.kind !== "edit" || plan.seed % 3 !== 0;
    const session = { kind: "session", session: haunted.root.session } as const;
    const again = await contaminationOf(store, traceable ? session : suspicion);
    expect(namesOf(again.nodes)).toEqual(namesOf(nodes));

    const before = scratch.git("rev-parse", "agent-memory^{tree}");
    const written = await takeBack(store, await planTakeBack(store, suspicion, "derived"), {
      caller: human,
      reason: "It was poison.",
    });
    const after = await store.snapshot();
    for (const id of haunted.contaminated) expect(after.get(id)).toBeUndefined();
    expect([...haunted.innocent].filter(([id, title]) => after.get(id)?.title !== title)).toEqual([]);
    for (const memory of after.memories()) expect(`${memory.title} ${memory.body}`).not.toContain(haunted.marker);

    const tree = `${scratch.root}/checkout`;
    scratch.git("worktree", "add", "--quiet", tree, "agent-memory");
    scratch.gitIn(tree, "revert", "--no-edit", written.commit);
    expect(scratch.git("rev-parse", "agent-memory^{tree}")).toBe(before);
  });
});
