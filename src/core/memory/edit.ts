/**
 * Changing a memory without touching what isn't meant. Positions come from a parse of the YAML that is never written
 * back: each edit replaces a range of the file's own text, and the result is read again before it is returned.
 */
import { isDeepStrictEqual } from "node:util";
import { isCollection, isMap, isNode, isScalar, parseDocument } from "yaml";
import type { Node } from "yaml";
import { InvalidInputError, MemoryError } from "../errors.ts";
import type { Edits } from "../proposal.ts";
import { findSections } from "./frontmatter.ts";
import { FRONT_MATTER_KEYS } from "./keys.ts";
import type { FrontMatterKey } from "./keys.ts";
import type { Memory, Origin } from "./model.ts";
import { isBroken } from "./model.ts";
import { readMemoryText } from "./parse.ts";
import { renderLine, renderValue } from "./render.ts";

/** The file is broken, or written in a way that cannot be edited in place. Nothing was changed. */
export class UneditableError extends MemoryError {
  readonly code = "uneditable";
}

/** Edits with the origin that the program stamps, which no caller can name. */
export type StampedEdits = Omit<Edits, "trust"> & { readonly origin?: Origin };

/** Keys that an edit can name; the body is not one of them. */
type EditedKey = Exclude<keyof StampedEdits, "body">;
type Values = ReadonlyMap<EditedKey, unknown>;

/** A replacement of `text.slice(start, end)`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The file's text with new values for some keys, and perhaps a new body. Every byte outside the lines of a changed key
 * stays; a value that is as it was keeps its bytes too. A new key becomes one line at its canonical place, and null takes
 * a key's lines away. A new body takes over the old one's line endings and its way of ending (see `fitBody`).
 *
 * @throws UneditableError for a file with problems, or whose front matter cannot be changed line by line.
 * @throws InvalidInputError for values that make no memory.
 */
export function editMemory(text: string, edits: StampedEdits): string {
  const before = readable(
    text,
    (reason) => new UneditableError(`This memory cannot be changed until it is repaired. ${reason}`),
  );
  const found = findSections(text);
  if (!found.ok) throw new UneditableError(found.problem.message);
  const { yamlStart, yamlEnd, bodyStart } = found.sections;

  const body = edits.body === undefined ? before.body : fitBody(before.body, edits.body, text.slice(0, bodyStart));
  const head = `${text.slice(0, yamlStart)}${editYaml(text.slice(yamlStart, yamlEnd), changedValues(before, edits))}${text.slice(yamlEnd, bodyStart)}`;
  const breakAfterFence = body !== "" && !head.endsWith("\n") ? lineBreakOf(text) : "";
  const edited = head + breakAfterFence + body;

  const after = readable(
    edited,
    (reason) => new InvalidInputError(`The change would leave no readable memory. ${reason}`),
  );
  if (!isIntended(before, after, edits, body)) {
    throw new UneditableError(
      "The front matter is written in a way that cannot be changed safely line by line; edit the file by hand.",
    );
  }
  return edited;
}

/**
 * A new body in the manner of the old one, so that lines that stay the same stay the same bytes: where each is uniform,
 * the old line endings win, and the text ends with or without a line break as the old one did. A body that mixes line
 * endings is taken as it is.
 */
function fitBody(before: string, wanted: string, head: string): string {
  // Where no blank line follows the fence, one at the body's start would be taken for it.
  let body = /(?:^|\n)\r?\n$/.test(head) ? wanted : wanted.replace(/^(?:\r?\n)+/, "");
  const from = uniformBreak(body);
  const to = uniformBreak(before);
  if (from !== null && to !== null && from !== to) body = body.replaceAll(from, to);
  if (before === "" || body === "") return body;
  if (before.endsWith("\n")) return body.endsWith("\n") ? body : body + (to ?? lineBreakOf(before));
  return withoutLastBreaks(body);
}

function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= text[end - 2] === "\r" ? 2 : 1;
  return text.slice(0, end);
}

/** The text's one way of ending lines; null where there is none or more than one. */
function uniformBreak(text: string): "\n" | "\r\n" | null {
  const all = text.split("\n").length - 1;
  const windows = text.split("\r\n").length - 1;
  if (all === 0 || (windows !== 0 && windows !== all)) return null;
  return windows === 0 ? "\n" : "\r\n";
}

/** How the line that the text begins with ends. */
function lineBreakOf(text: string): "\n" | "\r\n" {
  const end = text.indexOf("\n");
  return end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
}

/** What really changes: keys whose new value is not the one that is there. */
function changedValues(before: Memory, edits: StampedEdits): Values {
  const values = new Map<EditedKey, unknown>();
  for (const key of FRONT_MATTER_KEYS) {
    if (!isEditedKey(key)) continue;
    const wanted = edits[key];
    if (wanted !== undefined && !isSame(wanted ?? undefined, before.front[key])) values.set(key, wanted);
  }
  return values;
}

function isEditedKey(key: FrontMatterKey): key is FrontMatterKey & EditedKey {
  return key !== "id" && key !== "generated";
}

