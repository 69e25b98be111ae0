/** A store in `.memory/` of the checked-out branch, and ways to look at what git users see of it. */
import fs from "node:fs";
import path from "node:path";
import { initialiseStore } from "../../../src/core/initialise.ts";
import type { MemoryStore } from "../../../src/core/store.ts";
import { ProjectRepository } from "../../../src/git/branch/project-repository.ts";
import { human, type Scratch } from "../../support/scratch.ts";

export function onBranch(store: MemoryStore): ProjectRepository {
  if (store.repository instanceof ProjectRepository) return store.repository;
  throw new Error("this store can't be on a branch");
}

/** A store on the branch of a folder, landed. The folder has some code of one commit. */
export async function startOnBranch(scratch: Scratch, folder = scratch.folder): Promise<MemoryStore> {
  fs.writeFileSync(path.join(folder, "code.txt"), "one\n");
  scratch.gitIn(folder, "add", "code.txt");
  scratch.gitIn(folder, "commit", "--quiet", "--message=code");
  const store = await scratch.open(folder);
  onBranch(store).beginIn("branch");
  await initialiseStore(store, { caller: human, reason: "" });
  await land(store);
  return store;
}

/** As a person asks for it. Throws where something waits still. */
export async function land(store: MemoryStore): Promise<void> {
  const { why } = await onBranch(store).branch.land(true);
  if (why !== null) throw new Error(`it waits: ${why}`);
}

/** Makes the last change of the index and HEAD a minute old. */
export function letRest(scratch: Scratch, gitDir = scratch.path(".git")): void {
  const then = Date.now() / 1000 - 60;
  for (const name of ["index", "HEAD", "logs/HEAD", "COMMIT_EDITMSG"]) {
    const file = path.join(gitDir, name);
    if (fs.existsSync(file)) fs.utimesSync(file, then, then);
  }
}

/** All that a developer could lose: the index byte by byte, HEAD, and every file. */
export function looksOf(scratch: Scratch, folder = scratch.folder): Record<string, string> {
  const gitDir = path.resolve(folder, scratch.gitIn(folder, "rev-parse", "--git-dir"));
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return entry.isFile() && !path.relative(folder, file).startsWith(".git") ? [file] : [];
  });
  return {
    index: fs.readFileSync(path.join(gitDir, "index")).toString("hex"),
    head: fs.readFileSync(path.join(gitDir, "HEAD"), "utf8"),
    commit: scratch.gitIn(folder, "rev-parse", "HEAD"),
    ...Object.fromEntries(files.map((file) => [path.relative(folder, file), fs.readFileSync(file, "hex")])),
  };
}

/** git's own view of what is staged, changed and untracked, outside the store. */
export function workOf(scratch: Scratch, folder = scratch.folder): string[] {
  return [
    scratch.gitIn(folder, "status", "--porcelain", "--untracked-files=all", "--ignored"),
    scratch.gitIn(folder, "diff", "--cached"),
    scratch.gitIn(folder, "diff"),
  ];
}

/** Why what waits does not land by itself now; null where it would, or nothing waits. */
export async function whyItWaits(store: MemoryStore): Promise<string | null> {
  return (await onBranch(store).branch.land(false)).why;
}
