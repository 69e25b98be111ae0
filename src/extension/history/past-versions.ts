/** Old and planned versions of memories as read-only documents. */
import { Uri, type TextDocumentContentProvider } from "vscode";
import type { Workspace } from "../workspace.ts";
import { HISTORY_SCHEME, placeOf } from "../editor/uris.ts";

/** As many planned versions as are kept for diffs that may still be open. */
const MOST_OFFERED = 1_000;

export class PastVersions implements TextDocumentContentProvider {
  readonly #workspace: Workspace;
  readonly #offered = new Map<string, string>();
  #count = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    await this.#workspace.ready();
    if (uri.query === "absent") return "";
    const offered = this.#offered.get(uri.query);
    if (offered !== undefined) return offered;
    const place = placeOf(uri);
    const store = place === null ? undefined : this.#workspace.byKey(place.key);
    if (store === undefined || !/^[0-9a-f]{40,64}$/.test(uri.query)) return "";
    const [bytes] = await store.store.repository.blobs([uri.query]);
    return new TextDecoder().decode(bytes);
  }

  /** An address for bytes that are in no commit yet, e.g. what a revert would leave. Null bytes show as an empty document. */
  offer(key: string, path: string, bytes: Uint8Array | null): Uri {
    const query = bytes === null ? "absent" : `planned-${++this.#count}`;
    if (bytes !== null) this.#offered.set(query, new TextDecoder().decode(bytes));
    const [oldest] = this.#offered.keys();
    if (oldest !== undefined && this.#offered.size > MOST_OFFERED) this.#offered.delete(oldest);
    return Uri.from({ scheme: HISTORY_SCHEME, path: `/${key}/${path}`, query });
  }
}
