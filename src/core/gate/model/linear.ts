/** A linear model over hashed features: a sum of small whole numbers, scaled. */
import { DIMENSIONS, featuresOf, partsOf } from "./features.ts";

export interface LinearModel {
  /** One signed byte a feature, times `scale`. */
  readonly weights: Int8Array;
  readonly scale: number;
  readonly bias: number;
}

/** A text of fewer features than this is judged as if it had as many: a few words are too little evidence for either side. */
export const LEAST_FEATURES = 48;

/** The log-odds that a set of features speaks for an attack, by the mean of its evidence. */
export function scoreFeatures(model: LinearModel, features: ReadonlySet<number>): number {
  let sum = 0;
  for (const feature of features) sum += model.weights[feature] ?? 0;
  return (model.scale * sum) / Math.sqrt(Math.max(LEAST_FEATURES, features.size)) + model.bias;
}

/** What a part's score counts less than the whole's: the highest of many is high by chance alone. Chosen by leave-group-out. */
export const PART_DISCOUNT = 1;

/** The highest score of a text's parts, so that one bad line in a good text is not averaged away. */
export function scoreText(model: LinearModel, canonical: string, rules: readonly string[]): number {
  const [whole = "", ...parts] = partsOf(canonical);
  let highest = scoreFeatures(model, featuresOf(whole, rules));
  for (const part of parts) highest = Math.max(highest, scoreFeatures(model, featuresOf(part, [])) - PART_DISCOUNT);
  return highest;
}

/** The model as its file holds it. Throws a RangeError where the text is no model of this size. */
export function decodeModel(base64: string, scale: number, bias: number): LinearModel {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (bytes.length !== DIMENSIONS)
    throw new RangeError(`A model has ${DIMENSIONS} weights, and this one has ${bytes.length}.`);
  return { weights: new Int8Array(bytes.buffer), scale, bias };
}
