/** The help, made from what the commands say of themselves, so that it can't fall behind them. */
import type { Answer, Command } from "./command.ts";
import { GLOBAL_OPTIONS, type Options } from "./options.ts";
import { COMMANDS, GROUPS } from "./table.ts";
import { type Line, type Piece, table, toned } from "./terminal.ts";

export function overview(width: number | null): Answer {
  const groups = GROUPS.flatMap((group): Line[] => [
    "",
    toned(group, "strong"),
    ...table(
      COMMANDS.filter((entry) => entry.group === group).map((entry) => [
        { text: `  ${entry.name}`, tone: "accent" },
        entry.summary,
      ]),
      1,
      width,
    ),
  ]);
  return {
    json: { commands: COMMANDS.map(({ name, group, summary }) => ({ name, group, summary })) },
    lines: [
      "git memory: what coding agents believe about this project, one commit a belief.",
      "",
      [{ text: "Usage: ", tone: "strong" }, "git memory COMMAND [options]"],
      ...groups,
      "",
      toned("Examples", "strong"),
      '  git memory add --title "Use pnpm" --type Convention --body "Install packages through pnpm." --reason "CI broke"',
      '  git memory recall "how do we install packages?"',
      "  git memory history",
      "",
      ...optionLines("Options of every command", GLOBAL_OPTIONS, width),
      "",
      "`git memory help COMMAND` shows a command's options and examples.",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the gate, 4 conflict, 5 stored but held for review or waiting.",
    ],
  };
}

export function commandHelp(command: Command, width: number | null): Answer {
  const { name, about, usage, options, examples } = command;
  return {
    json: {
      name,
      about,
      usage,
      options: Object.entries(options).map(([option, { summary }]) => ({ name: `--${option}`, summary })),
      examples,
    },
    lines: [
      about,
      "",
      toned("Usage", "strong"),
      ...usage.map((form) => `  git memory ${form}`),
      "",
      ...(Object.keys(options).length === 0 ? [] : [...optionLines("Options", options, width), ""]),
      toned("Examples", "strong"),
      ...examples.flatMap(({ line, says }): Line[] => [`  git memory ${line}`, toned(`      ${says}`, "quiet")]),
      "",
      [
        {
          text: `Every command also takes ${Object.keys(GLOBAL_OPTIONS)
            .map((option) => `--${option}`)
            .join(", ")}.`,
          tone: "quiet",
        },
      ],
    ],
  };
}

function optionLines(title: string, options: Options, width: number | null): Line[] {
  const rows = Object.entries(options).map(([name, option]): Piece[] => {
    const short = option.short === undefined ? "" : `-${option.short}, `;
    const value = option.value === undefined ? "" : ` ${option.choices?.join("|") ?? option.value}`;
    return [
      { text: `  ${short}--${name}${value}`, tone: "accent" },
      `${option.summary}${option.many === true ? " May be repeated." : ""}`,
    ];
  });
  // Wide enough terminals show both columns; where one would be cut, the summary goes to a line of its own.
  const fits = width === null || rows.every(([left, right]) => `${textOf(left)}  ${textOf(right)}`.length <= width);
  return [
    toned(title, "strong"),
    ...(fits
      ? table(rows, 1, width)
      : rows.flatMap(([left, right]): Line[] => [[left ?? ""], `      ${textOf(right)}`])),
  ];
}

function textOf(piece: Piece | undefined): string {
  return piece === undefined ? "" : typeof piece === "string" ? piece : piece.text;
}
