import { writeFile } from "node:fs/promises";
import path from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { jsonReport } from "../../core/pull-request/formats/json.ts";
import { FAIL_LEVELS, failsAt, summary } from "../../core/pull-request/wording.ts";
import { type Command, EXIT } from "../command.ts";
import { fileTrouble } from "../context.ts";
import { type Format, FORMATS, inFormat } from "../review/formats.ts";
import { performReview } from "../review/perform.ts";
import { render } from "../terminal.ts";
import { versionOf } from "../version.ts";

export const review: Command = {
  name: "review",
  usage: ["review [--base REF] [--head REF] [--format FORMAT] [--fail-on LEVEL] [--output [FORMAT=]FILE]..."],
  about:
    "Reviews what one branch would bring to another, belief by belief: what comes, changes and ends, who wrote it and why, what the gate says of it by the base's rules, and what it speaks against. Works on a memory branch and on .memory/ in a code branch, needs no network and changes nothing. Exit code 0 where nothing reaches the level of --fail-on, 3 where something does, 1 where the review could not be made, 2 for wrong words.",
  options: {
    base: {
      value: "REF",
      summary: "What it would be merged into. Default: the remote's memory branch, or for code its default branch.",
    },
    head: {
      value: "REF",
      summary: "What would be merged. Default: what is checked out if it has memories, else the memory branch.",
    },
    code: { value: "REF", summary: "The code that citations are compared with. Default: what is checked out." },
    format: { value: "FORMAT", choices: FORMATS, summary: "How to say it. Default: text." },
    "fail-on": {
      value: "LEVEL",
      choices: FAIL_LEVELS,
      summary: "End with 3 from this level on: what the gate refuses, would hold, would ask about. Default: block.",
    },
    output: {
      value: "[FORMAT=]FILE",
      short: "o",
      many: true,
      summary: "Write the report to a file, and only a summary to the terminal.",
    },
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "review", says: "What you would push to the team's memory." },
    { line: "review --base main --head my-branch --format markdown", says: "A comment for a pull request." },
    { line: "review --output sarif=memory.sarif --output markdown=comment.md", says: "Two reports of one review." },
  ],
  async run(context, args) {
    const level = args.choice("fail-on", FAIL_LEVELS) ?? "block";
    const format = args.choice("format", FORMATS) ?? "text";
    const files = args.texts("output").map((text) => fileOf(text, format));
    const result = await performReview(context, {
      base: args.text("base"),
      head: args.text("head"),
      code: args.text("code"),
    });
    const options = { level, version: versionOf(context.host.program) };
    for (const { file, format: own } of files)
      await write(path.resolve(context.folder, file), render(inFormat(result, own, options), false));
    return {
      exit: failsAt(result, level) ? EXIT.blocked : EXIT.done,
      json: jsonReport(result, level),
      lines: files.length === 0 ? inFormat(result, format, options) : [summary(result)],
    };
  },
};

/** `sarif=memory.sarif` has a format of its own; else the whole is the file's name. */
function fileOf(text: string, usual: Format): { readonly file: string; readonly format: Format } {
  const own = FORMATS.find((format) => text.startsWith(`${format}=`));
  return own === undefined ? { file: text, format: usual } : { file: text.slice(own.length + 1), format: own };
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new InvalidInputError(`The report can't be written to ${file}: ${fileTrouble(error)}`);
  });
}
