/**
 * The one way in which YAML is read here: failsafe schema (every scalar is text), and none of the features that make a
 * small text mean something else than it says. Types come from our schemas afterwards.
 */
import yaml from "js-yaml";
import { LineCounter, isMap, isPair, parseDocument } from "yaml";
import { lineAt } from "./lines.ts";

const NO_ALIASES = "Anchors (&) and aliases (*) are not read here; write the value out, or quote it.";
/** The parser calls itself for each level, and the format needs four. */
const DEEPEST = 32;

const NO_TAGS = "Tags (!) are not read here; remove the tag, or quote the value.";

/** Why a text could not be read. `line` is 1-based in that text. */
export class YamlProblem extends Error {
  readonly code: string;
  readonly line: number;
  constructor(code: string, line: number, message: string) {
    super(message);
    this.code = code;
    this.line = line;
  }
}

/**
 * The mapping that a YAML text holds; empty for a text with nothing in it but comments. Values are strings, arrays,
 * mappings and null.
 *
 * @throws YamlProblem for anything else: bad syntax, a duplicate key, an anchor, alias or tag, a key `__proto__`.
 */
export function readYaml(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = yaml.safeLoad(text, {
      schema: yaml.FAILSAFE_SCHEMA,
      listener: watchNodes(text),
    });
  } catch (error) {
    throw error instanceof YamlProblem ? error : syntaxProblem(error, text);
  }
  if (value === undefined || value === null) return {};
  if (!isMapping(value)) {
    throw new YamlProblem(
      "not-a-mapping",
      1,
      "The front matter holds no keys; write lines such as `type: Convention`.",
    );
  }
  return value;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The 1-based line in a YAML text where the value at a path of keys and indexes begins, or the nearest one around it.
 * For messages only: it parses the text again, with positions.
 */
export function lineOf(text: string, path: readonly (string | number)[]): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", lineCounter: lines, uniqueKeys: false });
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === String(last));
      const offset = rangeStart(pair?.key);
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    const offset = rangeStart(document.getIn(path.slice(0, length), true));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function rangeStart(node: unknown): number | undefined {
  if (!isMapping(node) || !Array.isArray(node["range"])) return undefined;
  const start: unknown = node["range"][0];
  return typeof start === "number" ? start : undefined;
}

/** What the parser knows of a node when it closes it. Its published types leave this out. */
interface NodeState {
  /** Where the parser stands. Its own count of lines is not used: it takes a lone carriage return for a line break. */
  readonly position: number;
  readonly anchor: string | null;
  readonly tag: string | null;
  readonly result: unknown;
}

function isNodeState(state: object): state is NodeState {
  return "position" in state && "anchor" in state && "tag" in state && "result" in state;
}

/** A listener for one parse, which refuses what is not read here as soon as it is seen. */
function watchNodes(text: string): (event: string, state: { readonly position: number }) => void {
  let depth = 0;
  return (event, state) => {
    if (event === "close") {
      depth -= 1;
      if (!isNodeState(state)) throw new TypeError("js-yaml no longer shows its listener the node that it read.");
      refuseTricks(state, text);
      return;
    }
    depth += 1;
    if (depth > DEEPEST) {
      throw new YamlProblem(
        "bad-yaml",
        lineAt(text, state.position),
        "The values are nested too deeply; write them flatter.",
      );
    }
  };
}

function refuseTricks({ position, anchor, tag, result }: NodeState, text: string): void {
  if (anchor !== null) throw new YamlProblem("yaml-alias", lineAt(text, position), NO_ALIASES);
  // The parser itself marks a plain scalar with "?".
  if (tag !== null && tag !== "?") throw new YamlProblem("yaml-tag", lineAt(text, position), NO_TAGS);
  if (isMapping(result) && Object.hasOwn(result, "__proto__")) {
    // The key is noticed when its mapping ends; the sentence should name the line of the key.
    const line = lineAt(text, Math.max(0, text.indexOf("__proto__")));
    throw new YamlProblem("forbidden-key", line, "The key __proto__ is not allowed; rename or remove it.");
  }
}

/** A `YAMLException` with what its published types leave out. */
interface SyntaxFailure {
  readonly reason: string;
  readonly mark?: { readonly position: number };
}

function isSyntaxFailure(error: unknown): error is SyntaxFailure {
  return error instanceof yaml.YAMLException && "reason" in error && typeof error.reason === "string";
}

function syntaxProblem(error: unknown, text: string): YamlProblem {
  if (!isSyntaxFailure(error)) throw error;
  const line = lineAt(text, error.mark?.position ?? 0);
  const reason = error.reason;
  if (reason.includes("duplicated mapping key")) {
    return new YamlProblem("duplicate-key", line, "A key is written twice; keep one of the two lines.");
  }
  if (reason.includes("alias")) {
    return new YamlProblem("yaml-alias", line, NO_ALIASES);
  }
  if (reason.includes("tag")) {
    return new YamlProblem("yaml-tag", line, NO_TAGS);
  }
  return new YamlProblem(
    "bad-yaml",
    line,
    `The front matter cannot be read (${reason}); put values with special characters in double quotes.`,
  );
}
