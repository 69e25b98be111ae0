/**
 * A landing's step on the index and the files of an everyday work tree, taken here by git's own rules (unpack-trees.c,
 * `twoway_merge`; entry.c; read-cache.c): two git processes for a memory or two cost many times the step. Whatever is unusual,
 * stands in the way or is not certain is left to git, which says so in its own words.
 */
import fs from "node:fs";
import path from "node:path";
import type { ObjectId } from "../../core/memory/model.ts";
import { IndexFile, type IndexEntry, lookOf } from "../index/index-file.ts";
import { foldersOf, PlainFiles } from "../index/plain-files.ts";
import { type HashName, objectId, type TreeEntry, withHeader } from "../objects/encode.ts";
import { type LeafStep, leavesOf } from "../objects/tree-steps.ts";
import { share } from "../sharing.ts";
import { FOLDER, type FolderTrees } from "./folder.ts";
import type { WorkTree } from "./work-tree.ts";

/** More files than this git writes as fast. */
const MOST_FILES = 200;
/** More that have to be read to know whether they are unchanged, and larger ones, are git's business. */
const MOST_RACY = 200;
const MOST_RACY_BYTES = 1 << 20;

/** Its place in a `Look`. */
const DEVICE = 4;

/** A step that nothing speaks against; nothing is written yet. */
export interface PlainStep {
  /** Writes the files as a checkout would, and the index that goes with them to a new file. Null, or why it can't. */
  readonly write: (newIndex: string) => string | null;
}

interface File {
  readonly path: string;
  readonly after: { readonly entry: TreeEntry; readonly content: Uint8Array } | null;
  readonly wasThere: boolean;
}

export class PlainSteps {
  readonly #place: WorkTree;
  readonly #folder: FolderTrees;
  readonly #plain: PlainFiles;

  constructor(place: WorkTree, folder: FolderTrees) {
    this.#place = place;
    this.#folder = folder;
    this.#plain = new PlainFiles(place.repository, place.folder);
  }

