/** The words of a command line, checked against what the command takes. Every mistake names the nearest right word. */
import { parseArgs } from "node:util";
import { MemoryError } from "../core/errors.ts";
import { nearest } from "./nearest.ts";
import { GLOBAL_OPTIONS, type Grammar, type Option, type Options } from "./options.ts";

/** The command line itself is wrong; nothing was tried. */
export class UsageError extends MemoryError {
  readonly code = "usage";
  /** The word that was probably meant. */
  readonly suggestion: string | null;
  constructor(message: string, suggestion: string | null = null) {
    super(message);
    this.suggestion = suggestion;
  }
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** The command's name in a line, and the line without it. Options that every command knows may stand before it. */
export function splitCommand(argv: readonly string[]): { name: string | null; rest: string[] } {
  const first = tokensOf(argv, GLOBAL_OPTIONS).find(
    (token) => token.kind === "positional" || token.kind === "option-terminator",
  );
  if (first === undefined || first.kind !== "positional") return { name: null, rest: [...argv] };
  return { name: argv[first.index] ?? null, rest: argv.filter((_, index) => index !== first.index) };
}

/** Throws UsageError. */
export function parseArguments(command: Grammar, argv: readonly string[]): Arguments {
  const options = { ...GLOBAL_OPTIONS, ...command.options };
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokensOf(argv, options)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined) throw unknownOption(token.rawName, options, command.name);
    const known = values.get(token.name) ?? [];
    if (known.length > 0 && option.many !== true && option.value !== undefined) {
      throw new UsageError(`${token.rawName} is given twice; give it once.`);
    }
    values.set(token.name, [...known, valueOf(token, option, options)]);
  }
  const args = new Arguments(command.name, values, operands);
  if (!args.flag("help")) checkOperands(command, operands);
  return args;
}

/** Reads what was parsed; a command asks for each value by its option's name. */
export class Arguments {
  readonly command: string;
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(command: string, values: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.command = command;
    this.#values = values;
    this.operands = operands;
  }

  flag(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** A text that has to say something where it is given. */
  words(name: string): string | undefined {
    const text = this.text(name);
    if (text?.trim() === "")
      throw new UsageError(`--${name} is empty. \`git memory help ${this.command}\` shows an example.`);
    return text;
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Throws UsageError where the option is missing. */
  required(name: string): string {
    const text = this.text(name);
    if (text === undefined)
      throw new UsageError(`${this.command} needs --${name}. \`git memory help ${this.command}\` shows an example.`);
    return text;
  }

  /** One of a list that the parser has checked already. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return choices.find((choice) => choice === text);
  }

  /** A whole number above zero. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} takes a whole number above zero, not "${text}".`);
    return Number(text);
  }

  operand(index: number): string | undefined {
    return this.operands[index];
  }
}

function tokensOf(argv: readonly string[], options: Options): NonNullable<ReturnType<typeof parseTokens>["tokens"]> {
  return parseTokens(argv, options).tokens ?? [];
}

// Not `strict`: that refuses a value which begins with a dash, and a body often is a list ("- one").
function parseTokens(
  argv: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ strict: false; tokens: true }>> {
  const config = Object.entries(options).map(([name, option]) => [
    name,
    {
      type: option.value === undefined ? ("boolean" as const) : ("string" as const),
      ...(option.short === undefined ? {} : { short: option.short }),
    },
  ]);
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(config),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
}

function valueOf(token: OptionToken, option: Option, options: Options): string {
  if (option.value === undefined) {
    if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`);
    return "";
  }
  const { value } = token;
  if (value === undefined || (token.inlineValue === false && namesAnOption(value, options))) {
    throw new UsageError(
      `${token.rawName} needs a value: ${token.rawName} ${option.choices?.join("|") ?? option.value}.`,
    );
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const meant = nearest(value, option.choices);
    throw new UsageError(`${token.rawName} takes ${orList(option.choices)}, not "${value}".`, meant);
  }
  return value;
}

/** `--title --type Fact` forgot a title; `--body "- one"` did not forget a body. */
function namesAnOption(value: string, options: Options): boolean {
  const long = /^--([^=]+)/.exec(value)?.[1];
  if (long !== undefined) return long in options;
  return Object.values(options).some((option) => option.short !== undefined && value === `-${option.short}`);
}

function unknownOption(rawName: string, options: Options, command: string): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ""), Object.keys(options));
  const suggestion = meant === null ? null : `--${meant}`;
  const hint =
    suggestion === null ? `\`git memory help ${command}\` lists its options.` : `Did you mean ${suggestion}?`;
  return new UsageError(`${command} has no option ${rawName}. ${hint}`, suggestion);
}

function checkOperands(command: Pick<Grammar, "name" | "operands">, operands: readonly string[]): void {
  const { least, most, name } = command.operands;
  if (operands.length < least)
    throw new UsageError(`${command.name} needs ${name}. \`git memory help ${command.name}\` shows an example.`);
  const extra = operands[most];
  if (extra === undefined) return;
  const limit = most === 0 ? "no words besides its options" : `only ${name}`;
  throw new UsageError(
    `${command.name} takes ${limit}; "${extra}" is one too many. Put a text with spaces into quotes.`,
  );
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
