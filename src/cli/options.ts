/** The words that a command takes, and the options that several commands share. */
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

/** What the words of a command line are checked against. */
export interface Grammar {
  readonly name: string;
  readonly options: Options;
  /** How many words may follow that are no options. */
  readonly operands: { readonly least: number; readonly most: number; readonly name: string };
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
