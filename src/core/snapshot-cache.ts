/**
 * A snapshot in one file of columns, so that opening a large store costs little more than reading that file. Only what
 * lists need is decoded at once; front matter and body wait until somebody asks. A cache that doesn't hold together is
 * thrown away, never believed.
 */
import { DigestCheck, withDigest } from "./digested.ts";
import type { BrokenMemory, FrontMatter, Memory, ObjectId, Problem } from "./memory/model.ts";
import { isBroken } from "./memory/model.ts";
import { FolderView, Snapshot } from "./snapshot.ts";

/** Changes whenever what is derived from a file's bytes changes: an older cache is then rebuilt. */
const VERSION = "memory snapshot 2";

/** What is decoded at once. */
interface Head {
  readonly version: string;
  readonly commit: ObjectId;
  readonly tree: ObjectId;
  readonly folders: readonly {
    readonly path: string;
    readonly tree: ObjectId;
    readonly files: number;
    readonly others: readonly (readonly [string, ObjectId])[];
    /** Where the folder's columns end in their section, in bytes. */
    readonly end: number;
  }[];
}

/** One folder's files, decoded when somebody asks for one of them. */
interface Columns {
  readonly paths: readonly string[];
  readonly blobs: readonly ObjectId[];
  /** A memory's id and title; null for a broken file. */
  readonly ids: readonly (string | null)[];
  readonly titles: readonly (string | null)[];
  /** Where the folder's texts begin, and where each file's front matter (or its problems) and its body end, in bytes. */
  readonly start: number;
  readonly frontEnds: readonly number[];
  readonly bodyEnds: readonly number[];
}

/** `digest (20 bytes) | length of head (4) | head, as JSON | columns of each folder, as JSON | texts`. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array | null {
  if (snapshot.commit === null || snapshot.tree === null) return null;
  const texts = new TextWriter();
  const columns = new TextWriter();
  const folders = [...snapshot.folders.values()].map((folder): Head["folders"][number] => {
    const files = [...folder.byPath.values()];
    const start = texts.length;
    const ends = files.map((file) => ({
      front: texts.put(JSON.stringify(isBroken(file) ? file.problems : file.front)),
      body: texts.put(isBroken(file) ? "" : file.body),
    }));
    const own: Columns = {
      paths: files.map((file) => file.path),
      blobs: files.map((file) => file.blob),
      ids: files.map((file) => (isBroken(file) ? null : file.id)),
      titles: files.map((file) => (isBroken(file) ? null : file.title)),
      start,
      frontEnds: ends.map((end) => end.front),
      bodyEnds: ends.map((end) => end.body),
    };
    return {
      path: folder.path,
      tree: folder.tree,
      files: files.length,
      others: [...folder.others],
      end: columns.put(JSON.stringify(own)),
    };
  });
  const head: Head = { version: VERSION, commit: snapshot.commit, tree: snapshot.tree, folders };
  const headText = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(headText.length);
  const content = Buffer.concat([size, headText, columns.bytes(), texts.bytes()]);
  return withDigest(content);
}

/** Null where the bytes are cut short, changed, or of another version. @param check one that was given them already */
export function decodeSnapshot(bytes: Uint8Array, check = new DigestCheck()): Snapshot | null {
  const content = check.contentOf(bytes);
  if (content === null || content.length < 4) return null;
  const start = 4 + content.readUInt32LE(0);
  // The digest vouches that these are the bytes which `encodeSnapshot` wrote.
  const head = JSON.parse(content.toString("utf8", 4, start)) as Head;
  if (head.version !== VERSION) return null;
  const texts = content.subarray(start + (head.folders.at(-1)?.end ?? 0));
  const folders = new Map<string, FolderView>();
  let from = start;
  for (const { path, tree, files, others, end } of head.folders) {
    const section = content.subarray(from, start + end);
    from = start + end;
    const read = (): ReadonlyMap<string, Memory | BrokenMemory> => filesOf(section, texts);
    folders.set(path, new FolderView(path, tree, { count: files, read }, new Map(others)));
  }
  return new Snapshot(head.commit, head.tree, folders);
}

function filesOf(section: Buffer, texts: Buffer): ReadonlyMap<string, Memory | BrokenMemory> {
  const columns = JSON.parse(section.toString("utf8")) as Columns;
  return new Map(columns.paths.map((path, i) => [path, fileAt(columns, texts, i)]));
}

function fileAt(columns: Columns, texts: Buffer, i: number): Memory | BrokenMemory {
  const path = columns.paths[i] ?? "";
  const blob = columns.blobs[i] ?? "";
  const id = columns.ids[i] ?? null;
  const from = i === 0 ? columns.start : (columns.bodyEnds[i - 1] ?? 0);
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

  get length(): number {
    return this.#length;
  }

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
