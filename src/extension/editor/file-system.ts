/**
 * The stores as files that can be opened and saved. An explicit save is one commit; VS Code's own check of the version
 * (its stat before each save) shows a changed file as "newer" and offers to compare or to overwrite.
 */
import {
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileSystemError,
  FileType,
  TextDocumentSaveReason,
  type Disposable,
  type Event,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type TextDocumentWillSaveEvent,
  type Uri,
} from "vscode";
import { MemoryError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/memory/model.ts";
import { idOfPath } from "../../core/provenance/journal.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { MEMORY_SCHEME, placeOf } from "./uris.ts";

/** What VS Code was last told of a file. */
interface Told {
  readonly blob: ObjectId;
  /** Milliseconds; grows with every version, so that no two of them look alike to VS Code. */
  readonly mtime: number;
  /** The file's bytes, and up to 2^20 more that tell its versions apart; see `sizeOfVersion`. */
  readonly size: number;
}

/** What a save was asked for, and the version that the person saw before it. */
interface Intent {
  readonly manual: boolean;
  readonly read: ObjectId | undefined;
}

/** Stores the whole file as it was saved; throws MemoryError. */
export type SaveFile = (store: OpenStore, path: string, read: ObjectId, bytes: Uint8Array) => Promise<void>;

export class MemoryFileSystem implements FileSystemProvider, Disposable {
  readonly #workspace: Workspace;
  readonly #save: SaveFile;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #told = new Map<string, Told>();
  /** The version whose bytes VS Code has or was told to fetch; null: gone. A stat gives it no bytes, so it doesn't count. */
  readonly #read = new Map<string, ObjectId | null>();
  readonly #uris = new Map<string, Uri>();
  readonly #intents = new Map<string, Intent>();
  /** Files that were stored otherwise than they were saved, until VS Code has finished its save and can be told. */
  readonly #rewritten = new Set<string>();
  readonly #following: Disposable;

  constructor(workspace: Workspace, save: SaveFile) {
    this.#workspace = workspace;
    this.#save = save;
    this.#following = workspace.onDidChange(() => this.#announce());
  }

  get onDidChangeFile(): Event<FileChangeEvent[]> {
    return this.#changed.event;
  }

  /** Every document that is known is followed anyway. */
  watch(): Disposable {
    return { dispose: () => undefined };
  }

  /** To be called before a document is saved: why, and against which version, can't be known later. */
  willSave(event: Pick<TextDocumentWillSaveEvent, "document" | "reason">): void {
    const { uri } = event.document;
    if (uri.scheme !== MEMORY_SCHEME) return;
    this.#intents.set(uri.toString(), {
      manual: event.reason === TextDocumentSaveReason.Manual,
      read: this.#told.get(uri.toString())?.blob,
    });
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { store, snapshot, path } = await this.#locate(uri);
    const blob = snapshot.blobAt(path);
    if (blob === null) {
      if (isFolder(snapshot, path)) return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      this.#told.delete(uri.toString());
      throw FileSystemError.FileNotFound(uri);
    }
    const known = this.#told.get(uri.toString());
    const told =
      known?.blob === blob ? known : await this.#tell(uri, store, path, blob, (await bytesOf(store, blob)).byteLength);
    if (this.#rewritten.delete(uri.toString())) setTimeout(() => this.#retell(uri, blob), 0);
    return {
      type: FileType.File,
      ctime: told.mtime,
      mtime: told.mtime,
      size: told.size,
      ...(store.readOnly ? { permissions: FilePermission.Readonly } : {}),
    };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    const { store, snapshot, path } = await this.#locate(uri);
    const blob = snapshot.blobAt(path);
    if (blob === null) throw FileSystemError.FileNotFound(uri);
    const bytes = await bytesOf(store, blob);
    await this.#tell(uri, store, path, blob, bytes.byteLength);
    this.#read.set(uri.toString(), blob);
    return bytes;
  }

  async readDirectory(uri: Uri): Promise<[string, FileType][]> {
    const { snapshot, path } = await this.#locate(uri);
    if (!isFolder(snapshot, path)) throw FileSystemError.FileNotFound(uri);
    const prefix = path === "" ? "" : `${path}/`;
    const entries = new Map<string, FileType>();
    for (const [folder, view] of snapshot.folders) {
      if (folder === path) {
        for (const file of [...view.byPath.keys(), ...view.others.keys()])
          entries.set(file.slice(prefix.length), FileType.File);
      } else if (folder.startsWith(prefix)) {
        entries.set(folder.slice(prefix.length).split("/")[0] ?? folder, FileType.Directory);
      }
    }
    return [...entries];
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const { store, snapshot, path } = await this.#locate(uri);
    const key = uri.toString();
    const intent = this.#intents.get(key);
    this.#intents.delete(key);
    const read = intent?.read ?? this.#told.get(key)?.blob ?? snapshot.blobAt(path);
    if (intent?.manual === false)
      throw FileSystemError.NoPermissions(
        "A memory is not saved by itself, because each save is a commit. Save it yourself.",
      );
    if (read === null || snapshot.blobAt(path) === null) {
      throw FileSystemError.FileNotFound(
        "This memory is no longer believed, so it can't be saved. Bring it back from Past in the Memory view first.",
      );
    }
    // What says nothing new is no write: an empty commit would only hide the last real one.
    if (read === snapshot.blobAt(path) && Buffer.from(content).equals(await bytesOf(store, read))) return;
    try {
      await this.#save(store, path, read, content);
    } catch (error) {
      throw error instanceof MemoryError ? sentenceOnly(error) : error;
    }
    const blob = (await store.store.snapshot()).blobAt(path);
    if (blob === null) return;
    await this.#tell(uri, store, path, blob, content.byteLength);
    this.#read.set(key, blob);
    // The store may add to what was saved: words that a save changed are trusted no more than a save is.
    if (!Buffer.from(content).equals(await bytesOf(store, blob))) this.#rewritten.add(key);
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions("Folders of a memory store come by themselves.");
  }

  delete(): never {
    throw FileSystemError.NoPermissions("Expire the memory in the Memory view; it stays in the history.");
  }

  rename(): never {
    throw FileSystemError.NoPermissions("Memories keep their files. Edit the title in the Memory view.");
  }

  dispose(): void {
    this.#following.dispose();
    this.#changed.dispose();
  }

  /** The snapshot is never older than the call, so that VS Code's check before a save sees every other writer. */
  async #locate(uri: Uri): Promise<{ store: OpenStore; snapshot: Snapshot; path: string }> {
    await this.#workspace.ready();
    const place = placeOf(uri);
    const store = place === null ? undefined : this.#workspace.byKey(place.key);
    if (place === null || store === undefined) throw FileSystemError.FileNotFound(uri);
    if (!(await store.store.exists())) throw FileSystemError.FileNotFound(uri);
    return { store, snapshot: await store.store.snapshot(), path: place.path };
  }

  async #tell(uri: Uri, store: OpenStore, path: string, blob: ObjectId, size: number): Promise<Told> {
    const key = uri.toString();
    const known = this.#told.get(key);
    if (known?.blob === blob) return known;
    const told = {
      blob,
      size: sizeOfVersion(blob, size),
      mtime: Math.max(await timeOfVersion(store, path), (known?.mtime ?? 0) + 1),
    };
    this.#told.set(key, told);
    this.#uris.set(key, uri);
    return told;
  }

  /** VS Code reads a file anew only when its time differs from that of the version it has. */
  #retell(uri: Uri, blob: ObjectId): void {
    const key = uri.toString();
    const known = this.#told.get(key);
    if (known?.blob !== blob) return;
    this.#told.set(key, { ...known, mtime: known.mtime + 1 });
    this.#changed.fire([{ uri, type: FileChangeType.Changed }]);
  }

  #announce(): void {
    const events: FileChangeEvent[] = [];
    for (const [key, read] of this.#read) {
      const uri = this.#uris.get(key);
      const place = uri === undefined ? null : placeOf(uri);
      const store = place === null ? undefined : this.#workspace.byKey(place.key);
      if (uri === undefined || place === null || store === undefined) continue;
      const blob = store.snapshot.blobAt(place.path);
      if (blob === read) continue;
      this.#read.set(key, blob);
      // An open document whose file was gone is told by Created that it is back, and by Changed to read it anew.
      if (blob !== null && read === null) events.push({ uri, type: FileChangeType.Created });
      events.push({ uri, type: blob === null ? FileChangeType.Deleted : FileChangeType.Changed });
    }
    if (events.length > 0) this.#changed.fire(events);
  }
}

