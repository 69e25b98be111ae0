/** The timeline's rows as VS Code draws them. */
import { ThemeIcon, TreeItem, TreeItemCollapsibleState } from "vscode";
import { entryRow, stretchRow } from "../../core/view/timeline.ts";
import { COMMANDS } from "../command-ids.ts";
import { momentText } from "../../core/view/moment.ts";
import {
  EntryNode,
  NewsNode,
  OlderNode,
  SnapshotNode,
  SnapshotsNode,
  type SessionNode,
  type TimelineNode,
} from "./nodes.ts";

/** @param storeName of a row's store, where the window shows more than one. */
export function timelineItem(node: TimelineNode, now: Date, storeName: string | undefined): TreeItem {
  if (node instanceof NewsNode) return newsItem(node);
  if (node instanceof OlderNode) return olderItem(node);
  if (node instanceof SnapshotsNode) return snapshotsItem(node);
  if (node instanceof SnapshotNode) return snapshotItem(node, now, storeName);
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

function snapshotsItem({ automatic, rows }: SnapshotsNode): TreeItem {
  const label = automatic ? "Kept before large changes" : "Snapshots";
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = automatic ? "snapshots/automatic" : "snapshots";
  const count = rows.filter((row) => row instanceof SnapshotNode).length;
  if (count > 0) item.description = count.toLocaleString("en");
  item.iconPath = new ThemeIcon(automatic ? "archive" : "tag");
  item.accessibilityInformation = { label: `${label}, ${count}` };
  return item;
}

/** Enter travels there. */
function snapshotItem(node: SnapshotNode, now: Date, storeName: string | undefined): TreeItem {
  const { store, snapshot } = node;
  const { name, at, commit, automatic } = snapshot;
  const moment = at === null ? "not in this history" : momentText(new Date(at), now);
  const item = new TreeItem(name.replace(/^before\//, "before "));
  item.id = `snapshots/${store.key}/${name}`;
  item.description = [moment, ...(storeName === undefined ? [] : [storeName])].join(" · ");
  item.iconPath = new ThemeIcon(automatic ? "archive" : "tag");
  item.tooltip = [name, moment, commit.slice(0, 8)].join("\n\n");
  item.accessibilityInformation = { label: `Snapshot ${name}, ${moment}${automatic ? ", kept by itself" : ""}` };
  item.contextValue = store.readOnly ? "snapshot" : "snapshot.writable";
  item.command = { command: COMMANDS.travelHere, title: "Travel There", arguments: [node] };
  return item;
}

function sessionItem({ stretch }: SessionNode, now: Date, storeName: string | undefined): TreeItem {
  const { label, description, spoken } = stretchRow(stretch, now, storeName);
  const { store, session } = stretch;
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.id = `${store.key}/${session ?? stretch.entries[0].commit}`;
  item.description = description;
  item.iconPath = new ThemeIcon("comment-discussion");
  item.tooltip = `Session ${session ?? ""}`;
  item.accessibilityInformation = { label: spoken };
  item.contextValue = store.readOnly || session === undefined ? "session" : "session.writable";
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

/** The way to more of a long list. */
export function olderItem(node: OlderNode): TreeItem {
  const item = new TreeItem(`Show more (${node.hidden.toLocaleString("en")} left)`);
  item.contextValue = "more";
  item.iconPath = new ThemeIcon("ellipsis");
  item.command = { command: COMMANDS.showMore, title: "Show more", arguments: [node] };
  return item;
}
