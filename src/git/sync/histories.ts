/** Questions about two histories of a store that a merge does not ask: which came first, and what would come back by joining them. */
import { readTombstone } from "../../core/gate/tombstones.ts";
import type { MemoryId, ObjectId } from "../../core/memory/model.ts";
import type { StoreRepository } from "../../core/ports.ts";
import { idOfPath } from "../../core/provenance/journal.ts";
import type { GitCommand } from "../git-command.ts";

/** Whether all of `older` is in the history of `newer`; false too where one of them is not here. */
export async function isWithin(git: GitCommand, older: ObjectId, newer: ObjectId): Promise<boolean> {
  return older === newer || (await git.run(["merge-base", "--is-ancestor", older, newer])).ok;
}

/** How two tips of a store stand to each other. */
export interface Relation {
  /** Their best common ancestors; none where nothing is common, or the other is not here. */
  readonly bases: readonly ObjectId[];
  /** All of the other is in this one, or all of this one in the other. */
  readonly hasTheirs: boolean;
  readonly isWithinTheirs: boolean;
}

/** One process for all three answers: what lies between asking a server and pushing decides who is first. */
export async function relationOf(
  own: Pick<StoreRepository, "mergeBases" | "resolve">,
  local: ObjectId | null,
  theirs: ObjectId,
): Promise<Relation> {
  if (local === null) return { bases: [], hasTheirs: false, isWithinTheirs: true };
  if (local === theirs) return { bases: [local], hasTheirs: true, isWithinTheirs: true };
  const bases = (await own.resolve(theirs)) === null ? [] : await own.mergeBases(local, theirs);
  return { bases, hasTheirs: bases.includes(theirs), isWithinTheirs: bases.includes(local) };
}

/** The commits of one history that others do not have, oldest first. Excluded ones that are not here exclude nothing. */
export async function commitsOf(
  git: GitCommand,
  tip: ObjectId,
  without: Iterable<ObjectId>,
  ...options: readonly string[]
): Promise<ObjectId[]> {
  const answer = await git.run(
    ["rev-list", "--topo-order", "--reverse", "--ignore-missing", ...options, "--stdin"],
    Buffer.from([tip, ...Array.from(without, (commit) => `^${commit}`), ""].join("\n")),
  );
  return answer.ok
    ? answer.stdout
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

/** The memories that a commit's tombstones say were erased. */
export async function erasedIn(
  repository: Pick<StoreRepository, "tree" | "blobs">,
  commit: ObjectId,
): Promise<ReadonlySet<MemoryId>> {
  const { folders } = await repository.tree(commit);
  const files = folders.find(({ path }) => path === "tombstones")?.files ?? [];
  const tombstones = (await repository.blobs(files.map(({ blob }) => blob))).flatMap(
    (bytes) => readTombstone(bytes) ?? [],
  );
  return new Set(tombstones.flatMap(({ kind, id }) => (kind === "erased" ? [id] : [])));
}

/**
 * Whether joining `other` to `own` would bring back text that was erased from `own`: a commit that was rewritten for it, or
 * one that holds a memory which a tombstone calls erased. Looks only at what `other` alone has.
 */
export async function bringsErased(
  repository: Pick<StoreRepository, "tree" | "blobs" | "log">,
  git: GitCommand,
  own: ObjectId,
  other: ObjectId,
  rewritten: ReadonlySet<ObjectId>,
): Promise<boolean> {
  if (rewritten.size > 0 && (await commitsOf(git, other, [own])).some((commit) => rewritten.has(commit))) return true;
  const erased = await erasedIn(repository, own);
  if (erased.size === 0) return false;
  const log = await repository.log({ from: other, until: own });
  return log.some(({ deltas }) => deltas.some(({ path, after }) => after !== null && erased.has(idOfPath(path))));
}