  /** The step between two commits; null where git has to take it. */
  async between(before: ObjectId, after: ObjectId): Promise<PlainStep | null> {
    const { hash, gitDir, settings } = this.#place.repository;
    const whole = await this.#folder.wholeStep(before, after);
    const leaves = leavesOf(whole);
    if (leaves.length > MOST_FILES || !leaves.every(isOrdinary)) return null;
    const indexFile = path.join(gitDir, "index");
    const seconds = Math.floor(fs.statSync(indexFile).mtimeMs / 1_000);
    const index = seconds > 0 ? IndexFile.read(fs.readFileSync(indexFile), hash) : null;
    if (index === null || !leaves.every((leaf) => this.#isAsBefore(index, leaf))) return null;
    const paths = new Set(leaves.map((leaf) => leaf.path));
    if (!(await this.#plain.are([...paths], index))) return null;
    const racy = index.racy(seconds, MOST_RACY);
    // The entries of the step are racy too where they are; they have to be unchanged in any case.
    if (racy === null || !racy.every((file) => isUnchanged(this.#full(file), index.find(file), hash, paths.has(file))))
      return null;
    const files: File[] = [];
    for (const leaf of leaves) {
      const content = leaf.after === null ? null : await this.#folder.contentOf(leaf.after.id);
      if (leaf.after !== null && content === null) return null;
      const now = leaf.after === null || content === null ? null : { entry: leaf.after, content };
      files.push({ path: leaf.path, after: now, wasThere: leaf.before !== null });
    }
    const { sharing } = await settings();
    return {
      write: (newIndex) =>
        troubleIn(() => {
          for (const file of files) this.#write(file);
          const entries = files.map((file) => [file.path, this.#entryOf(file)] as const);
          writeParts(newIndex, index.with(new Map(entries), whole));
          share(newIndex, sharing);
        }),
    };
  }

  #full(file: string): string {
    return path.join(this.#place.folder, file);
  }

  /** Whether index and file are at the step's beginning, and nothing else is where the file will be. */
  #isAsBefore(index: IndexFile, { path: file, before }: LeafStep): boolean {
    const entry = index.find(file);
    const folders = foldersOf(file);
    const isFree = folders.every((folder) => index.find(folder) === null && !isOther(this.#full(folder)));
    if (!isFree || index.hasBelow(file)) return false;
    if (before === null) return entry === null;
    if (entry === null || entry.isMarked || entry.id !== before.id || entry.mode !== modeOf(before)) return false;
    const stat = fs.lstatSync(this.#full(file), { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() === true && hasLook(entry, stat);
  }

  #write({ path: file, after, wasThere }: File): void {
    if (after === null) return removeWithFolders(this.#place.folder, file);
    const full = this.#full(file);
    if (wasThere) fs.unlinkSync(full);
    else fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, after.content, { flag: "wx", mode: modeOf(after.entry) === 0o100755 ? 0o777 : 0o666 });
  }

  #entryOf({ path: file, after }: File): Omit<IndexEntry, "isMarked"> | null {
    if (after === null) return null;
    const look = lookOf(fs.lstatSync(this.#full(file), { bigint: true }));
    return { id: after.entry.id, mode: modeOf(after.entry), look };
  }
}

/** To a new file. */
function writeParts(file: string, parts: readonly Buffer[]): void {
  const fd = fs.openSync(file, "wx", 0o666);
  try {
    // A disk that is nearly full takes a part, and says so by the count alone.
    for (const part of parts) for (let at = 0; at < part.length;) at += fs.writeSync(fd, part, at);
  } finally {
    fs.closeSync(fd);
  }
}

/** What the system says where it refuses some work; null where the work was done. */
function troubleIn(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
    return error.message.replace(/^[A-Z]+: /, "");
  }
}

/** With the folders that it leaves empty, as git does. @param root of the work tree, which stays */
export function removeWithFolders(root: string, file: string): void {
  fs.rmSync(path.join(root, file), { force: true });
  for (const folder of foldersOf(file).toReversed()) {
    const full = path.join(root, folder);
    if (!fs.existsSync(full)) continue;
    if (fs.readdirSync(full).length > 0) return;
    fs.rmdirSync(full);
  }
}

/** A plain file of the store, under a name of plain text. */
function isOrdinary({ path: file, before, after }: LeafStep): boolean {
  const isPlain = (entry: TreeEntry | null): boolean =>
    entry === null || (entry.rawName === undefined && /^100(?:644|755)$/.test(entry.mode));
  return file.startsWith(`${FOLDER}/`) && /^[\x20-\x7e]+$/.test(file) && isPlain(before) && isPlain(after);
}

function modeOf({ mode }: TreeEntry): number {
  return Number.parseInt(mode, 8);
}

/** Whether something is there that is no folder. */
function isOther(place: string): boolean {
  return fs.lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Whether git would take the file for unchanged by its look. All that it notes has to be the same, whatever it compares. */
function hasLook({ look, mode }: IndexEntry, stat: fs.BigIntStats): boolean {
  const isRunnable = (stat.mode & 0o100n) !== 0n;
  // A device has another number after the next start of some machines, and git passes it over, too.
  const isSame = lookOf(stat).every((part, n) => part === look[n] || n === DEVICE);
  return isSame && isRunnable === ((mode & 0o100) !== 0);
}

/**
 * Whether a file that is as young as the index is what its entry says. git marks one that isn't before it writes a younger
 * index, or would take it for unchanged from then on.
 * @param isInStep one whose look was compared already; others may be changed so that it shows
 */
function isUnchanged(file: string, entry: IndexEntry | null, hash: HashName, isInStep: boolean): boolean {
  const stat = fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (entry === null) return false;
  if (stat === undefined) return !isInStep;
  if (!stat.isFile() || stat.size > MOST_RACY_BYTES) return false;
  // It shows that it was changed, whatever is in it.
  if (!isInStep && (Number(BigInt.asUintN(32, stat.size)) !== entry.look[8] || !hasSameTime(entry, stat))) return true;
  return objectId(withHeader("blob", fs.readFileSync(file)), hash) === entry.id;
}

/** By the second, and by nothing else that some gits don't compare. */
function hasSameTime({ look }: IndexEntry, stat: fs.BigIntStats): boolean {
  return lookOf(stat)[2] === look[2];
}
