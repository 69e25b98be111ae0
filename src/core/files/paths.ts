/**
 * The virtual folder `/memories` of agents that keep their memory in files. A path there stands for a memory: one that such an
 * agent made has its path as its title, every other is shown by its kind, its title and its id.
 */
import { InvalidInputError } from "../errors.ts";
import type { Memory } from "../memory/model.ts";
import { slugOf } from "../memory/location.ts";

export const ROOT = "/memories";
/** The tag of a memory that an agent made as a file. */
export const FILE_TAG = "file";
const LONGEST = 180;

/** The path below the root, without a slash at either end; empty for the root. Throws InvalidInputError for any other place. */
export function insideRoot(path: string): string {
  const wrong = (why: string): InvalidInputError =>
    new InvalidInputError(`${why} Paths begin with ${ROOT}/, such as ${ROOT}/notes/build.md.`);
  if (/[\p{C}\\%]/u.test(path)) throw wrong("A path has no control characters, backslashes or per cent signs.");
  const parts = path.normalize("NFC").replace(/\/+$/, "").split("/");
  if (parts[0] !== "" || parts[1] !== ROOT.slice(1)) throw wrong("That is outside the memory.");
  const inside = parts.slice(2);
  if (inside.some((part) => part === "" || part === "." || part === ".." || part.trim() !== part))
    throw wrong("A path has no empty parts, `.` or `..`.");
  if (inside.join("/").length > LONGEST) throw wrong(`A path has at most ${LONGEST} characters.`);
  return inside.join("/");
}

/** Where a memory is shown, below the root. */
export function filePathOf({ front, title, id }: Memory): string {
  if ((front.tags ?? []).includes(FILE_TAG) && isPlainPath(title)) return title;
  return `${slugOf(front.type, "other")}/${slugOf(title, "memory")}-${id}.md`;
}

/** A title is anybody's words: only one that reads back as itself is a path. */
function isPlainPath(title: string): boolean {
  try {
    return title !== "" && insideRoot(`${ROOT}/${title}`) === title;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}
