/** A change on the screen: its diff, in the editor's own way. */
import { commands } from "vscode";
import type { BeliefChange, JournalEntry } from "../../core/provenance/journal-entry.ts";
import { changeVerb, entryActor } from "../../core/view/change.ts";
import { versionUri } from "../editor/uris.ts";
import type { OpenStore } from "../workspace.ts";

export async function showChange(
  store: OpenStore,
  entry: JournalEntry,
  change: BeliefChange,
  title: string,
): Promise<void> {
  const before = versionUri(store, change.movedFrom ?? change.path, change.before);
  const after = versionUri(store, change.path, change.after);
  const name = `${title} (${changeVerb(entry, change)} by ${entryActor(entry)})`;
  await commands.executeCommand("vscode.diff", before, after, name, { preview: true });
}
