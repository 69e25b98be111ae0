/** The editor's file as the memories of a store name it. */
import path from "node:path";
import type { Uri } from "vscode";
import type { OpenStore } from "../workspace.ts";

/** The path from the repository's root, with `/`; null where the file is not in it. */
export function pathInRepository(store: OpenStore, uri: Uri): string | null {
  if (uri.scheme !== "file") return null;
  const paths = store.places.flatMap(({ folder, root }) => {
    // git names the root by its real path; a folder opened over a symbolic link is known by the editor's own.
    const found = within(root, uri.fsPath) ?? within(folder.uri.fsPath, uri.fsPath);
    return found === null ? [] : [found];
  });
  // A worktree may lie inside another one; the file is in the innermost.
  return paths.toSorted((a, b) => a.length - b.length)[0] ?? null;
}

function within(root: string, file: string): string | null {
  const relative = path.relative(root, file);
  const outside = relative === "" || relative.startsWith("..") || path.isAbsolute(relative);
  return outside ? null : relative.replaceAll("\\", "/");
}
