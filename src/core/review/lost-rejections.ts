/**
 * Rejections whose file somebody took out of the tree (a revert by hand, an agent with a shell) hold on, and wait for a person
 * as changed rules do: as cards that are on no ref.
 */
import { GestureNeededError } from "../errors.ts";
import { instantOf } from "../memory/time.ts";
import type { Act, Written } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import { TOMBSTONES } from "../trust/graves.ts";
import { foundCard, type Held } from "./quarantine.ts";

export function isRejection(path: string): boolean {
  return path.startsWith(`${TOMBSTONES}/`);
}

export async function lostRejections(store: MemoryStore): Promise<readonly Held[]> {
  const lost = await store.graves.lost(await store.snapshot());
  return lost.map(({ path, text }) =>
    foundCard(`${path}\n${text}`, {
      at: instantOf(store.environment.now()),
      operation: "revert",
      subject: "A rejection was taken out",
      files: [{ path, read: null, bytes: null }],
      inForce: new TextEncoder().encode(text),
    }),
  );
}

/** The person says so too: the claim may be stored again. Throws GestureNeededError, LocalStateError. */
export async function acceptLoss(store: MemoryStore, held: Held, { caller }: Act): Promise<Written> {
  if (caller.gesture !== true)
    throw new GestureNeededError("Only a person can overrule a rejection, in the editor. Ask them to open it there.");
  for (const { path } of held.files) await store.graves.overrule(path);
  return unwritten(store);
}

/** The rejection holds again, and waits again. Throws LocalStateError. */
export async function withdrawLoss(store: MemoryStore, held: Held): Promise<Written> {
  for (const { path } of held.files) await store.graves.keep({ path, text: textOf(held) });
  return unwritten(store);
}

/** Puts the file back. */
export async function undoLoss(store: MemoryStore, held: Held, act: Act): Promise<Written> {
  const bytes = new TextEncoder().encode(textOf(held));
  const changes = held.files.map(({ path }) => ({ kind: "restore", path, read: null, bytes }) as const);
  return store.commit({ operation: "reject", changes, subject: "A rejection was put back", ...act, confirmed: true });
}

function textOf({ found }: Held): string {
  return new TextDecoder().decode(found?.inForce);
}

async function unwritten(store: MemoryStore): Promise<Written> {
  const { commit } = await store.snapshot();
  return { status: "stored", store: store.label, commit: commit ?? "", memories: [], notices: [] };
}
