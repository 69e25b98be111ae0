/** One call of `git-memory`: the words understood, the command run, the answer printed, the exit code returned. */
import { statSync } from "node:fs";
import path from "node:path";
import { parseArguments, splitCommand, UsageError } from "./arguments.ts";
import { type Answer, type Command, EXIT, type Exit } from "./command.ts";
import { createContext, type Host } from "./context.ts";
import { failureOf } from "./failure.ts";
import { nearest } from "./nearest.ts";
import { COMMANDS, findCommand } from "./table.ts";
import { harmlessJson, type Line, render, wantsColour } from "./terminal.ts";

/** @param argv the words after the program's name */
export async function run(argv: readonly string[], host: Host): Promise<Exit> {
  // Before anything is parsed, so that a mistake in the words is answered in JSON too.
  const json = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length).includes("--json");
  try {
    const answer = await answerTo(argv, host);
    if (answer === null) return EXIT.done;
    print(host, answer, json);
    return answer.exit ?? EXIT.done;
  } catch (error) {
    const failure = failureOf(error);
    if (json) host.out(`${harmlessJson(failure.json)}\n`);
    else printAside(host, failure.lines);
    return failure.exit;
  }
}

async function answerTo(argv: readonly string[], host: Host): Promise<Answer | null> {
  const { name, rest } = splitCommand(argv);
  if (name === null) return withoutCommand(rest, host);
  if (name === "help") return helpFor(rest, host);
  const command = await load(name);
  const args = parseArguments(command, rest);
  if (args.flag("help")) return commandHelp(command, host);
  const context = createContext(host, folderOf(host, args.text("folder")));
  try {
    return await command.run(context, args);
  } finally {
    await context.dispose();
  }
}

function folderOf(host: Host, named: string | undefined): string {
  const folder = path.resolve(host.cwd, named ?? ".");
  if (named !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`There is no folder ${folder}.`);
  return folder;
}

async function withoutCommand(rest: readonly string[], host: Host): Promise<Answer> {
  const options = { version: { summary: "Print the version." } };
  const args = parseArguments({ name: "git-memory", options, operands: { least: 0, most: 0, name: "" } }, rest);
  if (args.flag("version")) {
    const { versionOf } = await import("./version.ts");
    const version = versionOf(host.program);
    return { json: { version }, lines: [`git-memory ${version}`] };
  }
  return (await import("./help.ts")).overview(host.columns);
}

async function helpFor(rest: readonly string[], host: Host): Promise<Answer> {
  const operands = { least: 0, most: 1, name: "the name of one command" };
  const args = parseArguments({ name: "help", options: {}, operands }, rest);
  const name = args.operand(0);
  if (name === undefined || name === "help") return (await import("./help.ts")).overview(host.columns);
  return commandHelp(await load(name), host);
}

async function commandHelp(command: Command, host: Host): Promise<Answer> {
  return (await import("./help.ts")).commandHelp(command, host.columns);
}

async function load(name: string): Promise<Command> {
  const entry = findCommand(name);
  if (entry !== undefined) return entry.load();
  const meant = nearest(
    name,
    COMMANDS.map((known) => known.name),
  );
  const hint = meant === null ? "`git memory help` lists them." : `Did you mean ${meant}?`;
  throw new UsageError(`There is no command "${name}". ${hint}`, meant);
}

function print(host: Host, answer: Answer, json: boolean): void {
  if (json) {
    host.out(`${harmlessJson(answer.json)}\n`);
    return;
  }
  host.out(render(answer.lines, wantsColour(host.columns !== null, host.env)));
  printAside(host, answer.aside ?? []);
}

function printAside(host: Host, lines: readonly Line[]): void {
  if (lines.length > 0) host.error(render(lines, wantsColour(host.errorsToTerminal, host.env)));
}
