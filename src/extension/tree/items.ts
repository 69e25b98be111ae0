/** Rows as VS Code draws them. */
import { Range, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, type Uri } from "vscode";
import type { Trust } from "../../core/memory/model.ts";
import { beliefRow, brokenRow, exceptionText, shortTitle, type Row } from "../../core/view/belief.ts";
import { pastRow } from "../../core/view/past.ts";
import { waitingRow } from "../../core/view/waiting.ts";
import { COMMANDS } from "../command-ids.ts";
import { memoryUri, versionUri } from "../editor/uris.ts";
import { OlderNode } from "../timeline/nodes.ts";
import { isPastViewNode, pastViewId } from "../travel/then-nodes.ts";
import type { OpenStore } from "../workspace.ts";
import {
  BeliefNode,
  BrokenNode,
  CardNode,
  GroupNode,
  isItem,
  MoreNode,
  PastNode,
  SectionNode,
  type ItemNode,
  type Node,
  type NoticeNode,
  type SectionName,
} from "./nodes.ts";

const SECTION_LABELS: Readonly<Record<SectionName, string>> = {
  needsYou: "Needs you",
  aboutFile: "About this file",
  believed: "Believed now",
  past: "Past",
};

/** What a row says beside its own node. */
export interface RowContext {
  readonly now: Date;
  readonly trust: Trust;
  /** Who approved it, and what only looks like an approval. */
  readonly standing: readonly string[];
  /** The store's name, where the window shows more than one. */
  readonly storeName: string | undefined;
}

export function sectionItem(node: SectionNode, count: number | null): TreeItem {
  const state = node.section === "past" ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
  const item = new TreeItem(SECTION_LABELS[node.section], state);
  item.id = nodeId(node);
  item.contextValue = "section";
  if (count !== null) {
    item.description = count.toLocaleString("en");
    item.accessibilityInformation = {
      label: `${SECTION_LABELS[node.section]}, ${count} ${count === 1 ? "memory" : "memories"}`,
    };
  }
  return item;
}

export function groupItem(node: GroupNode): TreeItem {
  const item = new TreeItem(node.type, TreeItemCollapsibleState.Collapsed);
  item.id = nodeId(node);
  item.description = node.items.length.toLocaleString("en");
  item.contextValue = "group";
  item.accessibilityInformation = { label: `${node.type}, ${node.items.length} memories` };
  return item;
}

export function itemOf(node: ItemNode, context: RowContext): TreeItem {
  const row = rowOf(node, context);
  const item = new TreeItem(labelOf(node, row));
  item.id = nodeId(node);
  item.description = row.description;
  item.iconPath =
    row.icon === "error" ? new ThemeIcon("error", new ThemeColor("list.errorForeground")) : new ThemeIcon(row.icon);
  item.accessibilityInformation = {
    label: context.standing.length === 0 ? row.spoken : `${row.spoken}. ${context.standing.join(" ")}`,
  };
  item.tooltip = [tooltipOf(node, row), ...context.standing].join("\n\n");
  item.contextValue = contextValueOf(node);
  // VS Code's own command, because it alone is told how the row was chosen: a click leaves the focus in the view, Enter does not.
  item.command = { command: "vscode.open", title: "Open", arguments: [uriOf(node), ...problemOf(node)] };
  return item;
}

/** What needs a person says why even in a narrow side bar; elsewhere the whole title can be searched. */
function labelOf(node: ItemNode, { label, description }: Row): string {
  if (node instanceof BrokenNode) return shortTitle(label, description);
  if (!(node instanceof BeliefNode) || node.section !== "needsYou" || node.item.exception === null) return label;
  return shortTitle(label, exceptionText(node.item.exception, node.item.life, node.item.conflict));
}

/** Enter opens the review, as on every other row the document. */
export function cardItem(node: CardNode, { now, storeName }: Pick<RowContext, "now" | "storeName">): TreeItem {
  const row = waitingRow(node.card, now, storeName);
  const why = row.description.split(" · ").slice(0, 2).join(" · ");
  const item = new TreeItem(node.card.held.length === 1 ? shortTitle(row.label, why) : row.label);
  item.id = nodeId(node);
  item.description = row.description;
  item.iconPath = new ThemeIcon(row.icon);
  item.accessibilityInformation = { label: row.spoken };
  item.tooltip = [row.label, row.description].join("\n\n");
  item.contextValue = "waiting";
  item.command = { command: COMMANDS.review, title: "Review", arguments: [node] };
  return item;
}

