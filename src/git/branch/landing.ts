/**
 * Moves the branch that is checked out to the writes that wait for it, with the index and the files in step, as a
 * fast-forward would, and so that a kill at any point can be made good:
 *
 *   a copy of the index takes the step; the intent is written down; the copy becomes `index.lock`, which keeps every other
 *   git away; the refs move; the files are written; the copy becomes the index; the lock goes; the intent goes.
 *
 * git itself decides what stands in the way: a path that is staged, edited or untracked there refuses the step.
 */
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { FileDelta } from "../../core/ports.ts";
import type { GitCommand } from "../git-command.ts";
import { FolderState } from "../local-state.ts";
import type { RefReader } from "../refs/read-ref.ts";
import type { RefUpdater } from "../refs/update-ref.ts";
import { FOLDER, type FolderTrees, inFolder } from "./folder.ts";
import { lineOf, type WorkTree } from "./work-tree.ts";

/** The branch's step, and what the ref of the waiting writes is before and after it. */
export interface Step {
  readonly branch: string;
  readonly before: ObjectId;
  readonly after: ObjectId;
  readonly pending: { readonly ref: string; readonly before: ObjectId; readonly after: ObjectId | null };
}

/** `taken`; or why not now; or the paths of the branch that the user has changed and not committed. */
export type Outcome = "taken" | { readonly waits: string } | { readonly changed: readonly string[] };

/** A step that was begun, as it is written down before anything can be seen of it. */
interface Intent extends Step {
  /** The digest of our `index.lock`, by which it is told from somebody else's. */
  readonly lock: string;
  readonly by: { readonly pid: number; readonly host: string; readonly at: number };
}

const INTENT = "landing";
const LANDED = "landed";
const SCRATCH = "landing-";
/** A landing takes milliseconds; one that is older is nobody's, even where its process number is in use again. */
const STALE_MS = 60_000;

/** The git folders in which this process is landing now. */
const atWork = new Set<string>();

export class Landing {
  readonly #place: WorkTree;
  readonly #folder: FolderTrees;
  readonly #refs: RefReader;
  readonly #updater: RefUpdater;
  readonly #state: FolderState;
  readonly #git: GitCommand;
  /** A folder of this process's own, for as long as a landing takes. */
  readonly #scratch: string;
  readonly #files: { readonly index: string; readonly lock: string; readonly copy: string };

  constructor(place: WorkTree, folder: FolderTrees, refs: RefReader, updater: RefUpdater) {
    const { gitDir, git } = place.repository;
    this.#place = place;
    this.#folder = folder;
    this.#refs = refs;
    this.#updater = updater;
    this.#state = new FolderState(path.join(gitDir, "memory"), place.repository);
    this.#scratch = path.join(gitDir, "memory", `${SCRATCH}${process.pid}-${randomBytes(6).toString("hex")}`);
    this.#files = {
      index: path.join(gitDir, "index"),
      lock: path.join(gitDir, "index.lock"),
      copy: path.join(this.#scratch, "index"),
    };
    this.#git = git.in(place.folder).onIndex(this.#files.copy);
  }

  /** The stamp that the last landing left on index and HEAD; null where there was none. */
  async lastStamp(): Promise<string | null> {
    const bytes = await this.#state.read(LANDED);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  async noteStamp(stamp: string): Promise<void> {
    await this.#state.write(LANDED, new TextEncoder().encode(stamp));
  }

  async take(step: Step): Promise<Outcome> {
    const { gitDir } = this.#place.repository;
    atWork.add(gitDir);
    try {
      return await this.#take(step);
    } catch (error) {
      atWork.delete(gitDir);
      // The lock must not stand in the user's way. What can't be made good now, the next open tries again.
      await this.repair().catch(() => undefined);
      throw error;
    } finally {
      atWork.delete(gitDir);
    }
  }

