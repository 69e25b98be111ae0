/** What the view's rows stand for. */
import type { BrokenMemory, Memory } from "../../core/memory/model.ts";
import type { Placed } from "../../core/view/sections.ts";
import type { Removal } from "../../core/view/past.ts";
import type { Card } from "../../core/view/waiting.ts";
import type { OlderNode } from "../timeline/nodes.ts";
import type { PastViewNode } from "../travel/then-nodes.ts";
import type { OpenStore } from "../workspace.ts";

export type SectionName = "needsYou" | "aboutFile" | "believed" | "past";

export class SectionNode {
  readonly section: SectionName;
  constructor(section: SectionName) {
    this.section = section;
  }
}

/** The memories of one type, where there are too many for one list. */
export class GroupNode {
  readonly type: string;
  readonly items: readonly Placed<OpenStore>[];
  constructor(type: string, items: readonly Placed<OpenStore>[]) {
    this.type = type;
    this.items = items;
  }
}

/** A memory that is in the store: in force, or ended by its own date. */
export class BeliefNode {
  readonly section: SectionName;
  readonly item: Placed<OpenStore>;
  constructor(section: SectionName, item: Placed<OpenStore>) {
    this.section = section;
    this.item = item;
  }
  get store(): OpenStore {
    return this.item.store;
  }
  get memory(): Memory {
    return this.item.memory;
  }
}

export class BrokenNode {
  readonly store: OpenStore;
  readonly file: BrokenMemory;
  constructor(store: OpenStore, file: BrokenMemory) {
    this.store = store;
    this.file = file;
  }
}

/** What waits for review: the changes of one session. */
export class CardNode {
  readonly store: OpenStore;
  readonly card: Card<OpenStore>;
  constructor(store: OpenStore, card: Card<OpenStore>) {
    this.store = store;
    this.card = card;
  }
}

/** A memory that was removed from the store. */
export class PastNode {
  readonly store: OpenStore;
  readonly removal: Removal;
  readonly title: string;
  constructor(store: OpenStore, removal: Removal, title: string) {
    this.store = store;
    this.removal = removal;
    this.title = title;
  }
}

/** Shows the next page of a long list. */
export class MoreNode {
  readonly parent: SectionNode | GroupNode;
  readonly hidden: number;
  constructor(parent: SectionNode | GroupNode, hidden: number) {
    this.parent = parent;
    this.hidden = hidden;
  }
}

/** One sentence about the window's state, with the command that does something about it. */
export class NoticeNode {
  readonly label: string;
  readonly description: string;
  readonly command: string;
  /** The whole story, where the label is not enough. */
  readonly tooltip: string | undefined;
  constructor(parts: Pick<NoticeNode, "label" | "description" | "command"> & { readonly tooltip?: string }) {
    this.label = parts.label;
    this.description = parts.description;
    this.command = parts.command;
    this.tooltip = parts.tooltip;
  }
}

export type ItemNode = BeliefNode | BrokenNode | PastNode;
export type Node = SectionNode | GroupNode | ItemNode | CardNode | MoreNode | NoticeNode | OlderNode | PastViewNode;

export function isItem(value: unknown): value is ItemNode {
  return value instanceof BeliefNode || value instanceof BrokenNode || value instanceof PastNode;
}
