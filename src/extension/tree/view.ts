/** The view in the activity bar and its badge. */
import { window, type TreeView } from "vscode";
import type { Node } from "./nodes.ts";
import type { BeliefsProvider } from "./provider.ts";

export const VIEW_ID = "commitToMemory.beliefs";

/** Ages grow and ends come without a commit, so the rows are read again this often. Milliseconds. */
const PASSING_TIME = 10 * 60_000;

export function showBeliefs(provider: BeliefsProvider): TreeView<Node> {
  const view = window.createTreeView(VIEW_ID, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const follow = (): void => {
    const count = provider.needingYou;
    view.badge =
      count === 0
        ? undefined
        : { value: count, tooltip: `${count} ${count === 1 ? "memory needs" : "memories need"} you` };
  };
  const following = provider.onDidRead(follow);
  const clock = setInterval(() => provider.redraw(), PASSING_TIME);
  const { dispose } = view;
  return Object.assign(view, {
    dispose: () => {
      clearInterval(clock);
      following.dispose();
      dispose.call(view);
    },
  });
}
