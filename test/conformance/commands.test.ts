import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/extension/command-ids.ts";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly keybindings: readonly { readonly command: string; readonly when: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
  };
}

const { contributes } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as Manifest;
const ids = new Set<string>(Object.values(COMMANDS));

describe("the commands in package.json", () => {
  test("are exactly those that have a handler", () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual([...ids].sort());
  });

  test("stand in one category, each with a title of its own", () => {
    expect(contributes.commands.filter(({ category }) => category !== "Memory")).toEqual([]);
    expect(new Set(contributes.commands.map(({ title }) => title)).size).toBe(contributes.commands.length);
  });

  test("are the only ones that keys and menus name", () => {
    const named = [...contributes.keybindings, ...Object.values(contributes.menus).flat()].map(
      ({ command }) => command,
    );
    expect(named.filter((command) => !ids.has(command))).toEqual([]);
  });

  test("act by a key only while the view, or what it shows in the editor, has the focus", () => {
    const places = [
      "focusedView == commitToMemory.beliefs",
      "focusedView == commitToMemory.changes",
      "editorTextFocus && resourceScheme == memory-change",
      "editorTextFocus && resourceScheme == memory-review",
      "editorTextFocus && resourceScheme == memory-plan",
      "editorTextFocus && resourceScheme == memory-history",
    ];
    expect(contributes.keybindings.filter(({ when }) => !places.some((place) => when.includes(place)))).toEqual([]);
  });
});
