/**
 * Staleness from git itself: a belief that cites lines of the code is stale once those lines no longer stand in the file
 * that is checked out. Lines that only moved are still there, so they make nothing stale.
 */
import type { Memory, ObjectId, Source } from "../memory/model.ts";
import type { CodeReader } from "../ports.ts";
import type { Proposal, ProposedFile } from "../proposal.ts";

/** The changed citations of each memory that has any, by the memory's blob. */
export type ChangedSources = ReadonlyMap<ObjectId, readonly Source[]>;

const NONE: ChangedSources = new Map();
const REPOSITORY_FILE = "repo:/";

/**
 * Citations of the code with the commit and blob that they mean, so that the cited lines can be read years later. A file
 * or lines that the checked-out commit doesn't have, or a version that the caller named, are left as they are.
 */
export async function completeCitations(
  sources: readonly Source[],
  code: CodeReader | undefined,
): Promise<readonly Source[]> {
  const head = (await code?.head()) ?? null;
  if (code === undefined || head === null) return sources;
  return Promise.all(
    sources.map(async (source) => {
      if (!source.resource.startsWith(REPOSITORY_FILE) || source.commit !== undefined || source.blob !== undefined)
        return source;
      const blob = await code.blobAt(head, source.resource.slice(REPOSITORY_FILE.length));
      return blob === null || !(await hasLines(code, blob, source.lines)) ? source : { ...source, commit: head, blob };
    }),
  );
}

/** What a caller cited of the code that is not there, one sentence each: it is kept as it was said, and counts for nothing. */
export function unresolvedNotices({ changes }: Proposal, files: readonly ProposedFile[]): string[] {
  return files.flatMap(({ before, after }, i) => {
    const change = changes[i];
    const cited = change?.kind === "add" ? change.draft.sources : change?.kind === "edit" ? change.edits.sources : null;
    if ((cited ?? []).length === 0) return [];
    const known = new Set((before?.front.sources ?? []).map(shortForm));
    return (after?.front.sources ?? [])
      .filter((source) => source.resource.startsWith(REPOSITORY_FILE) && source.blob === undefined && !source.commit)
      .map(shortForm)
      .filter((name) => !known.has(name))
      .map(
        (name) =>
          `The citation ${name} doesn't resolve: the commit that is checked out has no such file or lines. So it doesn't count as cited code, and nothing tells when it goes stale.`,
      );
  });
}

/** `src/app.ts:3-7` */
function shortForm({ resource, lines }: Source): string {
  return `${resource.slice(REPOSITORY_FILE.length)}${lines === undefined ? "" : `:${lines}`}`;
}

async function hasLines(code: CodeReader, blob: ObjectId, lines: string | undefined): Promise<boolean> {
  if (lines === undefined) return true;
  const bytes = await code.read(blob);
  // A newline ends the last line; it begins none.
  return bytes !== null && linesOf(new TextDecoder().decode(bytes).replace(/\r?\n$/, ""), lines) !== null;
}

export class Citations {
  readonly #code: CodeReader | undefined;
  /** What is known at the commit that is checked out, and at the last other one that was asked for, by the memory's blob. */
  #known: Known = { head: "", changed: new Map() };
  #elsewhere: Known = { head: "", changed: new Map() };

  constructor(code: CodeReader | undefined) {
    this.#code = code;
  }

  /** The commit that is checked out; null where there is no code. */
  async head(): Promise<ObjectId | null> {
    return (await this.#code?.head()) ?? null;
  }

  /** Whether the code's repository (still) has a commit. */
  async has(commit: ObjectId): Promise<boolean> {
    // A commit's path without a name is its tree.
    return this.#code !== undefined && (await this.#code.blobAt(commit, "")) !== null;
  }

  /**
   * The citations that no longer hold at the commit that is checked out, or at a given one (null: none, so nothing can be
   * compared). A citation without a version can't be checked.
   */
  async changed(memories: Iterable<Memory>, at?: ObjectId | null): Promise<ChangedSources> {
    const head = at === undefined ? await this.head() : at;
    if (this.#code === undefined || head === null) return NONE;
    const known = this.#knownAt(head, at === undefined);
    const checks = new Checks(this.#code, head);
    const changed = new Map<ObjectId, readonly Source[]>();
    for (const memory of memories) {
      let gone = known.get(memory.blob);
      if (gone === undefined) known.set(memory.blob, (gone = await goneOf(memory, checks)));
      if (gone.length > 0) changed.set(memory.blob, gone);
    }
    return changed;
  }

  #knownAt(head: ObjectId, isCheckedOut: boolean): Map<ObjectId, readonly Source[]> {
    if (this.#known.head === head) return this.#known.changed;
    const fresh = { head, changed: new Map<ObjectId, readonly Source[]>() };
    if (isCheckedOut) return (this.#known = fresh).changed;
    if (this.#elsewhere.head !== head) this.#elsewhere = fresh;
    return this.#elsewhere.changed;
  }

  async dispose(): Promise<void> {
    await this.#code?.dispose();
  }
}

interface Known {
  readonly head: ObjectId;
  readonly changed: Map<ObjectId, readonly Source[]>;
}

async function goneOf(memory: Memory, checks: Checks): Promise<readonly Source[]> {
  const gone: Source[] = [];
  for (const source of memory.front.sources ?? []) {
    if (source.resource.startsWith(REPOSITORY_FILE) && (await checks.hasChanged(source))) gone.push(source);
  }
  return gone;
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
