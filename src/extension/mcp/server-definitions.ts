/**
 * Offers the memory server to the editor's agents. It does so only where the setting asks for it, and then the language
 * model tools are withdrawn: an agent that saw both would have each tool twice.
 */
import { join } from "node:path";
import {
  Disposable,
  type Event,
  EventEmitter,
  type ExtensionContext,
  lm,
  type McpServerDefinitionProvider,
  McpStdioServerDefinition,
  workspace,
  type WorkspaceFolder,
} from "vscode";

/** As in package.json, `contributes.mcpServerDefinitionProviders`. */
export const PROVIDER_ID = "commitToMemory.mcp";

export interface ServerDefinitionParts {
  readonly context: Pick<ExtensionContext, "extensionPath" | "extension">;
  readonly offer: { readonly value: string; readonly onDidChange: Event<void> };
}

export function registerServerDefinitions(parts: ServerDefinitionParts): Disposable {
  const changed = new EventEmitter<void>();
  const changes = [
    parts.offer.onDidChange,
    workspace.onDidGrantWorkspaceTrust,
    workspace.onDidChangeWorkspaceFolders,
  ].map((event) => event(() => changed.fire()));
  return Disposable.from(
    changed,
    ...changes,
    lm.registerMcpServerDefinitionProvider(PROVIDER_ID, serverDefinitions(parts, changed.event)),
  );
}

/** Exported for tests: the provider, as it is registered. */
export function serverDefinitions(
  parts: ServerDefinitionParts,
  onDidChange: Event<void>,
): McpServerDefinitionProvider<McpStdioServerDefinition> {
  const version = String(parts.context.extension.packageJSON.version);
  return {
    onDidChangeMcpServerDefinitions: onDidChange,
    provideMcpServerDefinitions() {
      // A server spawns git, and an untrusted folder may have prepared what that git runs.
      if (parts.offer.value !== "mcp" || !workspace.isTrusted) return [];
      const folders = (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
      return folders.map((folder) => definition(folder, folders.length > 1, parts.context.extensionPath, version));
    },
  };
}

function definition(
  folder: WorkspaceFolder,
  named: boolean,
  extensionPath: string,
  version: string,
): McpStdioServerDefinition {
  const label = named ? `Commit to Memory (${folder.name})` : "Commit to Memory";
  const server = join(extensionPath, "dist", "mcp.cjs");
  const definition = new McpStdioServerDefinition(
    label,
    process.execPath,
    [server],
    { ELECTRON_RUN_AS_NODE: "1" },
    version,
  );
  definition.cwd = folder.uri;
  return definition;
}
