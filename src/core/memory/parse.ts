/** Reading a memory file. Nothing here throws for what a file holds: a file that cannot be read is shown as broken. */
import { readFrontMatter } from "./frontmatter.ts";
import { pathId } from "./id.ts";
import { lineAt } from "./lines.ts";
import type { BrokenMemory, FrontMatter, Memory, ObjectId, Problem } from "./model.ts";
import { fallbackTitle, oneLine } from "./title.ts";
import { checkFrontMatter } from "./validate.ts";
import { lineOf } from "./yaml.ts";

/** A byte order mark stays in the text: it is a byte of the file like any other. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NOT_MEMORIES = new Set(["index.md", "log.md", "readme.md"]);

/**
 * Whether a path of the store holds a memory: a markdown file under `semantic/` or `episodic/` that is no `index.md`,
 * `log.md` or `README.md` (Open Knowledge Format 0.2, section 3.1, reserves the first two).
 */
export function isMemoryPath(path: string): boolean {
  if (!/^(?:semantic|episodic)\/.*[^/]\.md$/.test(path)) return false;
  return !NOT_MEMORIES.has(path.slice(path.lastIndexOf("/") + 1).toLowerCase());
}

/** The text of bytes that are well-formed UTF-8, a byte order mark included; null for others. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    // A fatal decoder has one way to say no.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * Reads one file of a store.
 *
 * @param path relative to the store's root, with forward slashes.
 * @returns the memory, or what is wrong with the file, each with its line.
 */
export function readMemory(path: string, blob: ObjectId, bytes: Uint8Array): Memory | BrokenMemory {
  const text = decodeUtf8(bytes);
  if (text !== null) return readMemoryText(path, blob, text);
  const problem = bytes.includes(0) ? binaryProblem(lineOfByte(bytes, bytes.indexOf(0))) : notUtf8Problem(bytes);
  return { path, blob, problems: [problem] };
}

/** As `readMemory`, for a text at hand. A byte order mark at its start is tolerated. */
export function readMemoryText(path: string, blob: ObjectId, text: string): Memory | BrokenMemory {
  const zero = text.indexOf("\0");
  if (zero !== -1) return { path, blob, problems: [binaryProblem(lineAt(text, zero))] };
  const conflict = conflictLine(text);
  if (conflict !== null) return { path, blob, problems: [conflict] };
  const read = readFrontMatter(text);
  if (!read.ok) return { path, blob, problems: [read.problem] };
  const { yamlStart, yamlEnd, bodyStart } = read.sections;
  const checked = checkFrontMatter(read.values);
  if (!checked.ok) {
    const yaml = text.slice(yamlStart, yamlEnd);
    const problems = checked.problems.map(({ code, path: at, message }) => ({
      code,
      line: lineOf(yaml, at) + 1,
      message,
    }));
    return { path, blob, problems };
  }
  return memoryOf(path, blob, checked.front, text.slice(bodyStart));
}

/** The memory that a path, a front matter and a body make, with what stands for a missing id or title. */
function memoryOf(path: string, blob: ObjectId, front: FrontMatter, body: string): Memory {
  const title = oneLine(front.title ?? "");
  return {
    id: front.id ?? pathId(path),
    title: title === "" ? fallbackTitle(body, path) : title,
    path,
    blob,
    front,
    body,
  };
}

/** Two claims in one file are none. Markers count only as git writes them: all three, in order, each at a line's start. */
function conflictLine(text: string): Problem | null {
  const ours = text.indexOf("\n<<<<<<< ");
  if (ours === -1) return null;
  const middle = Math.max(text.indexOf("\n=======\n", ours), text.indexOf("\n=======\r\n", ours));
  if (middle === -1 || !text.includes("\n>>>>>>> ", middle)) return null;
  return {
    code: "conflict-markers",
    line: lineAt(text, ours + 1),
    message: "A merge left its conflict markers here; keep one side and remove the marker lines.",
  };
}

function binaryProblem(line: number): Problem {
  return {
    code: "binary",
    line,
    message: "The file holds a zero byte, so it is no text; restore an older version or remove the file.",
  };
}

function notUtf8Problem(bytes: Uint8Array): Problem {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(10, start);
    const stop = end === -1 ? bytes.length : end + 1;
    // A line feed is never a part of a longer UTF-8 sequence, so lines can be judged one by one.
    if (decodeUtf8(bytes.subarray(start, stop)) === null) break;
    start = stop;
  }
  return {
    code: "not-utf8",
    line,
    message:
      "This line is not valid UTF-8, perhaps because the file was cut off or saved in another encoding; save it as UTF-8.",
  };
}

function lineOfByte(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}
