/**
 * From texts to types, and from a schema's findings to sentences. The schema is `memory-schema/memory.schema.json`, compiled
 * ahead; what a schema cannot say (that a date is a real one) is checked here.
 */
import { validateMemory } from "./generated/validators.js";
import type { SchemaError } from "./generated/validators.js";
import { isFrontMatterKey } from "./keys.ts";
import type { FrontMatter } from "./model.ts";
import { isInstant } from "./time.ts";
import { isMapping } from "./yaml.ts";

/** Something wrong with a value. `path` leads to it through keys and indexes. */
export interface ValueProblem {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type FrontMatterChecked =
  | { readonly ok: true; readonly front: FrontMatter }
  | { readonly ok: false; readonly problems: readonly ValueProblem[] };

/** Types and checks what `readYaml` gave. Unknown keys go to `extra` as they are; a known key without a value is absent. */
export function checkFrontMatter(values: Readonly<Record<string, unknown>>): FrontMatterChecked {
  const front: Record<string, unknown> = {};
  const extra: Record<string, unknown> = {};
  let hasExtra = false;
  for (const key of Object.keys(values)) {
    const value = values[key];
    if (isFrontMatterKey(key) && !isForeign(key, value)) {
      if (value !== null) front[key] = typed(key, value);
    } else {
      extra[key] = value;
      hasExtra = true;
    }
  }
  if (hasExtra) front["extra"] = extra;
  return isFrontMatter(front) ? { ok: true, front } : { ok: false, problems: problemsOf(front) };
}

/** The expected form of each key, for the sentence that says what to write. */
const EXPECTED: Readonly<Record<string, string>> = {
  type: "one word, such as `type: Convention`",
  id: "m_ and twelve letters or digits; remove the line to have the file known by its path",
  title: 'one line of text, such as `title: "Use pnpm"`',
  description: "one line of text",
  tags: 'a list of words, such as `tags: ["ci", "pnpm"]`',
  scope: 'a list of globs, such as `scope: ["packages/**"]`',
  pinned: "true or false",
  generated: 'like `generated: { by: "human:alice", at: 2026-11-23T09:12:00Z }`',
  origin: 'like `origin: { channel: "tool", trust: "agent" }`, with trust one of untrusted, agent, user, reviewed',
  verified: 'like `verified: [{ by: "human:alice", at: 2026-11-23T09:12:00Z }]`',
  sources: 'like `sources: [{ resource: "repo:/package.json", lines: "3-7" }]`',
  derived_from: "a list of ids, such as `derived_from: [m_7k3q9f2d4cxw]`",
  supersedes: "a list of ids, such as `supersedes: [m_7k3q9f2d4cxw]`",
  stale_after: "a date and time, such as 2026-11-23T09:12:00Z",
  expires_at: "a date and time, such as 2026-11-23T09:12:00Z",
};

const DATE_KEYS: ReadonlySet<string> = new Set(["at", "stale_after", "expires_at"]);

/** OKF lets `generated` go without a time. Such a one is kept, but there is nothing in it that we could use. */
function isForeign(key: string, value: unknown): boolean {
  return key === "generated" && isMapping(value) && !Object.hasOwn(value, "at");
}

function typed(key: string, value: unknown): unknown {
  if (key === "pinned") return value === "true" ? true : value === "false" ? false : value;
  // Section 5.2 of OKF 0.2: a bare mapping stands for a list of one.
  if (key === "verified" && isMapping(value)) return [value];
  if (key === "origin" && isMapping(value) && typeof value["turn"] === "string" && /^\d{1,9}$/.test(value["turn"])) {
    return { ...value, turn: Number(value["turn"]) };
  }
  return value;
}

function isFrontMatter(front: Record<string, unknown>): front is Record<string, unknown> & FrontMatter {
  return validateMemory(front) && unrealDates(front).length === 0;
}

function problemsOf(front: Record<string, unknown>): readonly ValueProblem[] {
  const found = validateMemory(front) ? [] : (validateMemory.errors ?? []).map((error) => fromSchema(error, front));
  const places = new Set<string>();
  return [...found, ...unrealDates(front)].filter((problem) => {
    const place = problem.path.join("/");
    return places.has(place) ? false : places.add(place);
  });
}

function fromSchema(error: SchemaError, front: Record<string, unknown>): ValueProblem {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
  const key = String(path[0] ?? "type");
  if (path.length === 0) {
    return {
      code: "missing-type",
      path,
      message: "The front matter has no `type`; add a line such as `type: Convention`.",
    };
  }
  if (error.keyword === "not") {
    return {
      code: "not-a-memory",
      path,
      message: `A file of type ${String(front["type"])} is no memory and is never recalled; move it out of this folder.`,
    };
  }
  if (DATE_KEYS.has(String(path.at(-1)))) return dateProblem(path);
  const code =
    error.keyword === "pattern" && /^(id|derived_from|supersedes|origin)$/.test(key) ? "bad-id" : "wrong-type";
  return { code, path, message: `\`${key}\` must be ${EXPECTED[key] ?? "written in another way"}.` };
}

function unrealDates(front: Record<string, unknown>): readonly ValueProblem[] {
  const problems: ValueProblem[] = [];
  const check = (value: unknown, ...path: (string | number)[]): void => {
    if (typeof value === "string" && !isInstant(value)) problems.push(dateProblem(path));
  };
  check(front["stale_after"], "stale_after");
  check(front["expires_at"], "expires_at");
  const { generated, verified } = front;
  if (isMapping(generated)) check(generated["at"], "generated", "at");
  if (Array.isArray(verified)) {
    verified.forEach((entry: unknown, index) => {
      if (isMapping(entry)) check(entry["at"], "verified", index, "at");
    });
  }
  return problems;
}

function dateProblem(path: readonly (string | number)[]): ValueProblem {
  return {
    code: "impossible-date",
    path,
    message: `\`${path.join(".")}\` is not a real date and time; write it like 2026-11-23T09:12:00Z.`,
  };
}
