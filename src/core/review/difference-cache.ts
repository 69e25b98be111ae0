/**
 * The difference that was asked for last, kept for the next process: who looks back mostly asks the same again. What differs
 * between two commits never changes, so that a cache which holds together can't be out of date.
 */
import { DigestCheck, withDigest } from "../digested.ts";
import type { ObjectId } from "../memory/model.ts";
import type { LocalState } from "../ports.ts";
import type { JournalEntry } from "../provenance/journal-entry.ts";

/** Changes whenever what is derived from two versions or a commit changes: an older cache is then made anew. */
const VERSION = "memory difference 1";
const NAME = "difference";
/** Fewer are read from git in the time that it takes to keep them. */
const KEPT_FROM = 16;
/** In bytes; reading more costs more than it saves. */
const MOST = 4 << 20;

/** What one belief's difference has to be: plain data beside its entries, which several may share. */
interface Difference {
  readonly entries: readonly JournalEntry[];
}

interface Kept<D extends Difference> {
  readonly version: string;
  readonly a: ObjectId;
  readonly b: ObjectId;
  readonly entries: readonly JournalEntry[];
  readonly differences: readonly { readonly of: Omit<D, "entries">; readonly entries: readonly number[] }[];
}

/** Null where another one was kept, or where what is there is cut short or changed. */
export async function keptDifferences<D extends Difference>(
  state: Pick<LocalState, "read">,
  a: ObjectId,
  b: ObjectId,
): Promise<readonly (Omit<D, "entries"> & Difference)[] | null> {
  // One that can't be read costs what one that isn't there does.
  const bytes = await state.read(NAME).catch(() => null);
  if (bytes === null) return null;
  const content = new DigestCheck().contentOf(bytes);
  if (content === null) return null;
  // The digest vouches that these are the bytes which were kept.
  const kept = JSON.parse(content.toString("utf8")) as Kept<D>;
  if (kept.version !== VERSION || kept.a !== a || kept.b !== b) return null;
  return kept.differences.map(({ of, entries }) => ({
    ...of,
    entries: entries.flatMap((number) => kept.entries[number] ?? []),
  }));
}

/** Keeps a large difference in place of the last one. */
export async function keepDifferences<D extends Difference>(
  state: Pick<LocalState, "write">,
  a: ObjectId,
  b: ObjectId,
  differences: readonly D[],
): Promise<void> {
  if (differences.length < KEPT_FROM) return;
  const entries = [...new Set(differences.flatMap((one) => one.entries))];
  const numbers = new Map(entries.map((entry, number) => [entry, number]));
  const kept: Kept<D> = {
    version: VERSION,
    a,
    b,
    entries,
    differences: differences.map(({ entries: own, ...of }) => ({
      of,
      entries: own.flatMap((entry) => numbers.get(entry) ?? []),
    })),
  };
  const content = Buffer.from(JSON.stringify(kept));
  // It may fail (a full disk, a read-only folder): what it would have saved is then paid again.
  if (content.length <= MOST) await state.write(NAME, withDigest(content)).catch(() => undefined);
}
