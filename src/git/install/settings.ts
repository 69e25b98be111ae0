/** What lets git itself merge and show memories: three settings of a repository, and lines of its `info/attributes`. */

/** How `git-memory` is started: a path, and perhaps arguments and variables that must stand before its own. */
export interface Program {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly [string, ...string[]];
}

export interface Setting {
  readonly key: string;
  readonly value: string;
}

const DRIVER = "agent-memory";
const NAME = "memories by their front matter";

/**
 * The settings. Where the program is gone one day, git's own merge and the bare file stand in, so that nothing breaks which
 * worked without us.
 */
export function settingsFor(program: Program): readonly Setting[] {
  const call = commandLine(program);
  const paths = program.words.filter(isPath).map((word) => `test -e ${quoted(word.replaceAll("\\", "/"))}`);
  const isThere = paths.length === 0 ? "true" : paths.join(" && ");
  // In a driver, and there alone, git gives a percent sign a meaning.
  const escaped = (text: string): string => text.replaceAll("%", "%%");
  const plain = "git merge-file -L ours -L base -L theirs --marker-size=%L %A %O %B";
  return [
    { key: `merge.${DRIVER}.name`, value: NAME },
    {
      key: `merge.${DRIVER}.driver`,
      value: `if ${escaped(isThere)}; then ${escaped(call)} merge-driver %O %A %B %L %P; else ${plain}; fi`,
    },
    {
      key: `diff.${DRIVER}.textconv`,
      value: `f() { if ${isThere}; then ${call} textconv "$1"; else cat "$1"; fi; }; f`,
    },
  ];
}

/** Whether a value is one that some version of us wrote. */
export function isOurs({ key, value }: Setting): boolean {
  if (key === `merge.${DRIVER}.name`) return value === NAME;
  if (key === `merge.${DRIVER}.driver`) return value.includes(" merge-driver %O %A %B %L %P; else git merge-file ");
  return key === `diff.${DRIVER}.textconv` && value.includes(' textconv "$1"; else cat "$1"');
}

/** A store's files, at a branch's root and in `.memory/`. */
export const ATTRIBUTE_LINES: readonly string[] = [
  "# Commit to Memory: begin. Taken out by `git memory git uninstall`.",
  ...["", "/.memory"].flatMap((root) => [
    `${root}/semantic/**/*.md diff=${DRIVER} merge=${DRIVER}`,
    `${root}/episodic/**/*.md diff=${DRIVER} merge=${DRIVER}`,
    `${root}/tombstones/*.md diff=${DRIVER} merge=${DRIVER}`,
    `${root}/policy.yaml merge=${DRIVER}`,
  ]),
  "# Commit to Memory: end.",
];

export const ATTRIBUTES_BLOCK = /# Commit to Memory: begin\.[\s\S]*?# Commit to Memory: end\./;

/** git starts drivers through a POSIX shell, on Windows too, where that shell wants forward slashes. */
function commandLine({ env, words }: Program): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...variables, ...words.map((word) => quoted(isPath(word) ? word.replaceAll("\\", "/") : word))].join(" ");
}

function isPath(word: string): boolean {
  return word.startsWith("/") || /^[A-Za-z]:[\\/]/.test(word) || word.startsWith("\\\\");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
