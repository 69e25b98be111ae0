/** Which moment is meant: a row of the history, or what a person picks or types. */
import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import { InvalidInputError } from "../../core/errors.ts";
import { namedSnapshots } from "../../core/provenance/snapshots.ts";
import { shortSpan, since } from "../../core/view/age.ts";
import { entryActor } from "../../core/view/change.ts";
import { momentText } from "../../core/view/moment.ts";
import { plainLabel } from "../label.ts";
import { EntryNode, SnapshotNode } from "../timeline/nodes.ts";
import type { OpenStore, Workspace } from "../workspace.ts";

/** A state of one store. */
export interface Point {
  readonly store: OpenStore;
  /** As `commitAt` takes it. */
  readonly name: string;
  /** For a person, after "as of": `before-release`, `3 Nov, 14:02`. */
  readonly words: string;
}

interface PointItem extends QuickPickItem {
  /** Undefined where the person is to type it. */
  readonly point?: string;
}

/** As many of the newest commits as are offered; older ones are in the History view. */
const MOST_COMMITS = 30;
const DAYS = [1, 3, 7, 30];

/** Null where the row is none of the history's. */
export function pointOf(node: unknown): Point | null {
  if (node instanceof SnapshotNode) return { store: node.store, name: node.snapshot.name, words: node.snapshot.name };
  if (!(node instanceof EntryNode)) return null;
  const { store, entry } = node;
  return { store, name: entry.commit, words: momentText(new Date(entry.at), store.store.environment.now()) };
}

/**
 * Undefined where the person left.
 *
 * @param withNow whether the present is offered too; it is null.
 */
export async function askPoint(store: OpenStore, title: string, withNow = false): Promise<Point | null | undefined> {
  const now = store.store.environment.now();
  const snapshots = (await namedSnapshots(store.store)).map(({ name, at, automatic, commit }): PointItem => ({
    label: plainLabel(name),
    description: [
      ...(automatic ? ["kept by itself"] : []),
      at === null ? commit.slice(0, 8) : momentText(new Date(at), now),
    ].join(" · "),
    point: name,
  }));
  const entries = (await store.store.journal.entries()).slice(0, MOST_COMMITS).map((entry): PointItem => ({
    label: plainLabel(entry.text.subject),
    description: plainLabel(`${entryActor(entry)} · ${shortSpan(since(entry.at, now) ?? 0)}`),
    detail: `${momentText(new Date(entry.at), now)} · ${entry.commit.slice(0, 8)}`,
    point: entry.commit,
  }));
  const days = DAYS.map((count): PointItem => {
    const label = count === 1 ? "A day ago" : `${count} days ago`;
    return { label, description: momentText(new Date(now.getTime() - count * 86_400_000), now), point: `${count}d` };
  });
  const typed: PointItem = { label: "Type a date, a commit or a name…" };
  const present: PointItem = { label: "Now" };
  const items = [
    ...(withNow ? [present] : []),
    typed,
    ...heading("Snapshots", snapshots),
    ...heading("A while ago", days),
    ...heading("Changes", entries),
  ];
  const chosen = await window.showQuickPick(items, {
    title,
    placeHolder: "Which moment?",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen === undefined) return undefined;
  if (chosen === present) return null;
  const name = chosen.point ?? (await typedPoint(title));
  if (name === undefined) return undefined;
  const words = snapshots.some(({ point }) => point === name) ? name : wordsOf(chosen, name);
  return { store, name, words };
}

/** The store that a moment is looked for in: the only one, or the one that the person picks. Undefined where they left. */
export async function askStore({ stores }: Workspace, title: string): Promise<OpenStore | undefined> {
  const [first, ...others] = stores;
  if (first === undefined) throw new InvalidInputError("There is no memory here yet, so there is no past to look at.");
  if (others.length === 0) return first;
  const items = stores.map((store) => ({ label: plainLabel(store.name), store }));
  return (await window.showQuickPick(items, { title, placeHolder: "Which memory?" }))?.store;
}

async function typedPoint(title: string): Promise<string | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: "A date such as 2026-11-20 (its end, in UTC), a while ago such as 3d, a snapshot's name, or a commit.",
  });
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

function wordsOf({ point, detail, description }: PointItem, name: string): string {
  if (point === undefined) return name;
  return detail?.split(" · ")[0] ?? description ?? name;
}

function heading(label: string, items: readonly PointItem[]): PointItem[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
}
