/**
 * `npm run train:gate -- DATA.jsonl …`: trains the gate's linear model, says what it is worth on texts that it has not
 * seen, and writes `src/core/gate/model/weights.ts`. The same data gives the same file.
 *
 * A family is a set of groups from one collection, whose texts resemble each other more than strangers would. For each
 * family there is a model that has seen none of it, and not a share of the ordinary texts either: that one scores them.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LinearModel } from "../src/core/gate/model/linear.ts";
import { quantile, readData, wilson } from "./gate/data.ts";
import { encodeWeights, exampleOf, mulberry32, scoreExample, shuffle, train, type Example } from "./gate/training.ts";
import { ROOT } from "./paths.ts";

const SEED = 20261123;
/**
 * Shares of the ordinary group that fares worst that may be held for their score alone: short claims on security and money.
 * Of the memories that people commit, both hold a fraction of that.
 */
const SHARES = { narrow: 0.015, wide: 0.05 } as const;
/** Groups of ordinary rules and memories. */
const ORDINARY = /^(?:cursor|ordinary)/;
/** Ordinary texts that were written to look like attacks: they teach, and say nothing of how often such texts come. */
const TWINS = "ordinary-twins";
const TARGET = join(ROOT, "src/core/gate/model/weights.ts");

const paths = process.argv.slice(2);
if (paths.length === 0) throw new Error("Name the data: npm run train:gate -- DATA.jsonl …");
const examples = readData(paths).map(exampleOf);

const scores = scoredUnseen();
const thresholds = { narrow: thresholdAt(SHARES.narrow), wide: thresholdAt(SHARES.wide) };
report();

const model = train(examples, SEED);
writeFileSync(TARGET, fileText(model));
console.log(`Wrote ${TARGET.slice(ROOT.length)} (${fileText(model).length} bytes).`);

/** The collection a text is from; null for an ordinary one, which is left out by chance. */
function familyOf({ line: { group } }: Example): string | null {
  return ORDINARY.test(group) ? null : (group.split("-")[0] ?? group);
}

function scoredUnseen(): Map<Example, number> {
  const found = new Map<Example, number>();
  const families = [...new Set(examples.map(familyOf))].filter((family) => family !== null);
  if (families.length < 2) throw new Error("The data has texts of one collection only; name others too.");
  const ordinary = examples.filter((example) => familyOf(example) === null);
  shuffle(ordinary, mulberry32(SEED));
  for (const [turn, family] of families.entries()) {
    const left = new Set([
      ...examples.filter((example) => familyOf(example) === family),
      ...ordinary.filter((_, place) => place % families.length === turn),
    ]);
    const trained = train(
      examples.filter((example) => !left.has(example)),
      SEED,
    );
    for (const example of left) found.set(example, scoreExample(trained, example));
  }
  return found;
}

/** The score above which at most a share of each ordinary group lies. */
function thresholdAt(share: number): number {
  const groups = Map.groupBy(
    examples.filter((example) => familyOf(example) === null && example.line.group !== TWINS),
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

function report(): void {
  console.log("Scored without having been seen: held by the rules alone | with the score, narrow | wide");
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
  return `/**
 * Written by scripts/train-gate.ts and not by hand. What it was trained on is in docs/gate.md; the SHA-256 of the data is
 * ${digest.digest("hex")}.
 */
export const MODEL = {
  scale: ${model.scale},
  bias: ${model.bias},
  /** Scores above which ${SHARES.narrow * 100}% and ${SHARES.wide * 100}% of the worst ordinary group lie that the model has not seen. */
  thresholds: { narrow: ${Number(thresholds.narrow.toFixed(4))}, wide: ${Number(thresholds.wide.toFixed(4))} },
  weights:
    "${encodeWeights(model.weights)}",
};
`;
}
