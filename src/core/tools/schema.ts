/**
 * The part of JSON Schema in which the tools state their input, its TypeScript type, and its check. One description
 * serves the model that reads it, the host that validates by it, and the code that uses the value.
 */
import { InvalidInputError } from "../errors.ts";

export interface TextField {
  readonly type: "string";
  readonly description: string;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength: number;
}

export interface NumberField {
  readonly type: "integer";
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
}

export interface ListField {
  readonly type: "array";
  readonly description: string;
  readonly items: {
    readonly type: "string";
    readonly enum?: readonly string[];
    readonly minLength: number;
    readonly maxLength: number;
  };
  readonly maxItems: number;
}

export interface NumberListField {
  readonly type: "array";
  readonly description: string;
  readonly items: { readonly type: "integer"; readonly minimum: number; readonly maximum: number };
  readonly maxItems: number;
}

export type Field = TextField | NumberField | ListField | NumberListField;

export interface InputSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, Field>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

type ValueOf<F> = F extends { readonly enum: readonly (infer Word)[] }
  ? Word
  : F extends { readonly type: "string" }
    ? string
    : F extends { readonly type: "integer" }
      ? number
      : F extends { readonly items: { readonly type: "integer" } }
        ? readonly number[]
        : readonly string[];

/** The TypeScript type of what a schema admits. */
export type InputOf<S extends InputSchema> = {
  readonly [K in keyof S["properties"] as K extends S["required"][number] ? K : never]: ValueOf<S["properties"][K]>;
} & {
  readonly [K in keyof S["properties"] as K extends S["required"][number] ? never : K]?: ValueOf<S["properties"][K]>;
};

/** Words by which a caller may try to vouch for its own text; they are ignored and reported. */
const CLAIMS: ReadonlySet<string> = new Set([
  "trust",
  "trusted",
  "approved",
  "verified",
  "reviewed",
  "origin",
  "actor",
  "session",
]);

/** A checked input, and the keys in it by which the caller vouched for itself; those change nothing and are reported. */
export interface CheckedInput {
  readonly values: Readonly<Record<string, unknown>>;
  readonly ignored: readonly string[];
}

/**
 * Checks what a model sent. A null counts as absent, because many models fill every optional key.
 *
 * @throws InvalidInputError with a sentence that a model can act on.
 */
export function checkInput(tool: string, schema: InputSchema, input: unknown): CheckedInput {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new InvalidInputError(`${tool} takes one JSON object with these keys: ${keysOf(schema)}.`);
  }
  const values: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(input)) {
    const field = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (field === undefined) {
      if (!CLAIMS.has(key))
        throw new InvalidInputError(`${tool} has no input ${quoted(key)}. Use only these keys: ${keysOf(schema)}.`);
      ignored.push(key);
    } else if (value !== null) {
      values[key] = checkField(key, field, value);
    }
  }
  const missing = schema.required.find((key) => !Object.hasOwn(values, key));
  if (missing !== undefined)
    throw new InvalidInputError(
      `${quoted(missing)} is missing. ${schema.properties[missing]?.description ?? ""}`.trim(),
    );
  return { values, ignored };
}

function checkField(key: string, field: Field, value: unknown): unknown {
  switch (field.type) {
    case "string":
      return checkText(key, field, value);
    case "integer":
      return checkNumber(key, field, value);
    case "array":
      if (!Array.isArray(value)) {
        const kind = field.items.type === "integer" ? "numbers, such as [1, 20]" : 'texts, such as ["one", "two"]';
        throw new InvalidInputError(`${quoted(key)} must be a list of ${kind}.`);
      }
      if (value.length > field.maxItems)
        throw new InvalidInputError(`${quoted(key)} takes at most ${field.maxItems} entries; it has ${value.length}.`);
      return value.map((item) =>
        field.items.type === "integer" ? checkNumber(key, field.items, item) : checkText(key, field.items, item),
      );
  }
}

function checkNumber(
  key: string,
  { minimum, maximum }: Pick<NumberField, "minimum" | "maximum">,
  value: unknown,
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new InvalidInputError(`${quoted(key)} must be a whole number from ${minimum} to ${maximum}.`);
}

function checkText(key: string, field: Omit<TextField, "description">, value: unknown): string {
  if (typeof value !== "string") throw new InvalidInputError(`${quoted(key)} must be a text, not ${kindOf(value)}.`);
  if (field.enum !== undefined && !field.enum.includes(value)) {
    throw new InvalidInputError(`Unknown ${key} ${quoted(value)}. Use one of: ${field.enum.join(", ")}.`);
  }
  if (value.trim().length < (field.minLength ?? 0))
    throw new InvalidInputError(`${quoted(key)} is empty. Write something there, or leave the key out.`);
  if (value.length > field.maxLength) {
    throw new InvalidInputError(
      `${quoted(key)} has ${value.length} characters; at most ${field.maxLength} are allowed. Say it shorter, or split it into several memories.`,
    );
  }
  return value;
}

function keysOf(schema: InputSchema): string {
  return Object.keys(schema.properties)
    .map((key) => (schema.required.includes(key) ? key : `${key} (optional)`))
    .join(", ");
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What a caller wrote, repeated in a sentence: one line, and not more of it than tells it apart. */
function quoted(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, " ");
  return `"${line.length > 40 ? `${line.slice(0, 40)}…` : line}"`;
}
