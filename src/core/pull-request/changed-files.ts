/** The files that a head would change in a base, each with the version that it would replace. */
import type { ObjectId } from "../memory/model.ts";
import type { RawChange, ReviewRepository } from "./repository.ts";

export interface ChangedFile {
  readonly path: string;
  /** What the base has now; null where it has nothing. */
  readonly before: ObjectId | null;
  readonly after: ObjectId | null;
  readonly mode: string;
  /** The base has changed it too since the head went its own way. */
  readonly both: boolean;
}

export interface ChangedFiles {
  readonly files: readonly ChangedFile[];
  /** How many changes the base has already: they came another way, as by a squash or a cherry-pick. */
  readonly there: number;
}

/** @param fork from where the head went its own way; null: all of it is new. */
export async function changedFiles(
  repository: ReviewRepository,
  fork: ObjectId | null,
  base: ObjectId,
  head: ObjectId,
  prefix: string,
): Promise<ChangedFiles> {
  // Without a common commit the two trees themselves are compared.
  const from = fork ?? base;
  const [ours, theirs] = await Promise.all([
    repository.changes(from, head, prefix),
    from === base ? [] : repository.changes(from, base, prefix),
  ]);
  const moved = new Map(theirs.map((change) => [change.path, change]));
  const candidates = ours.map((change) => fileOf(change, moved.get(change.path)));
  const unsure = candidates.some(({ both }) => both);
  const had = unsure ? await versionsSince(repository, from, base, prefix) : new Set<string>();
  const files = candidates.filter(
    ({ path, before, after, both }) => before !== after && !(both && had.has(`${after ?? ""} ${path}`)),
  );
  return { files, there: candidates.length - files.length };
}

function fileOf({ path, before, after, mode }: RawChange, theirs: RawChange | undefined): ChangedFile {
  return { path, before: theirs === undefined ? before : theirs.after, after, mode, both: theirs !== undefined };
}

/** Every version that the base had meanwhile: one of those is no news, though the base has gone on from it. */
async function versionsSince(
  repository: ReviewRepository,
  from: ObjectId,
  base: ObjectId,
  prefix: string,
): Promise<ReadonlySet<string>> {
  const commits = await repository.commits(from, base, prefix);
  return new Set(commits.flatMap(({ deltas }) => deltas.map(({ path, after }) => `${after ?? ""} ${path}`)));
}
