import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/options.ts";
import { commandHelp, overview } from "../../src/cli/help.ts";
import { COMMANDS, GROUPS } from "../../src/cli/table.ts";
import { render } from "../../src/cli/terminal.ts";

const commands = await Promise.all(COMMANDS.map(async (entry) => ({ entry, command: await entry.load() })));
const schema: { $defs: Record<string, unknown>; anyOf: { $ref: string }[] } = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../memory-schema/cli.schema.json"), "utf8"),
);

/** Splits as a shell does, as far as the examples need it. */
function words(line: string): string[] {
  const command = line.replace(/ <.*$/, "");
  return Array.from(command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), (match) => match[1] ?? match[2] ?? match[3] ?? "");
}

describe("the help", () => {
  test("lists every command, the eight commonest first", () => {
    const text = render(overview(null).lines, false);
    for (const { name, summary } of COMMANDS)
      expect(text).toMatch(new RegExp(`^  ${name} +${summary.replace(/[.*+?()]/g, "\\$&")}$`, "m"));
    expect(COMMANDS.filter(({ group }) => group === GROUPS[0])).toHaveLength(8);
    expect(COMMANDS.map(({ name }) => name).toSorted()).toEqual([
      "ablate",
      "add",
      "approve",
      "bisect",
      "blame",
      "checkout",
      "cost",
      "diff",
      "doctor",
      "erase",
      "expire",
      "fetch",
      "gate",
      "git",
      "history",
      "hook",
      "init",
      "land",
      "lineage",
      "list",
      "mcp",
      "merge-driver",
      "move",
      "propose",
      "queue",
      "recall",
      "receipts",
      "renew",
      "replay",
      "restore",
      "revert",
      "review",
      "show",
      "snapshot",
      "snapshots",
      "sync",
      "taint",
      "textconv",
      "update",
      "upkeep",
      "why",
    ]);
  });

  test("says what each exit code means", () => {
    expect(render(overview(null).lines, false)).toMatch(/0 done, 1 failed, 2 .*, 3 .*, 4 conflict, 5 /);
  });

  test("fits a narrow terminal", () => {
    const lines = render(overview(60).lines, false).split("\n");
    expect(lines.some((line) => line.includes("Work in the repository of this folder"))).toBe(true);
  });
});

describe.each(commands)("$entry.name", ({ entry, command }) => {
  test("is the command that its entry loads", () => {
    expect(command.name).toBe(entry.name);
    expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    expect(command.about).toMatch(/^[A-Z][^]*\.$/);
  });

  test("every option that its usage names is parsed", () => {
    for (const form of command.usage) {
      expect(form.split(" ")[0]).toBe(command.name);
      for (const [option] of form.matchAll(/--[a-z-]+/g)) expect(command.options).toHaveProperty([option.slice(2)]);
    }
    for (const [name, option] of Object.entries(command.options)) {
      const value = option.value === undefined ? [] : [option.choices?.[0] ?? "1"];
      const operands = Array.from({ length: command.operands.least }, () => "word");
      expect(parseArguments(command, [`--${name}`, ...value, ...operands]).texts(name)).toEqual(
        value.length === 0 ? [""] : value,
      );
    }
  });

  test("shadows no option that every command has", () => {
    for (const name of Object.keys(GLOBAL_OPTIONS)) expect(command.options).not.toHaveProperty([name]);
  });

  test("every option is explained in a sentence, and a choice names its values", () => {
    const text = render(commandHelp(command, null).lines, false);
    for (const [name, option] of Object.entries(command.options)) {
      expect(option.summary).toMatch(/\.$/);
      expect(text).toContain(`--${name}`);
      for (const choice of option.choices ?? []) expect(text).toContain(choice);
    }
  });

  test("has an example, and every example parses", () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line, says } of command.examples) {
      expect(says).toMatch(/\.$/);
      const [name, ...rest] = words(line);
      expect(name).toBe(command.name);
      expect(() => parseArguments(command, rest)).not.toThrow();
      // Outside single quotes a shell would put its own variable there, and the command would get an empty word.
      expect(line.replace(/'[^']*'/g, "")).not.toMatch(/\$[A-Z]/);
    }
  });

  test("has its answer in the published schema, unless it gives none", () => {
    if (command.name === "mcp") return;
    expect(schema.$defs).toHaveProperty([command.name]);
    expect(schema.anyOf).toContainEqual({ $ref: `#/$defs/${command.name}` });
  });
});
