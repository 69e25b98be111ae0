/**
 * Where a memory's file goes. The path is for people who browse; the id in the front matter is the identity, so a file
 * may be moved or renamed by hand.
 */
import type { MemoryId } from "./model.ts";

/** A flat folder of ten thousand files makes each write nine times slower and the pack four times larger (measured). */
export const FOLDER_LIMIT = 1000;

const SLUG_LENGTH = 48;
const WINDOWS_NAMES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * The path, relative to the store's root, of a new memory: `semantic/<type>/<slug>-<id>.md`, or `episodic/<yyyy-mm>/…`
 * for an `Episode`, by its month in UTC. Where a folder has a thousand files already, the memory goes one folder deeper,
 * named by the id's next character: 32 folders a level keep every folder of a million memories under the limit.
 *
 * @param filesIn how many files a folder of the store holds directly; the path has no slash at its end.
 */
export function memoryPath(
  memory: { readonly type: string; readonly id: MemoryId; readonly title: string; readonly at: Date },
  filesIn: (folder: string) => number,
): string {
  let folder =
    memory.type === "Episode"
      ? `episodic/${memory.at.toISOString().slice(0, 7)}`
      : `semantic/${slugOf(memory.type, "other")}`;
  for (const character of memory.id.replace(/^m_/, "")) {
    if (filesIn(folder) < FOLDER_LIMIT) break;
    folder += `/${character}`;
  }
  return `${folder}/${slugOf(memory.title, "memory")}-${memory.id}.md`;
}

/**
 * A title as a part of a path: lower-case ASCII letters and digits with single hyphens, at most 48 characters, never
 * empty. Accents are dropped and other scripts left out, because such a name works on every file system, in every
 * terminal and URL, and cannot change the direction of a line; the title itself is in the file.
 */
export function slugOf(title: string, fallback: string): string {
  const words = title
    .slice(0, 1000)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f'\u2019]/g, "")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  let slug = "";
  for (const word of words) {
    const longer = slug === "" ? word.slice(0, SLUG_LENGTH) : `${slug}-${word}`;
    if (longer.length > SLUG_LENGTH) break;
    slug = longer;
  }
  if (slug === "") return fallback;
  return WINDOWS_NAMES.test(slug) ? `${slug}-${fallback}` : slug;
}
