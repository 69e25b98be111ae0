/** For histories whose common past does not hold a memory: after an erasure, which writes commits anew, or with no common past. */
import type { ObjectId } from "../memory/model.ts";
import type { StoreRepository } from "../ports.ts";
import type { Claim, Version } from "./claims.ts";

/** With more paths than this the whole log is read, which a command line could not name. */
const MOST_PATHS = 100;

/** Where the two histories are looked at. */
export interface Since {
  readonly ours: ObjectId;
  readonly theirs: ObjectId;
  /** What both have in common; what is older need not be read. */
  readonly base: ObjectId | undefined;
}

/**
 * For memories without a base: the newest version that both histories know. One side may have ended it since, and must not
 * get it back as if it were new.
 */
export async function commonVersions(
  repository: Pick<StoreRepository, "log" | "blobs">,
  claims: readonly Claim[],
  since: Since | null,
): Promise<ReadonlyMap<string, Version>> {
  const wanted = claims.flatMap(({ name, base, ours, theirs }) => {
    const isSame = ours?.content.name === theirs?.content.name;
    const [one, other] = [ours ?? theirs, theirs ?? ours];
    return base !== null || isSame || one === null || other === null ? [] : [{ name, one, other }];
  });
  if (wanted.length === 0 || since === null) return new Map();
  const paths = [...new Set(wanted.flatMap(({ one, other }) => [one.path, other.path]))];
  const query = {
    ...(paths.length > MOST_PATHS ? {} : { paths }),
    ...(since.base === undefined ? {} : { until: since.base }),
  };
  const ours = blobsByPath(await repository.log({ ...query, from: since.ours }));
  const theirs = blobsByPath(await repository.log({ ...query, from: since.theirs }));
  const found = wanted.flatMap(({ name, one, other }) => {
    const blob = newestOfBoth(ours.get(one.path) ?? [], theirs.get(other.path) ?? []);
    return blob === undefined ? [] : [{ name, path: one.path, blob }];
  });
  const bytes = await repository.blobs(found.map(({ blob }) => blob));
  return new Map(
    found.map(({ name, path, blob }, i) => [
      name,
      { path, content: { name: blob, made: bytes[i] ?? new Uint8Array() }, memory: null },
    ]),
  );
}

type Log = Awaited<ReturnType<StoreRepository["log"]>>;

/** The versions of each path, newest first. */
function blobsByPath(log: Log): ReadonlyMap<string, readonly ObjectId[]> {
  const blobs = new Map<string, ObjectId[]>();
  for (const { deltas } of log)
    for (const { path, after } of deltas) {
      if (after === null) continue;
      const known = blobs.get(path);
      if (known === undefined) blobs.set(path, [after]);
      else known.push(after);
    }
  return blobs;
}

/** Near the top of both lists; of two that are equally near always the same one. */
function newestOfBoth(ours: readonly ObjectId[], theirs: readonly ObjectId[]): ObjectId | undefined {
  const places = new Map(theirs.map((blob, i) => [blob, i]));
  return ours
    .map((blob, i) => [blob, i + (places.get(blob) ?? Number.NaN)] as const)
    .filter(([, distance]) => !Number.isNaN(distance))
    .sort(([a, near], [b, far]) => near - far || (a < b ? -1 : 1))[0]?.[0];
}
