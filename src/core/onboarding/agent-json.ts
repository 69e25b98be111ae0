/**
 * One server's entry in a JSON file of MCP servers. The parser gives positions only, and the edits are made in the text, so
 * that comments, trailing commas and everybody else's formatting stay as they are.
 */
import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from "jsonc-parser";
import { ConnectionError, isOurs, SERVER_NAME, type Launcher } from "./connection.ts";

const LOOSE = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true };

/** The objects of a file that matter: its root and its servers, where there are any. */
interface Servers {
  readonly root: Node | undefined;
  readonly servers: Node | undefined;
  /** The property `memory`: its key and its value. */
  readonly ours: Node | undefined;
}

/**
 * The file with our server in `container` (`mcpServers`).
 *
 * @throws ConnectionError where the file is broken or has another server of our name
 */
export function withJsonServer(path: string, text: string | null, container: string, launcher: Launcher): string {
  const entry = { command: launcher.command, args: [...launcher.args] };
  const whole = `${JSON.stringify({ [container]: { [SERVER_NAME]: entry } }, null, 2)}\n`;
  if (text === null) return whole;
  const { root, servers, ours } = read(path, text, container);
  if (root === undefined) return text + whole;
  const value = onOneLine(entry);
  if (ours !== undefined) {
    const there = ours.children?.[1];
    if (there === undefined || !isOurs(getNodeValue(there), launcher)) {
      throw new ConnectionError(
        `${path} already has another server called \`${SERVER_NAME}\`. Rename that one, then connect again.`,
      );
    }
    const isSame = JSON.stringify(getNodeValue(there)) === JSON.stringify(entry);
    return isSame ? text : splice(text, there.offset, there.offset + there.length, inTheMannerOf(text, there, entry));
  }
  if (servers !== undefined) return insert(text, servers, SERVER_NAME, value);
  return insert(text, root, container, `{ ${JSON.stringify(SERVER_NAME)}: ${value} }`);
}

/** The file without our server; null where it is as we made it. An empty list of servers is left: it may be somebody's. */
export function withoutJsonServer(path: string, text: string, container: string, launcher: Launcher): string | null {
  const { servers, ours } = read(path, text, container);
  const value = ours?.children?.[1];
  if (servers === undefined || ours === undefined || value === undefined || !isOurs(getNodeValue(value), launcher))
    return text;
  return text === withJsonServer(path, null, container, launcher) ? null : remove(text, servers, ours);
}

export function hasJsonServer(path: string, text: string | null, container: string, launcher: Launcher): boolean {
  const value = text === null ? undefined : read(path, text, container).ours?.children?.[1];
  return value !== undefined && isOurs(getNodeValue(value), launcher);
}

function read(path: string, text: string, container: string): Servers {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, LOOSE);
  if (errors.length > 0 || (root !== undefined && root.type !== "object")) {
    throw new ConnectionError(`${path} is not valid JSON, so it was left as it is. Repair it and try again.`);
  }
  const servers = root === undefined ? undefined : findNodeAtLocation(root, [container]);
  if (servers !== undefined && servers.type !== "object") {
    throw new ConnectionError(
      `\`${container}\` in ${path} is no object, so the file was left as it is. Repair it and try again.`,
    );
  }
  const [ours, again] = servers?.children?.filter(({ children }) => children?.[0]?.value === SERVER_NAME) ?? [];
  if (again !== undefined) {
    throw new ConnectionError(
      `${path} names the server \`${SERVER_NAME}\` twice, so it was left as it is. Remove one and try again.`,
    );
  }
  return { root, servers, ours };
}

/** Puts a property behind the last one, in the manner in which that stands there: on a line of its own, or in the same. */
function insert(text: string, object: Node, key: string, value: string): string {
  const property = `${JSON.stringify(key)}: ${value}`;
  const last = object.children?.at(-1);
  if (last !== undefined) {
    const indent = /\n([ \t]*)$/.exec(text.slice(0, last.offset))?.[1];
    const separator = indent === undefined ? " " : eolOf(text) + indent;
    return splice(text, last.offset + last.length, last.offset + last.length, `,${separator}${property}`);
  }
  const inside = object.offset + 1;
  const outer = /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, object.offset))?.[1] ?? "";
  const isWide = !text.includes("\n");
  const opened = isWide ? ` ${property} ` : `${eolOf(text)}${outer}${unitOf(text)}${property}`;
  const isClosed = isWide || text.slice(inside, object.offset + object.length - 1).includes("\n");
  return splice(text, inside, inside, isClosed ? opened : `${opened}${eolOf(text)}${outer}`);
}

/** Takes a property out with one comma. What stands between properties besides commas and space is somebody's comment. */
function remove(text: string, object: Node, property: Node): string {
  const siblings = object.children ?? [];
  const at = siblings.indexOf(property);
  const end = property.offset + property.length;
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const beforeEnd = before === undefined ? undefined : before.offset + before.length;
  if (beforeEnd !== undefined && /^\s*,\s*$/.test(text.slice(beforeEnd, property.offset)))
    return splice(text, beforeEnd, end, "");
  if (after !== undefined) {
    const comma = /^\s*,\s*/.exec(text.slice(end, after.offset))?.[0].length ?? 0;
    return splice(text, property.offset, end + comma, "");
  }
  const opening = object.offset + 1;
  const closing = object.offset + object.length - 1;
  const inner = text.slice(opening, property.offset) + text.slice(end, closing).replace(/^\s*,/, "");
  return splice(text, opening, closing, inner.trim() === "" ? "" : inner);
}

/** An entry that stands on several lines stays on several. */
function inTheMannerOf(text: string, there: Node, entry: Launcher): string {
  if (!text.slice(there.offset, there.offset + there.length).includes("\n")) return onOneLine(entry);
  const indent = /(?:^|\n)([ \t]*)[^\n]*$/.exec(text.slice(0, there.offset))?.[1] ?? "";
  return JSON.stringify(entry, null, unitOf(text)).replaceAll("\n", eolOf(text) + indent);
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** One step of the file's own indentation. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

function onOneLine({ command, args }: Launcher): string {
  return `{ "command": ${JSON.stringify(command)}, "args": [${args.map((word) => JSON.stringify(word)).join(", ")}] }`;
}
