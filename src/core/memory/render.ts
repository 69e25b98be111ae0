/**
 * Writing new values. Whatever another YAML reader could take for a number, a date, a boolean or a comment is put in
 * double quotes; generated ids and checked timestamps stay plain. Nested values are written in one line.
 */
import { InvalidInputError } from "../errors.ts";
import { isMemoryId, isSessionId } from "./id.ts";
import { FRONT_MATTER_KEYS, isFrontMatterKey } from "./keys.ts";
import type { FrontMatter } from "./model.ts";
import { isInstant } from "./time.ts";
import { isMapping } from "./yaml.ts";

/**
 * A new memory file: front matter in canonical order, one line a key, a blank line, the body, a line break at the end.
 *
 * @throws InvalidInputError where a text cannot be stored as UTF-8, or a value is of a kind that front matter cannot hold.
 */
export function renderMemory(front: FrontMatter, body: string): string {
  const lines = FRONT_MATTER_KEYS.filter((key) => isWorthALine(front[key])).map((key) => renderLine(key, front[key]));
  for (const [key, value] of Object.entries(front.extra ?? {})) {
    if (isFrontMatterKey(key) && key !== "generated") {
      throw new InvalidInputError(
        `\`${key}\` is a key of the format, so it cannot be an unknown key as well; give it as itself.`,
      );
    }
    if (!(isFrontMatterKey(key) && front[key] !== undefined)) lines.push(renderLine(key, value));
  }
  const text = wellFormed(body).replace(/^(?:\r?\n)+/, "");
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  return `---\n${lines.join("\n")}\n---\n${text === "" ? "" : "\n"}${text}${end}`;
}

/** `key: value` as the writer puts it, without a line break. */
export function renderLine(key: string, value: unknown): string {
  return `${renderKey(key)}: ${renderValue(key, value)}`;
}

/** A value in one line. `key` is the nearest key around it, which decides what stays plain. */
export function renderValue(key: string, value: unknown): string {
  if (typeof value === "string") return isPlain(key, value) ? value : quote(value);
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((item: unknown) => renderValue(key, item)).join(", ")}]`;
  if (!isMapping(value))
    throw new InvalidInputError(
      `\`${key}\` holds a value that front matter cannot hold; give text, a list or a mapping.`,
    );
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([name, item]) => renderLine(name, item)).join(", ")} }`;
}

function isWorthALine(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function renderKey(key: string): string {
  if (key === "__proto__") throw new InvalidInputError("The key __proto__ is not allowed; use another name.");
  return /^[A-Za-z_][\w-]*$/.test(key) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(key) ? key : quote(key);
}

function isPlain(key: string, value: string): boolean {
  switch (key) {
    case "type":
      return (
        /^[A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*)*$/.test(value) &&
        !/^(?:True|False|Null|Yes|No|On|Off|Y|N|TRUE|FALSE|NULL|YES|NO|ON|OFF)$/.test(value)
      );
    case "at":
    case "stale_after":
    case "expires_at":
      return isInstant(value);
    case "id":
    case "context":
    case "derived_from":
    case "supersedes":
      return isMemoryId(value);
    case "session":
      return isSessionId(value);
    default:
      return false;
  }
}

/** JSON's escapes are YAML's too; what YAML calls unprintable or a line break is escaped as well. */
function quote(text: string): string {
  return JSON.stringify(wellFormed(text)).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function wellFormed(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new InvalidInputError(
      "The text holds half of a character (a lone surrogate), which no file can store; remove it.",
    );
  }
  return text;
}
