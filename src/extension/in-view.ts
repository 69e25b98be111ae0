/** Which project the window is about now: that of the file in the editor, else the first. */
import { window, workspace as editor } from "vscode";
import type { Stores } from "../core/stores.ts";
import type { OpenStore, Workspace } from "./workspace.ts";

/** The store that exists and is in view; the personal one where no project has any. Undefined where there is none. */
export function storeInView({ stores }: Workspace): OpenStore | undefined {
  const folder = folderInView();
  return stores.find((one) => one.places.some((place) => place.folder === folder)) ?? stores[0];
}

/** The project's and the person's stores, as soon as they are open. Undefined in an untrusted or empty window. */
export async function storesInView(workspace: Workspace): Promise<Stores | undefined> {
  await workspace.ready();
  return workspace.storesFor(folderInView()) ?? workspace.storesFor();
}

function folderInView(): ReturnType<typeof editor.getWorkspaceFolder> {
  const uri = window.activeTextEditor?.document.uri;
  return uri === undefined ? undefined : editor.getWorkspaceFolder(uri);
}
