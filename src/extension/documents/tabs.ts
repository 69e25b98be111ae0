/** Documents whose matter is settled leave the screen. */
import { window, type Uri } from "vscode";

export async function closeTabOf(uri: Uri): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const own = tabs.filter(
    ({ input }) =>
      typeof input === "object" && input !== null && "uri" in input && String(input.uri) === uri.toString(),
  );
  await window.tabGroups.close(own);
}
