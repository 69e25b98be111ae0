/**
 * One server's table in Codex's `config.toml`. It is appended between two comments and taken out with them; nothing else
 * of the file is parsed or written.
 */
import { ConnectionError, SERVER_NAME, type Launcher } from "./connection.ts";
import { withBlock, withoutBlock } from "./fenced-block.ts";

const BLOCK = /^# commit-to-memory:start[ \t]*\r?\n[\s\S]*?^# commit-to-memory:end/m;

/**
 * `mcp_servers.memory` in every spelling that TOML has for it (table, dotted key, quoted parts), or an inline
 * `mcp_servers = {…}`, to which no table can be added (TOML 1.0, "Inline Table").
 */
const NAME = `(?:${SERVER_NAME}|"${SERVER_NAME}"|'${SERVER_NAME}')`;
const SERVERS = `(?:mcp_servers|"mcp_servers"|'mcp_servers')`;
const TAKEN = new RegExp(
  `^[ \\t]*(?:\\[[ \\t]*${SERVERS}[ \\t]*\\.[ \\t]*${NAME}[ \\t]*[.\\]]|${SERVERS}[ \\t]*\\.[ \\t]*${NAME}[ \\t]*[.=]|${SERVERS}[ \\t]*=)`,
  "m",
);
/** The same name as a key below a `[mcp_servers]` header. */
const UNDER_HEADER = new RegExp(
  `^[ \\t]*\\[[ \\t]*${SERVERS}[ \\t]*\\][^\\n]*\\n(?:(?![ \\t]*\\[).*\\n)*?[ \\t]*${NAME}[ \\t]*[.=]`,
  "m",
);

/**
 * The file with our table at its end, or with the one that it has brought up to date.
 *
 * @throws ConnectionError where another table has our name, or none can be added
 */
export function withTomlServer(path: string, text: string | null, { command, args }: Launcher): string {
  const rest = (text ?? "").replace(BLOCK, "").replace(/\r\n/g, "\n");
  if (TAKEN.test(rest) || UNDER_HEADER.test(`${rest}\n`)) {
    throw new ConnectionError(
      `${path} already has a server called \`${SERVER_NAME}\`, or lists its servers in one line. Rename or rewrite that entry, then connect again.`,
    );
  }
  return withBlock(text, BLOCK, [
    "# commit-to-memory:start",
    `[mcp_servers.${SERVER_NAME}]`,
    `command = ${tomlString(command)}`,
    `args = [${args.map(tomlString).join(", ")}]`,
    "# commit-to-memory:end",
  ]);
}

/** The file without our table; null where the file was made for it. */
export function withoutTomlServer(text: string): string | null {
  return withoutBlock(text, BLOCK);
}

export function hasTomlServer(text: string | null): boolean {
  return text !== null && BLOCK.test(text);
}

/** A basic string (TOML 1.0): JSON's escapes are a subset of its own, except that DEL must be escaped as well. */
function tomlString(text: string): string {
  return JSON.stringify(text).replace(/\u007F/g, "\\u007F");
}
