/** History, its diffs, and revert: shown first, done after. */
import { commands, window, type QuickPickItem } from "vscode";
import { MemoryNotFoundError } from "../../core/errors.ts";
import { planRevertOfMemory, type RevertPlan } from "../../core/provenance/revert.ts";
import type { BeliefChange, JournalEntry } from "../../core/provenance/journal.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { changeVerb, entryActor, entryReason } from "../../core/view/change.ts";
import type { Acts } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { versionUri } from "../editor/uris.ts";
import { plainLabel } from "../label.ts";
import { guard, say, sayDone } from "../messages.ts";
import { targetOf, type Picked, type Selection } from "../picked.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import type { PastVersions } from "./past-versions.ts";

export interface HistoryParts {
  readonly workspace: Workspace;
  readonly selection: Selection;
  readonly acts: Acts;
  readonly versions: PastVersions;
}

/** Whether a planned revert is on the screen, so that the diff's title bar offers it. */
const PENDING_KEY = "commitToMemory.revertPlanned";

interface EntryItem extends QuickPickItem {
  readonly entry: JournalEntry;
  readonly change: BeliefChange;
}

export function historyCommands(
  parts: HistoryParts,
): CommandHandlers<"history" | "openChange" | "revert" | "applyRevert"> {
  const { workspace, selection, acts, versions } = parts;
  let planned: { readonly store: OpenStore; readonly plan: RevertPlan; readonly title: string } | undefined;
  const plan = async (next: typeof planned): Promise<void> => {
    planned = next;
    await commands.executeCommand("setContext", PENDING_KEY, next !== undefined);
  };
  const apply = async (): Promise<void> => {
    if (planned === undefined) return;
    const { store, plan: wanted, title } = planned;
    await plan(undefined);
    sayDone(await acts.revert(store.store, wanted), title);
  };
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
      const commit = args[1];
      if (typeof commit !== "string") return;
      const entry = await picked.store.store.journal.entry(commit);
      const change = entry?.changes.find(({ id, path }) => id === picked.id || path === picked.path);
      if (entry === undefined || change === undefined)
        throw new MemoryNotFoundError("That change is no longer in the history. Refresh the view.");
      await showChange(picked.store, entry, change, picked.title);
    },
    revert: async (...args) => {
      const [picked] = await selection.of(args);
      const next = await planRevertOfMemory(picked.store.store, targetOf(picked).name);
      await showPlan(picked, next, versions);
      await plan({ store: picked.store, plan: next, title: picked.title });
      void say(`This is what the revert would change: "${picked.title}".`, "Revert").then((answer) => {
        if (answer === "Revert" && planned?.plan === next) void guard(apply);
      });
    },
    applyRevert: async () => {
      await workspace.ready();
      await apply();
    },
  };
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

async function showChange(store: OpenStore, entry: JournalEntry, change: BeliefChange, title: string): Promise<void> {
  const before = versionUri(store, change.movedFrom ?? change.path, change.before);
  const after = versionUri(store, change.path, change.after);
  await commands.executeCommand(
    "vscode.diff",
    before,
    after,
    `${title} (${changeVerb(entry, change)} by ${entryActor(entry)})`,
    { preview: true },
  );
}

async function showPlan({ store, title }: Picked, plan: RevertPlan, versions: PastVersions): Promise<void> {
  const [file] = plan.files;
  if (file === undefined) return;
  const { path } = file.change;
  const after =
    file.outcome === "same" ? versionUri(store, path, file.now) : versions.offer(store.key, path, file.bytes);
  await commands.executeCommand(
    "vscode.diff",
    versionUri(store, path, file.now),
    after,
    `${title} (now, and after the revert)`,
    { preview: true },
  );
}
