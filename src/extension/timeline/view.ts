/** The second view in the activity bar: what was written, when and by whom. Folded until a person opens it. */
import { Disposable, window } from "vscode";
import type { TimelineProvider } from "./provider.ts";

export const TIMELINE_VIEW_ID = "commitToMemory.timeline";

export function showTimeline(provider: TimelineProvider, report: (failure: unknown) => void): Disposable {
  const view = window.createTreeView(TIMELINE_VIEW_ID, { treeDataProvider: provider, showCollapseAll: true });
  const look = (visible: boolean): void => void provider.look(visible).catch(report);
  const following = view.onDidChangeVisibility(({ visible }) => look(visible));
  look(view.visible);
  return Disposable.from(following, view);
}
