/**
 * What is left of a text when everything is taken away by which the same words can be written differently: accents, case,
 * look-alikes, spaces, punctuation, invisible characters. Two texts with one skeleton say the same; `memory-schema/README.md`
 * ("Tombstones") describes it, because digests of it are stored.
 */
import { createHash } from "node:crypto";
import type { Memory } from "../memory/model.ts";
import { latinLookAlike } from "./confusables.ts";

/** Letters, digits and the marks that change a letter in scripts other than those of Europe. */
const KEPT = /^(?![\u0300-\u036F])(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{M}]$/u;
/** Sentences end here; a full stop inside a word or a number ends none. */
const SENTENCE_END = /[\n!?;。！？；]+|\.(?=\s|$)/u;
/** A shorter sentence ("Use pnpm.") is anybody's and says too little to be recognised by. */
const SHORTEST_SENTENCE = 16;
/** Words in pieces of five characters, as the format says. */
const GRAM = 5;
const HASHES = 64;

/** The low sixteen bits of 64 smallest hashes. */
export type Minhash = Uint16Array;

export function skeletonOf(text: string): string {
  let result = "";
  for (const character of text.normalize("NFKD")) {
    const letter = latinLookAlike(character) ?? character;
    if (KEPT.test(letter) || letter.length > 1) result += letter.toLowerCase();
  }
  return result;
}

/** The skeletons of a memory's words, as tombstones compare them. */
export interface Skeletons {
  readonly title: string;
  readonly body: string;
  /** The body's sentences, each once, in order of code units: the same whatever order they are written in. */
  readonly sorted: string;
  /** The same of title, description and body. */
  readonly all: string;
  readonly sentences: readonly string[];
}

export function skeletonsOf({ title, front, body }: Pick<Memory, "title" | "front" | "body">): Skeletons {
  const every = sentencesOf([title, front.description ?? "", body]);
  return {
    title: skeletonOf(title),
    body: skeletonOf(body),
    sorted: sentencesOf([body]).join("\n"),
    all: every.join("\n"),
    sentences: every.filter((text) => text.length >= SHORTEST_SENTENCE),
  };
}

function sentencesOf(texts: readonly string[]): string[] {
  const every = new Set(texts.flatMap((text) => text.split(SENTENCE_END)).map(skeletonOf));
  return [...every].filter((text) => text !== "").sort((a, b) => (a < b ? -1 : 1));
}

/** SHA-256 of a skeleton, in hex. */
export function skeletonDigest(skeleton: string): string {
  return createHash("sha256").update(skeleton, "utf8").digest("hex");
}

/** 64 smallest hashes of a skeleton's pieces of five characters (Broder 1997): equal places estimate how much two share. */
export function minhashOf(skeleton: string): Minhash {
  const smallest = new Uint32Array(HASHES).fill(0xffffffff);
  for (let at = 0; at + GRAM <= Math.max(GRAM, skeleton.length); at++) {
    let gram = 0x811c9dc5;
    for (const unit of skeleton.slice(at, at + GRAM)) gram = Math.imul(gram ^ (unit.codePointAt(0) ?? 0), 0x01000193);
    for (let place = 0; place < HASHES; place++) {
      let value = Math.imul(gram ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b);
      value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
      value = (value ^ (value >>> 16)) >>> 0;
      if (value < (smallest[place] ?? 0)) smallest[place] = value;
    }
  }
  return Uint16Array.from(smallest);
}

/** The share of equal places, 0 to 1: an estimate of the Jaccard similarity, with a standard error of about .06 at .5. */
export function similarity(a: Minhash, b: Minhash): number {
  let equal = 0;
  for (let place = 0; place < HASHES; place++) if (a[place] === b[place]) equal++;
  return equal / HASHES;
}

export function minhashText(minhash: Minhash): string {
  return Array.from(minhash, (value) => value.toString(16).padStart(4, "0")).join("");
}

export function minhashFrom(text: string): Minhash {
  return Uint16Array.from({ length: HASHES }, (_, place) => Number.parseInt(text.slice(4 * place, 4 * place + 4), 16));
}
