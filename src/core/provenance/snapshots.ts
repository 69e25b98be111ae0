/** Named snapshots: tags of the store. Some are made by the program before it changes much at once. */
import { InvalidInputError } from "../errors.ts";
import type { Instant, ObjectId } from "../memory/model.ts";
import type { MemoryStore } from "../store.ts";
import { AUTOMATIC_SNAPSHOTS } from "./automatic-snapshots.ts";
import { commitAt, SNAPSHOT_TAGS } from "./moment.ts";

export interface NamedSnapshot {
  /** Without `refs/tags/memory/`; `before/…` for one that the program made. */
  readonly name: string;
  readonly commit: ObjectId;
  /** When that commit was made; null where this store's history doesn't have it. */
  readonly at: Instant | null;
  /** Made by the program before a large change. */
  readonly automatic: boolean;
}

/** Names of snapshots that the program makes begin so. */
const AUTOMATIC = "before/";

/** The store's named snapshots, the newest first. */
export async function namedSnapshots(store: MemoryStore): Promise<NamedSnapshot[]> {
  const [named, automatic] = [
    await store.repository.refs(SNAPSHOT_TAGS),
    await store.repository.refs(AUTOMATIC_SNAPSHOTS),
  ];
  const all = [
    ...named.map(({ ref, commit }) => ({ name: ref.slice(SNAPSHOT_TAGS.length), commit, automatic: false })),
    ...automatic.map(({ ref, commit }) => ({
      name: AUTOMATIC + ref.slice(AUTOMATIC_SNAPSHOTS.length),
      commit,
      automatic: true,
    })),
  ];
  const entries = new Map((await store.journal.entries()).map((entry, i) => [entry.commit, { at: entry.at, i }]));
  const order = (commit: ObjectId): number => entries.get(commit)?.i ?? Number.MAX_SAFE_INTEGER;
  return all
    .map((one) => ({ ...one, at: entries.get(one.commit)?.at ?? null }))
    .toSorted((a, b) => order(a.commit) - order(b.commit) || (a.name < b.name ? -1 : 1));
}

/** Names a commit of the store, by default the present one. Throws InvalidInputError for a bad name or one that is taken. */
export async function nameSnapshot(store: MemoryStore, name: string, point?: string): Promise<NamedSnapshot> {
  checkName(name);
  const { commit } =
    point === undefined ? await store.snapshot() : await store.snapshotAt(await commitAt(store, point));
  if (commit === null) throw new InvalidInputError("The store has no commit yet, so there is nothing to name.");
  const { repository } = store;
  if (!(await repository.exclusively(async () => repository.setRef(SNAPSHOT_TAGS + name, commit)))) {
    throw new InvalidInputError(
      `There is a snapshot "${name}" of another commit already. Take another name, or remove it with \`git memory snapshot --remove ${name}\`.`,
    );
  }
  return { name, commit, at: (await store.journal.entry(commit))?.at ?? null, automatic: false };
}

/** Removes a name; the commit stays. Throws InvalidInputError where there is none. */
export async function removeSnapshot(store: MemoryStore, name: string): Promise<void> {
  const wanted = name.startsWith(AUTOMATIC) ? AUTOMATIC_SNAPSHOTS + name.slice(AUTOMATIC.length) : SNAPSHOT_TAGS + name;
  if (!(await store.repository.refs(wanted)).some(({ ref }) => ref === wanted)) {
    throw new InvalidInputError(`There is no snapshot "${name}". \`git memory snapshots\` lists them.`);
  }
  await store.repository.exclusively(async () => store.repository.setRef(wanted, null));
}

/** What git accepts in a tag's name (git-check-ref-format), a little stricter. */
function checkName(name: string): void {
  const parts = name.split("/");
  const isFine = parts.every(
    (part) => /^[\p{L}\p{N}_][\p{L}\p{N}_.+-]*$/u.test(part) && !part.includes("..") && !/(?:\.lock|\.)$/.test(part),
  );
  if (!isFine || name.length > 100)
    throw new InvalidInputError(
      "A snapshot's name has letters, digits, dots, dashes and underscores, such as before-release-2.",
    );
  if (name.startsWith(AUTOMATIC))
    throw new InvalidInputError("Names that begin with before/ are for automatic snapshots. Take another one.");
}
