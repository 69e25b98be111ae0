/** Notices when a folder becomes a repository, by asking the editor's own git. */
import { extensions, workspace as editor, type Disposable, type Event } from "vscode";
import type { Workspace } from "./workspace.ts";

/** The little that we use of `vscode.git`'s interface, version 1. */
interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): { readonly onDidOpenRepository: Event<unknown> };
}

/** In Restricted Mode that git is not there; it is followed from the moment of trust. */
export function followRepositories(workspace: Workspace): Disposable {
  const following: Disposable[] = [];
  const follow = async (): Promise<void> => {
    const api = await extensions.getExtension<GitExtension>("vscode.git")?.activate();
    if (api?.enabled !== true) return;
    const opened = api.getAPI(1).onDidOpenRepository(() => {
      if (workspace.state === "no-repository" || workspace.state === "failed") void workspace.reopen();
    });
    following.push(opened);
  };
  if (editor.isTrusted) void follow();
  else following.push(editor.onDidGrantWorkspaceTrust(() => void follow()));
  return {
    dispose: () => {
      for (const one of following) one.dispose();
    },
  };
}
