/** What a command of the line is: its words, its help and its work. Commands return answers; only `run.ts` prints. */
import type { Arguments } from "./arguments.ts";
import type { Context } from "./context.ts";
import type { Line } from "./terminal.ts";

/** The exit codes, the same for every command. Scripts match on them. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** The words of the command are wrong; nothing was tried. */
  usage: 2,
  /** The gate refused; nothing was stored. */
  blocked: 3,
  /** Somebody changed the memory since it was read; nothing was stored. */
  conflict: 4,
  /** Stored, but held for review or waiting for a quiet moment. */
  held: 5,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export interface Option {
  /** What stands for its value in the help, e.g. `TEXT`. Absent: a flag. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  readonly summary: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Example {
  readonly line: string;
  readonly says: string;
}

/** What a command has to say: one JSON object, and the same for people. `aside` goes to stderr. */
export interface Answer {
  readonly exit?: Exit;
  readonly json: object;
  readonly lines: readonly Line[];
  readonly aside?: readonly Line[];
}

export interface Command {
  readonly name: string;
  /** How it is called, without `git memory`; one line a form. */
  readonly usage: readonly string[];
  /** A paragraph for the command's own help. */
  readonly about: string;
  readonly options: Options;
  /** How many words may follow that are no options. */
  readonly operands: { readonly least: number; readonly most: number; readonly name: string };
  readonly examples: readonly Example[];
  /** Null where the command has spoken for itself (`mcp`, whose stdout is the protocol's). */
  run(context: Context, args: Arguments): Promise<Answer | null>;
}

/** Understood by every command, before or after its name. */
export const GLOBAL_OPTIONS: Options = {
  folder: { value: "DIR", short: "C", summary: "Work in the repository of this folder instead of the current one." },
  json: { summary: "Answer with one JSON object (memory-schema/cli.schema.json)." },
  help: { short: "h", summary: "Show the help." },
};

/** For commands that look into one store at a time. */
export const STORE_OPTION: Options = {
  store: { value: "STORE", choices: ["project", "personal"], summary: "Only this store." },
};

/** For commands that write. */
export const WRITER_OPTIONS: Options = {
  actor: {
    value: "NAME",
    summary: "Who writes, e.g. claude-code/2.1. Default: COMMIT_TO_MEMORY_ACTOR, or the agent whose terminal this is.",
  },
};

export const SOURCE_OPTION: Options = {
  source: {
    value: "ORIGIN",
    choices: ["web", "dependency", "tool", "other-agent"],
    summary: "Where the words come from, if not from this project or its people. Makes them untrusted.",
  },
};
