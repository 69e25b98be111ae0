/** What the timeline's rows stand for. */
import type { JournalEntry } from "../../core/provenance/journal-entry.ts";
import type { NamedSnapshot } from "../../core/provenance/snapshots.ts";
import type { Dated, Stretch } from "../../core/view/timeline.ts";
import type { OpenStore } from "../workspace.ts";

/** What was written since the person last looked. */
export class NewsNode {
  readonly entries: readonly Dated<OpenStore>[];
  constructor(entries: readonly Dated<OpenStore>[]) {
    this.entries = entries;
  }
}

export class SessionNode {
  readonly stretch: Stretch<OpenStore>;
  constructor(stretch: Stretch<OpenStore>) {
    this.stretch = stretch;
  }
}

export class EntryNode {
  readonly store: OpenStore;
  readonly entry: JournalEntry;
  /** What it stands under, so that the same commit may stand in two places. */
  readonly under: string;
  constructor(store: OpenStore, entry: JournalEntry, under: string) {
    this.store = store;
    this.entry = entry;
    this.under = under;
  }
}

/** The named snapshots, or those that the program made before a large change. */
export class SnapshotsNode {
  readonly automatic: boolean;
  readonly rows: readonly SnapshotRow[];
  constructor(automatic: boolean, rows: readonly SnapshotRow[]) {
    this.automatic = automatic;
    this.rows = rows;
  }
}

/** A state of a store that has a name. */
export class SnapshotNode {
  readonly store: OpenStore;
  readonly snapshot: NamedSnapshot;
  constructor(store: OpenStore, snapshot: NamedSnapshot) {
    this.store = store;
    this.snapshot = snapshot;
  }
}

export type SnapshotRow = SnapshotNode | SnapshotsNode;

/** Shows the next page of older rows. */
export class OlderNode {
  readonly hidden: number;
  readonly show: () => void;
  constructor(hidden: number, show: () => void) {
    this.hidden = hidden;
    this.show = show;
  }
}

export type TimelineNode = SnapshotRow | NewsNode | SessionNode | EntryNode | OlderNode;
