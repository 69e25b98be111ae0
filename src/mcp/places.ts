/** Where the memory of a connection is: the folder that the server was started in, or else a root that the client names. */
import { fileURLToPath } from "node:url";
import type { Stores } from "../core/stores.ts";

export interface PlacesParts {
  /** Where to look first. */
  readonly folder: string;
  readonly openStores: (folder: string) => Promise<Stores>;
}

export class Places {
  readonly #parts: PlacesParts;
  #stores: Promise<Stores> | undefined;

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /** Whether the client's roots could help: the folder is in no repository, as happens to servers that are started globally. */
  async wantsRoots(): Promise<boolean> {
    return (await this.stores()).project === null;
  }

  /** The stores, opened once. Where the folder is in no repository, the first root that is in one is taken instead. */
  async stores(roots: readonly string[] = []): Promise<Stores> {
    const here = (this.#stores ??= this.#open(this.#parts.folder));
    const stores = await here;
    if (stores.project !== null || roots.length === 0) return stores;
    for (const folder of roots.flatMap(folderOf)) {
      const there = await this.#parts.openStores(folder);
      if (there.project !== null) {
        this.#stores = Promise.resolve(there);
        await stores.dispose();
        return there;
      }
      await there.dispose();
    }
    return stores;
  }

  async dispose(): Promise<void> {
    const stores = await this.#stores?.catch(() => undefined);
    await stores?.dispose();
  }

  /** A failure isn't kept: git may be there at the next call. */
  #open(folder: string): Promise<Stores> {
    const opening = this.#parts.openStores(folder);
    opening.catch(() => {
      if (this.#stores === opening) this.#stores = undefined;
    });
    return opening;
  }
}

function folderOf(uri: string): string[] {
  if (!uri.startsWith("file:")) return [];
  try {
    return [fileURLToPath(uri)];
  } catch {
    // A root of another machine (`file://host/…`) names no folder here.
    return [];
  }
}
