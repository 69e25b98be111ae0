/** Narrowing the history down: one choice at a time, each on top of those before. */
import { type QuickPickItem, QuickPickItemKind, window } from "vscode";
import type { HistoryQuery } from "../../core/provenance/history-query.ts";
import { momentOf } from "../../core/provenance/moment.ts";
import { type FilterChoice, filterChoices, filterWords } from "../../core/view/history-filter.ts";
import { plainLabel } from "../label.ts";
import type { Workspace } from "../workspace.ts";

interface ChoiceItem extends QuickPickItem {
  /** Absent in the line above a group. */
  readonly choice?: FilterChoice;
}

/** Null where nothing was chosen. */
export async function askForFilter(workspace: Workspace, present: HistoryQuery): Promise<HistoryQuery | null> {
  const words = filterWords(present);
  const chosen = await window.showQuickPick(itemsOf(workspace), {
    title: "Filter the History",
    placeHolder: words === "" ? "Which changes?" : `Shown now: ${words}. Which of those?`,
    matchOnDescription: true,
  });
  if (chosen?.choice === undefined) return null;
  const { query, asks } = chosen.choice;
  if (asks === undefined) return { ...present, ...query };
  const day = await window.showInputBox({
    title: asks === "since" ? "From Which Day On?" : "Up to Which Day?",
    prompt: "A day such as 2026-11-20, or so long ago, such as 3d.",
    validateInput: (text) =>
      momentOf(text, new Date(), "start") === null ? "Write a day such as 2026-11-20, or 3d." : undefined,
  });
  return day === undefined ? null : { ...present, [asks]: day.trim() };
}

async function itemsOf({ stores }: Workspace): Promise<ChoiceItem[]> {
  const shelves = await Promise.all(stores.map(async ({ store }) => store.journal.entries()));
  const now = stores[0]?.store.environment.now() ?? new Date();
  const entries = shelves.flat().toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const choices = filterChoices(entries, now);
  return choices.flatMap((choice, place): ChoiceItem[] => [
    ...(choices[place - 1]?.group === choice.group ? [] : [{ label: choice.group, kind: QuickPickItemKind.Separator }]),
    { label: plainLabel(choice.label), description: plainLabel(choice.description), choice },
  ]);
}
