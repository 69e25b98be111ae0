/** Training of the gate's linear model: logistic regression by AdaGrad, seeded, the same result each time. */
import { canonicalise } from "../../src/core/gate/canonical.ts";
import { findEffects } from "../../src/core/gate/effects/find.ts";
import { DIMENSIONS, featuresOf, partsOf } from "../../src/core/gate/model/features.ts";
import { LEAST_FEATURES, PART_DISCOUNT, scoreFeatures, type LinearModel } from "../../src/core/gate/model/linear.ts";
import type { Line } from "./data.ts";

/** One text as the trainer needs it: its parts' features, the whole first. */
export interface Example {
  readonly line: Line;
  readonly attack: boolean;
  readonly parts: readonly (readonly number[])[];
  /** An effect of a grave row was found, so the rules alone would hold the text. */
  readonly held: boolean;
}

const EPOCHS = 12;
const RATE = 0.35;
/** Pull of each weight towards zero, per step in which its feature takes part. */
const DECAY = 2e-4;

export function exampleOf(line: Line): Example {
  const canonical = canonicalise(line.text);
  const hits = findEffects(canonical);
  const rules = hits.map(({ effect, excused }) => (excused ? `${effect.rule}?` : effect.rule));
  const parts = partsOf(canonical.text).map((part, place) => [...featuresOf(part, place === 0 ? rules : [])]);
  return {
    line,
    attack: line.label === "attack",
    parts,
    held: hits.some(({ effect, excused }) => !excused && effect.row !== "orders"),
  };
}

/**
 * Trains on all examples. Benign texts teach by the whole and by each part, attacks by the whole only, since most lines of
 * an attack are harmless. Every group weighs the root of its size, so that no large one drowns the rest.
 */
export function train(examples: readonly Example[], seed: number): LinearModel {
  const weights = new Float64Array(DIMENSIONS);
  const squares = new Float64Array(DIMENSIONS).fill(1e-8);
  let bias = 0;
  let biasSquares = 1e-8;
  const steps = stepsOf(examples);
  const random = mulberry32(seed);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(steps, random);
    for (const { features, target, weight } of steps) {
      const length = Math.sqrt(Math.max(LEAST_FEATURES, features.length));
      let sum = 0;
      for (const feature of features) sum += weights[feature] ?? 0;
      const error = weight * (1 / (1 + Math.exp(-(sum / length + bias))) - target);
      biasSquares += error ** 2;
      bias -= (RATE * error) / Math.sqrt(biasSquares);
      for (const feature of features) {
        const gradient = error / length + DECAY * (weights[feature] ?? 0);
        const square = (squares[feature] ?? 0) + gradient ** 2;
        squares[feature] = square;
        weights[feature] = (weights[feature] ?? 0) - (RATE * gradient) / Math.sqrt(square + 1e-6);
      }
    }
  }
  return quantised(weights, bias);
}

/** As `scoreText` does for a text. */
export function scoreExample(model: LinearModel, { parts }: Example): number {
  const [whole = 0, ...lines] = parts.map((part) => scoreFeatures(model, new Set(part)));
  return lines.reduce((highest, score) => Math.max(highest, score - PART_DISCOUNT), whole);
}

interface Step {
  readonly features: readonly number[];
  readonly target: number;
  readonly weight: number;
}

function stepsOf(examples: readonly Example[]): Step[] {
  const sizes = new Map<string, number>();
  const key = ({ attack, line }: Example): string => `${String(attack)} ${line.group}`;
  for (const example of examples) sizes.set(key(example), (sizes.get(key(example)) ?? 0) + 1);
  const weightOf = (example: Example): number => 1 / Math.sqrt(sizes.get(key(example)) ?? 1);
  const total = (attack: boolean): number =>
    examples.filter((example) => example.attack === attack).reduce((sum, example) => sum + weightOf(example), 0);
  const mass = { attack: total(true), benign: total(false) };
  return examples.flatMap((example): Step[] => {
    const share = (examples.length / 2 / (example.attack ? mass.attack : mass.benign)) * weightOf(example);
    if (example.attack) return [{ features: example.parts[0] ?? [], target: 1, weight: share }];
    return example.parts.map((features, place) => ({ features, target: 0, weight: place === 0 ? share : share / 4 }));
  });
}

/** Whole numbers from -127 to 127, the largest weights cut off at the 99.9th percentile of those that are not zero. */
function quantised(weights: Float64Array, bias: number): LinearModel {
  const sizes = weights
    .filter((weight) => weight !== 0)
    .map(Math.abs)
    .toSorted();
  const largest = sizes[Math.floor(0.999 * (sizes.length - 1))] ?? 1;
  const scale = largest / 127;
  return {
    weights: Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight / scale)))),
    scale,
    bias,
  };
}

/** Puts the items in another order, the same for the same numbers. */
export function shuffle<T>(items: T[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = items[last];
    const moved = items[other];
    if (kept === undefined || moved === undefined) continue;
    items[last] = moved;
    items[other] = kept;
  }
}

/** A small generator with a seed (Tommy Ettinger's mulberry32); good enough to shuffle by. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
