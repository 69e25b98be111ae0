/**
 * Which code a rule file is about: from its folder, and from the front matter that Cursor (`globs`, `alwaysApply`),
 * Copilot (`applyTo`) and Claude Code (`paths`) read. Cursor's isn't YAML (`globs: *.ts, src/**` would be an alias), so
 * it is read line by line.
 */

export interface RuleHead {
  /** Globs from the repository's root; empty: everywhere. */
  readonly scope: readonly string[];
  readonly description?: string;
  /** The text after the front matter, and how many lines came before it. */
  readonly body: string;
  readonly skipped: number;
}

/** Files whose text stands in a folder of the tool's own speak about the folder around it. */
const TOOL_FOLDER = /(?:^|\/)\.(?:github|cursor|claude|clinerules|windsurf|agents?|gemini|codex|vscode)(?:\/.*)?$/;

/** Reads the head of a rule file. `path` is relative to the repository's root, with slashes; line ends are `\n`. */
export function readRuleHead(path: string, text: string): RuleHead {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/"))).replace(TOOL_FOLDER, "");
  const within = (glob: string): string => (folder === "" ? glob : `${folder}/${glob}`);
  const everywhere = folder === "" ? [] : [within("**")];
  const match = /^---[ \t]*\n((?:.*\n)*?)---[ \t]*(?:\n|$)/.exec(text);
  if (match === null) return { scope: everywhere, body: text, skipped: 0 };
  const keys = readKeys(match[1] ?? "");
  const globs =
    keys.get("alwaysApply")?.[0] === "true" ? [] : ["globs", "applyTo", "paths"].flatMap((key) => keys.get(key) ?? []);
  const narrow = globs.filter((glob) => glob !== "*" && glob !== "**" && glob !== "**/*" && glob !== "**/*.*");
  const description = keys.get("description")?.join(" ").trim();
  return {
    scope:
      narrow.length < globs.length || narrow.length === 0 ? everywhere : narrow.map((glob) => within(anywhere(glob))),
    ...(description === undefined || description === "" ? {} : { description }),
    body: text.slice(match[0].length),
    skipped: match[0].split("\n").length - 1,
  };
}

/** `*.ts` means a name in any folder to the tools; a glob of ours says so. */
function anywhere(glob: string): string {
  const plain = glob.replace(/^\.?\//, "");
  return plain.includes("/") || glob.startsWith("/") ? plain : `**/${plain}`;
}

function readKeys(block: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  let values: string[] = [];
  for (const line of block.split("\n")) {
    const key = /^([A-Za-z_]+):[ \t]*(.*)$/.exec(line);
    const item = /^[ \t]+-[ \t]+(.*)$|^-[ \t]+(.*)$/.exec(line);
    if (key?.[1] !== undefined) {
      values = key[1] === "description" ? [unquoted(key[2] ?? "")] : split(key[2] ?? "");
      keys.set(key[1], values);
    } else if (item !== null) values.push(unquoted(item[1] ?? item[2] ?? ""));
  }
  return keys;
}

/** Splits a list of globs at its commas, but not inside braces (`*.{ts,tsx}`). */
function split(text: string): string[] {
  const inner = text.trim().replace(/^\[(.*)\]$/, "$1");
  return unquoted(inner)
    .split(/,(?![^{]*\})/)
    .map(unquoted)
    .filter((value) => value !== "");
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])([^"']*)\1$/, "$2");
}
