/** The view's commands: each asks what it must, hands the act over, and says what was done. */
import { commands, env, window, workspace as editor, type QuickPickItem } from "vscode";
import { InvalidInputError } from "../../core/errors.ts";
import { EXPIRY_CAUSES, type ExpiryCause } from "../../core/verbs.ts";
import { isDone, type Acts } from "../acts.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { sayDone, whisper } from "../messages.ts";
import { targetOf, type Picked, type Selection } from "../picked.ts";
import type { Workspace } from "../workspace.ts";
import { OlderNode } from "../timeline/nodes.ts";
import { askToConfirm } from "./confirm.ts";
import { MoreNode } from "./nodes.ts";
import type { BeliefsProvider } from "./provider.ts";

export interface TreeCommandParts {
  readonly workspace: Workspace;
  readonly provider: BeliefsProvider;
  readonly selection: Selection;
  readonly acts: Acts;
}

type TreeCommandName =
  | "open"
  | "editTitle"
  | "expire"
  | "renew"
  | "confirm"
  | "copyId"
  | "undo"
  | "refresh"
  | "showMore";

export function treeCommands({
  workspace,
  provider,
  selection,
  acts,
}: TreeCommandParts): CommandHandlers<TreeCommandName> {
  return {
    open: async (...args) => {
      for (const picked of await selection.of(args)) await open(picked);
    },
    editTitle: async (...args) => {
      const [picked] = await selection.of(args);
      const title = await window.showInputBox({
        title: "Edit the title",
        value: picked.title,
        prompt: "The claim in one line.",
        validateInput: titleProblem,
      });
      if (title === undefined || title.trim() === picked.title) return;
      sayDone(await acts.editTitle(targetOf(picked), title.trim()), title.trim());
    },
    expire: async (...args) => {
      const picked = (await selection.of(args)).filter(({ blob }) => blob !== null);
      if (picked.length === 0) return;
      const why = await askWhy(picked);
      if (why === undefined) return;
      sayDone(
        await acts.expire(picked.map(targetOf), why.cause, why.reason),
        picked.length === 1 ? picked[0]?.title : undefined,
      );
    },
    renew: async (...args) => {
      const [picked] = await selection.of(args);
      const expires = await askEnd(picked.title);
      if (expires === undefined) return;
      sayDone(await acts.renew(targetOf(picked), expires), picked.title);
    },
    confirm: async (...args) => {
      const picked = (await selection.of(args)).filter(({ blob }) => blob !== null);
      for (const one of picked) {
        if (hasUnsavedChanges(one))
          throw new InvalidInputError("Save your changes first, so that what you confirm is what is stored.");
        const shown = await askToConfirm(one);
        if (shown === undefined) return;
        whisper((await acts.confirm(shown)).sentence);
      }
    },
    copyId: async (...args) => {
      const picked = await selection.of(args);
      await env.clipboard.writeText(picked.map(({ id }) => id).join("\n"));
      whisper(picked.length === 1 ? "Id copied." : `${picked.length} ids copied.`, 3000);
    },
    undo: async (which) => {
      // A message takes back its own act, which need not be the last one.
      const done = isDone(which) ? await acts.undo(which) : await acts.undo();
      whisper(done === null ? "There is nothing to undo here any more." : done.sentence);
    },
    refresh: async () => {
      await workspace.refresh();
      provider.redraw();
      // The view says in general what is wrong; whoever tries again wants to know why.
      const { state, problem } = workspace;
      if ((state === "no-git" || state === "failed") && problem !== undefined) throw problem;
      const obstacle =
        state === "broken-policy" ? workspace.stores.find((store) => store.readOnly)?.obstacle : undefined;
      if (obstacle !== undefined) throw obstacle;
    },
    showMore: async (node) => {
      if (node instanceof MoreNode) provider.showMore(node);
      if (node instanceof OlderNode) node.show();
    },
  };
}

async function open({ store, path, blob, id }: Picked): Promise<void> {
  if (blob !== null) {
    await commands.executeCommand("vscode.open", memoryUri(store, path), { preview: true });
    return;
  }
  const [entry] = await store.store.journal.of(id, path);
  const before = entry?.changes.find((change) => change.id === id || change.path === path)?.before ?? null;
  await commands.executeCommand("vscode.open", versionUri(store, path, before), { preview: true });
}

function titleProblem(title: string): string | undefined {
  if (title.trim() === "") return "A memory needs a title.";
  return undefined;
}

const CAUSES: Readonly<Record<ExpiryCause, string>> = {
  wrong: "It was never true",
  outdated: "It is true no more",
  duplicate: "Another memory says it",
  other: "Something else",
};

interface CauseItem extends QuickPickItem {
  readonly cause: ExpiryCause;
}

/** One pick is enough; what was typed into the box is kept as the reason. */
function askWhy(
  picked: readonly Picked[],
): Promise<{ readonly cause: ExpiryCause; readonly reason: string } | undefined> {
  const pick = window.createQuickPick<CauseItem>();
  pick.title = picked.length === 1 ? `Expire "${picked[0]?.title ?? ""}"` : `Expire ${picked.length} memories`;
  pick.placeholder = "Why? Pick one. What you type here is kept as the reason.";
  pick.items = EXPIRY_CAUSES.map((cause) => ({
    cause,
    label: cause.charAt(0).toUpperCase() + cause.slice(1),
    description: CAUSES[cause],
    alwaysShow: true,
  }));
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      resolve(chosen === undefined ? undefined : { cause: chosen.cause, reason: pick.value.trim() });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

const ENDS: readonly (QuickPickItem & { readonly expires: string | null })[] = [
  { label: "30 days", expires: "30d" },
  { label: "90 days", expires: "90d" },
  { label: "A year", expires: "365d" },
  { label: "No end", description: "In force until somebody expires it", expires: null },
];
const OTHER_END = "Another time…";

/** Undefined where the person gave no answer. */
async function askEnd(title: string): Promise<string | null | undefined> {
  const chosen = await window.showQuickPick([...ENDS, { label: OTHER_END, expires: null }], {
    title: `Renew "${title}"`,
    placeHolder: "How long shall it be in force from now?",
  });
  if (chosen?.label !== OTHER_END) return chosen?.expires;
  const text = await window.showInputBox({
    title: `Renew "${title}"`,
    prompt: "A duration such as 30d, 12h or 6w, or a date such as 2027-01-31.",
  });
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

function hasUnsavedChanges({ store, path }: Picked): boolean {
  const uri = memoryUri(store, path).toString();
  return editor.textDocuments.some((document) => document.isDirty && document.uri.toString() === uri);
}
