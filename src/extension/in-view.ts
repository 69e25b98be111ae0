/** Which project the window is about now: that of the file in the editor, else the one looked at last, else the first. */
import type { Stores } from "../core/stores.ts";
import type { OpenStore, Workspace } from "./workspace.ts";

/** The store that exists and is in view; the personal one where no project has any. Undefined where there is none. */
export function storeInView({ stores }: Workspace): OpenStore | undefined {
  return stores[0];
}

/** The project's and the person's stores, as soon as they are open. Undefined in an untrusted or empty window. */
export async function storesInView(workspace: Workspace): Promise<Stores | undefined> {
  await workspace.ready();
  return workspace.storesFor(workspace.inView?.place.folder) ?? workspace.storesFor();
}
