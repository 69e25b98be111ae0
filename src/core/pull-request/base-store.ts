/** What the base believes, read as far as a change asks for it: names of all files, contents of few. */
import { isBroken, type Memory, type MemoryId, type ObjectId, type Trust } from "../memory/model.ts";
import { isMemoryPath, readMemory } from "../memory/parse.ts";
import { effectiveTrust, lineageOf } from "../memory/trust.ts";
import { idOfPath } from "../provenance/journal.ts";
import type { ReviewRepository } from "./repository.ts";

/** Ancestors that are followed; a longer lineage is no better for it. */
const MOST_ANCESTORS = 500;

type Titles = ReadonlyMap<string, string>;

export class BaseStore {
  readonly #repository: ReviewRepository;
  readonly #titles: Promise<Titles>;
  readonly #blobs: ReadonlyMap<string, ObjectId>;
  readonly #memories: readonly string[];
  readonly #paths: ReadonlyMap<MemoryId, string>;
  readonly #read = new Map<string, Memory>();
  readonly #byId = new Map<MemoryId, Memory>();

  private constructor(repository: ReviewRepository, blobs: ReadonlyMap<string, ObjectId>, titles: Promise<Titles>) {
    this.#repository = repository;
    this.#blobs = blobs;
    this.#titles = titles;
    this.#memories = [...blobs.keys()].filter(isMemoryPath);
    this.#paths = new Map(this.#memories.map((path) => [idOfPath(path), path]));
  }

  static async at(repository: ReviewRepository, commit: ObjectId, prefix: string): Promise<BaseStore> {
    // All that git has to look up takes a while, and goes on beside what is judged here. Who asks for it is told of a failure.
    const titles = repository.titles(commit, prefix);
    titles.catch(() => undefined);
    const files = await repository.files(commit, prefix);
    return new BaseStore(repository, new Map(files.map(({ path, blob }) => [path, blob])), titles);
  }

  /** How many memories there are. */
  get size(): number {
    return this.#paths.size;
  }

  /** Of every memory, also where two have the same id. */
  paths(): readonly string[] {
    return this.#memories;
  }

  pathOf(id: MemoryId): string | undefined {
    return this.#paths.get(id);
  }

  /** A memory that was read before by `read` or `readLineage`. */
  get(id: MemoryId): Memory | undefined {
    return this.#byId.get(id);
  }

  at(path: string): Memory | undefined {
    return this.#read.get(path);
  }

  /** The title of each memory as its file writes it, by path. */
  async titles(): Promise<Titles> {
    return this.#titles;
  }

  async bytes(path: string): Promise<Uint8Array | null> {
    const blob = this.#blobs.get(path);
    return blob === undefined ? null : ((await this.#repository.blobs([blob])).get(blob) ?? null);
  }

  /** Every file of a folder. */
  async folder(name: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const inside: [path: string, blob: ObjectId][] = [];
    for (const [path, blob] of this.#blobs) if (path.startsWith(`${name}/`)) inside.push([path, blob]);
    const bytes = await this.#repository.blobs(inside.map(([, blob]) => blob));
    return new Map(
      inside.flatMap(([path, blob]) => {
        const found = bytes.get(blob);
        return found === undefined ? [] : [[path, found] as const];
      }),
    );
  }

  async read(paths: Iterable<string>): Promise<void> {
    const wanted = [...new Set(paths)].flatMap((path) => {
      const blob = this.#blobs.get(path);
      return blob === undefined || this.#read.has(path) ? [] : [{ path, blob }];
    });
    const bytes = await this.#repository.blobs(wanted.map(({ blob }) => blob));
    for (const { path, blob } of wanted) {
      const found = bytes.get(blob);
      const memory = found === undefined ? undefined : readMemory(path, blob, found);
      if (memory === undefined || isBroken(memory)) continue;
      this.#read.set(path, memory);
      this.#byId.set(memory.id, memory);
    }
  }

  /** Reads some memories and all that they rest on. */
  async readLineage(ids: Iterable<MemoryId>): Promise<void> {
    let waiting = [...new Set(ids)];
    const seen = new Set<MemoryId>();
    while (waiting.length > 0 && seen.size < MOST_ANCESTORS) {
      for (const id of waiting) seen.add(id);
      await this.read(waiting.flatMap((id) => this.pathOf(id) ?? []));
      waiting = [...new Set(waiting.flatMap((id) => [...(this.get(id) === undefined ? [] : ancestors(this.get(id)))]))];
      waiting = waiting.filter((id) => !seen.has(id));
    }
  }

  /** What a belief of the base is worth. */
  trustOf(memory: Memory, isApproved: (memory: Memory) => boolean): Trust {
    return effectiveTrust(memory, (id) => this.get(id), isApproved);
  }
}

function ancestors(memory: Memory | undefined): readonly MemoryId[] {
  return memory === undefined ? [] : lineageOf(memory);
}
