/** The lexical index of one store, kept in step with its snapshots and cached beside the repository. */
import { createHash } from "node:crypto";
import type { Memory, ObjectId } from "../memory/model.ts";
import type { LocalState } from "../ports.ts";
import { Snapshot } from "../snapshot.ts";
import { LexicalIndex } from "./lexical-index.ts";
import { IndexFormatError } from "./segment.ts";

const INDEX_CACHE = "index";
/** Indexing so many memories again costs about as much as writing the cache of a few thousand. */
const CACHE_AFTER = 256;
/** A large one is written when this part of it is new, so that what caching costs a write does not grow with the store. */
const CACHED_PART = 1 / 32;
/** At the end, so that what is used in place begins where the file does. */
const DIGEST_LENGTH = 20;

/** A snapshot with the list and the index that belong to it. */
export interface Indexed {
  readonly memories: readonly Memory[];
  readonly index: LexicalIndex;
  /** A memory by its version. */
  readonly memoryOf: (blob: ObjectId) => Memory | undefined;
}

export class StoreIndex {
  readonly #state: LocalState | null;
  #snapshot: Snapshot = Snapshot.empty;
  /** Listed when somebody asks: a write needs the index alone. */
  #memories: readonly Memory[] | undefined;
  #index: LexicalIndex | undefined;
  /** How many files of the snapshot hold a version: two copies of a file are one document. */
  readonly #holders = new Map<ObjectId, { readonly memory: Memory; readonly files: number }>();
  #uncached = 0;
  #working: Promise<unknown> = Promise.resolve();

  /** @param state where the index is cached; null keeps it in memory alone. */
  constructor(state: LocalState | null) {
    this.#state = state;
  }

  /** The index brought to a snapshot. One at a time: the answer holds until the next call for another snapshot. */
  async at(snapshot: Snapshot): Promise<Indexed> {
    const turn = this.#working.then(() => this.#bringTo(snapshot));
    this.#working = turn.catch(() => undefined);
    return turn;
  }

  /** Ends when the cache is written. */
  async dispose(): Promise<void> {
    await this.#working;
  }

  async #bringTo(snapshot: Snapshot): Promise<Indexed> {
    const first = this.#index === undefined;
    const index = (this.#index ??= await this.#cached());
    if (snapshot.commit !== this.#snapshot.commit || first) {
      const before = index.size;
      if (first) {
        const memories = [...snapshot.memories()];
        this.#memories = memories;
        const { added } = index.sync(memories);
        for (const memory of memories) this.#hold(memory);
        this.#uncached += added;
      } else if (snapshot.folders !== this.#snapshot.folders) {
        this.#memories = undefined;
        this.#follow(snapshot, index);
        this.#uncached += Math.abs(index.size - before);
      }
      this.#snapshot = snapshot;
      await this.#cache(index);
    }
    const memories = (): readonly Memory[] => (this.#memories ??= [...snapshot.memories()]);
    return {
      get memories() {
        return memories();
      },
      index,
      memoryOf: (blob) => this.#holders.get(blob)?.memory,
    };
  }

  /** Goes through the folders whose tree changed, which after a write is one, and there takes what is another file. */
  #follow(snapshot: Snapshot, index: LexicalIndex): void {
    const changed = (a: Snapshot, b: Snapshot): Memory[] =>
      [...a.folders.values()].flatMap((folder) => {
        const other = b.folders.get(folder.path);
        return other?.tree === folder.tree ? [] : folder.beyond(other);
      });
    const gained = changed(snapshot, this.#snapshot);
    const lost = changed(this.#snapshot, snapshot);
    for (const memory of gained) {
      this.#hold(memory);
      index.add(memory);
    }
    for (const { blob } of lost) {
      const held = this.#holders.get(blob);
      if (held !== undefined && held.files > 1) {
        this.#holders.set(blob, { ...held, files: held.files - 1 });
        continue;
      }
      this.#holders.delete(blob);
      index.remove(blob);
    }
  }

  #hold(memory: Memory): void {
    this.#holders.set(memory.blob, { memory, files: (this.#holders.get(memory.blob)?.files ?? 0) + 1 });
  }

  async #cached(): Promise<LexicalIndex> {
    // One that can't be read costs what one that isn't there does.
    const bytes = (await this.#state?.read(INDEX_CACHE).catch(() => null)) ?? null;
    const content = bytes === null ? null : vouchedFor(bytes);
    if (content === null) return new LexicalIndex();
    try {
      return LexicalIndex.deserialize(content);
    } catch (error) {
      // Cut short or written by another version: what it would have saved is done again.
      if (error instanceof IndexFormatError) return new LexicalIndex();
      throw error;
    }
  }

  async #cache(index: LexicalIndex): Promise<void> {
    if (this.#uncached < Math.max(CACHE_AFTER, index.size * CACHED_PART)) return;
    this.#uncached = 0;
    const bytes = index.serialize();
    // The cache may fail (a full disk, a read-only folder): what it would have saved is then paid again.
    await this.#state?.write(INDEX_CACHE, Buffer.concat([bytes, digest(bytes)])).catch(() => undefined);
  }
}

/** Without the digest at the end; null where a bit is another than was written, which would change answers unnoticed. */
function vouchedFor(bytes: Uint8Array): Uint8Array | null {
  const end = Math.max(0, bytes.length - DIGEST_LENGTH);
  const content = bytes.subarray(0, end);
  return digest(content).equals(bytes.subarray(end)) ? content : null;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha1").update(bytes).digest();
}
