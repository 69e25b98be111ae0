/** From what a person holds in hand (an old version, the receipt of a wrong answer) to the beliefs that are looked into. */
import type { ObjectId } from "../memory/model.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";
import type { Receipt } from "../recall/receipt.ts";
import type { MemoryStore } from "../store.ts";
import type { Hint } from "./why.ts";

/** What was given out last still counts a little, however it was ranked. */
const LEAST_FIT = 0.1;

/** Null where the version can't be read as a memory. */
export async function hintOfVersion(store: MemoryStore, path: string, blob: ObjectId): Promise<Hint | null> {
  const [bytes] = await store.repository.blobs([blob]);
  const file = readMemory(path, blob, bytes ?? new Uint8Array());
  return isBroken(file) ? null : { memory: file, fit: 1 };
}

/** The versions that a recall gave out of one store, whatever has become of them. */
export async function hintsOfReceipt(store: MemoryStore, receipt: Receipt): Promise<Hint[]> {
  const given = receipt.chosen.filter((one) => one.store === store.label);
  const best = Math.max(0, ...receipt.chosen.map(({ score }) => score)) || 1;
  const bytes = await store.repository.blobs(given.map(({ blob }) => blob));
  const changes = (await store.journal.entries()).flatMap((entry) => entry.changes);
  return given.flatMap(({ id, blob, score }, i): Hint[] => {
    const path = changes.find((change) => change.after === blob)?.path ?? `semantic/${id}.md`;
    const file = readMemory(path, blob, bytes[i] ?? new Uint8Array());
    return isBroken(file) ? [] : [{ memory: file, fit: Math.max(score / best, LEAST_FIT) }];
  });
}
