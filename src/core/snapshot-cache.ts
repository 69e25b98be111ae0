/**
 * A snapshot in one file of columns, so that opening a large store costs little more than reading that file. Only what
 * lists need is decoded at once; front matter and body wait until somebody asks. A cache that doesn't hold together is
 * thrown away, never believed.
 */
import { createHash } from "node:crypto";
import type { BrokenMemory, FrontMatter, Memory, ObjectId, Problem } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { FolderView, Snapshot } from "./snapshot.ts";

/** Changes whenever what is derived from a file's bytes changes: an older cache is then rebuilt. */
const VERSION = "memory snapshot 1";
const DIGEST_LENGTH = 20;

interface Columns {
  readonly version: string;
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  readonly folders: readonly {
    readonly path: string;
    readonly tree: ObjectId;
    readonly files: number;
    readonly others: readonly (readonly [string, ObjectId])[];
  }[];
  readonly paths: readonly string[];
  readonly blobs: readonly ObjectId[];
  /** A memory's id and title; null for a broken file. */
  readonly ids: readonly (string | null)[];
  readonly titles: readonly (string | null)[];
  /** Where each file's front matter (or its problems) and its body end in the text section, in bytes. */
  readonly frontEnds: readonly number[];
  readonly bodyEnds: readonly number[];
}

/** `digest (20 bytes) | length of columns (4) | columns, as JSON | texts`. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array | null {
  if (snapshot.commit === null || snapshot.tree === null) return null;
  const texts = new TextWriter();
  const files = [...snapshot.folders.values()].flatMap((folder) => [...folder.byPath.values()]);
  const ends = files.map((file) => ({
    front: texts.put(JSON.stringify(isBroken(file) ? file.problems : file.front)),
    body: texts.put(isBroken(file) ? "" : file.body),
  }));
  const columns: Columns = {
    version: VERSION,
    commit: snapshot.commit,
    tree: snapshot.tree,
    folders: [...snapshot.folders.values()].map((folder) => ({
      path: folder.path,
      tree: folder.tree,
      files: folder.byPath.size,
      others: [...folder.others],
    })),
    paths: files.map((file) => file.path),
    blobs: files.map((file) => file.blob),
    ids: files.map((file) => (isBroken(file) ? null : file.id)),
    titles: files.map((file) => (isBroken(file) ? null : file.title)),
    frontEnds: ends.map((end) => end.front),
    bodyEnds: ends.map((end) => end.body),
  };
  const head = Buffer.from(JSON.stringify(columns));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  const content = Buffer.concat([size, head, texts.bytes()]);
  return Buffer.concat([digest(content), content]);
}

/** Null where the bytes are cut short, changed, or of another version. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot | null {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = all.subarray(DIGEST_LENGTH);
  if (content.length < 4 || !digest(content).equals(all.subarray(0, DIGEST_LENGTH))) return null;
  const start = 4 + content.readUInt32LE(0);
  // The digest vouches that these are the bytes which `encodeSnapshot` wrote.
  const columns = JSON.parse(content.toString("utf8", 4, start)) as Columns;
  if (columns.version !== VERSION) return null;
  const texts = content.subarray(start);
  const folders = new Map<string, FolderView>();
  let next = 0;
  for (const { path, tree, files, others } of columns.folders) {
    const byPath = new Map<string, Memory | BrokenMemory>();
    for (const last = next + files; next < last; next++) {
      const file = fileAt(columns, texts, next);
      byPath.set(file.path, file);
    }
    folders.set(path, new FolderView(path, tree, byPath, new Map(others)));
  }
  return new Snapshot(columns.commit, columns.tree, folders);
}

function fileAt(columns: Columns, texts: Buffer, i: number): Memory | BrokenMemory {
  const path = columns.paths[i] ?? "";
  const blob = columns.blobs[i] ?? "";
  const id = columns.ids[i] ?? null;
  const from = i === 0 ? 0 : (columns.bodyEnds[i - 1] ?? 0);
  const middle = columns.frontEnds[i] ?? from;
  if (id !== null)
    return new CachedMemory(
      id,
      columns.titles[i] ?? "",
      path,
      blob,
      texts,
      from,
      middle,
      columns.bodyEnds[i] ?? middle,
    );
  return { path, blob, problems: JSON.parse(texts.toString("utf8", from, middle)) as Problem[] };
}

/** Texts one after the other in one growing buffer: a buffer for each would cost more than all the rest. */
class TextWriter {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** Adds a text and returns where it ends, in bytes. */
  put(text: string): number {
    // No UTF-16 unit takes more than three bytes in UTF-8.
    const most = this.#length + text.length * 3;
    if (most > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(most, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return (this.#length += this.#buffer.write(text, this.#length, "utf8"));
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

class CachedMemory implements Memory {
  readonly id: string;
  readonly title: string;
  readonly path: string;
  readonly blob: ObjectId;
  readonly #texts: Buffer;
  readonly #from: number;
  readonly #middle: number;
  readonly #end: number;
  #front: FrontMatter | undefined;

  constructor(
    id: string,
    title: string,
    path: string,
    blob: ObjectId,
    texts: Buffer,
    from: number,
    middle: number,
    end: number,
  ) {
    this.id = id;
    this.title = title;
    this.path = path;
    this.blob = blob;
    this.#texts = texts;
    this.#from = from;
    this.#middle = middle;
    this.#end = end;
  }

  get front(): FrontMatter {
    return (this.#front ??= JSON.parse(this.#texts.toString("utf8", this.#from, this.#middle)) as FrontMatter);
  }

  get body(): string {
    return this.#texts.toString("utf8", this.#middle, this.#end);
  }
}

function digest(content: Uint8Array): Buffer {
  return createHash("sha1").update(content).digest();
}
