/** Training of the gate's linear model: logistic regression by AdaGrad, seeded, the same result each time. */
import { canonicalise } from "../../src/core/gate/canonical.ts";
import { findEffects } from "../../src/core/gate/effects/find.ts";
import { DIMENSIONS, featuresOf, partsOf } from "../../src/core/gate/model/features.ts";
import {
  highestScore,
  LARGEST_WEIGHT,
  LEAST_FEATURES,
  scoreFeatures,
  type LinearModel,
} from "../../src/core/gate/model/linear.ts";
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
/** The model is the mean of what the last epochs ended with, so that the order of the last texts matters less. */
const AVERAGED = 6;
const RATE = 0.35;
/** Pull of each weight towards zero, per step in which its feature takes part. */
const DECAY = 6e-4;
/** What stands in fewer texts than this teaches nothing about others. */
const LEAST_TEXTS = 2;

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
  const mean = new Float64Array(DIMENSIONS);
  let meanBias = 0;
  const squares = new Float64Array(DIMENSIONS).fill(1e-8);
  let bias = 0;
  let biasSquares = 1e-8;
  const steps = stepsOf(examples, commonIn(examples));
  const random = mulberry32(seed);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(steps, random);
    for (const { features, length, target, weight } of steps) {
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
    if (epoch < EPOCHS - AVERAGED) continue;
    meanBias += bias / AVERAGED;
    for (let place = 0; place < DIMENSIONS; place++)
      mean[place] = (mean[place] ?? 0) + (weights[place] ?? 0) / AVERAGED;
  }
  return quantised(mean, meanBias);
}

/** As `scoreText` does for a text. */
export function scoreExample(model: LinearModel, { parts }: Example): number {
  return highestScore(parts.map((part) => scoreFeatures(model, new Set(part))));
}

interface Step {
  /** Those that are learnt from. */
  readonly features: readonly number[];
  /** What the sum of their weights is divided by: it counts all of the text's. */
  readonly length: number;
  readonly target: number;
  readonly weight: number;
}

/** Whether a feature stands in more than one text. */
function commonIn(examples: readonly Example[]): (feature: number) => boolean {
  const texts = new Uint16Array(DIMENSIONS);
  for (const { parts } of examples) for (const feature of parts[0] ?? []) texts[feature] = (texts[feature] ?? 0) + 1;
  return (feature) => (texts[feature] ?? 0) >= LEAST_TEXTS;
}

function stepsOf(examples: readonly Example[], isCommon: (feature: number) => boolean): Step[] {
  const sizes = new Map<string, number>();
  const key = ({ attack, line }: Example): string => `${String(attack)} ${line.group}`;
  for (const example of examples) sizes.set(key(example), (sizes.get(key(example)) ?? 0) + 1);
  const weightOf = (example: Example): number => 1 / Math.sqrt(sizes.get(key(example)) ?? 1);
  const total = (attack: boolean): number =>
    examples.filter((example) => example.attack === attack).reduce((sum, example) => sum + weightOf(example), 0);
  const mass = { attack: total(true), benign: total(false) };
  const step = (features: readonly number[], target: number, weight: number): Step => ({
    features: features.filter(isCommon),
    length: Math.sqrt(Math.max(LEAST_FEATURES, features.length)),
    target,
    weight,
  });
  return examples.flatMap((example): Step[] => {
    const share = (examples.length / 2 / (example.attack ? mass.attack : mass.benign)) * weightOf(example);
    if (example.attack) return [step(example.parts[0] ?? [], 1, share)];
    return example.parts.map((features, place) => step(features, 0, place === 0 ? share : share / 4));
  });
}

/** Whole numbers of half a byte, the largest weights cut off at the 99th percentile of those that are not zero. */
function quantised(weights: Float64Array, bias: number): LinearModel {
  const sizes = weights
    .filter((weight) => weight !== 0)
    .map(Math.abs)
    .toSorted();
  const largest = sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 1;
  const scale = largest / LARGEST_WEIGHT;
  return {
    weights: Int8Array.from(weights, (weight) =>
      Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, Math.round(weight / scale))),
    ),
    scale,
    bias,
  };
}

/** The weights as `decodeModel` reads them. */
export function encodeWeights(weights: Int8Array): string {
  const halves = Array.from(weights, (weight) => weight + 8);
  const pairs = Uint8Array.from({ length: weights.length / 2 }, (_, place) => {
    return ((halves[2 * place] ?? 8) << 4) | (halves[2 * place + 1] ?? 8);
  });
  return Buffer.from(pairs).toString("base64");
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