function editYaml(yaml: string, values: Values): string {
  if (values.size === 0) return yaml;
  const pairs = placesOf(yaml);
  if (pairs === null) {
    throw new UneditableError(
      "The front matter is written in one pair of braces; write one key a line to have it edited.",
    );
  }
  const splices: Splice[] = [];
  for (const [key, value] of values) {
    const place = pairs.find((pair) => pair.key === key);
    if (place === undefined) {
      if (value !== null) splices.push(insertion(yaml, pairs, key, value));
    } else if (value === null) {
      splices.push({ start: lineStart(yaml, place.start), end: place.end, text: "" });
    } else {
      splices.push(replacement(yaml, place, key, value));
    }
  }
  return applySplices(yaml, splices);
}

/** Where a key and its value stand. */
export interface Place {
  readonly key: string;
  readonly start: number;
  /** After the colon. */
  readonly colon: number;
  readonly value: Node;
  readonly valueStart: number;
  /** The end of the value itself, without what follows it in its line. */
  readonly valueEnd: number;
  /** The start of the line after the value. */
  readonly end: number;
}

/** The keys of a front matter in the order of its lines; null where it is not written one key a line. */
export function placesOf(yaml: string): readonly Place[] | null {
  const root = parseDocument(yaml, { schema: "failsafe", keepSourceTokens: true, uniqueKeys: false }).contents;
  if (!isMap(root) || root.flow === true) return null;
  const places: Place[] = [];
  for (const { key, value, srcToken } of root.items) {
    const colon = srcToken?.sep?.find((token) => token.type === "map-value-ind");
    if (!isScalar(key) || !isNode(value) || !key.range || !value.range || colon === undefined) continue;
    const [valueStart, valueEnd] = value.range;
    // A key may be announced by a question mark, which is a part of it.
    const start = srcToken?.start.find((token) => token.type === "explicit-key-ind")?.offset ?? key.range[0];
    const place = { key: String(key.value), start, colon: colon.offset + 1, value, valueStart, valueEnd };
    places.push({ ...place, end: endOfLines(yaml, place) });
  }
  return places;
}

function endOfLines(yaml: string, place: Omit<Place, "end">): number {
  // A block scalar ends with its last line break, and the blank lines before that may belong to it.
  if (isBlockScalar(place.value)) return place.valueEnd;
  const last = Math.max(place.colon, yaml.slice(0, place.valueEnd).trimEnd().length);
  const end = yaml.indexOf("\n", last);
  return end === -1 ? yaml.length : end + 1;
}

function isBlockScalar(value: Node): boolean {
  return isScalar(value) && (value.type === "BLOCK_FOLDED" || value.type === "BLOCK_LITERAL");
}

function replacement(yaml: string, place: Place, key: string, value: unknown): Splice {
  const text = renderValue(key, value);
  const { value: old, valueStart, valueEnd, colon, end } = place;
  const isEmpty = valueStart === valueEnd;
  if (isEmpty) return { start: colon, end: colon, text: ` ${text}` };
  const isInline = isCollection(old) ? old.flow === true : !isBlockScalar(old);
  if (isInline) return { start: valueStart, end: valueEnd, text };
  return { start: colon, end, text: ` ${text}${lineBreakOf(yaml)}` };
}

function insertion(yaml: string, pairs: readonly Place[], key: EditedKey, value: unknown): Splice {
  const first = pairs[0];
  if (first === undefined)
    throw new UneditableError("The front matter has no key that a new one could stand beside; edit the file by hand.");
  const indent = yaml.slice(lineStart(yaml, first.start), first.start);
  const rank = FRONT_MATTER_KEYS.indexOf(key);
  const rankOf = (pair: Place): number => FRONT_MATTER_KEYS.findIndex((name) => name === pair.key);
  const previous = pairs.findLast((pair) => rankOf(pair) !== -1 && rankOf(pair) < rank);
  const at = previous === undefined ? lineStart(yaml, first.start) : previous.end;
  return { start: at, end: at, text: `${indent}${renderLine(key, value)}${lineBreakOf(yaml)}` };
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function applySplices(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

function isIntended(before: Memory, after: Memory, edits: StampedEdits, body: string): boolean {
  const wanted: Record<string, unknown> = { ...before.front };
  for (const key of FRONT_MATTER_KEYS) {
    const value = isEditedKey(key) ? edits[key] : undefined;
    if (value === null) delete wanted[key];
    else if (value !== undefined) wanted[key] = value;
  }
  return after.body === body && isSame(after.front, wanted);
}

/** Equal as data: absent is undefined, and the prototype of what a caller hands over says nothing. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asData(a), asData(b));
}

function asData(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function readable(text: string, failure: (reason: string) => MemoryError): Memory {
  const memory = readMemoryText("memory.md", "", text);
  if (!isBroken(memory)) return memory;
  const [problem] = memory.problems;
  throw failure(problem === undefined ? "" : `Line ${problem.line}: ${problem.message}`);
}
