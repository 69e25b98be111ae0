/** The second view in the activity bar: what was written, when and by whom. Folded until a person opens it. */
import { commands, Disposable, window } from "vscode";
import { filterWords } from "../../core/view/history-filter.ts";
import type { TimelineProvider } from "./provider.ts";

export const TIMELINE_VIEW_ID = "commitToMemory.timeline";
/** For menus: whether less than all of the history is shown. */
const FILTERED_KEY = "commitToMemory.historyFiltered";

export function showTimeline(provider: TimelineProvider, report: (failure: unknown) => void): Disposable {
  const view = window.createTreeView(TIMELINE_VIEW_ID, { treeDataProvider: provider, showCollapseAll: true });
  const look = (visible: boolean): void => void provider.look(visible).catch(report);
  const following = view.onDidChangeVisibility(({ visible }) => look(visible));
  look(view.visible);
  let said = "";
  const filtering = provider.onDidChangeTreeData(() => {
    const words = filterWords(provider.filter ?? {});
    if (words === said) return;
    said = words;
    view.description = words;
    void commands.executeCommand("setContext", FILTERED_KEY, words !== "");
  });
  return Disposable.from(following, filtering, view);
}
