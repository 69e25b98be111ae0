/** *Connect an agent*: the exact change is shown as a diff, one message asks, and it can be taken back. */
import { basename } from "node:path";
import { commands, type QuickPickItem, Uri, window, workspace } from "vscode";
import { type Agent, AGENTS } from "../../core/onboarding/agents.ts";
import { guard, say } from "../messages.ts";
import { AGENT_NAMES, type Change, type Connections } from "./connections.ts";
import { FileChangedError, type FileEdit } from "./file-edits.ts";
import type { Previews } from "./previews.ts";

interface AgentItem extends QuickPickItem {
  readonly agent: Agent;
}

export async function connectAgent(connections: Connections, previews: Previews): Promise<void> {
  const connected = await connections.connected();
  const items = AGENTS.map((agent): AgentItem => ({
    label: AGENT_NAMES[agent],
    agent,
    ...(connected.includes(agent) ? { description: "connected" } : {}),
  }));
  const picked = await window.showQuickPick(items, {
    title: "Connect an agent",
    placeHolder: "Which agent should use this memory? You see the change first.",
  });
  if (picked === undefined) return;
  const change = await connections.planToConnect(picked.agent);
  const name = AGENT_NAMES[picked.agent];
  if (change.edits.length === 0) {
    void say(plainNote(change));
    return;
  }
  await showEdits(`Connect ${name}`, change.edits, previews);
  ask(`Connect ${name}? This writes ${filesOf(change)}. ${plainNote(change)}`, "Connect", async () => {
    refuseUnsaved(change.edits);
    await connections.carryOut(change);
    ask(`${name} is connected. Start it anew to let it see the memory.`, "Undo", async () => {
      const back = await connections.planToDisconnect(picked.agent, change);
      refuseUnsaved(back.edits);
      await connections.carryOut(back);
      void say(`Undone. ${plainNote(back)}`);
    });
  });
}

export async function disconnectAgent(connections: Connections, previews: Previews): Promise<void> {
  const connected = await connections.connected();
  if (connected.length === 0) {
    void say("No agent is connected to this project's memory.");
    return;
  }
  const items = connected.map((agent): AgentItem => ({ label: AGENT_NAMES[agent], agent }));
  const picked = await window.showQuickPick(items, {
    title: "Disconnect an agent",
    placeHolder: "Which agent should stop using this memory? You see the change first.",
  });
  if (picked === undefined) return;
  const change = await connections.planToDisconnect(picked.agent);
  const name = AGENT_NAMES[picked.agent];
  await showEdits(`Disconnect ${name}`, change.edits, previews);
  ask(`Disconnect ${name}? This writes ${filesOf(change)}.`, "Disconnect", async () => {
    refuseUnsaved(change.edits);
    await connections.carryOut(change);
    void say(plainNote(change));
  });
}

/** Shows each file as it is and as it would be. */
export async function showEdits(title: string, edits: readonly FileEdit[], previews: Previews): Promise<void> {
  const side = (path: string, text: string | null): Uri | undefined =>
    text === null ? undefined : previews.document(path, text);
  const resources = edits.map(({ path, before, after }) => [Uri.file(path), side(path, before), side(path, after)]);
  await commands.executeCommand("vscode.changes", title, resources);
}

/** Asks beside the work, without standing in its way; a message that is passed over is a no. */
function ask(question: string, button: string, act: () => Promise<void>): void {
  void say(question, button).then((answer) => {
    if (answer === button) void guard(act);
  });
}

/** What is typed and not saved must not be written over, nor saved over what we write. */
function refuseUnsaved(edits: readonly FileEdit[]): void {
  const dirty = workspace.textDocuments.find(
    (document) => document.isDirty && edits.some(({ path }) => document.uri.toString() === Uri.file(path).toString()),
  );
  if (dirty !== undefined)
    throw new FileChangedError(
      `${basename(dirty.uri.path)} has unsaved changes, so nothing was written. Save it and try again.`,
    );
}

/** Messages know no markdown. */
function plainNote({ plan }: Change): string {
  return plan.note.replaceAll("`", "");
}

function filesOf({ plan, edits }: Change): string {
  const names = plan.files.map(({ path }) => path);
  const all = edits.length > names.length ? [...names, "a small script that starts the memory"] : names;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
}
