/**
 * `npm run train:gate -- DATA.jsonl …`: trains the gate's linear model, says what it is worth on groups that it has not
 * seen, and writes `src/core/gate/model/weights.ts`. The same data gives the same file.
 *
 * Each group is scored by a model that was trained on all the others. A family is a set of groups from one collection,
 * whose texts resemble each other more than strangers would: scores that leave a whole family out are the harder test.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LinearModel } from "../src/core/gate/model/linear.ts";
import { quantile, readData, wilson } from "./gate/data.ts";
import { exampleOf, scoreExample, train, type Example } from "./gate/training.ts";
import { ROOT } from "./paths.ts";

const SEED = 20261123;
/** Shares of ordinary texts that may be held for their score alone. The rules hold about one per cent besides. */
const SHARES = { narrow: 0.003, wide: 0.03 } as const;
/** Groups of ordinary rules and memories, by which the thresholds are set. */
const ORDINARY = /^(?:cursor|ordinary)/;
const TARGET = join(ROOT, "src/core/gate/model/weights.ts");

const paths = process.argv.slice(2);
if (paths.length === 0) throw new Error("Name the data: npm run train:gate -- DATA.jsonl …");
const examples = readData(paths).map(exampleOf);

const byGroup = scoredWithout(({ line }) => line.group);
const thresholds = { narrow: thresholdAt(SHARES.narrow, byGroup), wide: thresholdAt(SHARES.wide, byGroup) };
report("Each group left out", byGroup);
report(
  "Each family left out",
  scoredWithout(({ line }) => familyOf(line.group)),
);

const model = train(examples, SEED);
writeFileSync(TARGET, fileText(model));
console.log(`Wrote ${TARGET.slice(ROOT.length)} (${fileText(model).length} bytes).`);

function familyOf(group: string): string {
  return group.startsWith("cursor") ? "cursor" : (group.split("-")[0] ?? group);
}

function scoredWithout(keyOf: (example: Example) => string): Map<Example, number> {
  const scores = new Map<Example, number>();
  for (const left of new Set(examples.map(keyOf))) {
    const trained = train(
      examples.filter((example) => keyOf(example) !== left),
      SEED,
    );
    for (const example of examples) if (keyOf(example) === left) scores.set(example, scoreExample(trained, example));
  }
  return scores;
}

/** The score above which at most a share of each ordinary group lies. */
function thresholdAt(share: number, scores: ReadonlyMap<Example, number>): number {
  const groups = Map.groupBy(
    examples.filter(({ attack, line }) => !attack && ORDINARY.test(line.group)),
    ({ line }) => line.group,
  );
  const thresholds = [...groups.values()].map((group) =>
    quantile(
      group.filter(({ held }) => !held).map((example) => scores.get(example) ?? 0),
      1 - share,
    ),
  );
  if (thresholds.length === 0) throw new Error("The data has no group of ordinary texts (cursor…, ordinary…).");
  return Math.max(...thresholds);
}

function report(title: string, scores: ReadonlyMap<Example, number>): void {
  console.log(`\n${title}: held by the rules alone | with the score, narrow | wide`);
  const groups = Map.groupBy(examples, ({ line }) => `${line.label} ${line.group}`);
  for (const [label, group] of [...groups].toSorted(([a], [b]) => a.localeCompare(b))) {
    const held = (threshold: number): string =>
      wilson(group.filter((example) => example.held || (scores.get(example) ?? 0) > threshold).length, group.length);
    console.log(
      `${label.padEnd(36)} ${String(group.length).padStart(5)}  ${held(Number.POSITIVE_INFINITY)} | ${held(thresholds.narrow)} | ${held(thresholds.wide)}`,
    );
  }
}

function fileText(model: LinearModel): string {
  const digest = createHash("sha256");
  for (const path of paths) digest.update(readFileSync(path));
  const weights = Buffer.from(model.weights.buffer).toString("base64");
  return `/**
 * Written by scripts/train-gate.ts and not by hand. What it was trained on is in docs/gate.md; the SHA-256 of the data is
 * ${digest.digest("hex")}.
 */
export const MODEL = {
  scale: ${model.scale},
  bias: ${model.bias},
  /** Scores above which ${SHARES.narrow * 100}% and ${SHARES.wide * 100}% of ordinary texts lie that the model has not seen. */
  thresholds: { narrow: ${thresholds.narrow.toFixed(4)}, wide: ${thresholds.wide.toFixed(4)} },
  weights:
    "${weights}",
};
`;
}
