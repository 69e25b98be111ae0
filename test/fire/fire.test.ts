import { afterAll, expect, test } from "vitest";
import { allFaults, chance, sample } from "./faults.ts";
import { fireAll, problemsOf, Range } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";

/** A few of each; `npm run test:fire` tries them all. */
const FAULTS = 2;
const SEED = 20_261_123;

const range = new Range();
afterAll(() => range.dispose());

test.each(Object.keys(SCENARIOS))(
  "%s: whatever goes wrong, nothing acknowledged is lost, nothing is torn, and the developer is not disturbed",
  async (scenario) => {
    const random = chance(SEED);
    const faults = sample(allFaults(await range.steps(scenario), random), FAULTS, random);
    const outcomes = await fireAll(range, scenario, faults);
    expect(outcomes).toHaveLength(FAULTS);
    expect(outcomes.flatMap(problemsOf)).toEqual([]);
  },
  120_000,
);
