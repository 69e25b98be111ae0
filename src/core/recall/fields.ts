/** What of a memory is searched, and how much each field counts. */
import type { Memory } from "../memory/model.ts";
import { eachTerm } from "./tokenize.ts";

export const FIELDS = ["title", "description", "body", "tags", "paths", "scope", "date"] as const;
export type Field = (typeof FIELDS)[number];

/**
 * How many occurrences one occurrence in the field stands for (whole numbers: sums stay exact, so scores do not depend
 * on the order in which memories arrived). A title and a tag are a person's own summary; the rest counts as prose.
 */
export const FIELD_WEIGHTS: Readonly<Record<Field, number>> = {
  title: 2,
  description: 1,
  body: 1,
  tags: 2,
  paths: 1,
  scope: 1,
  date: 1,
};

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** `2026-11-23T…` as a person would ask for it: `23 november 2026`. */
function spokenDate(at: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(at);
  if (match === null) return "";
  return `${Number(match[3])} ${MONTHS[Number(match[2]) - 1] ?? ""} ${match[1]}`;
}

/** The end of a path tells files apart; terms have to stay short. */
const LONGEST_PATH = 120;

/** The path of a `repo:/path` resource, or null for any other. */
export function citedPath(resource: string): string | null {
  return resource.startsWith("repo:/") ? resource.slice("repo:/".length) : null;
}

/** How a citation's term begins: with a control character, so that no text can produce one. */
export const CITATION = "\u0001";

/** The term under which the memories that cite one file are found. */
export function citationTerm(path: string): string {
  return `${CITATION}${path.slice(-LONGEST_PATH).replace(/^[\udc00-\udfff]/, "")}`;
}

/** The words of each field. Reads the memory's body. */
export function fieldTexts(memory: Memory): Readonly<Record<Field, string>> {
  const { front } = memory;
  return {
    title: memory.title,
    description: front.description ?? "",
    body: memory.body,
    tags: (front.tags ?? []).join(" "),
    paths: (front.sources ?? []).map((source) => citedPath(source.resource) ?? source.resource).join(" "),
    scope: (front.scope ?? []).join(" "),
    date: front.generated === undefined ? "" : spokenDate(front.generated.at),
  };
}

/**
 * Calls back with each term of a memory and its field's weight, repeats included. Returns the text's length: the
 * weighted number of its terms. A pure function of the file's content; reads the body.
 */
export function eachWeightedTerm(memory: Memory, emit: (term: string, weight: number) => void): number {
  const texts = fieldTexts(memory);
  let length = 0;
  for (const field of FIELDS) {
    const text = texts[field];
    if (text === "") continue;
    const weight = FIELD_WEIGHTS[field];
    eachTerm(text, (term) => {
      emit(term, weight);
      length += weight;
    });
  }
  const cited = new Set((memory.front.sources ?? []).map((source) => citedPath(source.resource)));
  for (const path of cited) if (path !== null) emit(citationTerm(path), 1);
  return length;
}

/** A word of a question, and how often it is said. */
interface WeightedTerm {
  readonly term: string;
  readonly weight: number;
}

/** The question's terms with how often each is said, in a fixed order, because sums of fractions depend on it. */
export function questionTerms(text: string, files: readonly string[] = []): WeightedTerm[] {
  const counts = new Map<string, number>();
  eachTerm(text, (term) => counts.set(term, (counts.get(term) ?? 0) + 1));
  for (const file of files) counts.set(citationTerm(file), 1);
  return [...counts].map(([term, weight]) => ({ term, weight }));
}
