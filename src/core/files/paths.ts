/**
 * The virtual folder `/memories` of agents that keep their memory in files: `/memories/<store>/<type>/<claim>-<id>.md`. No
 * path ever reaches a file system or a tree: an id at its end finds a memory, and nothing else does.
 */
import { createHash } from "node:crypto";
import { InvalidInputError } from "../errors.ts";
import { isMemoryId } from "../memory/id.ts";
import { slugOf } from "../memory/location.ts";
import { type Memory, MEMORY_TYPES, type MemoryType } from "../memory/model.ts";
import type { StoreLabel } from "../stores.ts";

export const ROOT = "/memories";
const LONGEST = 300;
const LABELS = ["project", "personal"] as const satisfies readonly StoreLabel[];
/** What a store keeps beside its memories; only people change it, and none of it is shown here. */
const RESERVED = new Set([
  "policy.yaml",
  "policy.yml",
  "tombstones",
  "approvals",
  "allowed_signers",
  "allowed_keys.asc",
]);
const HANDLE = /(?:^|-)(m_[0-9a-z]{12}|p_[0-9a-f]{12})$/;

/** A path as an agent writes it. */
export interface FilePath {
  /** In one spelling: no slash at the end, composed characters. */
  readonly path: string;
  /** The store, where the path names one. */
  readonly label: StoreLabel | undefined;
  /** The folders below it. */
  readonly folders: readonly string[];
  /** The last part; empty for `/memories` and a store's folder. */
  readonly name: string;
  /** By which the memory is found, where the name has one. */
  readonly handle: string | undefined;
}

/** @throws InvalidInputError for a path outside of `/memories`, or to what is none of an agent's business. */
export function filePath(text: string): FilePath {
  const path = text.normalize("NFC").replace(/\/+$/, "");
  // Look-alikes of dots and slashes are judged as what they look like.
  for (const form of [path, path.normalize("NFKC")]) check(form);
  const parts = path.split("/").slice(2);
  const label = LABELS.find((one) => one === parts[0]);
  const below = label === undefined ? parts : parts.slice(1);
  const name = below.at(-1) ?? "";
  const handle = HANDLE.exec(stemOf(name))?.[1];
  return { path, label, folders: below.slice(0, -1), name, handle };
}

function check(path: string): void {
  const wrong = (why: string): InvalidInputError =>
    new InvalidInputError(`${why} A path begins with ${ROOT}/, such as ${ROOT}/project/convention/use-pnpm.md.`);
  if (path.length > LONGEST) throw wrong(`A path has at most ${LONGEST} characters.`);
  if (/[\p{C}\\%]/u.test(path)) throw wrong("A path has no control characters, backslashes or per cent signs.");
  const [before, root, ...parts] = path.split("/");
  if (before !== "" || root !== ROOT.slice(1)) throw wrong("That is outside of the memory.");
  for (const part of parts) {
    if (part === "" || part.trim() !== part) throw wrong("A path has no empty parts and no blanks around them.");
    if (part.startsWith(".")) throw wrong("A path has no hidden parts, `.` or `..`.");
    if (RESERVED.has(part.toLowerCase().replace(/[. ]+$/, "")))
      throw wrong(`"${part}" belongs to the store's own files, which only people change.`);
  }
}

/** Where a memory is shown. The claim's words in it are for readers; only the handle counts. */
export function pathOf(label: string, memory: Memory): string {
  return `${folderOf(label, memory)}/${slugOf(memory.title, "memory")}-${handleOf(memory)}.md`;
}

export function folderOf(label: string, { front }: Memory): string {
  return `${ROOT}/${label}/${slugOf(front.type, "other")}`;
}

/** A memory's id; a digest of its place for a file that somebody wrote without one. */
export function handleOf({ id, path }: Memory): string {
  return isMemoryId(id) ? id : `p_${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}

/** The type that a folder's name stands for, in the singular or plural; undefined for a name of the agent's own. */
export function typeOfFolders(folders: readonly string[]): MemoryType | undefined {
  const names = new Set(folders.map((folder) => folder.toLowerCase().replace(/s$/, "")));
  return MEMORY_TYPES.find((type) => names.has(type.toLowerCase()));
}

/** The words of a name: `use-pnpm.md` says "Use pnpm". */
export function wordsOfName(name: string): string {
  const words = stemOf(name)
    .replace(HANDLE, "")
    .replace(/[-_.\s]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function stemOf(name: string): string {
  return name.replace(/\.[A-Za-z0-9]{1,8}$/, "");
}
