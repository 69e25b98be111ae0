/** What a person's gesture means to a store that is not there yet: it is told first, and then created. */
import { initialiseStore } from "../../core/initialise.ts";
import type { MemoryStore } from "../../core/store.ts";
import type { EditorPerson } from "../person.ts";

/** Creates the store where there is none. Only after a person was told and agreed. */
export async function createIfMissing(store: MemoryStore, person: EditorPerson): Promise<void> {
  if (await store.exists()) return;
  await initialiseStore(store, { caller: await person.caller(store, "user"), reason: "Started in the editor." });
}

/** What creating this store means, for the person who is about to agree; undefined where it exists. */
export async function creationNotice(store: MemoryStore): Promise<string | undefined> {
  if (await store.exists()) return undefined;
  return store.placement === "personal"
    ? "Creates a memory of your own, outside this repository."
    : "Creates the branch agent-memory; your files, index and HEAD stay as they are.";
}
