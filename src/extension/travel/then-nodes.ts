/** What the view's rows stand for while it shows the past. */
import type { BrokenMemory, Memory } from "../../core/memory/model.ts";
import type { OpenStore } from "../workspace.ts";

/** A memory as it was. Its key and path make it a reference for the commands that look into the history. */
export class ThenNode {
  readonly store: OpenStore;
  readonly file: Memory | BrokenMemory;
  readonly moment: Date;
  constructor(store: OpenStore, file: Memory | BrokenMemory, moment: Date) {
    this.store = store;
    this.file = file;
    this.moment = moment;
  }
  get key(): string {
    return this.store.key;
  }
  get path(): string {
    return this.file.path;
  }
}

/** What was believed of one type. */
export class ThenGroupNode {
  readonly type: string;
  readonly nodes: readonly ThenNode[];
  constructor(type: string, nodes: readonly ThenNode[]) {
    this.type = type;
    this.nodes = nodes;
  }
}

export type PastViewNode = ThenNode | ThenGroupNode;

export function isPastViewNode(node: unknown): node is PastViewNode {
  return node instanceof ThenNode || node instanceof ThenGroupNode;
}

/** The same for the same row over redraws. */
export function pastViewId(node: PastViewNode): string {
  return node instanceof ThenNode ? `then/${node.key}/${node.path}` : `then/${node.type}`;
}