  async #take(step: Step): Promise<Outcome> {
    const { index, lock, copy } = this.#files;
    const steps = await this.#folder.steps(step.before, step.after);
    const seen = new Map(steps.map((one) => [one.path, this.#lookOf(one.path)]));
    // While it writes no files, git does not look at what lies untracked in the way.
    const inTheWay = steps.filter(({ path: file, before }) => before === null && this.#isInTheWay(inFolder(file)));
    if (inTheWay.length > 0) return { changed: inTheWay.map((one) => one.path) };
    const stat = fs.statSync(index, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return { waits: "this work tree has no index yet" };
    this.#copyIndex(Number(stat.mtimeMs));
    const refused = await this.#stepIndex(step);
    if (refused !== null) {
      fs.rmSync(this.#scratch, { recursive: true, force: true });
      return this.#changedAmong(steps, refused);
    }
    await this.#note({ ...step, lock: digestOf(copy), by: { pid: process.pid, host: os.hostname(), at: Date.now() } });
    if (!linkNew(copy, lock)) return this.#forget({ waits: "another git is at work (index.lock)" });
    const now = fs.statSync(index, { bigint: true, throwIfNoEntry: false });
    const isSame = now?.mtimeNs === stat.mtimeNs && now.size === stat.size && now.ino === stat.ino;
    const isHere = lineOf(path.join(this.#place.repository.gitDir, "HEAD")) === `ref: ${step.branch}`;
    if (!isSame || !isHere || !(await this.#moveRefs(step))) {
      fs.unlinkSync(lock);
      return this.#forget({ waits: "the branch or the index changed this moment" });
    }
    await this.#finish(steps.filter((one) => this.#lookOf(one.path) === seen.get(one.path)));
    return "taken";
  }

  async #moveRefs({ branch, before, after, pending }: Step): Promise<boolean> {
    return this.#updater.swapAll([{ ref: branch, before, after }, pending]);
  }

  /** Makes good what a kill left of a landing: finished where the branch has moved, undone where it has not. */
  async repair(): Promise<void> {
    const intent = await this.#noted();
    if (intent === null || isAtWork(intent, this.#place.repository.gitDir)) return;
    const { lock, copy } = this.#files;
    const isOurs = fs.existsSync(lock) && digestOf(lock) === intent.lock;
    const tip = await this.#refs.read(intent.branch);
    if (tip !== intent.after) {
      if (isOurs) fs.unlinkSync(lock);
      return this.#state.remove(INTENT);
    }
    const { ref, before, after } = intent.pending;
    if ((await this.#refs.read(ref)) === before) await this.#updater.swapAll([{ ref, before, after }]);
    if (isOurs) this.#copy(lock);
    else if (!fs.existsSync(this.#files.index)) return this.#state.remove(INTENT);
    else {
      // Somebody removed the lock, or all but the note was done. The index takes the step where it has not yet.
      this.#copyIndex(fs.statSync(this.#files.index).mtimeMs);
      if ((await this.#stepIndex(intent, "-i")) !== null) return void (await this.#forget("taken"));
      if (!linkNew(copy, lock)) return;
    }
    const steps = await this.#folder.steps(intent.before, intent.after);
    const due: FileDelta[] = [];
    for (const one of steps) if (await this.#isDue(one)) due.push(one);
    await this.#finish(due);
  }

  /** From here on only what the refs already say is done, so that doing it again changes nothing. */
  async #finish(steps: readonly FileDelta[]): Promise<void> {
    const { index, lock, copy } = this.#files;
    const written = await this.#writeFiles(steps);
    fs.renameSync(copy, index);
    fs.unlinkSync(lock);
    fs.rmSync(this.#scratch, { recursive: true, force: true });
    // A file that could not be written is written when the store is opened next.
    if (written) await this.#state.remove(INTENT);
  }

  /** Null, or git's words where it refuses. */
  async #stepIndex({ before, after }: Pick<Step, "before" | "after">, ...options: string[]): Promise<string | null> {
    const verified = await this.#git.run(["read-tree", "-m", ...options, before, after]);
    if (!verified.ok) return verified.stderr;
    return this.#isSparse() ? this.#stepSparseIndex(before, after) : null;
  }

  /**
   * Which new files a sparse checkout leaves out, git decides only while it writes files. Here it writes them into an empty
   * folder, after the real one was found to be in order.
   */
  async #stepSparseIndex(before: ObjectId, after: ObjectId): Promise<string | null> {
    this.#copyIndex(fs.statSync(this.#files.index).mtimeMs);
    const elsewhere = path.join(this.#scratch, "files");
    fs.mkdirSync(elsewhere);
    const place = [`--git-dir=${this.#place.repository.gitDir}`, `--work-tree=${elsewhere}`];
    const done = await this.#git.run([...place, "read-tree", "-m", "-u", before, after]);
    return done.ok ? null : done.stderr;
  }

  #isSparse(): boolean {
    return fs.existsSync(path.join(this.#place.repository.gitDir, "info", "sparse-checkout"));
  }

  async #writeFiles(steps: readonly FileDelta[]): Promise<boolean> {
    for (const { path: file, after } of steps) if (after === null) this.#removeFile(inFolder(file));
    let files = steps.filter(({ after }) => after !== null).map(({ path: file }) => inFolder(file));
    if (this.#isSparse()) {
      const left = await this.#leftOut();
      files = files.filter((file) => !left.has(file));
    }
    if (files.length === 0) return true;
    const input = new TextEncoder().encode(files.map((file) => `${file}\0`).join(""));
    return (await this.#git.run(["checkout-index", "-u", "-f", "-q", "-z", "--stdin"], input)).ok;
  }

  async #leftOut(): Promise<ReadonlySet<string>> {
    const listed = await this.#git.run(["ls-files", "-t", "-z", "--", FOLDER]);
    if (!listed.ok) throw new GitError(`git ls-files failed: ${listed.stderr.trim()}`);
    const lines = listed.stdout.toString("utf8").split("\0");
    return new Set(lines.filter((line) => line.startsWith("S ")).map((line) => line.slice(2)));
  }

  /** With the folders that it leaves empty, as git does. */
  #removeFile(file: string): void {
    fs.rmSync(path.join(this.#place.folder, file), { force: true });
    for (let folder = path.dirname(file); folder !== "."; folder = path.dirname(folder)) {
      const full = path.join(this.#place.folder, folder);
      if (!fs.existsSync(full)) continue;
      if (fs.readdirSync(full).length > 0) return;
      fs.rmdirSync(full);
    }
  }

  /**
   * The copy is as old as the index: git takes an entry for clean only where its file is older than the index.
   * @param time in milliseconds; never later than the real one
   */
  #copyIndex(time: number): void {
    this.#copy(this.#files.index);
    fs.utimesSync(this.#files.copy, Math.floor(time) / 1000, Math.floor(time) / 1000);
  }

  #copy(file: string): void {
    fs.rmSync(this.#scratch, { recursive: true, force: true });
    fs.mkdirSync(this.#scratch, { recursive: true });
    fs.copyFileSync(file, this.#files.copy);
  }

  /** What killed processes left. */
  sweep(): void {
    const folder = path.dirname(this.#scratch);
    if (!fs.existsSync(folder)) return;
    for (const name of fs.readdirSync(folder)) {
      const pid = name.startsWith(SCRATCH) ? Number.parseInt(name.slice(SCRATCH.length), 10) : process.pid;
      if (pid !== process.pid && !isAlive(pid)) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  }

  async #changedAmong(steps: readonly FileDelta[], refused: string): Promise<Outcome> {
    if (/need to resolve your current index/i.test(refused)) return { waits: "there are conflicts to resolve first" };
    const git = this.#place.repository.git.in(this.#place.folder);
    const listed = await git.run([
      "status",
      "--porcelain=v1",
      "-z",
      "--untracked-files=all",
      "--ignored",
      "--no-renames",
      "--",
      FOLDER,
    ]);
    if (!listed.ok) throw new GitError(`git status failed: ${listed.stderr.trim()}`);
    const dirty = listed.stdout
      .toString("utf8")
      .split("\0")
      .map((line) => line.slice(3).replace(/\/$/, ""));
    const overlaps = (file: string): boolean =>
      dirty.some((one) => one !== "" && (one === file || file.startsWith(`${one}/`) || one.startsWith(`${file}/`)));
    const changed = steps.map(({ path: file }) => file).filter((file) => overlaps(inFolder(file)));
    const said =
      refused
        .trim()
        .split("\n")[0]
        ?.replace(/^(?:fatal|error): /, "") ?? "";
    return changed.length > 0 ? { changed } : { waits: `git can't update the index now (${said})` };
  }

  /** Whether something else is where a file is to be made, or where one of its folders is to be. */
  #isInTheWay(file: string): boolean {
    if (fs.lstatSync(path.join(this.#place.folder, file), { throwIfNoEntry: false }) !== undefined) return true;
    for (let folder = path.dirname(file); folder !== "."; folder = path.dirname(folder)) {
      const there = fs.lstatSync(path.join(this.#place.folder, folder), { throwIfNoEntry: false });
      if (there?.isDirectory() === false) return true;
    }
    return false;
  }

  /** Tells whether a file was touched meanwhile. */
  #lookOf(file: string): string {
    const stat = fs.lstatSync(path.join(this.#place.folder, inFolder(file)), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? "" : `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
  }

  /** Whether a file is still the old one, gone, or what a kill left of the new one. What somebody has changed since is theirs. */
  async #isDue({ path: file, before, after }: FileDelta): Promise<boolean> {
    const name = path.join(this.#place.folder, inFolder(file));
    const stat = fs.lstatSync(name, { throwIfNoEntry: false });
    if (stat === undefined) return after !== null;
    if (!stat.isFile()) return false;
    const hashed = await this.#git.run(["hash-object", "--", inFolder(file)]);
    if (hashed.ok && hashed.stdout.toString("utf8").trim() === before) return true;
    const whole =
      after === null ? null : await this.#git.run(["cat-file", "--filters", `--path=${inFolder(file)}`, after]);
    const bytes = fs.readFileSync(name);
    return whole?.ok === true && whole.stdout.subarray(0, bytes.length).equals(bytes);
  }

  async #note(intent: Intent): Promise<void> {
    await this.#state.write(INTENT, new TextEncoder().encode(JSON.stringify(intent)));
  }

  async #noted(): Promise<Intent | null> {
    const bytes = await this.#state.read(INTENT);
    if (bytes === null) return null;
    const intent = intentIn(new TextDecoder().decode(bytes));
    if (intent === null) await this.#state.remove(INTENT);
    return intent;
  }

  async #forget(outcome: Outcome): Promise<Outcome> {
    fs.rmSync(this.#scratch, { recursive: true, force: true });
    await this.#state.remove(INTENT);
    return outcome;
  }
}

/** Null where the text is damaged: a landing that nobody can tell apart is nobody's. */
function intentIn(text: string): Intent | null {
  try {
    const intent = JSON.parse(text) as Partial<Intent> | null;
    const words = [intent?.lock, intent?.branch, intent?.before, intent?.after, intent?.pending?.ref];
    const isWhole = words.every((part) => typeof part === "string") && typeof intent?.by?.pid === "number";
    return isWhole ? (intent as Intent) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether the process that began it may still be at it. */
function isAtWork({ by }: Intent, gitDir: string): boolean {
  if (by.host !== os.hostname()) return false;
  if (by.pid === process.pid) return atWork.has(gitDir);
  return Math.abs(Date.now() - by.at) < STALE_MS && isAlive(by.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

function digestOf(file: string): string {
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

/** A second name for a file, made whole or not at all; false where that name is taken. */
function linkNew(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (!hasCode(error, "EPERM") && !hasCode(error, "ENOTSUP")) throw error;
  }
  // A file system without links.
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
