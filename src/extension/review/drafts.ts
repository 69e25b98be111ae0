/** What waits as a document to edit: saving it approves the edited words, after the same question as any approval. */
import {
  EventEmitter,
  FileSystemError,
  FileType,
  TextDocumentSaveReason,
  Uri,
  workspace as editor,
  type Disposable,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
} from "vscode";
import { MemoryError } from "../../core/errors.ts";
import { lookAt, type Look } from "../../core/review/look.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { closeTabOf } from "./tabs.ts";

export const DRAFT_SCHEME = "memory-draft";

/** A proposal of one file that is being edited: as it was when the editing began, which is what the approval binds. */
export interface Draft {
  readonly store: OpenStore;
  readonly look: Look;
  readonly path: string;
}

/** Approves the edited text; false where the person went back to editing. Throws MemoryError. */
export type ApproveEdited = (draft: Draft, bytes: Uint8Array) => Promise<boolean>;

export class ReviewDrafts implements FileSystemProvider, Disposable {
  readonly #workspace: Workspace;
  readonly #approve: ApproveEdited;
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly #drafts = new Map<string, Draft & { readonly opened: number; bytes: Uint8Array; version: number }>();
  /** Documents whose next save a person asked for. */
  readonly #meant = new Set<string>();
  readonly #subscriptions: Disposable[];

  constructor(workspace: Workspace, approve: ApproveEdited) {
    this.#workspace = workspace;
    this.#approve = approve;
    this.#subscriptions = [
      this.#changed,
      editor.registerFileSystemProvider(DRAFT_SCHEME, this, { isCaseSensitive: true }),
      editor.onWillSaveTextDocument(({ document, reason }) => {
        if (document.uri.scheme !== DRAFT_SCHEME) return;
        if (reason === TextDocumentSaveReason.Manual) this.#meant.add(document.uri.toString());
        else this.#meant.delete(document.uri.toString());
      }),
      // Once it is saved it is approved, and there is nothing left to edit here.
      editor.onDidSaveTextDocument(({ uri }) => {
        if (uri.scheme === DRAFT_SCHEME) void closeTabOf(uri);
      }),
      editor.onDidCloseTextDocument(({ uri }) => void this.#drafts.delete(uri.toString())),
    ];
  }

  get onDidChangeFile(): EventEmitter<FileChangeEvent[]>["event"] {
    return this.#changed.event;
  }

  /** The address of a draft of this proposal, begun now where there is none. */
  async begin(store: OpenStore, shown: Look): Promise<Uri | null> {
    const [file, second] = shown.held.files;
    if (file === undefined || second !== undefined || file.bytes === null) return null;
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const uri = Uri.from({ scheme: DRAFT_SCHEME, path: `/${store.key}/${shown.held.id}/${name}` });
    const known = this.#drafts.get(uri.toString());
    if (known === undefined || known.look.digest !== shown.digest)
      this.#drafts.set(uri.toString(), {
        store,
        look: shown,
        path: file.path,
        opened: Date.now(),
        bytes: file.bytes,
        version: 0,
      });
    return uri;
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  async stat(uri: Uri): Promise<FileStat> {
    const { bytes, opened, version } = await this.#draft(uri);
    return { type: FileType.File, ctime: opened, mtime: opened + version, size: bytes.byteLength };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return (await this.#draft(uri)).bytes;
  }

  async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
    const draft = await this.#draft(uri);
    if (!this.#meant.delete(uri.toString()))
      throw FileSystemError.NoPermissions("Saving this approves it, so it is not saved by itself. Save it yourself.");
    let approved: boolean;
    try {
      approved = await this.#approve(draft, content);
    } catch (error) {
      throw error instanceof MemoryError ? sentence(error.message) : error;
    }
    if (!approved) throw sentence("Nothing was approved. Save it again when it says what you mean.");
    draft.bytes = content;
    draft.version += 1;
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(): never {
    throw FileSystemError.NoPermissions("Only what waits for review is here.");
  }

  delete(): never {
    throw FileSystemError.NoPermissions("Reject it in its review instead.");
  }

  rename(): never {
    throw FileSystemError.NoPermissions("What waits keeps its name. Edit its title instead.");
  }

  dispose(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  /** After a reload of the window a draft that was open is begun anew. */
  async #draft(uri: Uri): Promise<Draft & { readonly opened: number; bytes: Uint8Array; version: number }> {
    await this.#workspace.ready();
    const [, key = "", id = ""] = uri.path.split("/");
    if (!this.#drafts.has(uri.toString())) {
      const store = this.#workspace.byKey(key);
      const waiting = (await store?.store.quarantine?.waiting(null)) ?? [];
      const held = waiting.find((one) => one.id === id);
      if (store !== undefined && held !== undefined) await this.begin(store, await lookAt(store.store, held));
    }
    const draft = this.#drafts.get(uri.toString());
    if (draft === undefined) throw FileSystemError.FileNotFound(uri);
    return draft;
  }
}

/** VS Code shows "Failed to save", the file, and this; without a name of its own the error is its sentence alone. */
function sentence(message: string): Error {
  const plain = new Error(message);
  plain.name = "";
  return plain;
}
