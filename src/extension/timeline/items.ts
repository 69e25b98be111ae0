/** The timeline's rows as VS Code draws them. */
import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from "vscode";
import { entryRow, stretchRow } from "../../core/view/timeline.ts";
import { COMMANDS } from "../command-ids.ts";
import { EntryNode, NewsNode, OlderNode, type SessionNode, type TimelineNode } from "./nodes.ts";

/** @param storeName of a row's store, where the window shows more than one. */
export function timelineItem(node: TimelineNode, now: Date, storeName: string | undefined): TreeItem {
  if (node instanceof NewsNode) return newsItem(node);
  if (node instanceof OlderNode) return olderItem(node);
  return node instanceof EntryNode ? entryItem(node, now, storeName) : sessionItem(node, now, storeName);
}

function newsItem({ entries }: NewsNode): TreeItem {
  const label = "Since you last looked";
  const item = new TreeItem(label, TreeItemCollapsibleState.Expanded);
  item.id = "news";
  item.description = entries.length.toLocaleString("en");
  item.iconPath = new ThemeIcon("bell");
  item.accessibilityInformation = {
    label: `${label}, ${entries.length} ${entries.length === 1 ? "change" : "changes"}`,
  };
  return item;
}

function sessionItem({ stretch }: SessionNode, now: Date, storeName: string | undefined): TreeItem {
  const { label, description, spoken } = stretchRow(stretch, now, storeName);
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = `${stretch.store.key}/${stretch.session ?? stretch.entries[0].commit}`;
  item.description = description;
  item.iconPath = new ThemeIcon("comment-discussion");
  item.tooltip = `Session ${stretch.session ?? ""}`;
  item.accessibilityInformation = { label: spoken };
  item.contextValue = "session";
  return item;
}

function entryItem(node: EntryNode, now: Date, storeName: string | undefined): TreeItem {
  const { store, entry, under } = node;
  const { label, description, spoken } = entryRow(entry, now, storeName);
  const item = new TreeItem(label);
  item.id = `${under}/${store.key}/${entry.commit}`;
  item.description = description;
  item.iconPath = new ThemeIcon("git-commit");
  // Plain text: what a reason says must not become a link here.
  item.tooltip = [entry.text.subject, entry.text.reason, entry.commit.slice(0, 8)]
    .filter((part) => part !== "")
    .join("\n\n");
  item.accessibilityInformation = { label: spoken };
  item.contextValue = store.readOnly || entry.changes.length === 0 ? "entry" : "entry.writable";
  if (entry.changes.length > 0)
    item.command = { command: COMMANDS.openEntry, title: "Open Changes", arguments: [node] };
  return item;
}

function olderItem(node: OlderNode): TreeItem {
  const item = new TreeItem(`Show more (${node.hidden.toLocaleString("en")} left)`);
  item.contextValue = "more";
  item.iconPath = new ThemeIcon("ellipsis");
  item.command = { command: COMMANDS.showMore, title: "Show more", arguments: [node] };
  return item;
}
