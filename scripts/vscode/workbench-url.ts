import { resolve } from "node:path";

export interface WorkbenchTarget {
  /** A folder or a `.code-workspace` file. */
  readonly open?: string;
  /** One extension under development. A second would replace the first: the payload is a map. Needs the test driver. */
  readonly extensionDevelopmentPath?: string;
  /** The module whose `run` the extension host calls. Needs the test driver. */
  readonly extensionTestsPath?: string;
  readonly proposedApi?: boolean;
}

/** The address of a window of the bundled VS Code. */
export function workbenchUrl(port: number, target: WorkbenchTarget = {}): string {
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${encodeURI(resolve(path))}`;
  const payload: [string, string][] = [
    ["skipWelcome", "true"],
    ["skipReleaseNotes", "true"],
  ];
  if (target.extensionDevelopmentPath !== undefined) {
    payload.push(["extensionDevelopmentPath", remote(target.extensionDevelopmentPath)]);
  }
  if (target.extensionTestsPath !== undefined) payload.push(["extensionTestsPath", remote(target.extensionTestsPath)]);
  if (target.proposedApi ?? false) payload.push(["enableProposedApi", ""]);

  const query = new URLSearchParams();
  if (target.open === undefined) query.set("ew", "true");
  else query.set(target.open.endsWith(".code-workspace") ? "workspace" : "folder", resolve(target.open));
  query.set("payload", JSON.stringify(payload));
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}
