/** What the documentation names is there: files, headings, scripts, commands with their options, settings, titles. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../scripts/paths.ts";
import { run } from "../../scripts/process.ts";
import type { Command } from "../../src/cli/command.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/options.ts";
import { COMMANDS } from "../../src/cli/table.ts";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly title: string }[];
    readonly views: Readonly<Record<string, readonly { readonly name: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const { scripts, contributes } = JSON.parse(read("package.json")) as Manifest;

const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "memory-schema/README.md",
  ...readdirSync(join(ROOT, "docs"), { encoding: "utf8" }).map((name) => `docs/${name}`),
];
const files = run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT }).trim().split("\n");
/** Made by scripts, and so in no commit. */
const MADE = new Set(["dist/cli.cjs", "shots/"]);

/** What stands in code type: spans, and the lines of blocks. A line that goes on is one. */
function codeIn(page: string): string[] {
  const text = read(page).replace(/\\\n\s*/g, "");
  const fences = [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].flatMap(([, block]) => (block ?? "").split("\n"));
  const rest = text.replace(/^```.*\n[\s\S]*?^```/gm, "");
  const indented = [...rest.matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line ?? "");
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? "");
  return [...fences, ...indented, ...spans];
}

/** What of all pages breaks a rule, with the page in front. */
const breaking = (rule: (page: string) => Iterable<string>): string[] =>
  PAGES.flatMap((page) => Array.from(rule(page), (wrong) => `${page}: ${wrong}`));

/** As the sites that show markdown name a heading's place. */
const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    (heading ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** `a/{b,c}.ts` is two paths. */
function spelledOut(path: string): string[] {
  const [, before, choices, after] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return choices === undefined ? [path] : choices.split(",").map((one) => `${before}${one}${after}`);
}

describe("the documentation", () => {
  test("links to files and headings that are there", () => {
    expect(
      breaking((page) =>
        [...read(page).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].flatMap(([, link = ""]) => {
          const [path = "", anchor] = link.split("#");
          const target = path === "" ? page : normalize(join(dirname(page), path));
          if (!files.includes(target)) return [link];
          return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [link];
        }),
      ),
    ).toEqual([]);
  });

  test("names paths of this repository that are there", () => {
    const rooms = [...new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/")[0]))];
    const path = new RegExp(`^(?:${rooms.join("|")}|dist|shots)/`);
    const isThere = (one: string): boolean =>
      MADE.has(one) || (existsSync(join(ROOT, one)) && files.some((file) => `${file}/`.startsWith(one)));
    expect(
      breaking((page) =>
        codeIn(page)
          .filter((code) => path.test(code) && !/[\s<*]/.test(code))
          .flatMap(spelledOut)
          .filter((one) => !isThere(one)),
      ),
    ).toEqual([]);
  });

  test("names source files by the end of their path at least", () => {
    expect(
      breaking((page) =>
        codeIn(page).filter(
          (code) => /^[\w./-]+\.ts$/.test(code) && !files.some((file) => `/${file}`.endsWith(`/${code}`)),
        ),
      ),
    ).toEqual([]);
  });

  test("names scripts that package.json has", () => {
    const named = /^(?:npm run (?:--silent )?)([\w:]+)|^((?:bench|test|train|fuzz):\w+)/;
    expect(
      breaking((page) =>
        codeIn(page).filter((code) => {
          const [, script, short] = named.exec(code) ?? [];
          const name = script ?? short;
          return name !== undefined && scripts[name] === undefined;
        }),
      ),
    ).toEqual([]);
  });

  test("names settings that package.json has", () => {
    expect(
      breaking((page) =>
        codeIn(page).filter(
          (code) => code.startsWith("commitToMemory.") && contributes.configuration.properties[code] === undefined,
        ),
      ),
    ).toEqual([]);
  });

  test("calls commands and views of the editor by their titles", () => {
    const views = Object.values(contributes.views).flat();
    const titles = new Set([
      ...contributes.commands.map(({ title }) => title.replace(/…$/, "")),
      ...views.map(({ name }) => name),
    ]);
    const isTitle =
      /^(?:[A-Z][\w']*)(?: (?:[A-Z][\w']*|a|an|and|as|at|by|for|from|in|is|of|on|the|this|to|with))* [A-Z][\w']*$/;
    expect(
      breaking((page) =>
        [...read(page).matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].flatMap(([, words = ""]) =>
          isTitle.test(words) && !titles.has(words) ? [words] : [],
        ),
      ),
    ).toEqual([]);
  });
});

test("the architecture lists every room of the core and of git", () => {
  const rooms = codeIn("ARCHITECTURE.md").join("\n");
  const missing = ["src/core", "src/git"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && files.some((file) => file.startsWith(`${folder}/${entry.name}/`)))
      .filter(({ name }) => !new RegExp(`^  (?:\\w[\\w-]*/, )?${name}/`, "m").test(rooms))
      .map(({ name }) => `${folder}/${name}`),
  );
  expect(missing).toEqual([]);
});

describe("the command lines in the documentation", () => {
  const optionsOf = ({ options }: Pick<Command, "options">): Set<string> =>
    new Set(
      Object.entries({ ...GLOBAL_OPTIONS, ...options }).flatMap(([name, { short }]) => [
        `--${name}`,
        ...(short === undefined ? [] : [`-${short}`]),
      ]),
    );

  test("are of commands and options that are there", async () => {
    const known = new Map(
      await Promise.all(COMMANDS.map(async ({ name, load }) => [name, optionsOf(await load())] as const)),
    );
    const wrong = breaking((page) =>
      codeIn(page).flatMap((code) => {
        // What it does stands behind a gap or a #.
        const [, line = ""] = /^git memory ([a-z][^#|]*)/.exec(code.replace(/ {2,}.*$/, "")) ?? [];
        const [name = "", ...words] = line.split(" ");
        if (name === "" || name === "help") return [];
        const options = known.get(name);
        const said = words.map((word) => word.replace(/^\[|[\]=].*$/g, "")).filter((word) => /^--?[a-z]/.test(word));
        return options === undefined || said.some((word) => !options.has(word)) ? [code] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
