/**
 * Staleness from git itself: a belief that cites lines of the code is stale once those lines no longer stand in the file
 * that is checked out. Lines that only moved are still there, so they make nothing stale.
 */
import type { Memory, ObjectId, Source } from "../memory/model.ts";
import type { CodeReader } from "../ports.ts";

/** The changed citations of each memory that has any, by the memory's blob. */
export type ChangedSources = ReadonlyMap<ObjectId, readonly Source[]>;

const NONE: ChangedSources = new Map();
const REPOSITORY_FILE = "repo:/";

export class Citations {
  readonly #code: CodeReader | undefined;
  /** The last answer, for the same list at the same commit. */
  #known: { readonly memories: readonly Memory[]; readonly head: ObjectId; readonly changed: ChangedSources } | undefined;

  constructor(code: CodeReader | undefined) {
    this.#code = code;
  }

  /** The citations that no longer hold at the commit that is checked out. A citation without a version can't be checked. */
  async changed(memories: readonly Memory[]): Promise<ChangedSources> {
    const head = (await this.#code?.head()) ?? null;
    if (this.#code === undefined || head === null) return NONE;
    if (this.#known?.memories === memories && this.#known.head === head) return this.#known.changed;
    const checks = new Checks(this.#code, head);
    const changed = new Map<ObjectId, readonly Source[]>();
    for (const memory of memories) {
      const cited = (memory.front.sources ?? []).filter((source) => source.resource.startsWith(REPOSITORY_FILE));
      const gone: Source[] = [];
      for (const source of cited) if (await checks.hasChanged(source)) gone.push(source);
      if (gone.length > 0) changed.set(memory.blob, gone);
    }
    this.#known = { memories, head, changed };
    return changed;
  }

  async dispose(): Promise<void> {
    await this.#code?.dispose();
  }
}

/** One pass at one commit: each file is looked up once. */
class Checks {
  readonly #code: CodeReader;
  readonly #head: ObjectId;
  readonly #now = new Map<string, Promise<ObjectId | null>>();
  readonly #texts = new Map<ObjectId, Promise<string | null>>();

  constructor(code: CodeReader, head: ObjectId) {
    this.#code = code;
    this.#head = head;
  }

  async hasChanged(source: Source): Promise<boolean> {
    const path = source.resource.slice(REPOSITORY_FILE.length);
    const then = source.blob ?? (source.commit === undefined ? null : await this.#code.blobAt(source.commit, path));
    if (then === null) return false;
    const now = await remembered(this.#now, path, () => this.#code.blobAt(this.#head, path));
    if (now === then) return false;
    if (now === null || source.lines === undefined) return true;
    const [before, after] = await Promise.all([this.#text(then), this.#text(now)]);
    if (before === null || after === null) return false;
    const cited = linesOf(before, source.lines);
    return cited !== null && !`\n${after}\n`.includes(`\n${cited}\n`);
  }

  async #text(blob: ObjectId): Promise<string | null> {
    return remembered(this.#texts, blob, async () => {
      const bytes = await this.#code.read(blob);
      return bytes === null ? null : new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
    });
  }
}

/** `"3-7"` or `"3"` of a text; null where it has no such lines. */
function linesOf(text: string, lines: string): string | null {
  const match = /^(\d+)(?:-(\d+))?$/.exec(lines);
  if (match === null) return null;
  const first = Number(match[1]);
  const all = text.split("\n");
  const last = Number(match[2] ?? match[1]);
  return first < 1 || last < first || last > all.length ? null : all.slice(first - 1, last).join("\n");
}

async function remembered<K, V>(known: Map<K, Promise<V>>, key: K, find: () => Promise<V>): Promise<V> {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = find()));
  return value;
}
