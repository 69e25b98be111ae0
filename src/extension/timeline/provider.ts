/** The timeline's data: read when it is unfolded, and only as far as a person scrolls. */
import { EventEmitter, type Disposable, type Event, type Memento, type TreeDataProvider, type TreeItem } from "vscode";
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import { type HistoryQuery, queryHistory } from "../../core/provenance/history-query.ts";
import { namedSnapshots } from "../../core/provenance/snapshots.ts";
import { entriesSince, timelineOf } from "../../core/view/timeline.ts";
import { storeNameOf } from "../tree/items.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { timelineItem } from "./items.ts";
import {
  EntryNode,
  NewsNode,
  OlderNode,
  SessionNode,
  SnapshotNode,
  SnapshotsNode,
  type TimelineNode,
} from "./nodes.ts";

/** As many rows as are shown at first and added at a time. */
const PAGE = 100;
/** Where the window's state keeps what has been seen. */
const SEEN = "timeline.seen";

export class TimelineProvider implements TreeDataProvider<TimelineNode>, Disposable {
  readonly #workspace: Workspace;
  /** The newest commit of each store that the person has seen, by the store's key; kept over restarts. */
  readonly #memento: Memento;
  readonly #changed = new EventEmitter<undefined>();
  readonly #following: Disposable;
  /** What had been seen when the person began to look, so that news stays news while they read it. */
  #seenBefore = new Map<string, string>();
  #shown = PAGE;
  #filter: HistoryQuery | null = null;
  #visible = false;

  constructor(workspace: Workspace, memento: Memento) {
    this.#workspace = workspace;
    this.#memento = memento;
    this.#following = workspace.onDidChange(() => this.#changed.fire(undefined));
  }

  get onDidChangeTreeData(): Event<undefined> {
    return this.#changed.event;
  }

  /** What the history is narrowed down to; null: all of it. */
  get filter(): HistoryQuery | null {
    return this.#filter;
  }

  narrow(filter: HistoryQuery | null): void {
    this.#filter = filter;
    this.#shown = PAGE;
    this.#changed.fire(undefined);
  }

  /** Whether a person can see it. Looking begins when it comes into sight. */
  async look(visible: boolean): Promise<void> {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (!visible) return;
    this.#seenBefore = new Map(Object.entries(this.#seen()));
    await this.#noteSeen();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: TimelineNode): Promise<TimelineNode[]> {
    if (node instanceof NewsNode) return node.entries.map(({ store, entry }) => new EntryNode(store, entry, "news"));
    if (node instanceof SessionNode) {
      const { store, session, entries } = node.stretch;
      return entries.map((entry) => new EntryNode(store, entry, session ?? ""));
    }
    if (node instanceof SnapshotsNode) return [...node.rows];
    return node === undefined ? this.#roots() : [];
  }

  /** Reads again what no commit tells of: the names of snapshots. */
  redraw(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(node: TimelineNode): TreeItem {
    const stores = this.#workspace.stores;
    const own = node instanceof EntryNode || node instanceof SnapshotNode ? node.store : undefined;
    const store = node instanceof SessionNode ? node.stretch.store : own;
    const now = (store ?? stores[0])?.store.environment.now() ?? new Date();
    return timelineItem(node, now, store === undefined ? undefined : storeNameOf(store, stores));
  }

  dispose(): void {
    this.#following.dispose();
    this.#changed.dispose();
  }

  async #roots(): Promise<TimelineNode[]> {
    const shelves = await this.#shelves();
    if (this.#visible) await this.#noteSeen();
    const isWhole = this.#filter === null;
    const news = (isWhole ? shelves : [])
      .flatMap(({ store, entries }) =>
        entriesSince(entries, this.#seenBefore.get(store.key)).map((entry) => ({ store, entry })),
      )
      .sort((a, b) => Date.parse(b.entry.at) - Date.parse(a.entry.at));
    const stretches = timelineOf(shelves);
    const rows = stretches
      .slice(0, this.#shown)
      .map((stretch) =>
        stretch.entries.length === 1
          ? new EntryNode(stretch.store, stretch.entries[0], "timeline")
          : new SessionNode(stretch),
      );
    const hidden = stretches.length - rows.length;
    const older = new OlderNode(hidden, () => {
      this.#shown += PAGE;
      this.#changed.fire(undefined);
    });
    const snapshots = isWhole ? await this.#snapshots() : [];
    return [...(news.length > 0 ? [new NewsNode(news)] : []), ...snapshots, ...rows, ...(hidden > 0 ? [older] : [])];
  }

  /** One folded row for all that have a name, with those that the program made apart; none where there are none. */
  async #snapshots(): Promise<SnapshotsNode[]> {
    const all = await Promise.all(
      this.#workspace.stores.map(async (store) =>
        (await namedSnapshots(store.store)).map((snapshot) => new SnapshotNode(store, snapshot)),
      ),
    );
    const named = all.flat().filter(({ snapshot }) => !snapshot.automatic);
    const automatic = all.flat().filter(({ snapshot }) => snapshot.automatic);
    if (named.length + automatic.length === 0) return [];
    const apart = automatic.length === 0 ? [] : [new SnapshotsNode(true, automatic)];
    return [new SnapshotsNode(false, [...named, ...apart])];
  }

  async #shelves(): Promise<{ readonly store: OpenStore; readonly entries: readonly JournalEntry[] }[]> {
    return Promise.all(this.#workspace.stores.map(async (store) => ({ store, entries: await this.#entriesOf(store) })));
  }

  async #entriesOf({ store }: OpenStore): Promise<readonly JournalEntry[]> {
    return this.#filter === null ? store.journal.entries() : queryHistory(store, this.#filter);
  }

  #seen(): Readonly<Record<string, string>> {
    return this.#memento.get<Readonly<Record<string, string>>>(SEEN, {});
  }

  async #noteSeen(): Promise<void> {
    const tips = this.#workspace.stores.flatMap(({ key, snapshot }) =>
      snapshot.commit === null ? [] : [[key, snapshot.commit] as const],
    );
    const seen = this.#seen();
    if (tips.every(([key, commit]) => seen[key] === commit)) return;
    await this.#memento.update(SEEN, { ...seen, ...Object.fromEntries(tips) });
  }
}
