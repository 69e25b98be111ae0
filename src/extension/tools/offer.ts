/** What the editor's own agents are offered: the language model tools, the MCP server, or nothing. Never both at once. */
import { type Event, EventEmitter, workspace, type Disposable } from "vscode";

export type Offer = "tools" | "mcp" | "none";

export interface CurrentOffer extends Disposable {
  readonly value: Offer;
  readonly onDidChange: Event<void>;
}

/** The setting `commitToMemory.agents.offer`, followed. */
export function followOffer(): CurrentOffer {
  const changed = new EventEmitter<void>();
  const listening = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("commitToMemory.agents.offer")) changed.fire();
  });
  return {
    get value() {
      const value = workspace.getConfiguration("commitToMemory.agents").get<string>("offer");
      return value === "mcp" || value === "none" ? value : "tools";
    },
    onDidChange: changed.event,
    dispose() {
      listening.dispose();
      changed.dispose();
    },
  };
}
