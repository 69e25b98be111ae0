/**
 * The command that an agent's configuration names: a small script which runs `git-memory` with the editor's own Node, so
 * that agents outside the editor need none installed. Its address never changes; what it points to does, with each update
 * of the editor or of the extension.
 */

/** What the script runs. */
export interface LauncherTarget {
  /** The editor's executable; `ELECTRON_RUN_AS_NODE` makes it behave as Node. */
  readonly node: string;
  /** The bundle of the command line. */
  readonly cli: string;
}

export interface LauncherFile {
  readonly name: "git-memory" | "git-memory.cmd";
  readonly text: string;
}

/** How an agent starts the memory server. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
}

const MOVED = "git-memory: the editor or the extension has moved. Open the editor once, then try again.";

/** The script for a platform, as Node names platforms. */
export function launcherFile(target: LauncherTarget, platform: NodeJS.Platform): LauncherFile {
  return platform === "win32"
    ? { name: "git-memory.cmd", text: windowsScript(target) }
    : { name: "git-memory", text: posixScript(target) };
}

/**
 * The command line by which an agent starts the server through the script at `path`. Windows starts no `.cmd` file
 * without its shell, and agents spawn without one.
 */
export function launchCommand(path: string, platform: NodeJS.Platform): LaunchCommand {
  return platform === "win32" ? { command: "cmd", args: ["/d", "/c", path, "mcp"] } : { command: path, args: ["mcp"] };
}

function posixScript({ node, cli }: LauncherTarget): string {
  return [
    "#!/bin/sh",
    "# Written by Commit to Memory, which keeps the two paths up to date.",
    `node=${posixQuoted(node)}`,
    `cli=${posixQuoted(cli)}`,
    'if [ ! -x "$node" ] || [ ! -f "$cli" ]; then',
    `  echo "${MOVED}" >&2`,
    "  exit 1",
    "fi",
    'ELECTRON_RUN_AS_NODE=1 exec "$node" "$cli" "$@"',
    "",
  ].join("\n");
}

function windowsScript({ node, cli }: LauncherTarget): string {
  const paths = [node, cli].map((path) => path.replaceAll("%", "%%"));
  const lines = [
    "@echo off",
    "rem Written by Commit to Memory, which keeps the two paths up to date.",
    "setlocal",
    // cmd reads a script in the console's code page, which knows few letters of a user's name; 65001 is UTF-8.
    ...(/[^ -~]/.test(node + cli) ? ["chcp 65001 >nul"] : []),
    `if not exist "${paths[0]}" goto moved`,
    `if not exist "${paths[1]}" goto moved`,
    "set ELECTRON_RUN_AS_NODE=1",
    `"${paths[0]}" "${paths[1]}" %*`,
    "exit /b %errorlevel%",
    ":moved",
    `echo ${MOVED} 1>&2`,
    "exit /b 1",
    "",
  ];
  return lines.join("\r\n");
}

function posixQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
