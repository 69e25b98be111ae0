/** What the rows of a trace stand for: the suspects with their way back, or all that followed from something. */
import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from "vscode";
import type { Tainted, Washed } from "../../core/provenance/contamination.ts";
import type { Suspicion } from "../../core/provenance/roots.ts";
import type { Step, Suspect } from "../../core/provenance/why.ts";
import { stepRow, suspectRow, taintedRow, type TraceRow, washedRow } from "../../core/view/trace.ts";
import { COMMANDS } from "../command-ids.ts";
import type { OpenStore } from "../workspace.ts";

/** A belief that could be behind a symptom. */
export class SuspectNode {
  readonly store: OpenStore;
  readonly suspect: Suspect;
  /** From 1, the likeliest. */
  readonly rank: number;
  constructor(store: OpenStore, suspect: Suspect, rank: number) {
    this.store = store;
    this.suspect = suspect;
    this.rank = rank;
  }
}

/** One stop of a suspect's way back. */
export class StepNode {
  readonly store: OpenStore;
  readonly step: Step;
  constructor(store: OpenStore, step: Step) {
    this.store = store;
    this.step = step;
  }
}

/** One change that followed, with those that followed from it. */
export class FollowerNode {
  readonly store: OpenStore;
  readonly node: Tainted;
  readonly present: boolean;
  readonly below: readonly FollowerNode[];
  constructor(store: OpenStore, node: Tainted, present: boolean, below: readonly FollowerNode[]) {
    this.store = store;
    this.node = node;
    this.present = present;
    this.below = below;
  }
}

/** A memory whose words a person has replaced since. */
export class WashedNode {
  readonly store: OpenStore;
  readonly washed: Washed;
  constructor(store: OpenStore, washed: Washed) {
    this.store = store;
    this.washed = washed;
  }
}

/** A heading with rows below it. */
export class HeadingNode {
  readonly label: string;
  readonly rows: readonly (FollowerNode | WashedNode)[];
  constructor(label: string, rows: readonly (FollowerNode | WashedNode)[]) {
    this.label = label;
    this.rows = rows;
  }
}

export type TraceNode = SuspectNode | StepNode | FollowerNode | WashedNode | HeadingNode;

/** What a row is suspected as, where something can be taken back from it. */
export function suspicionAt(
  node: unknown,
): { readonly store: OpenStore; readonly suspicion: Suspicion; readonly title: string } | null {
  if (node instanceof SuspectNode) {
    const { id, path, title } = node.suspect.memory;
    return { store: node.store, suspicion: { kind: "memory", id, path }, title };
  }
  const entry = node instanceof StepNode ? node.step.entry : node instanceof FollowerNode ? node.node.entry : null;
  if (entry === null || !(node instanceof StepNode || node instanceof FollowerNode)) return null;
  const title = entry.text.subject;
  return { store: node.store, suspicion: { kind: "commit", commit: entry.commit }, title };
}

export function traceItem(node: TraceNode, now: Date): TreeItem {
  if (node instanceof HeadingNode) return headingItem(node);
  const item = draw(node, now);
  const opens = node instanceof WashedNode || (node instanceof StepNode && node.step.change === null);
  if (!opens) item.command = { command: COMMANDS.openTraced, title: "Open Change", arguments: [node] };
  return item;
}

function draw(node: Exclude<TraceNode, HeadingNode>, now: Date): TreeItem {
  const { None, Expanded, Collapsed } = TreeItemCollapsibleState;
  if (node instanceof SuspectNode) {
    const icon = node.suspect.trust === "untrusted" ? "warning" : "search";
    const state = node.rank === 1 ? Expanded : Collapsed;
    return itemFor(suspectRow(node.suspect, node.rank), { icon, state, context: "traced.memory" });
  }
  if (node instanceof StepNode) {
    const icon = node.step.by === null ? "git-commit" : "arrow-small-left";
    const context = node.step.entry === null ? "traced" : "traced.commit";
    return itemFor(stepRow(node.step, now), { icon, state: None, context });
  }
  if (node instanceof WashedNode)
    return itemFor(washedRow(node.washed), { icon: "pass", state: None, context: "traced" });
  const { relation } = node.node;
  const icon = relation === "root" ? "target" : relation === "derived" ? "git-branch" : "eye";
  const state = node.below.length > 0 ? Expanded : None;
  return itemFor(taintedRow(node.node, node.present, now), { icon, state, context: "traced.commit" });
}

function itemFor(
  row: TraceRow,
  {
    icon,
    state,
    context,
  }: { readonly icon: string; readonly state: TreeItemCollapsibleState; readonly context: string },
): TreeItem {
  const item = new TreeItem(row.label, state);
  item.description = row.description;
  item.iconPath = new ThemeIcon(icon);
  item.tooltip = [row.title, row.description].join("\n\n");
  item.accessibilityInformation = { label: row.spoken };
  item.contextValue = context;
  return item;
}

function headingItem({ label, rows }: HeadingNode): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.Expanded);
  item.description = rows.length.toLocaleString("en");
  item.accessibilityInformation = { label: `${label}, ${rows.length}` };
  return item;
}
