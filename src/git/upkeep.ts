/**
 * Upkeep by git's own maintenance: loose objects into a pack, commits into the commit graph. Each write leaves some 28 kB
 * loose, and 4 kB once packed. Nothing is ever pruned, and the user's own schedule is left as it is.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { MemoryStore } from "../core/store.ts";
import { FolderState } from "./local-state.ts";
import { isAlive } from "./lock.ts";
import { gitProcessesIn } from "./processes.ts";
import { findRepository, type Repository } from "./repository.ts";

/** From so many loose objects on it is worth it: about a hundred writes. */
const WORTH_IT = 500;
/** How long nothing may have happened in the repository, in milliseconds. */
const IDLE_MS = 120_000;
/** How often it is looked at, in milliseconds. */
const LOOK_MS = 300_000;
/** Filters for changed paths that one run adds, so that a long history is not read at once. */
const MOST_FILTERS = 1_000;

/** Who is at it, and since when: written down, because git's locks don't say. */
const NOTE = "upkeep";
/** What git locks for what is done here, below the objects. A lock that a crash left would end all upkeep, the user's too. */
const LOCKS = ["maintenance.lock", path.join("info", "commit-graphs", "commit-graph-chain.lock")];

export interface Tended {
  /** Loose objects, as the number of those in the first sixteenth of the folders suggests. */
  readonly before: number;
  readonly after: number;
  /** Why nothing was done, as a sentence; null where something was. */
  readonly skipped: string | null;
}

/**
 * @param refs the store's refs; their commits are put into the commit graph
 * @param asked a person wants it now, however little there is to do and whatever the automatic upkeep is set to
 */
export async function tend(repository: Repository, refs: readonly string[], asked: boolean): Promise<Tended> {
  const before = looseObjects(repository.objectsDir);
  const skipped = asked ? null : await whyNot(repository, refs, before);
  if (skipped !== null) return { before, after: before, skipped };
  const state = new FolderState(path.join(repository.commonDir, "memory"), repository);
  await removeLeftLocks(repository, state);
  const since = Date.now();
  await note(state, process.pid, since);
  try {
    // git takes a lock for its maintenance, so that of two at once the second does nothing.
    await repository.git.ask(["maintenance", "run", "--quiet", "--task=loose-objects"]);
    await repository.git.ask(["prune-packed", "--quiet"]);
    await writeCommitGraph(repository, refs);
  } catch (error) {
    // Nobody is at it any more, and a git that was killed alone may have left its lock, too. What is told is what came first.
    await note(state, 0, since).catch(() => undefined);
    throw error;
  }
  await state.remove(NOTE);
  return { before, after: looseObjects(repository.objectsDir), skipped: null };
}

/** Looks every few minutes and tends what is worth it, while nobody is at work. Returns the way to stop. */
export function tendWhenIdle(
  stores: () => readonly MemoryStore[],
  report: (error: unknown) => void,
  binary?: string,
): () => void {
  let running = false;
  const look = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      for (const store of stores()) await tendStore(store, false, binary);
    } catch (error) {
      report(error);
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** `asked` as for `tend`. Null where the store is not there yet. */
export async function tendStore(store: MemoryStore, asked: boolean, binary?: string): Promise<Tended | null> {
  if (!(await store.exists())) return null;
  const { location, placement, ref } = store.repository;
  const gitDir = placement === "personal" ? location : undefined;
  // A branch of the code is not ours to tend: its history may be a million commits.
  return tend(await findRepository(location, binary, gitDir), placement === "branch" ? [] : [ref], asked);
}

async function whyNot(repository: Repository, refs: readonly string[], loose: number): Promise<string | null> {
  if (loose < WORTH_IT) return "There is little to pack yet.";
  if (!(await repository.settings()).maintenance) return "git's configuration switches automatic upkeep off.";
  const { commonDir, gitDir, workTree } = repository;
  const places = ["index", "HEAD", path.join("logs", "HEAD")].map((name) => path.join(gitDir, name));
  const times = [...places, ...refs.map((ref) => path.join(commonDir, "logs", ref))].map(
    (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  if (times.some((time) => Math.abs(Date.now() - time) < IDLE_MS)) return "Somebody is at work in the repository.";
  const running = gitProcessesIn([commonDir, ...(workTree === null ? [] : [workTree])]) ?? [];
  return running.length > 0 ? "git is at work in the repository." : null;
}

async function note(state: FolderState, pid: number, since: number): Promise<void> {
  await state.write(NOTE, new TextEncoder().encode(`${pid} ${os.hostname()} ${since}\n`));
}

/** The locks that a dead upkeep of ours left: made since it began, in a repository in which no git runs. */
async function removeLeftLocks(repository: Repository, state: FolderState): Promise<void> {
  const bytes = await state.read(NOTE);
  if (bytes === null) return;
  const [pid, host, since] = new TextDecoder().decode(bytes).trim().split(" ");
  if (host !== os.hostname() || isAlive(Number(pid))) return;
  const { commonDir, workTree, objectsDir } = repository;
  const running = gitProcessesIn([commonDir, ...(workTree === null ? [] : [workTree])]);
  // Where the system doesn't tell, they are left to the user.
  if (running === null || running.length > 0) return;
  for (const lock of LOCKS.map((name) => path.join(objectsDir, name))) {
    const made = fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (made >= Number(since)) fs.rmSync(lock, { force: true });
  }
}

/** Only for the store's own commits: those of the code are the user's, and may be a million. */
async function writeCommitGraph(repository: Repository, refs: readonly string[]): Promise<void> {
  // Filters need every tree of the history, which a partial clone would have to fetch.
  if (refs.length === 0 || (await repository.settings()).promisor !== null) return;
  const tips = await repository.git.ask(["for-each-ref", "--format=%(objectname)", ...refs]);
  if (tips.trim() === "") return;
  await repository.git.run(
    [
      "commit-graph",
      "write",
      "--split",
      "--stdin-commits",
      "--changed-paths",
      `--max-new-filters=${MOST_FILTERS}`,
      "--no-progress",
    ],
    new TextEncoder().encode(tips),
  );
}

/** As git estimates it: objects are spread evenly over their folders. */
function looseObjects(objectsDir: string): number {
  let found = 0;
  for (let n = 0; n < 16; n++) {
    const folder = path.join(objectsDir, n.toString(16).padStart(2, "0"));
    if (fs.existsSync(folder)) found += fs.readdirSync(folder).filter((name) => /^[0-9a-f]{38,62}$/.test(name)).length;
  }
  return found * 16;
}
