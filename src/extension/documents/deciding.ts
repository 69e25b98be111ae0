/** Documents that a person edits and saves to decide something. A save that nobody asked for decides nothing. */
import {
  EventEmitter,
  FileSystemError,
  FileType,
  TextDocumentSaveReason,
  workspace as editor,
  type Disposable,
  type Event,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from "vscode";
import { MemoryError } from "../../core/errors.ts";
import { closeTabOf } from "./tabs.ts";

/** What the documents of one scheme are about, and what saving one does. */
export interface Deciding<Matter> {
  readonly scheme: string;
  /** Decides by the text that was saved. Answers with what keeps it from being saved, in a sentence, or null. Throws MemoryError. */
  readonly save: (matter: Matter, content: Uint8Array) => Promise<string | null>;
  /** Begins a document anew that is asked for and not there, as after a reload of the window. */
  readonly reopen?: (uri: Uri) => Promise<void>;
  /** What a person reads who tries anything else. */
  readonly refusals: Readonly<Record<"savedByItself" | "newFolder" | "delete" | "rename", string>>;
  /** What is said of a document that isn't there any more; default: what VS Code says. */
  readonly lost?: string;
}

interface Open<Matter> {
  readonly matter: Matter;
  /** In milliseconds since the epoch. */
  readonly opened: number;
  bytes: Uint8Array;
  saves: number;
}

export class DecidingDocuments<Matter> implements FileSystemProvider, Disposable {
  readonly #kind: Deciding<Matter>;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #open = new Map<string, Open<Matter>>();
  /** Documents whose next save a person asked for. */
  readonly #meant = new Set<string>();
  readonly #subscriptions: Disposable[];

  constructor(kind: Deciding<Matter>) {
    this.#kind = kind;
    const { scheme } = kind;
    this.#subscriptions = [
      this.#changed,
      editor.registerFileSystemProvider(scheme, this, { isCaseSensitive: true }),
      editor.onWillSaveTextDocument(({ document, reason }) => {
        if (document.uri.scheme !== scheme) return;
        if (reason === TextDocumentSaveReason.Manual) this.#meant.add(document.uri.toString());
        else this.#meant.delete(document.uri.toString());
      }),
      // Once it is saved it is decided, and there is nothing left to edit here.
      editor.onDidSaveTextDocument(({ uri }) => {
        if (uri.scheme === scheme) void closeTabOf(uri);
      }),
      editor.onDidCloseTextDocument(({ uri }) => void this.#open.delete(uri.toString())),
    ];
  }

  get onDidChangeFile(): Event<FileChangeEvent[]> {
    return this.#changed.event;
  }

  /** Undefined where no such document is open. */
  matterOf(uri: Uri): Matter | undefined {
    return this.#open.get(uri.toString())?.matter;
  }

  /** What is to be edited under an address from now on. */
  begin(uri: Uri, matter: Matter, bytes: Uint8Array): void {
    this.#open.set(uri.toString(), { matter, opened: Date.now(), bytes, saves: 0 });
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { bytes, opened, saves } = await this.#at(uri);
    return { type: FileType.File, ctime: opened, mtime: opened + saves, size: bytes.byteLength };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return (await this.#at(uri)).bytes;
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const document = await this.#at(uri);
    if (!this.#meant.delete(uri.toString())) throw FileSystemError.NoPermissions(this.#kind.refusals.savedByItself);
    const refusal = await this.#save(document.matter, content);
    if (refusal !== null) throw refusal;
    document.bytes = content;
    document.saves += 1;
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions(this.#kind.refusals.newFolder);
  }

  delete(): never {
    throw FileSystemError.NoPermissions(this.#kind.refusals.delete);
  }

  rename(): never {
    throw FileSystemError.NoPermissions(this.#kind.refusals.rename);
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async #save(matter: Matter, content: Uint8Array): Promise<Error | null> {
    try {
      const refusal = await this.#kind.save(matter, content);
      return refusal === null ? null : sentence(refusal);
    } catch (error) {
      if (error instanceof MemoryError) return sentence(error.message);
      throw error;
    }
  }

  async #at(uri: Uri): Promise<Open<Matter>> {
    if (!this.#open.has(uri.toString())) await this.#kind.reopen?.(uri);
    const document = this.#open.get(uri.toString());
    if (document === undefined) throw FileSystemError.FileNotFound(this.#kind.lost ?? uri);
    return document;
  }
}

/** VS Code shows "Failed to save", the file, and this; without a name of its own the error is its sentence alone. */
function sentence(message: string): Error {
  const plain = new Error(message);
  plain.name = "";
  return plain;
}
