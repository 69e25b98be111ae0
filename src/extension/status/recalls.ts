/** What the last recall in this window's repositories used, and opening exactly those. */
import { type QuickPickItem, window } from "vscode";
import { isBroken, type Memory, type ObjectId } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import type { Receipt } from "../../core/recall/receipt.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { plainLabel } from "../label.ts";
import type { OpenStore } from "../workspace.ts";
import { recallWords, type RecallCount } from "./words.ts";

/** What is read of a receipt. */
export type SeenReceipt = Pick<Receipt, "id" | "at" | "chosen" | "tokens">;

/** A belief as the request was given it. */
export interface UsedBelief {
  readonly store: OpenStore;
  readonly path: string;
  readonly blob: ObjectId;
  readonly title: string;
  readonly type: string;
  readonly tokens: number;
  /** Whether it reads the same now. */
  readonly unchanged: boolean;
}

export function countOf({ chosen, tokens }: SeenReceipt): RecallCount {
  return { beliefs: chosen.length, tokens };
}

/** @param stores those that the recall saw, known by their labels. A belief of a store that is gone is left out. */
export async function usedBeliefs(receipt: SeenReceipt, stores: readonly OpenStore[]): Promise<UsedBelief[]> {
  const found = await Promise.all(
    receipt.chosen.map(async ({ id, blob, store: label, tokens }): Promise<UsedBelief | null> => {
      const store = stores.find((one) => one.store.label === label);
      if (store === undefined) return null;
      const now = store.snapshot.get(id);
      const path = now?.path ?? (await pathOf(store, id));
      if (path === undefined) return null;
      const then = now?.blob === blob ? now : await versionOf(store, path, blob);
      return {
        store,
        path,
        blob,
        tokens,
        title: then?.title ?? path,
        type: then?.front.type ?? "",
        unchanged: now?.blob === blob,
      };
    }),
  );
  return found.filter((one) => one !== null);
}

/** Opens a belief as it was used: the living document where it still reads so, else that version. */
export async function openUsed({ store, path, blob, unchanged }: UsedBelief): Promise<void> {
  await window.showTextDocument(unchanged ? memoryUri(store, path) : versionUri(store, path, blob), { preview: true });
}

interface UsedItem extends QuickPickItem {
  readonly belief: UsedBelief;
}

export function usedItems(beliefs: readonly UsedBelief[]): UsedItem[] {
  return beliefs.map((belief) => ({
    label: plainLabel(belief.title),
    description: plainLabel(
      [belief.type, `${belief.tokens} tokens`, belief.unchanged ? "" : "changed since"]
        .filter((part) => part !== "")
        .join(" · "),
    ),
    belief,
  }));
}

/** The beliefs of a recall as a list; Enter opens one. */
export async function showUsed(receipt: SeenReceipt, beliefs: readonly UsedBelief[]): Promise<void> {
  const picked = await window.showQuickPick(usedItems(beliefs), {
    title: `${recallWords(countOf(receipt))}, ${new Date(receipt.at).toLocaleTimeString()}`,
    placeHolder: beliefs.length === 0 ? "Nothing was used." : "What the agent was given, exactly. Enter opens one.",
    matchOnDescription: true,
  });
  if (picked !== undefined) await openUsed(picked.belief);
}

async function pathOf(store: OpenStore, id: string): Promise<string | undefined> {
  const [entry] = await store.store.journal.of(id);
  return entry?.changes.find((change) => change.id === id)?.path;
}

async function versionOf(store: OpenStore, path: string, blob: ObjectId): Promise<Memory | null> {
  const [bytes] = await store.store.repository.blobs([blob]);
  const read = bytes === undefined ? null : readMemory(path, blob, bytes);
  return read === null || isBroken(read) ? null : read;
}
