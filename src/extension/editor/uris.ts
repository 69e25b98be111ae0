/** Where a memory is, in the editor's terms: `memory:/<store>/<path>` now, `memory-history:/<store>/<path>?<blob>` then. */
import { Uri } from "vscode";
import type { ObjectId } from "../../core/memory/model.ts";
import type { OpenStore } from "../workspace.ts";

export const MEMORY_SCHEME = "memory";
export const HISTORY_SCHEME = "memory-history";

/** A place in a store. */
export interface Place {
  readonly key: string;
  readonly path: string;
}

export function memoryUri(store: Pick<OpenStore, "key">, path: string): Uri {
  return Uri.from({ scheme: MEMORY_SCHEME, path: `/${store.key}/${path}` });
}

/** A version of a file, by the name of its content; null shows that there was none. */
export function versionUri(store: Pick<OpenStore, "key">, path: string, blob: ObjectId | null): Uri {
  return Uri.from({ scheme: HISTORY_SCHEME, path: `/${store.key}/${path}`, query: blob ?? "absent" });
}

/** Null for an address that is none of ours. */
export function placeOf(uri: Uri): Place | null {
  if (uri.scheme !== MEMORY_SCHEME && uri.scheme !== HISTORY_SCHEME) return null;
  const slash = uri.path.indexOf("/", 1);
  return slash < 0
    ? { key: uri.path.slice(1), path: "" }
    : { key: uri.path.slice(1, slash), path: uri.path.slice(slash + 1) };
}
