/** What one session did to a store, as a list whose rows open their diffs. */
import { window, type QuickPickItem } from "vscode";
import { queryHistory } from "../../core/provenance/history-query.ts";
import type { BeliefChange, JournalEntry } from "../../core/provenance/journal-entry.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { changeVerb, entryActor, entryReason } from "../../core/view/change.ts";
import { plainLabel } from "../label.ts";
import type { OpenStore } from "../workspace.ts";
import { showChange } from "./show.ts";
import { titlesOf } from "./titles.ts";

export interface SessionItem extends QuickPickItem {
  readonly entry: JournalEntry;
  readonly change: BeliefChange;
  readonly title: string;
}

/** Newest first, a row for each memory that a commit changed. */
export async function sessionItems(store: OpenStore, session: string): Promise<SessionItem[]> {
  const entries = await queryHistory(store.store, { session });
  const titles = await titlesOf(
    store,
    entries.flatMap(({ changes }) => changes),
  );
  const now = store.store.environment.now();
  return entries.flatMap((entry) =>
    entry.changes.map((change) => {
      const title = titles.get(change) ?? change.path;
      const age = shortSpan(since(entry.at, now) ?? 0);
      return {
        entry,
        change,
        title,
        label: plainLabel(title),
        description: plainLabel(`${changeVerb(entry, change)} by ${entryActor(entry)} · ${age}`),
        detail: plainLabel(entryReason(entry)),
      };
    }),
  );
}

export async function showSession(store: OpenStore, session: string): Promise<void> {
  const items = await sessionItems(store, session);
  const chosen = await window.showQuickPick(items, {
    title: `Session ${session}, ${items.length} ${items.length === 1 ? "change" : "changes"}`,
    placeHolder: "Choose a change to see it as a diff.",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen !== undefined) await showChange(store, chosen.entry, chosen.change, chosen.title);
}
