/** Notices when a folder becomes a repository, and when another commit of its code is checked out, by the editor's own git. */
import { Disposable, extensions, window, workspace as editor, type Event } from "vscode";
import type { Workspace } from "./workspace.ts";

/** The little that we use of `vscode.git`'s interface, version 1. */
interface GitApi {
  readonly repositories: readonly GitRepository[];
  readonly onDidOpenRepository: Event<GitRepository>;
  readonly onDidCloseRepository: Event<GitRepository>;
}

interface GitRepository {
  readonly state: { readonly HEAD: { readonly commit?: string } | undefined; readonly onDidChange: Event<void> };
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** In Restricted Mode that git is not there; it is followed from the moment of trust. */
export function followRepositories(workspace: Workspace, report: (failure: unknown) => void): Disposable {
  const following: Disposable[] = [];
  const look = (): void => void workspace.followCode().catch(report);
  const follow = async (): Promise<void> => {
    // A window whose git is switched off, or knows nothing of the folder, still notices when the person comes back to it.
    following.push(window.onDidChangeWindowState(({ focused }) => (focused ? look() : undefined)));
    const api = await extensions.getExtension<GitExtension>("vscode.git")?.activate();
    if (api?.enabled === true) following.push(followHeads(api.getAPI(1), workspace, look));
  };
  if (editor.isTrusted) follow().catch(report);
  else following.push(editor.onDidGrantWorkspaceTrust(() => follow().catch(report)));
  return new Disposable(() => Disposable.from(...following).dispose());
}

function followHeads(git: GitApi, workspace: Workspace, moved: () => void): Disposable {
  const heads = new Map<GitRepository, Disposable>();
  const follow = (repository: GitRepository): void => {
    let known = repository.state.HEAD?.commit;
    const changed = repository.state.onDidChange(() => {
      // It speaks up for every file that is saved.
      const now = repository.state.HEAD?.commit;
      if (now === known) return;
      known = now;
      moved();
    });
    heads.set(repository, changed);
  };
  git.repositories.forEach(follow);
  const opened = git.onDidOpenRepository((repository) => {
    follow(repository);
    if (workspace.state === "no-repository" || workspace.state === "failed") void workspace.reopen();
  });
  const closed = git.onDidCloseRepository((repository) => {
    heads.get(repository)?.dispose();
    heads.delete(repository);
  });
  return new Disposable(() => Disposable.from(opened, closed, ...heads.values()).dispose());
}
