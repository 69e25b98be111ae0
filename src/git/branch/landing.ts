/**
 * Moves the branch that is checked out to the writes that wait for it, with the index and the files in step, as a
 * fast-forward would, and so that a kill at any point can be made good:
 *
 *   a copy of the index takes the step; the intent is written down; the copy becomes `index.lock`, which keeps every other
 *   git away; the files are written; the copy becomes the index; the refs move; the lock goes; the intent goes.
 *
 * In an everyday work tree this process does that by git's own rules (`PlainSteps`), and a word that nobody else has is the
 * lock; the copy is then written once, with the files.
 * The refs move last, as in a fast-forward of git's own: were they first, who removes the lock of a killed landing by hand
 * and commits would take the memory off the branch with an index that never had it. As it is, such a commit has it too.
 * git itself decides what stands in the way, wherever that is not plain: a path that is staged, edited or untracked there refuses the step.
 */
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { GitError } from "../../core/errors.ts";
import { jsonOf } from "../../core/json.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import type { FileDelta } from "../../core/ports.ts";
import type { GitCommand } from "../git-command.ts";
import { FolderState } from "../local-state.ts";
import { headOf } from "../refs/head.ts";
import { removeLeftLocks } from "../refs/left-locks.ts";
import type { RefReader } from "../refs/read-ref.ts";
import type { RefUpdater } from "../refs/update-ref.ts";
import { FOLDER, type FolderTrees, inFolder } from "./folder.ts";
import { type PlainStep, PlainSteps, removeWithFolders } from "./plain-step.ts";
import type { WorkTree } from "./work-tree.ts";
import { hasCode } from "../system-error.ts";
import { isAlive } from "../lock.ts";

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
  readonly #plain: PlainSteps;
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
    this.#plain = new PlainSteps(place, folder);
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
    const plain = this.#isSparse() ? null : await this.#plain.between(step.before, step.after);
    if (plain !== null) this.#writeWord();
    else {
      this.#copyIndex(Number(stat.mtimeMs));
      const refused = await this.#stepIndex(step);
      if (refused !== null) {
        fs.rmSync(this.#scratch, { recursive: true, force: true });
        return this.#changedAmong(steps, refused);
      }
    }
    await this.#note(step);
    if (!linkNew(copy, lock)) return this.#forget({ waits: "another git is at work (index.lock)" });
    const now = fs.statSync(index, { bigint: true, throwIfNoEntry: false });
    const isSame = now?.mtimeNs === stat.mtimeNs && now.size === stat.size && now.ino === stat.ino;
    const { repository } = this.#place;
    const isHere = headOf(repository, repository.gitDir) === `ref: ${step.branch}`;
    const isUntouched = steps.every((one) => this.#lookOf(one.path) === seen.get(one.path));
    if (!isSame || !isHere || !isUntouched || (await this.#refs.read(step.branch)) !== step.before) {
      fs.unlinkSync(lock);
      return this.#forget({ waits: "the branch or the index changed this moment" });
    }
    const trouble = plain === null ? await this.#writeFiles(steps) : this.#writePlainly(plain);
    if (trouble === null) fs.renameSync(copy, index);
    if (trouble === null && (await this.#moveRefs(step))) return this.#done("taken");
    await this.#settle(step.after, step.before);
    return this.#done({
      waits: trouble === null ? "the branch changed this moment" : `the files can't be written now (${trouble})`,
    });
  }

  async #moveRefs({ branch, before, after, pending }: Step): Promise<boolean> {
    return this.#updater.swapAll([{ ref: branch, before, after }, pending]);
  }

  /** Makes good what a kill left of a landing: finished where the branch has moved, undone where it has not. */
  async repair(): Promise<void> {
    const intent = await this.#noted();
    if (intent === null || isAtWork(intent, this.#place.repository.gitDir)) return;
    const { index, lock, copy } = this.#files;
    const { branch, before, after, pending } = intent;
    const { commonDir, gitDir } = this.#place.repository;
    await removeLeftLocks(commonDir, [{ ref: branch, after }, pending], gitDir);
    const hasMoved = (await this.#refs.read(branch)) === after;
    if (hasMoved && (await this.#refs.read(pending.ref)) === pending.before) await this.#updater.swapAll([pending]);
    const isOurs = fs.existsSync(lock) && digestOf(lock) === intent.lock;
    if (!fs.existsSync(index) || (!hasMoved && (await this.#isCommitted(intent)))) {
      if (isOurs) fs.unlinkSync(lock);
      return void (await this.#forget("taken"));
    }
    if (!isOurs) {
      // Somebody removed the lock.
      this.#copyIndex(fs.statSync(index).mtimeMs);
      await this.#note(intent);
      if (!linkNew(copy, lock)) return;
    }
    await (hasMoved ? this.#settle(before, after) : this.#settle(after, before));
    await this.#done("taken");
  }

  /**
   * Brings index and files from one end of a landing to the other, wherever between the two they are; the lock is ours. What
   * somebody has changed since stays theirs. Done again, it changes nothing.
   */
  async #settle(from: ObjectId, to: ObjectId): Promise<void> {
    const { index, lock, copy } = this.#files;
    try {
      this.#copyIndex(fs.statSync(index).mtimeMs);
      if ((await this.#stepIndex({ before: from, after: to }, "-i")) !== null) return;
      const due: FileDelta[] = [];
      for (const one of await this.#folder.steps(from, to)) if (await this.#isDue(one)) due.push(one);
      const trouble = await this.#writeFiles(due);
      if (trouble !== null) throw new GitError(`What a landing had begun could not be put right: ${trouble}.`);
      fs.renameSync(copy, index);
    } catch (error) {
      // It must not stand in the user's way; the note stays, and the next open tries again.
      fs.rmSync(lock, { force: true });
      throw error;
    }
  }

  /** Whether what is checked out has something of a landing whose refs did not move: somebody committed it with the index. */
  async #isCommitted({ before, after }: Step): Promise<boolean> {
    for (const one of await this.#folder.steps(before, after)) {
      const there = await this.#git.run(["rev-parse", "--verify", "--quiet", `HEAD:${inFolder(one.path)}`]);
      if ((there.ok ? there.stdout.toString("utf8").trim() : null) === one.after) return true;
    }
    return false;
  }

  /** The lock goes, then what was noted. */
  async #done(outcome: Outcome): Promise<Outcome> {
    fs.rmSync(this.#files.lock, { force: true });
    return this.#forget(outcome);
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

  /** Null, or git's words where it can't. */
  async #writeFiles(steps: readonly FileDelta[]): Promise<string | null> {
    for (const { path: file, after } of steps)
      if (after === null) removeWithFolders(this.#place.folder, inFolder(file));
    let files = steps.filter(({ after }) => after !== null).map(({ path: file }) => inFolder(file));
    if (this.#isSparse()) {
      const left = await this.#leftOut();
      files = files.filter((file) => !left.has(file));
    }
    if (files.length === 0) return null;
    const input = new TextEncoder().encode(files.map((file) => `${file}\0`).join(""));
    const written = await this.#git.run(["checkout-index", "-u", "-f", "-q", "-z", "--stdin"], input);
    return written.ok ? null : sentenceOf(written.stderr);
  }

  async #leftOut(): Promise<ReadonlySet<string>> {
    const listed = await this.#git.run(["ls-files", "-t", "-z", "--", FOLDER]);
    if (!listed.ok) throw new GitError(`git ls-files failed: ${listed.stderr.trim()}`);
    const lines = listed.stdout.toString("utf8").split("\0");
    return new Set(lines.filter((line) => line.startsWith("S ")).map((line) => line.slice(2)));
  }

  #writePlainly(plain: PlainStep): string | null {
    // It is the lock, too.
    fs.unlinkSync(this.#files.copy);
    return plain.write(this.#files.copy);
  }

  /** For a lock that is told from others' by it. */
  #writeWord(): void {
    fs.rmSync(this.#scratch, { recursive: true, force: true });
    fs.mkdirSync(this.#scratch, { recursive: true });
    fs.writeFileSync(this.#files.copy, randomBytes(16).toString("hex"));
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
    return changed.length > 0 ? { changed } : { waits: `git can't update the index now (${sentenceOf(refused)})` };
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

  /** Whether a file is gone, or one of the two versions, or what a kill left of one. What somebody has changed since is theirs. */
  async #isDue({ path: file, before, after }: FileDelta): Promise<boolean> {
    const name = path.join(this.#place.folder, inFolder(file));
    const stat = fs.lstatSync(name, { throwIfNoEntry: false });
    if (stat === undefined) return after !== null;
    if (!stat.isFile()) return false;
    const hashed = await this.#git.run(["hash-object", "--", inFolder(file)]);
    if (hashed.ok && hashed.stdout.toString("utf8").trim() === before) return true;
    const bytes = fs.readFileSync(name);
    for (const id of [before, after]) {
      const whole = id === null ? null : await this.#git.run(["cat-file", "--filters", `--path=${inFolder(file)}`, id]);
      if (whole?.ok === true && whole.stdout.subarray(0, bytes.length).equals(bytes)) return true;
    }
    return false;
  }

  /** Written down before anything can be seen of it, with the lock as the copy is now. */
  async #note({ branch, before, after, pending }: Step): Promise<void> {
    const by = { pid: process.pid, host: os.hostname(), at: Date.now() };
    const intent: Intent = { branch, before, after, pending, lock: digestOf(this.#files.copy), by };
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
  return jsonOf(text, isIntent);
}

function isIntent(value: unknown): value is Intent {
  const intent = value as Partial<Intent> | null;
  const words = [intent?.lock, intent?.branch, intent?.before, intent?.after, intent?.pending?.ref];
  return words.every((part) => typeof part === "string") && typeof intent?.by?.pid === "number";
}

/** Whether the process that began it may still be at it. */
function isAtWork({ by }: Intent, gitDir: string): boolean {
  if (by.host !== os.hostname()) return false;
  if (by.pid === process.pid) return atWork.has(gitDir);
  return Math.abs(Date.now() - by.at) < STALE_MS && isAlive(by.pid);
}

/** The first line of what git said. */
function sentenceOf(said: string): string {
  const [line = ""] = said.trim().split("\n");
  return line.replace(/^(?:fatal|error): /, "").replace(/[.]$/, "");
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
