/** Why a change was made: the reason in full, the door it came through, and what the session had read before. */
import { QuickPickItemKind, window, type QuickPickItem, type Uri } from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import { nameOfPath } from "../../core/view/belief.ts";
import { doorWords, entryActor } from "../../core/view/change.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { plainLabel } from "../label.ts";
import type { OpenStore } from "../workspace.ts";
import { showSession } from "./session.ts";

export interface WhyItem extends QuickPickItem {
  /** What Enter opens: a memory that had been read, or the session. */
  readonly opens?: { readonly uri: Uri } | { readonly session: string };
}

export async function whyItems(store: OpenStore, entry: JournalEntry): Promise<WhyItem[]> {
  const { reason, session, turn, context } = entry.text;
  const read = await Promise.all(context.map((id) => readItem(store, id)));
  const door = [`${entryActor(entry)}, through ${doorWords(entry)}`, ...(turn === undefined ? [] : [`turn ${turn}`])];
  return [
    { label: "Reason", kind: QuickPickItemKind.Separator },
    { label: plainLabel(reason.replaceAll(/\s+/g, " ").trim() || "No reason was given.") },
    { label: "Door", kind: QuickPickItemKind.Separator },
    {
      label: plainLabel(door.join(", ")),
      ...(session === undefined ? {} : { description: plainLabel(`session ${session}`), opens: { session } }),
    },
    { label: "It had read", kind: QuickPickItemKind.Separator },
    ...(read.length === 0 ? [{ label: "No memories, as far as is known." }] : read),
  ];
}

export async function showWhy(store: OpenStore, entry: JournalEntry, title: string): Promise<void> {
  const chosen = await window.showQuickPick(await whyItems(store, entry), {
    title: `Why "${title}"`,
    placeHolder: "Enter opens the session, or a memory that had been read.",
  });
  const opens = chosen?.opens;
  if (opens === undefined) return;
  if ("session" in opens) await showSession(store, opens.session);
  else await window.showTextDocument(opens.uri, { preview: true });
}

/** As it is called now; one that is gone by the name of its file, and it opens as it last was. */
async function readItem(store: OpenStore, id: string): Promise<WhyItem> {
  const file = store.snapshot.get(id);
  if (file !== undefined) {
    const label = plainLabel(isBroken(file) ? nameOfPath(file.path) : file.title);
    return { label, opens: { uri: memoryUri(store, file.path) } };
  }
  const [entry] = await store.store.journal.of(id);
  const change = entry?.changes.find((one) => one.id === id);
  if (change === undefined) return { label: plainLabel(id), description: "of another store" };
  const uri = versionUri(store, change.path, change.after ?? change.before);
  return { label: plainLabel(nameOfPath(change.path)), description: "no longer believed", opens: { uri } };
}
