/** Puts `git-memory` on the PATH of the integrated terminal, run by the editor's own Node. */
import { delimiter, join } from "node:path";
import type { ExtensionContext } from "vscode";

/** Nothing is executed by this: new terminals get two variables, and the editor says so beside them. */
export function offerInTerminal(
  context: Pick<ExtensionContext, "environmentVariableCollection" | "extensionPath">,
): void {
  const variables = context.environmentVariableCollection;
  // What an older version of the extension had set points to its own folder, which an update removes.
  variables.clear();
  variables.description = "Adds the `git memory` command.";
  variables.prepend("PATH", `${join(context.extensionPath, "bin")}${delimiter}`);
  variables.replace("COMMIT_TO_MEMORY_NODE", process.execPath);
}
