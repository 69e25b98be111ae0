/** The versions of memories that a history speaks of, each read and parsed once. */
import type { Memory, MemoryId, ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { StoreRepository } from "../ports.ts";
import type { BeliefChange } from "./journal-entry.ts";

const MEMORY_IDS = /\bm_[0-9a-hjkmnp-tv-z]{12}\b/g;
/** Keys that the program writes or that only move an end: a change of these alone changes no claim. */
const NO_CLAIM = /^(?:generated|origin|verified|expires_at|stale_after|id|type):|^---$/;

export class Versions {
  readonly #repository: Pick<StoreRepository, "blobs">;
  readonly #bytes = new Map<ObjectId, Uint8Array>();
  readonly #memories = new Map<ObjectId, Memory | null>();

  constructor(repository: Pick<StoreRepository, "blobs">) {
    this.#repository = repository;
  }

  /** Reads many in one round trip, so that the questions which follow cost nothing. */
  async load(blobs: Iterable<ObjectId | null>): Promise<void> {
    const missing = [...new Set(blobs)].filter((blob) => blob !== null && !this.#bytes.has(blob)) as ObjectId[];
    if (missing.length === 0) return;
    const read = await this.#repository.blobs(missing);
    missing.forEach((blob, i) => this.#bytes.set(blob, read[i] ?? new Uint8Array()));
  }

  async bytes(blob: ObjectId | null): Promise<Uint8Array | null> {
    if (blob === null) return null;
    await this.load([blob]);
    return this.#bytes.get(blob) ?? null;
  }

  async text(blob: ObjectId | null): Promise<string> {
    const bytes = await this.bytes(blob);
    return bytes === null ? "" : new TextDecoder().decode(bytes);
  }

  /** Null for an absent or broken one. */
  async memory(blob: ObjectId | null, path: string): Promise<Memory | null> {
    if (blob === null) return null;
    const known = this.#memories.get(blob);
    if (known !== undefined) return known;
    const file = readMemory(path, blob, (await this.bytes(blob)) ?? new Uint8Array());
    const memory = isBroken(file) ? null : file;
    this.#memories.set(blob, memory);
    return memory;
  }

  /** The ids that a version's front matter names, its own too. */
  async idsIn(blob: ObjectId | null): Promise<ReadonlySet<MemoryId>> {
    const text = await this.text(blob);
    const end = text.indexOf("\n---", 3);
    return new Set(text.slice(0, end < 0 ? 0 : end).match(MEMORY_IDS) ?? []);
  }

  /** What a change says that its file did not say before. */
  async newLines(change: Pick<BeliefChange, "before" | "after">): Promise<Set<string>> {
    const before = claimLines(await this.text(change.before));
    return new Set([...claimLines(await this.text(change.after))].filter((line) => !before.has(line)));
  }

  /** The name that people know a change's memory by. */
  async titleOf(change: BeliefChange): Promise<string> {
    return (await this.memory(change.after ?? change.before, change.path))?.title ?? change.path;
  }
}

/** The lines of a file that state its claim, without the white space around them. */
export function claimLines(text: string): Set<string> {
  return new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !NO_CLAIM.test(line)),
  );
}

/** The lines that two sets have in common. */
export function common(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((line) => b.has(line)));
}