export function moreItem(node: MoreNode): TreeItem {
  const item = new TreeItem(`Show more (${node.hidden.toLocaleString("en")} left)`);
  item.contextValue = "more";
  item.iconPath = new ThemeIcon("ellipsis");
  item.command = { command: COMMANDS.showMore, title: "Show more", arguments: [node] };
  return item;
}

export function noticeItem({ label, description, command, tooltip }: NoticeNode): TreeItem {
  const item = new TreeItem(label);
  item.tooltip = tooltip;
  item.description = description;
  item.iconPath = new ThemeIcon("info");
  item.accessibilityInformation = { label: `${label}, ${description}`, role: "button" };
  item.command = { command, title: description };
  return item;
}

/** What opens on Enter: the file itself, or for a past memory its last version. */
function uriOf(node: ItemNode): Uri {
  if (node instanceof PastNode) return versionUri(node.store, node.removal.change.path, node.removal.change.before);
  return memoryUri(node.store, pathOf(node));
}

/** A broken file opens at what is wrong with it. */
function problemOf(node: ItemNode): [{ readonly selection: Range }] | [] {
  const line = node instanceof BrokenNode ? node.file.problems[0]?.line : undefined;
  return line === undefined ? [] : [{ selection: new Range(line - 1, 0, line - 1, 0) }];
}

function pathOf(node: ItemNode): string {
  if (node instanceof BeliefNode) return node.memory.path;
  return node instanceof BrokenNode ? node.file.path : node.removal.change.path;
}

/** Said beside a row where the window shows more than one store. */
export function storeNameOf(store: OpenStore, stores: readonly OpenStore[]): string | undefined {
  const projects = stores.filter((one) => one.folder !== null);
  if (store.folder === null) return "personal";
  return projects.length > 1 ? store.name : undefined;
}

function rowOf(node: ItemNode, { now, trust, storeName }: RowContext): Row {
  if (node instanceof BrokenNode) return brokenRow(node.file, storeName);
  if (node instanceof PastNode) return pastRow(node.removal, node.title, now, storeName);
  const { life, conflict, refused } = node.item;
  return beliefRow(node.memory, life, trust, now, { store: storeName, conflict, refused });
}

/** The same for the same row over redraws, by which VS Code keeps what is selected and unfolded. */
export function nodeId(node: Node): string {
  if (node instanceof SectionNode) return node.section;
  if (node instanceof GroupNode) return `believed/${node.type}`;
  if (node instanceof CardNode) return `waiting/${node.store.key}/${node.card.name}`;
  if (isPastViewNode(node)) return pastViewId(node);
  if (node instanceof OlderNode) return "older";
  if (!isItem(node)) return node instanceof MoreNode ? `more/${nodeId(node.parent)}` : node.label;
  const section = node instanceof BeliefNode ? node.section : node instanceof BrokenNode ? "needsYou" : "past";
  return `${section}/${node.store.key}/${pathOf(node)}`;
}

/** Plain text: what a memory says must not become a link or an image here. */
function tooltipOf(node: ItemNode, row: Row): string {
  if (node instanceof BeliefNode)
    return [row.label, node.memory.body.trim().slice(0, 600), node.item.life.staleBecause.join(" "), row.description]
      .filter((part) => part !== "")
      .join("\n\n");
  if (node instanceof BrokenNode)
    return node.file.problems.map(({ line, message }) => `Line ${line}: ${message}`).join("\n");
  return [row.label, node.removal.entry.text.reason, row.description].filter((part) => part !== "").join("\n\n");
}

function contextValueOf(node: ItemNode): string {
  const writable = node.store.readOnly ? "" : ".writable";
  if (node instanceof BrokenNode) return `broken${writable}`;
  if (node instanceof PastNode) return `past${writable}`;
  return node.item.life.expired ? `ended${writable}` : `belief${writable}`;
}
