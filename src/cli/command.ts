/** What a command of the line is: its words, its help and its work. Commands return answers; only `run.ts` prints. */
import type { Arguments } from "./arguments.ts";
import type { Context } from "./context.ts";
import type { Grammar } from "./options.ts";
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

export interface Command extends Grammar {
  /** How it is called, without `git memory`; one line a form. */
  readonly usage: readonly string[];
  /** A paragraph for the command's own help. */
  readonly about: string;
  readonly examples: readonly Example[];
  /** Null where the command has spoken for itself (`mcp`, whose stdout is the protocol's). */
  run(context: Context, args: Arguments): Promise<Answer | null>;
}
