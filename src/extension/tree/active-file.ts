/** The editor's file as the memories of a store name it. */
import path from "node:path";
import type { Uri } from "vscode";
import type { OpenStore } from "../workspace.ts";

/** The path from the repository's root, with `/`; null where the file is not in it. */
export function pathInRepository(store: OpenStore, uri: Uri): string | null {
  if (uri.scheme !== "file" || store.folder === null) return null;
  // git names the root by its real path; a folder opened over a symbolic link is known by the editor's own.
  return within(store.store.repository.location, uri.fsPath) ?? within(store.folder.uri.fsPath, uri.fsPath);
}

function within(root: string, file: string): string | null {
  const relative = path.relative(root, file);
  const outside = relative === "" || relative.startsWith("..") || path.isAbsolute(relative);
  return outside ? null : relative.replaceAll("\\", "/");
}
