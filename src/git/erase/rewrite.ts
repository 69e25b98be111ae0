/**
 * Writes a history anew without some blobs and with other messages. Authors, dates and all else stay as they were, byte for
 * byte; a signature goes, because it would no longer be true.
 */
import { isUtf8 } from "node:buffer";
import { GitError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { decodeTree, encodeTree, FOLDER_MODE, type HashName, type TreeEntry } from "../objects/encode.ts";
import { type LooseWriter, writeObject } from "../objects/loose.ts";
import type { ObjectReader } from "../objects/reader.ts";

export interface Rewriting {
  readonly objects: ObjectReader;
  readonly hash: HashName;
  readonly writer: LooseWriter;
  readonly blobs: ReadonlySet<ObjectId>;
  readonly redact: (message: string, commit: ObjectId) => string;
}

export interface Rewritten {
  /** From each commit that was written anew to the one that took its place. */
  readonly commits: ReadonlyMap<ObjectId, ObjectId>;
  /** The oldest commits that held what was taken out: every ref that reaches one of these holds it too. */
  readonly origins: readonly ObjectId[];
}

const FULL_ID = /\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g;

/** @param commits parents before their children. Throws GitError where an object is missing. */
export async function rewriteHistory(commits: readonly ObjectId[], rewriting: Rewriting): Promise<Rewritten> {
  const trees = new Trees(rewriting);
  const renamed = new Map<ObjectId, ObjectId>();
  const origins: ObjectId[] = [];
  /** Commits that have an origin behind them. */
  const tainted = new Set<ObjectId>();
  for (const id of commits) {
    const found = await rewriting.objects.read(id);
    if (found?.kind !== "commit")
      throw new GitError(
        `The repository lacks the commit ${id}. Run \`git fsck\`; in a shallow clone, run \`git fetch --unshallow\`.`,
      );
    const commit = parse(found.content);
    const tree = await trees.without(commit.tree);
    const message = withNewNames(rewriting.redact(commit.message, id), renamed);
    const parents = commit.parents.map((parent) => renamed.get(parent) ?? parent);
    const cleaned = tree !== commit.tree || rewriting.redact(commit.message, id) !== commit.message;
    if (commit.parents.some((parent) => tainted.has(parent))) tainted.add(id);
    else if (cleaned) {
      origins.push(id);
      tainted.add(id);
    }
    if (!cleaned && message === commit.message && parents.every((parent, i) => parent === commit.parents[i])) continue;
    renamed.set(id, writeObject(rewriting.writer, "commit", compose({ ...commit, tree, parents, message })));
  }
  return { commits: renamed, origins };
}

interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  /** All other header lines, without signatures. */
  readonly rest: readonly string[];
  readonly message: string;
  readonly encoding: "utf8" | "latin1";
}

function parse(content: Buffer): Commit {
  // Bytes that are not UTF-8 keep their values as Latin-1, whatever they mean.
  const encoding = isUtf8(content) ? "utf8" : "latin1";
  const text = content.toString(encoding);
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end < 0 ? text.length : end).split("\n");
  const valuesOf = (key: string): string[] =>
    header.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  return {
    tree: valuesOf("tree")[0] ?? "",
    parents: valuesOf("parent"),
    rest: withoutSignature(header.filter((line) => !line.startsWith("tree ") && !line.startsWith("parent "))),
    message: end < 0 ? "" : text.slice(end + 2),
    encoding,
  };
}

/** A header's further lines begin with a space. */
function withoutSignature(header: readonly string[]): string[] {
  let inSignature = false;
  return header.filter((line) => {
    if (!line.startsWith(" ")) inSignature = /^gpgsig(?:-sha256)? /.test(line);
    return !inSignature;
  });
}

function compose({ tree, parents, rest, message, encoding }: Commit): Buffer {
  const header = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), ...rest];
  return Buffer.from(`${header.join("\n")}\n\n${message}`, encoding);
}

/** `This reverts commit …` must name the commit by the name that it has now. */
function withNewNames(message: string, renamed: ReadonlyMap<ObjectId, ObjectId>): string {
  return message.replace(FULL_ID, (id) => renamed.get(id) ?? id);
}

class Trees {
  readonly #rewriting: Rewriting;
  readonly #known = new Map<ObjectId, ObjectId | null>();

  constructor(rewriting: Rewriting) {
    this.#rewriting = rewriting;
  }

  async without(root: ObjectId): Promise<ObjectId> {
    return (await this.#clean(root)) ?? writeObject(this.#rewriting.writer, "tree", encodeTree([]));
  }

  /** Null where nothing is left of a folder. */
  async #clean(tree: ObjectId): Promise<ObjectId | null> {
    const known = this.#known.get(tree);
    if (known !== undefined) return known;
    const { objects, hash, blobs, writer } = this.#rewriting;
    const found = await objects.read(tree);
    if (found?.kind !== "tree") throw new GitError(`The repository lacks the tree ${tree}. Run \`git fsck\`.`);
    const entries = decodeTree(found.content, hash);
    const kept: TreeEntry[] = [];
    for (const entry of entries) {
      const id = entry.mode === FOLDER_MODE ? await this.#clean(entry.id) : blobs.has(entry.id) ? null : entry.id;
      if (id !== null) kept.push({ ...entry, id });
    }
    const same = kept.length === entries.length && kept.every((entry, i) => entry.id === entries[i]?.id);
    const result = same ? tree : kept.length === 0 ? null : writeObject(writer, "tree", encodeTree(kept));
    this.#known.set(tree, result);
    return result;
  }
}
