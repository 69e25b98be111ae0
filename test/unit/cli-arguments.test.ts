import { describe, expect, test } from "vitest";
import { parseArguments, splitCommand, UsageError } from "../../src/cli/arguments.ts";
import type { Options } from "../../src/cli/options.ts";
import { nearest } from "../../src/cli/nearest.ts";

const options: Options = {
  title: { value: "TEXT", summary: "" },
  body: { value: "TEXT", summary: "" },
  tag: { value: "TAG", many: true, summary: "" },
  store: { value: "STORE", choices: ["project", "personal"], summary: "" },
  past: { summary: "" },
};
const command = { name: "add", options, operands: { least: 0, most: 1, name: "the id of one memory" } };
const parse = (...argv: readonly string[]) => parseArguments(command, argv);

describe("arguments", () => {
  test("options are read in both spellings, with the last words as operands", () => {
    const args = parse("--title", "A", "--body=B", "--tag", "x", "--tag=y", "--past", "m_1", "-C", "there");
    expect([
      args.text("title"),
      args.text("body"),
      args.texts("tag"),
      args.flag("past"),
      args.operands,
      args.text("folder"),
    ]).toEqual(["A", "B", ["x", "y"], true, ["m_1"], "there"]);
  });

  test("a value may begin with a dash, as lists do", () => {
    expect(parse("--body", "- one\n- two").text("body")).toBe("- one\n- two");
    expect(parse("--body", "-").text("body")).toBe("-");
    expect(parse("--body", "--- a rule").text("body")).toBe("--- a rule");
  });

  test("an option that swallowed the next option is reported", () => {
    expect(() => parse("--title", "--body", "B")).toThrow("--title needs a value: --title TEXT.");
    expect(() => parse("--title", "--body=B")).toThrow(UsageError);
    expect(() => parse("--title", "-C", "x")).toThrow(UsageError);
    expect(() => parse("--title")).toThrow(UsageError);
  });

  test("words after -- are operands, whatever they look like", () => {
    expect(parse("--", "--title").operands).toEqual(["--title"]);
  });

  test.each([
    [["--titel", "A"], "Did you mean --title?"],
    [["--title", "A", "--title", "B"], "--title is given twice"],
    [["--past=yes"], "--past takes no value"],
    [["--store", "projekt"], 'takes project or personal, not "projekt"'],
    [["a", "b"], '"b" is one too many'],
    [["-x"], "add has no option -x"],
  ])("%j is refused with a sentence that helps", (argv, sentence) => {
    expect(() => parse(...argv)).toThrow(sentence);
  });

  test("a missing operand is named", () => {
    expect(() =>
      parseArguments({ ...command, operands: { least: 1, most: 1, name: "the id of one memory" } }, []),
    ).toThrow("add needs the id of one memory");
  });

  test("help is given without what the command otherwise needs", () => {
    expect(parseArguments({ ...command, operands: { least: 1, most: 1, name: "an id" } }, ["-h"]).flag("help")).toBe(
      true,
    );
  });

  test.each(["0", "-1", "1.5", "ten", "", "1e3"])("%j is no count", (text) => {
    expect(() => parse(`--title=${text}`).count("title")).toThrow("whole number above zero");
  });

  test("the command's name is found behind options that every command knows", () => {
    expect(splitCommand(["-C", "list", "--json", "add", "--title", "list"])).toEqual({
      name: "add",
      rest: ["-C", "list", "--json", "--title", "list"],
    });
    expect(splitCommand(["--version"])).toEqual({ name: null, rest: ["--version"] });
    expect(splitCommand([])).toEqual({ name: null, rest: [] });
  });
});

describe("the nearest word", () => {
  const known = [
    "init",
    "add",
    "list",
    "show",
    "recall",
    "update",
    "expire",
    "revert",
    "history",
    "blame",
    "renew",
    "doctor",
    "mcp",
  ];
  test.each([
    ["lst", "list"],
    ["udpate", "update"],
    ["hist", "history"],
    ["expires", "expire"],
    ["REVERT", "revert"],
  ])("%s means %s", (typed, meant) => {
    expect(nearest(typed, known)).toBe(meant);
  });

  test.each(["frobnicate", "x", ""])("%j means nothing known", (typed) => {
    expect(nearest(typed, known)).toBeNull();
  });
});
