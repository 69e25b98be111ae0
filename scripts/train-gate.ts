/**
 * `npm run train:gate -- DATA.jsonl … [--unseen HONEST.jsonl …]`: trains the gate's linear model, says what it is worth on
 * texts that it has not seen, and writes `src/core/gate/model/weights.ts`. The same data gives the same file.
 *
 * The data is joined by the sentences of `gate/grammar.ts`. Each family, which is a set of groups from one collection, is
 * scored by a model that was trained on all the others: its texts resemble each other more than strangers would. Thresholds
 * come from ordinary texts alone, each scored by a model that did not see it; what is only named as unseen is only measured.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LinearModel } from "../src/core/gate/model/linear.ts";
import { quantile, readData, wilson } from "./gate/data.ts";
import { writtenLines } from "./gate/grammar.ts";
import { exampleOf, mulberry32, scoreExample, train, type Example } from "./gate/training.ts";
import { ROOT } from "./paths.ts";

const SEED = 20261123;
/** Shares of each ordinary group that may be held for their score alone. */
const SHARES = { narrow: 0.005, wide: 0.05 } as const;
/** Groups of ordinary rules and memories, by which the thresholds are set. */
const ORDINARY = /^(?:cursor|copilot|ordinary)/;
const FOLDS = 4;
const TARGET = join(ROOT, "src/core/gate/model/weights.ts");

const words = process.argv.slice(2);
const split = words.includes("--unseen") ? words.indexOf("--unseen") : words.length;
const paths = words.slice(0, split);
if (paths.length === 0) throw new Error("Name the data: npm run train:gate -- DATA.jsonl …");
const lines = [...readData(paths), ...writtenLines(mulberry32(SEED))];
const examples = lines.map(exampleOf);
const unseen = readData(words.slice(split + 1)).map(exampleOf);

const ordinary = examples.filter(({ attack, line }) => !attack && ORDINARY.test(line.group));
const folds = new Map(ordinary.map((example, place) => [example, String(place % FOLDS)]));
const inFolds = scoredWithout((example) => folds.get(example));
const thresholds = { narrow: thresholdAt(SHARES.narrow), wide: thresholdAt(SHARES.wide) };
report("Ordinary texts, a quarter left out", inFolds);
report(
  "Each family left out",
  scoredWithout(({ line }) => familyOf(line.group)),
);
report(
  "Each group of a family left out",
  scoredWithout(({ line }) => (familyOf(line.group) === "atr" ? line.group : undefined)),
);

const model = train(examples, SEED);
report("Never trained on", new Map(unseen.map((example) => [example, scoreExample(model, example)])));
writeFileSync(TARGET, fileText(model));
console.log(`Wrote ${TARGET.slice(ROOT.length)} (${fileText(model).length} bytes), from ${lines.length} texts.`);

function familyOf(group: string): string {
  return group.startsWith("cursor") ? "cursor" : (group.split("-")[0] ?? group);
}

/** The scores of all that have a key, each by a model that saw none of its key. */
function scoredWithout(keyOf: (example: Example) => string | undefined): Map<Example, number> {
  const scores = new Map<Example, number>();
  const keys = new Set(examples.map(keyOf).filter((key) => key !== undefined));
  for (const left of keys) {
    const trained = train(
      examples.filter((example) => keyOf(example) !== left),
      SEED,
    );
    for (const example of examples) if (keyOf(example) === left) scores.set(example, scoreExample(trained, example));
  }
  return scores;
}

/** The score above which at most the share of each ordinary group lies, of what the rules let pass. */
function thresholdAt(share: number): number {
  const groups = [...Map.groupBy(ordinary, ({ line }) => line.group).values()];
  if (groups.length === 0) throw new Error("The data has no group of ordinary texts (cursor…, copilot…, ordinary…).");
  const passing = groups.map((group) => group.filter(({ held }) => !held).map((example) => inFolds.get(example) ?? 0));
  return Math.max(...passing.map((scores) => quantile(scores, 1 - share)));
}

function report(title: string, scores: ReadonlyMap<Example, number>): void {
  console.log(`\n${title}: held by the rules alone | with the score, narrow | wide`);
  const groups = Map.groupBy(scores.keys(), ({ line }) => `${line.label} ${line.group}`);
  for (const [label, group] of [...groups].toSorted(([a], [b]) => a.localeCompare(b))) {
    const held = (threshold: number): string =>
      wilson(group.filter((example) => example.held || (scores.get(example) ?? 0) > threshold).length, group.length);
    console.log(
      `${label.padEnd(36)} ${String(group.length).padStart(5)}  ${held(Number.POSITIVE_INFINITY)} | ${held(thresholds.narrow)} | ${held(thresholds.wide)}`,
    );
  }
}

function fileText(model: LinearModel): string {
  const digest = createHash("sha256").update(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const weights = Buffer.from(model.weights.buffer).toString("base64");
  return `/**
 * Written by scripts/train-gate.ts and not by hand. What it was trained on is in docs/gate.md; the SHA-256 of the data is
 * ${digest.digest("hex")}.
 */
export const MODEL = {
  scale: ${model.scale},
  bias: ${model.bias},
  /** Scores above which ${SHARES.narrow * 100}% and ${SHARES.wide * 100}% of the texts of each ordinary group lie that the model has not seen. */
  thresholds: { narrow: ${thresholds.narrow.toFixed(4)}, wide: ${thresholds.wide.toFixed(4)} },
  weights:
    "${weights}",
};
`;
}
