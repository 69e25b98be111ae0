/** Explicit construction: which stores can be seen from a folder, each with what it needs. */
import { realpathSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { NoRepositoryError } from "../core/errors.ts";
import type { Environment, StoreRepository } from "../core/ports.ts";
import { MemoryStore, type StoreParts } from "../core/store.ts";
import { Stores } from "../core/stores.ts";
import { TaintedSessions } from "../core/trust/taint.ts";
import type { TeamParts } from "../core/trust/team.ts";
import { FileLedger } from "./approval-ledger.ts";
import { ProjectRepository } from "./branch/project-repository.ts";
import { workTreeOf } from "./branch/work-tree.ts";
import { GitCode } from "./code.ts";
import { dataDirectory } from "./data-directory.ts";
import { GitCommand } from "./git-command.ts";
import { GitStore, MEMORY_BRANCH } from "./git-store.ts";
import { FolderState } from "./local-state.ts";
import { isAlive } from "./lock.ts";
import { findRepository, type Repository } from "./repository.ts";
import { ProgramVerifier } from "./signatures/verify.ts";
import { GitTeam, SHARED_QUEUE } from "./team/remote.ts";
import { hasCode } from "./system-error.ts";

/** Where to look. */
export interface OpenOptions {
  /** Any folder of the repository or of one of its worktrees. */
  readonly folder: string;
  /** The user's data directory of this product; default: by platform. */
  readonly dataDirectory?: string;
  /** The git to run; default: the one on the PATH. */
  readonly git?: string;
  readonly environment?: Environment;
}

/** The stores that can be seen from a folder. Starts git once; opens nothing else until asked. */
export async function openStores(options: OpenOptions): Promise<Stores> {
  const data = options.dataDirectory ?? dataDirectory();
  const shared = {
    approvals: new FileLedger(data),
    environment: options.environment ?? systemEnvironment,
    tainted: new TaintedSessions(new FolderState(data)),
  };
  const repository = await findRepository(options.folder, options.git).catch(noneYet);
  const project = repository === null ? null : projectOf(repository, shared, options);
  const bare = path.join(data, "personal.git");
  const personal = new MemoryStore({
    ...shared,
    repository: personalStore(bare, options.git),
    quarantine: personalStore(bare, options.git, QUARANTINE_REF),
    state: stateOf(bare),
  });
  return new Stores(project, personal);
}

function projectOf(
  repository: Repository,
  shared: Pick<StoreParts, "approvals" | "environment" | "tainted">,
  options: OpenOptions,
): MemoryStore {
  const { workTree, commonDir } = repository;
  const parts = {
    ...shared,
    repository: projectRepository(repository),
    quarantine: projectStore(repository, QUARANTINE_REF),
    state: stateOf(commonDir, repository),
    team: teamOf(repository, options.dataDirectory ?? dataDirectory()),
  };
  return new MemoryStore(workTree === null ? parts : { ...parts, code: new GitCode(workTree, options.git) });
}

/** Chance from the system. The time too, unless `GIT_COMMITTER_DATE` names one, which then holds for us as for git. */
export const systemEnvironment: Environment = {
  now() {
    const named = process.env["GIT_COMMITTER_DATE"];
    const date = named === undefined ? new Date() : new Date(named);
    return Number.isNaN(date.getTime()) ? new Date() : date;
  },
  random: (length) => randomBytes(length),
};

/** What is trusted here is kept with the user: a repository that is unpacked or copied brings no trust along. */
function teamOf(repository: Repository, data: string): TeamParts {
  const place = createHash("sha256").update(realpathSync(repository.commonDir)).digest("hex").slice(0, 16);
  return {
    state: new FolderState(path.join(data, "trust", place)),
    remote: new GitTeam(repository),
    verifier: new ProgramVerifier(),
    queue: projectStore(repository, SHARED_QUEUE),
  };
}

function stateOf(commonDir: string, repository?: Repository): FolderState {
  return new FolderState(path.join(commonDir, "memory"), repository);
}

/** Where what waits for review is kept; no default refspec pushes it. */
const QUARANTINE_REF = "refs/memory/quarantine";

/** In a bare repository nothing is checked out, so that its store can only be on a branch of its own. */
function projectRepository(repository: Repository): StoreRepository {
  const dedicated = projectStore(repository);
  const place = workTreeOf(repository);
  return place === null ? dedicated : new ProjectRepository(place, dedicated);
}

function projectStore(repository: Repository, ref?: string): GitStore {
  return new GitStore({
    ...(ref === undefined ? {} : { ref }),
    placement: "dedicated",
    label: "project",
    location: repository.workTree ?? repository.commonDir,
    // From a folder that was opened over a symbolic link git may answer with another name for the same place.
    identity: realpathSync(repository.commonDir),
    git: repository.git,
    find: async () => repository,
    create: async () => repository,
  });
}

function personalStore(bare: string, git: string | undefined, ref?: string): GitStore {
  const binary = git === undefined ? {} : { binary: git };
  return new GitStore({
    ...(ref === undefined ? {} : { ref }),
    placement: "personal",
    label: "personal",
    location: bare,
    identity: bare,
    git: new GitCommand({ folder: os.tmpdir(), ...binary }),
    find: async () => {
      const there = await fs.stat(path.join(bare, "HEAD")).catch(() => null);
      // A kill may have cut `git init` short; it is then run again. Looked for by its name: a repository around it isn't it.
      return there === null ? null : findRepository(bare, git, bare).catch(noneYet);
    },
    create: async () => {
      const make = async (place: string): Promise<unknown> =>
        new GitCommand({ folder: path.dirname(place), ...binary }).ask([
          "init",
          "--quiet",
          "--bare",
          `--initial-branch=${MEMORY_BRANCH}`,
          place,
        ]);
      await makeAtOnce(bare, make);
      return findRepository(bare, git, bare);
    },
  });
}

/**
 * Beside its place, and then brought there whole: a `git init` that is killed leaves locks over which no other gets. Where
 * there is something at that place already, be it another process's, it is made there.
 */
async function makeAtOnce(place: string, make: (place: string) => Promise<unknown>): Promise<void> {
  const [folder, name] = [path.dirname(place), path.basename(place)];
  await fs.mkdir(folder, { recursive: true });
  for (const entry of await fs.readdir(folder)) {
    const pid = entry.startsWith(`${name}.`)
      ? /^(\d+)-[0-9a-f]{12}$/.exec(entry.slice(name.length + 1))?.[1]
      : undefined;
    if (pid !== undefined && !isAlive(Number(pid)))
      await fs.rm(path.join(folder, entry), { recursive: true, force: true });
  }
  const beside = `${place}.${process.pid}-${randomBytes(6).toString("hex")}`;
  try {
    await make(beside);
    await fs.rename(beside, place);
  } catch (error) {
    await fs.rm(beside, { recursive: true, force: true });
    if (!["EEXIST", "ENOTEMPTY", "EPERM"].some((code) => hasCode(error, code))) throw error;
    await make(place);
  }
}

function noneYet(error: unknown): null {
  if (error instanceof NoRepositoryError) return null;
  throw error;
}
