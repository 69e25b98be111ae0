/** Exchanging memories with a server from the view's title. What it came to is one quiet line; what needs a person, a question. */
import { env, ProgressLocation, Uri, window } from "vscode";
import { NoRepositoryError, RemoteError, RewrittenError } from "../../core/errors.ts";
import type { MemoryStore } from "../../core/store.ts";
import { ProjectRepository } from "../../git/branch/project-repository.ts";
import { codeBranchSentence, fetchCodeBranch } from "../../git/sync/code-branch.ts";
import { type Synced, type SyncOptions, syncStore } from "../../git/sync/sync.ts";
import { syncSentence } from "../../git/sync/words.ts";
import type { CommandHandlers } from "../command-ids.ts";
import { storesInView } from "../in-view.ts";
import { plainMessage } from "../label.ts";
import { say, whisper } from "../messages.ts";
import type { EditorPerson } from "../person.ts";
import type { Workspace } from "../workspace.ts";

const THERE = "Go On with the Server's";
const HERE = "Go On with Mine";
const SIGN_IN = "Sign In";
const OPEN = "Open Pull Request";

interface SyncParts {
  readonly workspace: Workspace;
  readonly person: EditorPerson;
}

export function syncCommands(parts: SyncParts): CommandHandlers<"sync"> {
  return { sync: () => syncInView(parts) };
}

/** What a sync works with that a window asks for. Nobody is at a terminal there, so git asks nothing. */
export async function windowOptions(store: MemoryStore, person: EditorPerson): Promise<SyncOptions> {
  return { caller: await person.caller(store, "agent"), asks: false };
}

async function syncInView({ workspace, person }: SyncParts): Promise<void> {
  const store = (await storesInView(workspace))?.project ?? null;
  if (store === null) throw new NoRepositoryError("No folder of this window is in a git repository.");
  const options = {
    ...(await windowOptions(store, person)),
    ask: async (names: readonly string[]) =>
      window.showQuickPick([...names], { placeHolder: "Which remote does the memory go to?" }),
  };
  await store.exists();
  const { repository } = store;
  if (store.placement === "branch" && repository instanceof ProjectRepository) {
    const fetched = await withProgress(async () => fetchCodeBranch(store, repository, options));
    await say(codeBranchSentence(fetched));
    return;
  }
  const synced = await withProgress(async () => syncStore(store, options)).catch(async (error: unknown) =>
    resolved(store, options, error),
  );
  if (synced === null) return;
  await workspace.refresh();
  tell(synced);
}

/** A person chooses where histories parted, or signs in where git must ask. Null where they did neither. */
async function resolved(store: MemoryStore, options: SyncOptions, error: unknown): Promise<Synced | null> {
  if (error instanceof RewrittenError) {
    const [says = ""] = error.message.split(" `git memory sync");
    const detail =
      "One of the two histories goes on; the newer writes of the other are made anew on top of it, and what was erased stays out.";
    const answer = await window.showWarningMessage(plainMessage(says), { modal: true, detail }, THERE, HERE);
    if (answer === undefined) return null;
    return withProgress(async () => syncStore(store, { ...options, keep: answer === THERE ? "server" : "here" }));
  }
  if (error instanceof RemoteError && error.trouble === "sign-in") {
    const answer = await window.showErrorMessage(plainMessage(error.message), SIGN_IN);
    if (answer !== SIGN_IN) return null;
    // There git may ask, by the editor's own dialog, and the person sees which program does.
    const terminal = window.createTerminal({ name: "Memory", cwd: store.repository.location });
    terminal.show();
    terminal.sendText("git memory sync");
    return null;
  }
  throw error;
}

function tell(synced: Synced): void {
  const { proposed, notices } = synced;
  const sentence = [syncSentence(synced), ...notices].join(" ");
  const url = proposed?.url ?? null;
  if (url !== null)
    void say(sentence, OPEN).then((answer) => {
      if (answer === OPEN) void env.openExternal(Uri.parse(url, true));
    });
  else if (notices.length > 0 && synced.status !== "offline") void say(sentence);
  else whisper(syncSentence(synced), 10_000);
}

async function withProgress<T>(work: () => Promise<T>): Promise<T> {
  return window.withProgress({ location: ProgressLocation.Window, title: "Memory: syncing…" }, work);
}
