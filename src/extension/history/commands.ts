/** History, its diffs, and revert: shown first, done after. */
import { window, type QuickPickItem } from "vscode";
import { InvalidInputError, MemoryNotFoundError } from "../../core/errors.ts";
import { planRevertOfMemory } from "../../core/provenance/revert.ts";
import type { BeliefChange, JournalEntry } from "../../core/provenance/journal-entry.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { changeVerb, entryActor, entryReason } from "../../core/view/change.ts";
import type { Acts } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { plainLabel } from "../label.ts";
import { targetOf, type Picked, type Selection } from "../picked.ts";
import { planOfRevert } from "../travel/plan.ts";
import type { Plans } from "../travel/plans.ts";
import { showSession } from "./session.ts";
import { showChange } from "./show.ts";
import { showWhy } from "./why.ts";

export interface HistoryParts {
  readonly selection: Selection;
  readonly acts: Acts;
  readonly plans: Plans;
}

interface EntryItem extends QuickPickItem {
  readonly entry: JournalEntry;
  readonly change: BeliefChange;
}

export function historyCommands(
  parts: HistoryParts,
): CommandHandlers<"history" | "openChange" | "why" | "showSession" | "revert"> {
  const { selection, acts, plans } = parts;
  return {
    history: async (...args) => {
      const [picked] = await selection.of(args);
      const chosen = await window.showQuickPick(
        historyItems(picked, await picked.store.store.journal.of(picked.id, picked.path)),
        {
          title: `History of "${picked.title}"`,
          placeHolder: "Choose a change to see it as a diff.",
          matchOnDescription: true,
          matchOnDetail: true,
        },
      );
      if (chosen !== undefined) await showChange(picked.store, chosen.entry, chosen.change, picked.title);
    },
    openChange: async (...args) => {
      const [picked] = await selection.of(args);
      const entry = await entryOf(picked, args[1]);
      const change = entry.changes.find(({ id, path }) => id === picked.id || path === picked.path);
      if (change !== undefined) await showChange(picked.store, entry, change, picked.title);
    },
    why: async (...args) => {
      const [picked] = await selection.of(args);
      await showWhy(picked.store, await entryOf(picked, args[1]), picked.title);
    },
    showSession: async (...args) => {
      const [picked] = await selection.of(args);
      const { session } = (await entryOf(picked, args[1])).text;
      if (session === undefined)
        throw new InvalidInputError("That change belongs to no session. Show the history instead.");
      await showSession(picked.store, session);
    },
    revert: async (...args) => {
      const [picked] = await selection.of(args);
      const { store, title } = picked;
      const plan = await planRevertOfMemory(store.store, targetOf(picked).name);
      await plans.show(planOfRevert(acts, store, plan, title));
    },
  };
}

/** The change that a link names by its commit, else the last one of the memory. */
async function entryOf({ store, id, path }: Picked, commit: unknown): Promise<JournalEntry> {
  const { journal } = store.store;
  const found = typeof commit === "string" ? await journal.entry(commit) : (await journal.of(id, path))[0];
  if (found?.changes.some((change) => change.id === id || change.path === path) === true) return found;
  throw new MemoryNotFoundError("That change is not in the history here. Refresh the view.");
}

/** One line for each change, the reason first. Text of memories and reasons is shown as it is: labels know `$(icon)`, so `$(` is parted. */
export function historyItems(
  picked: Pick<Picked, "id" | "path">,
  entries: readonly JournalEntry[],
  now: Date = new Date(),
): EntryItem[] {
  const known = new Set([picked.path]);
  return entries.flatMap((entry) => {
    const change = entry.changes.find(({ id, path }) => id === picked.id || known.has(path));
    if (change === undefined) return [];
    if (change.movedFrom !== undefined) known.add(change.movedFrom);
    const detail = [changeVerb(entry, change), entry.text.session, entry.commit.slice(0, 8)]
      .filter((part) => part !== undefined)
      .join(" · ");
    return [
      {
        entry,
        change,
        label: plainLabel(entryReason(entry)),
        description: plainLabel(`${entryActor(entry)} · ${shortSpan(since(entry.at, now) ?? 0)}`),
        detail: plainLabel(detail),
      },
    ];
  });
}
