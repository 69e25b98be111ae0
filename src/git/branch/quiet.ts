/**
 * Whether somebody is in the middle of something in a work tree. A plain `git commit` holds no lock while its hooks or its
 * editor run, and moving HEAD then would fail it, so this looks at all that git leaves behind, and at who is running.
 * Unsure means wait.
 */
import fs from "node:fs";
import path from "node:path";
import { hasOwnRef, TABLES } from "../refs/head.ts";
import { isAbsence, type WorkTree } from "./work-tree.ts";

/** How long nothing may have changed, in milliseconds, so that two commands of one script are not parted. */
const PAUSE_MS = 1_000;
/** A message that was begun and given up leaves the same trace as one whose editor is still open; for so long it counts. */
const MESSAGE_MS = 3_600_000;

/**
 * What git keeps in the folder while something is in progress, and how a person calls it. Not AUTO_MERGE, which
 * a clean `git revert` leaves behind (git 2.39): where a merge is unresolved without these, the index itself refuses a step.
 */
const IN_PROGRESS: readonly (readonly [name: string, what: string])[] = [
  ["MERGE_HEAD", "a merge is in progress"],
  ["rebase-merge", "a rebase is in progress"],
  ["rebase-apply", "a rebase or `git am` is in progress"],
  ["sequencer", "a cherry-pick or revert is in progress"],
  ["BISECT_LOG", "a bisect is in progress"],
  ["SQUASH_MSG", "a squashed merge is not committed yet"],
  ["index.lock", "another git is at work (index.lock)"],
  ["HEAD.lock", "another git is at work (HEAD.lock)"],
];

/** The same, of what git keeps as refs. */
const STEPS: readonly (readonly [name: string, what: string])[] = [
  ["CHERRY_PICK_HEAD", "a cherry-pick is in progress"],
  ["REVERT_HEAD", "a revert is in progress"],
];

/** git's commands that neither move HEAD nor write the index, however long they run. */
const HARMLESS = new Set(
  "memory cat-file log show diff blame grep status shortlog fetch push ls-remote ls-files rev-list rev-parse for-each-ref help fsmonitor--daemon credential credential-cache--daemon upload-pack gc maintenance repack".split(
    " ",
  ),
);

/** What changes when HEAD moves; the first that is there counts. */
const LOGS = [path.join("logs", "HEAD"), TABLES, "HEAD"];

/** Why nothing may land now, as the end of a sentence that begins with "Waiting: "; null at a quiet moment. */
export function whyNotQuiet({ repository, folder }: WorkTree): string | null {
  const { gitDir, commonDir } = repository;
  for (const [name, what] of STEPS) if (hasOwnRef(repository, name)) return what;
  for (const [name, what] of IN_PROGRESS) if (timeOf(path.join(gitDir, name)) !== null) return what;
  const message = timeOf(path.join(gitDir, "COMMIT_EDITMSG"));
  // Where refs are kept in tables, HEAD's log is in them too; then it is the running processes that tell.
  const moved = LOGS.map((name) => timeOf(path.join(gitDir, name))).find((time) => time !== null) ?? 0;
  if (message !== null && message > moved && Math.abs(Date.now() - message) < MESSAGE_MS)
    return "a commit message is being written";
  // Inside a hook, whoever started us is not done.
  if (process.env["GIT_INDEX_FILE"] !== undefined) return "a git command is running";
  const running = runningIn([folder, gitDir, commonDir]);
  return running === null ? null : `git ${running} is running`;
}

/** Whether the index or HEAD changed so lately that more may follow. `own` is the stamp that our own landing left. */
export function changedJustNow(gitDir: string, own: string | null): boolean {
  if (stampOf(gitDir) === own) return false;
  const times = PLACES.map((name) => timeOf(path.join(gitDir, name)) ?? 0);
  return times.some((time) => Math.abs(Date.now() - time) < PAUSE_MS);
}

const PLACES = ["index", path.join("logs", "HEAD"), "HEAD"];

/** Tells one state of index and HEAD from another. */
export function stampOf(gitDir: string): string {
  return PLACES.map((name) => {
    const stat = fs.statSync(path.join(gitDir, name), { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? "-" : `${stat.mtimeNs}.${stat.size}.${stat.ino}`;
  }).join(" ");
}

/** In milliseconds since 1970; null where there is no such file. */
function timeOf(file: string): number | null {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** The command of a git that runs in one of the folders and might move HEAD or the index; null where none is seen. */
function runningIn(folders: readonly string[]): string | null {
  const places = [...new Set(folders.flatMap((folder) => [folder, realPathOf(folder)]))];
  for (const id of processes()) {
    const name = textOf(`/proc/${id}/comm`).trim();
    if (name !== "git" && !name.startsWith("git-")) continue;
    const words = textOf(`/proc/${id}/cmdline`).split("\0");
    const command = commandOf(words);
    if (command === null || HARMLESS.has(command) || isOurUpdater(words)) continue;
    const at = linkOf(`/proc/${id}/cwd`);
    const isHere = (text: string): boolean =>
      places.some((place) => text === place || text.startsWith(`${place}/`) || text.endsWith(`=${place}`));
    if (isHere(at) || words.some(isHere)) return command;
  }
  return null;
}

function processes(): string[] {
  try {
    return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  } catch (error) {
    // Not every system has one. git's own files must do there.
    if (isAbsence(error)) return [];
    throw error;
  }
}

/** `commit` of `git -c a=b commit -m x`. */
function commandOf(words: readonly string[]): string | null {
  const [program = "", ...rest] = words;
  const own = /(?:^|\/)git-([\w-]+)$/.exec(program)?.[1];
  if (own !== undefined) return own;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (word === "-c" || word === "-C") i += 1;
    else if (!word.startsWith("-")) return word === "" ? null : word;
  }
  return null;
}

/** The process by which a store of ours moves its refs, which waits for the next write. */
function isOurUpdater(words: readonly string[]): boolean {
  const at = words.indexOf("update-ref");
  return at >= 0 && words[at + 1] === "-m" && words[at + 2] === "memory" && words.includes("--stdin");
}

function realPathOf(folder: string): string {
  return fs.realpathSync(folder);
}

/** Empty where the process is gone, or is somebody else's. */
function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

function isGone(error: unknown): boolean {
  if (isAbsence(error)) return true;
  return (
    error instanceof Error && "code" in error && ["ESRCH", "EACCES", "EPERM", "EINVAL"].includes(String(error.code))
  );
}
