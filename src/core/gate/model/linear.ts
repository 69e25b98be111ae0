/** A linear model over hashed features: a sum of small whole numbers, scaled. */
import { DIMENSIONS, eachFeature, partsAsWords, type Words } from "./features.ts";

export interface LinearModel {
  /** One whole number a feature, from -LARGEST_WEIGHT to LARGEST_WEIGHT, times `scale`. */
  readonly weights: Int8Array;
  readonly scale: number;
  readonly bias: number;
}

/**
 * Weights are kept as half bytes: with as many places again in the same size, fewer features share one, which was worth more
 * on texts that the model had not seen than finer weights.
 */
export const LARGEST_WEIGHT = 7;

/** A text of fewer features than this is judged as if it had as many: a few words are too little evidence for either side. */
export const LEAST_FEATURES = 48;

/** The log-odds that a set of features speaks for an attack, by the mean of its evidence. */
export function scoreFeatures(model: LinearModel, features: ReadonlySet<number>): number {
  let sum = 0;
  for (const feature of features) sum += model.weights[feature] ?? 0;
  return logOdds(model, sum, features.size);
}

function logOdds({ scale, bias }: LinearModel, sum: number, size: number): number {
  return (scale * sum) / Math.sqrt(Math.max(LEAST_FEATURES, size)) + bias;
}

/** By feature, the last part that had it: a set for each part would cost more than all the rest. */
const lastPart = new Uint32Array(DIMENSIONS);
let parts = 0;

/** As `scoreFeatures`, of a part's features. */
function scorePart(model: LinearModel, text: readonly Words[], rules: readonly string[]): number {
  if (++parts > 0xffffffff) {
    lastPart.fill(0);
    parts = 1;
  }
  const own = parts;
  let sum = 0;
  let size = 0;
  eachFeature(text, rules, (feature) => {
    if (lastPart[feature] === own) return;
    lastPart[feature] = own;
    sum += model.weights[feature] ?? 0;
    size++;
  });
  return logOdds(model, sum, size);
}

/** What a line's score counts less than the whole's in a long text: the highest of many is high by chance alone. */
const PART_DISCOUNT = 0.6;
/** From as many lines on it is discounted in full. One line under a title is the whole but for the title. */
const MANY_LINES = 8;

/** The highest of the whole's score and its parts', each of which counts the less the more of them there are. */
export function highestScore([whole = Number.NEGATIVE_INFINITY, ...parts]: readonly number[]): number {
  const lines = Math.max(1, (parts.length + 1) / 2);
  const discount = PART_DISCOUNT * Math.min(1, Math.log2(lines) / Math.log2(MANY_LINES));
  return parts.reduce((highest, score) => Math.max(highest, score - discount), whole);
}

/** The highest score of a text's parts, so that one bad line in a good text is not averaged away. */
export function scoreText(model: LinearModel, canonical: string, rules: readonly string[]): number {
  const scores = partsAsWords(canonical).map((part, place) => scorePart(model, part, place === 0 ? rules : []));
  return highestScore(scores);
}

/** The model as its file holds it, two weights a byte. Throws a RangeError where the text is no model of this size. */
export function decodeModel(base64: string, scale: number, bias: number): LinearModel {
  const packed = atob(base64);
  if (packed.length * 2 !== DIMENSIONS)
    throw new RangeError(`A model has ${DIMENSIONS} weights, and this one has ${packed.length * 2}.`);
  const weights = Int8Array.from({ length: DIMENSIONS }, (_, place) => {
    const pair = packed.charCodeAt(place >> 1);
    return (place % 2 === 0 ? pair >> 4 : pair & 15) - 8;
  });
  return { weights, scale, bias };
}
