/**
 * `npm run test:fire`: every scenario with faults at its steps, and a table. Forty faults a scenario, chosen so that each kind of
 * step meets each kind of fault; `--most N` tries so many, `--all` every one. `--seed N` chooses others, `--at STEP[:FAULT]`
 * repeats one, and names of scenarios choose among them.
 */
import { parseArgs } from "node:util";
import { allFaults, chance, sample } from "./faults.ts";
import { fireAll, type Outcome, problemsOf, Range } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: "string", default: "40" },
    all: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    at: { type: "string" },
  },
});
const seed = Number(values.seed);
const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
const range = new Range();
let bad = 0;
let all = 0;
console.log(`seed ${seed}`);
console.log(`${"scenario".padEnd(20)} steps faults  acknowledged  lost  torn  other`);
try {
  for (const name of names) {
    const random = chance(seed);
    const steps = await range.steps(name);
    const faults = sample(
      allFaults(steps, random),
      values.all ? Number.POSITIVE_INFINITY : Number(values.most),
      random,
    ).filter(
      ({ step, kind }) => values.at === undefined || values.at === String(step) || values.at === `${step}:${kind}`,
    );
    const outcomes = await fireAll(range, name, faults);
    const count = (of: (outcome: Outcome) => number): string =>
      String(outcomes.reduce((sum, outcome) => sum + of(outcome), 0));
    const columns = [
      String(steps.length).padStart(5),
      String(outcomes.length).padStart(6),
      count(({ acknowledged }) => acknowledged).padStart(13),
      count(({ problems }) => problems.lost.length).padStart(5),
      count(({ problems }) => problems.torn.length).padStart(5),
      count(({ problems }) => problems.other.length).padStart(6),
    ];
    console.log(`${name.padEnd(20)} ${columns.join(" ")}`);
    all += outcomes.length;
    const found = outcomes.map(problemsOf).filter((lines) => lines.length > 0);
    bad += found.length;
    for (const lines of found) console.log(`  ${lines.join("\n  ")}`);
  }
} finally {
  await range.dispose();
}
console.log(`${all - bad} passed, ${bad} failed`);
process.exitCode = bad === 0 ? 0 : 1;
