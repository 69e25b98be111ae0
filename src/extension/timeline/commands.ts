/** What can be done with a commit of the timeline. */
import { commands, env } from "vscode";
import { planRevertOfCommit } from "../../core/provenance/revert.ts";
import type { Acts } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { showChange } from "../history/show.ts";
import { titlesOf } from "../history/titles.ts";
import { whisper } from "../messages.ts";
import { planOfRevert } from "../travel/plan.ts";
import type { Plans } from "../travel/plans.ts";
import type { Workspace } from "../workspace.ts";
import { askForFilter } from "./filter.ts";
import { EntryNode } from "./nodes.ts";
import type { TimelineProvider } from "./provider.ts";

export function timelineCommands({
  acts,
  plans,
  timeline,
  workspace,
}: {
  readonly acts: Acts;
  readonly plans: Plans;
  readonly timeline: TimelineProvider;
  readonly workspace: Workspace;
}): CommandHandlers<"openEntry" | "revertEntry" | "copyCommit" | "filterHistory" | "showAllHistory"> {
  return {
    openEntry: async (node) => {
      if (node instanceof EntryNode) await openEntry(node);
    },
    revertEntry: async (node) => {
      if (!(node instanceof EntryNode)) return;
      const { store, entry } = node;
      const plan = await planRevertOfCommit(store.store, entry.commit);
      await plans.show(planOfRevert(acts, store, plan, entry.text.subject));
    },
    copyCommit: async (node) => {
      if (!(node instanceof EntryNode)) return;
      await env.clipboard.writeText(node.entry.commit);
      whisper("Commit copied.", 3000);
    },
    filterHistory: async () => {
      const filter = await askForFilter(workspace, timeline.filter ?? {});
      if (filter === null) return;
      timeline.narrow(filter);
      await commands.executeCommand("commitToMemory.timeline.focus");
    },
    showAllHistory: async () => timeline.narrow(null),
  };
}

/** One diff, or all of a commit's in one editor. */
async function openEntry({ store, entry }: EntryNode): Promise<void> {
  const [first, ...others] = entry.changes;
  if (first === undefined) return;
  if (others.length === 0) {
    const title = (await titlesOf(store, [first])).get(first) ?? first.path;
    await showChange(store, entry, first, title);
    return;
  }
  const files = entry.changes.map((change) => [
    memoryUri(store, change.path),
    versionUri(store, change.movedFrom ?? change.path, change.before),
    versionUri(store, change.path, change.after),
  ]);
  await commands.executeCommand("vscode.changes", entry.text.subject, files);
}
