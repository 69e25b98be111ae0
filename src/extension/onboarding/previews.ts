/** Read-only documents that show what an act would do before it is done. */
import { type Disposable, Uri, workspace } from "vscode";

export const PREVIEW_SCHEME = "memory-preview";

export class Previews implements Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscriptions: Disposable[];
  #count = 0;

  constructor() {
    this.#subscriptions = [
      workspace.registerTextDocumentContentProvider(PREVIEW_SCHEME, {
        provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()),
      }),
      workspace.onDidCloseTextDocument((document) => this.#texts.delete(document.uri.toString())),
    ];
  }

  /**
   * A new document of this text. Its path is that of the file it speaks of, so that a diff of two previews is one of one
   * file and not of a renamed one; the path's end decides its language.
   */
  document(path: string, text: string): Uri {
    this.#count += 1;
    const uri = Uri.file(path).with({ scheme: PREVIEW_SCHEME, query: String(this.#count) });
    this.#texts.set(uri.toString(), text);
    return uri;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
