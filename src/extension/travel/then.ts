/** The stores as they were at a moment, in the view: read-only, marked as the past, with one way back. */
import {
  commands,
  EventEmitter,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Disposable,
  type Event,
  type TreeView,
} from "vscode";
import { lifecycle } from "../../core/memory/lifecycle.ts";
import { isBroken } from "../../core/memory/model.ts";
import { stampedTrust } from "../../core/memory/trust.ts";
import { pastOf } from "../../core/recall/as-of.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { beliefRow, brokenRow } from "../../core/view/belief.ts";
import { momentText } from "../../core/view/moment.ts";
import { GROUP_ABOVE } from "../../core/view/sections.ts";
import { COMMANDS } from "../command-ids.ts";
import { versionUri } from "../editor/uris.ts";
import { OlderNode } from "../timeline/nodes.ts";
import { NoticeNode } from "../tree/nodes.ts";
import type { OpenStore, Workspace } from "../workspace.ts";
import { pastViewId, ThenGroupNode, ThenNode, type PastViewNode } from "./then-nodes.ts";

/** Whether the view shows the past, so that its acts are put away and the way back is offered. */
const TRAVELLING_KEY = "commitToMemory.travelling";
/** As many rows as a list shows at first and adds at a time. */
const PAGE = 100;

interface Then {
  readonly moment: Date;
  readonly label: string;
  readonly shelves: readonly { readonly store: OpenStore; readonly snapshot: Snapshot }[];
}

export class TimeTravel implements Disposable {
  readonly #workspace: Workspace;
  readonly #changed = new EventEmitter<void>();
  readonly #shown = new Map<string, number>();
  #then: Then | undefined;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** The view went to another moment, or came back. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** `as of 3 Nov, 14:02`; undefined in the present. */
  get label(): string | undefined {
    return this.#then?.label;
  }

  /**
   * @param point as `commitAt` takes it; a commit or snapshot is one of `store`, and its moment holds for the others. Throws
   * InvalidInputError where it stands for nothing.
   */
  async go(store: OpenStore, point: string): Promise<void> {
    const stores = [store, ...this.#workspace.stores.filter((one) => one !== store)];
    const now = store.store.environment.now();
    const { moment, views } = await pastOf(
      stores.map((one) => one.store),
      point,
      now,
    );
    const shelves = stores.flatMap((one) => {
      const snapshot = views.find((view) => view.store === one.store)?.snapshot;
      return snapshot === undefined ? [] : [{ store: one, snapshot }];
    });
    await this.#be({ moment, label: `as of ${momentText(moment, now)}`, shelves });
  }

  async back(): Promise<void> {
    await this.#be(undefined);
  }

  /** Says the moment beside the view's name for as long as it lasts. */
  mark(view: Pick<TreeView<unknown>, "description">): Disposable {
    return this.onDidChange(() => {
      view.description = this.label ?? "";
    });
  }

  /** The rows of then; undefined for what is none of them, or in the present. */
  childrenOf(node: unknown): (PastViewNode | OlderNode | NoticeNode)[] | undefined {
    if (this.#then === undefined) return undefined;
    if (node instanceof ThenGroupNode) return this.#page(node.type, node.nodes);
    return node === undefined ? this.#roots(this.#then) : undefined;
  }

  itemOf(node: PastViewNode, storeName: string | undefined): TreeItem {
    return node instanceof ThenNode ? thenItem(node, storeName) : groupItem(node);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #be(then: Then | undefined): Promise<void> {
    this.#then = then;
    this.#shown.clear();
    await commands.executeCommand("setContext", TRAVELLING_KEY, then !== undefined);
    this.#changed.fire();
  }

  #roots({ moment, label, shelves }: Then): (PastViewNode | OlderNode | NoticeNode)[] {
    const nodes = shelves.flatMap(({ store, snapshot }) => [
      ...[...snapshot.memories()]
        .filter((memory) => lifecycle(memory, moment).inForce)
        .map((memory) => new ThenNode(store, memory, moment)),
      ...[...snapshot.broken()].map((file) => new ThenNode(store, file, moment)),
    ]);
    nodes.sort((a, b) => writtenAt(b) - writtenAt(a));
    const back = new NoticeNode({
      label: "Back to now",
      description: `You see the memory ${label}, read only`,
      command: COMMANDS.backToNow,
    });
    const empty = new NoticeNode({
      label: "Nothing was believed yet",
      description: "Choose a later moment",
      command: COMMANDS.travel,
    });
    if (nodes.length === 0) return [back, empty];
    if (nodes.length <= GROUP_ABOVE) return [back, ...this.#page("then", nodes)];
    const groups = new Map<string, ThenNode[]>();
    for (const node of nodes) {
      const type = isBroken(node.file) ? "Can't be read" : node.file.front.type;
      const known = groups.get(type);
      if (known === undefined) groups.set(type, [node]);
      else known.push(node);
    }
    return [back, ...Array.from(groups, ([type, own]) => new ThenGroupNode(type, own))];
  }

  #page(list: string, nodes: readonly ThenNode[]): (ThenNode | OlderNode)[] {
    const limit = this.#shown.get(list) ?? PAGE;
    if (nodes.length <= limit) return [...nodes];
    const more = new OlderNode(nodes.length - limit, () => {
      this.#shown.set(list, limit + PAGE);
      this.#changed.fire();
    });
    return [...nodes.slice(0, limit), more];
  }
}

function thenItem(node: ThenNode, storeName: string | undefined): TreeItem {
  const { store, file, moment } = node;
  // What it is trusted now is no word about then; the stamp in the file is of then.
  const row = isBroken(file)
    ? brokenRow(file, storeName)
    : beliefRow(file, lifecycle(file, moment), stampedTrust(file), moment, { store: storeName });
  const item = new TreeItem(row.label);
  item.id = pastViewId(node);
  item.description = row.description;
  item.iconPath = new ThemeIcon(row.icon);
  item.tooltip = isBroken(file) ? file.path : [row.label, file.body.trim().slice(0, 600)].join("\n\n");
  item.accessibilityInformation = { label: `${row.spoken}, in the past, read only` };
  item.contextValue = "then";
  item.command = { command: "vscode.open", title: "Open", arguments: [versionUri(store, file.path, file.blob)] };
  return item;
}

function groupItem(node: ThenGroupNode): TreeItem {
  const item = new TreeItem(node.type, TreeItemCollapsibleState.Collapsed);
  item.id = pastViewId(node);
  item.description = node.nodes.length.toLocaleString("en");
  item.accessibilityInformation = { label: `${node.type}, ${node.nodes.length} memories, in the past` };
  return item;
}

function writtenAt({ file }: ThenNode): number {
  const at = isBroken(file) ? undefined : file.front.generated?.at;
  return at === undefined ? 0 : Date.parse(at);
}