/** VS Code shows "Failed to save", the file, and this; without a name of its own the error is its sentence alone. */
function sentenceOnly(error: MemoryError): Error {
  const plain = new Error(error.message);
  plain.name = "";
  return plain;
}

async function bytesOf(store: OpenStore, blob: ObjectId): Promise<Uint8Array> {
  const [bytes] = await store.store.repository.blobs([blob]);
  return bytes ?? new Uint8Array();
}

/**
 * The same version has the same time in every window and after a restart, or VS Code would take a restored draft for
 * outdated. Commits of one second are told apart by how many there are.
 */
async function timeOfVersion(store: OpenStore, path: string): Promise<number> {
  const entries = await store.store.journal.of(idOfPath(path), path);
  return Date.parse(entries[0]?.at ?? "1970-01-01T00:00:00Z") + (entries.length % 1000);
}

/**
 * VS Code lets a save through where the file is as long as it was when it was read, however much newer it is (its
 * `validateWriteFile` compares sizes to forgive a time that changed alone). What another wrote at the same length, a port
 * or a name, would be lost to the save. So the size that it is told differs from version to version, the same in every
 * window and after a restart; of two versions of one length, one pair in a million is told the same.
 */
function sizeOfVersion(blob: ObjectId, bytes: number): number {
  return bytes + Number.parseInt(blob.slice(0, 5), 16);
}

function isFolder(snapshot: Snapshot, path: string): boolean {
  if (path === "") return true;
  for (const folder of snapshot.folders.keys()) if (folder === path || folder.startsWith(`${path}/`)) return true;
  return false;
}
