import { readFile } from "node:fs/promises";
import path from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { decodeUtf8 } from "../../core/memory/parse.ts";
import { diffableText } from "../../core/view/diffable.ts";
import type { Command } from "../command.ts";
import { fileTrouble } from "../context.ts";
import { linesOf } from "../terminal.ts";

export const textconv: Command = {
  name: "textconv",
  usage: ["textconv FILE"],
  about:
    "Prints a memory's file for `git diff`, which calls it after `git memory git install`: the claim first, what the program keeps for itself in one line. Other files are printed as they are.",
  options: {},
  operands: { least: 1, most: 1, name: "one file" },
  examples: [{ line: "textconv semantic/fact/port-m_7k3q9f2d4cxw.md", says: "Shows what git diff compares." }],
  async run(context, args) {
    const name = args.operand(0) ?? "";
    const bytes = await readFile(path.resolve(context.folder, name)).catch((error: unknown) => {
      throw new InvalidInputError(`${name} can't be read: ${fileTrouble(error)}`);
    });
    // Where it is no UTF-8, byte by byte: a sign that stands for every wrong byte would hide what differs.
    const text = decodeUtf8(bytes) ?? bytes.toString("latin1");
    const shown = diffableText(text);
    return { json: { text: shown }, lines: shown === "" ? [] : linesOf(shown) };
  },
};
