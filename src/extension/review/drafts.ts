/** What waits as a document to edit: saving it approves the edited words, after the same question as any approval. */
import { Uri, type Disposable } from "vscode";
import { lookAt, type Look } from "../../core/review/look.ts";
import { DecidingDocuments } from "../documents/deciding.ts";
import type { OpenStore, Workspace } from "../workspace.ts";

const DRAFT_SCHEME = "memory-draft";

/** A proposal of one file that is being edited: as it was when the editing began, which is what the approval binds. */
export interface Draft {
  readonly store: OpenStore;
  readonly look: Look;
  readonly path: string;
}

/** Approves the edited text; false where the person went back to editing. Throws MemoryError. */
export type ApproveEdited = (draft: Draft, bytes: Uint8Array) => Promise<boolean>;

export class ReviewDrafts implements Disposable {
  readonly #workspace: Workspace;
  readonly #documents: DecidingDocuments<Draft>;

  constructor(workspace: Workspace, approve: ApproveEdited) {
    this.#workspace = workspace;
    this.#documents = new DecidingDocuments<Draft>({
      scheme: DRAFT_SCHEME,
      save: async (draft, content) =>
        (await approve(draft, content)) ? null : "Nothing was approved. Save it again when it says what you mean.",
      reopen: (uri) => this.#reopen(uri),
      refusals: {
        savedByItself: "Saving this approves it, so it is not saved by itself. Save it yourself.",
        newFolder: "Only what waits for review is here.",
        delete: "Reject it in its review instead.",
        rename: "What waits keeps its name. Edit its title instead.",
      },
    });
  }

  /** The address of a draft of this proposal, begun now where there is none. */
  async begin(store: OpenStore, shown: Look): Promise<Uri | null> {
    const [file, second] = shown.held.files;
    if (file === undefined || second !== undefined || file.bytes === null) return null;
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const uri = Uri.from({ scheme: DRAFT_SCHEME, path: `/${store.key}/${shown.held.id}/${name}` });
    if (this.#documents.matterOf(uri)?.look.digest !== shown.digest)
      this.#documents.begin(uri, { store, look: shown, path: file.path }, file.bytes);
    return uri;
  }

  dispose(): void {
    this.#documents.dispose();
  }

  async #reopen(uri: Uri): Promise<void> {
    await this.#workspace.ready();
    const [, key = "", id = ""] = uri.path.split("/");
    const store = this.#workspace.byKey(key);
    const waiting = (await store?.store.quarantine?.waiting(null)) ?? [];
    const held = waiting.find((one) => one.id === id);
    if (store !== undefined && held !== undefined) await this.begin(store, await lookAt(store.store, held));
  }
}
