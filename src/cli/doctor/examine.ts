/** All that the doctor looks at, in the order in which one thing stands on another. */
import path from "node:path";
import { MemoryError } from "../../core/errors.ts";
import { defaultPolicy } from "../../core/memory/policy.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { Repository } from "../../git/repository.ts";
import type { Context } from "../context.ts";
import { checkCheckouts } from "./checkouts.ts";
import { checkContents } from "./contents.ts";
import { type Finding, notice } from "./finding.ts";
import { checkLocalState } from "./local-state.ts";
import { checkLocks } from "./locks.ts";
import { checkObjects, checkRefs } from "./objects.ts";
import { checkWaiting } from "./waiting.ts";
import { checkConfiguration, checkGit, checkRepository } from "./surroundings.ts";

/** Where the program keeps refs of its own, besides a store's branch. */
const OWN_REFS = ["refs/memory", "refs/tags/memory"];
const QUARANTINE = "refs/memory/quarantine";

/** What was found, and what a report needs of it. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly repository: Repository | null;
  /** Those that exist and can be read. */
  readonly stores: readonly MemoryStore[];
}

/** @param wish the label of the only store to look at */
export async function examine(context: Context, wish: string | undefined): Promise<Examined> {
  const git = await checkGit(context.folder);
  // Without git nothing else can be asked.
  if (git.level === "problem") return { findings: [git], repository: null, stores: [] };
  const { repository, finding } = await checkRepository(context.folder);
  const findings = [git, finding];
  if (finding.level === "problem") return { findings, repository, stores: [] };
  const { project, personal } = await context.stores();
  const readable: MemoryStore[] = [];
  if (repository !== null && project !== null && wish !== "personal") {
    findings.push(...(await checkProject(repository, project)));
    if (await isThere(project)) readable.push(project);
  }
  if (wish !== "project" && (await isThere(personal))) {
    readable.push(personal);
    findings.push(...(await checkContents(personal)));
    findings.push(...(await checkLocalState(personal, path.join(personal.repository.location, "memory"))));
  }
  return { findings, repository, stores: readable };
}

async function checkProject(repository: Repository, project: MemoryStore): Promise<Finding[]> {
  // Which ref it is may be known only after the first look.
  const exists = await isThere(project);
  const { ref, placement } = project.repository;
  const refs = [ref, QUARANTINE];
  const damaged = await checkRefs(repository, refs);
  const locks = await checkLocks(repository, refs);
  if (damaged.length > 0) return [...damaged, ...locks];
  const manner = exists ? (await project.policy().catch(() => defaultPolicy)).commits : defaultPolicy.commits;
  return [
    ...(await checkConfiguration(repository, ref, manner)),
    ...locks,
    ...(placement === "branch" ? [] : await checkCheckouts(repository, ref)),
    ...(exists
      ? [
          // The code's own history is no business of ours, and may be large.
          ...(await checkObjects(repository, placement === "branch" ? OWN_REFS : [ref, ...OWN_REFS])),
          ...(await checkContents(project)),
          ...(await checkWaiting(project)),
          ...(await checkLocalState(project, path.join(repository.commonDir, "memory"))),
        ]
      : [notice("store", "This repository has no memory store yet.", "A person can start one: git memory init.")]),
  ];
}

/** A ref that can't be read is there: what is wrong with it, its own check says. */
async function isThere(store: MemoryStore): Promise<boolean> {
  return store.exists().catch((error: unknown) => {
    if (error instanceof MemoryError) return true;
    throw error;
  });
}
