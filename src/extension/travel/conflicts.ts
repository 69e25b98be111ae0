/** A conflict as a document: both texts in one, to be edited and saved. Saving decides it for the plan; it stores nothing yet. */
import {
  commands,
  EventEmitter,
  FileSystemError,
  FileType,
  TextDocumentSaveReason,
  Uri,
  workspace as editor,
  type Disposable,
  type Event,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
} from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import { closeTabOf } from "../review/tabs.ts";

export const CONFLICT_SCHEME = "memory-conflict";

interface Conflict {
  readonly path: string;
  readonly decide: (bytes: Uint8Array) => void;
  readonly opened: number;
  bytes: Uint8Array;
  version: number;
}

export class Conflicts implements FileSystemProvider, Disposable {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #open = new Map<string, Conflict>();
  /** Documents whose next save a person asked for. */
  readonly #meant = new Set<string>();
  readonly #subscriptions: Disposable[];
  #count = 0;

  constructor() {
    this.#subscriptions = [
      this.#changed,
      editor.registerFileSystemProvider(CONFLICT_SCHEME, this, { isCaseSensitive: true }),
      editor.onWillSaveTextDocument(({ document, reason }) => {
        if (document.uri.scheme !== CONFLICT_SCHEME) return;
        if (reason === TextDocumentSaveReason.Manual) this.#meant.add(document.uri.toString());
        else this.#meant.delete(document.uri.toString());
      }),
      editor.onDidSaveTextDocument(({ uri }) => {
        if (uri.scheme === CONFLICT_SCHEME) void closeTabOf(uri);
      }),
      editor.onDidCloseTextDocument(({ uri }) => void this.#open.delete(uri.toString())),
    ];
  }

  get onDidChangeFile(): Event<FileChangeEvent[]> {
    return this.#changed.event;
  }

  /** @param decide is given the text that the person saved. */
  async open(path: string, merged: Uint8Array, decide: (bytes: Uint8Array) => void): Promise<Uri> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const uri = Uri.from({ scheme: CONFLICT_SCHEME, path: `/${++this.#count}/${name}` });
    this.#open.set(uri.toString(), { path, decide, opened: Date.now(), bytes: merged, version: 0 });
    await commands.executeCommand("vscode.open", uri, { preview: false });
    return uri;
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  stat(uri: Uri): FileStat {
    const { bytes, opened, version } = this.#at(uri);
    return { type: FileType.File, ctime: opened, mtime: opened + version, size: bytes.byteLength };
  }

  readFile(uri: Uri): Uint8Array {
    return this.#at(uri).bytes;
  }

  writeFile(uri: Uri, content: Uint8Array): void {
    const conflict = this.#at(uri);
    if (!this.#meant.delete(uri.toString()))
      throw FileSystemError.NoPermissions(
        "Saving this decides the conflict, so it is not saved by itself. Save it yourself.",
      );
    if (/^(?:<{7}|={7}|>{7})(?: |$)/m.test(new TextDecoder().decode(content)))
      throw sentence(
        "The marks of the conflict are still there. Keep what is true between them, take the marks out, and save.",
      );
    const file = readMemory(conflict.path, "", content);
    if (isBroken(file))
      throw sentence(
        `Line ${file.problems[0]?.line ?? 1}: ${file.problems[0]?.message ?? "It can't be read as a memory."}`,
      );
    conflict.decide(content);
    conflict.bytes = content;
    conflict.version += 1;
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions("Only conflicts are here.");
  }

  delete(): never {
    throw FileSystemError.NoPermissions("Close it to leave the memory as it is.");
  }

  rename(): never {
    throw FileSystemError.NoPermissions("A conflict keeps its name.");
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  #at(uri: Uri): Conflict {
    const conflict = this.#open.get(uri.toString());
    if (conflict === undefined) throw FileSystemError.FileNotFound("That conflict was left. Ask for the revert again.");
    return conflict;
  }
}

/** VS Code shows "Failed to save", the file, and this; without a name of its own the error is its sentence alone. */
function sentence(message: string): Error {
  const plain = new Error(message);
  plain.name = "";
  return plain;
}
